"""weights.py and weights.json: every row true, every file what it says, never a wrong model."""

import json
import re
import shutil
import zipfile

import jiwer
import keras
import numpy as np
import pooch
import pytest

import lstm_zoo
from lstm_zoo import weights, registry
from lstm_zoo.weights import downloads

ROWS = weights.rows()
# Whose answers anybody can check.
REVIEWS = {
    "One of the best films I have seen in years: wonderful acting, clever script, a moving end.": "positive",
    "A complete waste of time. The plot makes no sense, the dialogue is awful, and I nearly fell asleep.": "negative",
    "I did not expect to like it, but it is a funny, warm and beautiful little movie. Highly recommended.": "positive",
    "The worst sequel ever made; boring, badly edited, and an insult to the original. Avoid it.": "negative",
}
# Data -> a sentence, and words that its translation holds.
SENTENCES = {
    "multi30k/de-en": ("Zwei Kinder spielen im Schnee.", {"Two", "children", "snow"}),
    "multi30k/en-de": ("A man is playing the guitar.", {"Mann", "spielt", "Gitarre"}),
}
COMMON = " the and to of i a my you that in is not with be for your his it this but have as he me what so "


def test_something_is_published_for_every_task():
    assert {row["network"].partition("/")[0] for row in ROWS} == set(registry.TASKS)
    assert len({row["name"] for row in ROWS}) == len(ROWS)


def whole(data):
    """Name of the data set that the one of a row is a division of."""
    return data.removesuffix("/unseen").removesuffix("/all")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
class TestRow:
    """A row of weights.json."""

    def test_has_all_fields_and_no_other(self, row):
        task = registry.task_module(row["network"])
        fields = {**weights.FIELDS, **({"signature": str} if hasattr(task, "signature") else {})}
        fields |= {"training": dict} if "training" in row else {}
        assert {name: type(value) for name, value in row.items()} == fields
        assert row["network"] in lstm_zoo.list_models()
        assert row["name"].startswith(row["network"].replace("/", "-") + "-")
        assert {"validation", "test"} <= row["metrics"].keys()
        assert row["baselines"]
        for measures in row["baselines"].values():
            assert next(iter(measures)) == next(iter(row["metrics"]["test"]))
            assert measures.keys() <= row["metrics"]["test"].keys()
        assert {"python", "lstm-zoo", "tensorflow", "keras"} <= row["versions"].keys()
        *before, last = row["command"].split(" && ")
        if last.startswith("python scripts/gpu_arrays.py finish "):
            job = last.split()[4]
            assert before[0].startswith("python scripts/gpu_arrays.py prepare runs/gpu")
            assert before[-1].startswith(f"KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu {job} ")
        else:
            assert last.startswith((f"lstm-zoo train {row['network']} ", "python scripts/self_training.py "))
            assert f"--seed {row['seed']}" in last
        assert len(row["commit"]) == 40

    def test_file_is_what_the_row_says(self, row):
        path = downloads.CHECKOUT / row["file"]
        assert pooch.file_hash(str(path)) == row["sha256"]
        assert path.stat().st_size == row["bytes"] < 40e6
        assert lstm_zoo.load(row["name"]).count_params() == row["parameters"]

    def test_answers_that_a_person_can_check(self, row, prepared):
        if row["network"].startswith("sentiment/"):
            answers = lstm_zoo.predict(row["name"], list(REVIEWS))
            assert [answer["label"] for answer in answers] == list(REVIEWS.values())
            return
        if row["network"].startswith("translation/"):
            sentence, words = SENTENCES[row["data"]]
            answer = lstm_zoo.predict(row["name"], sentence)[0]["text"]
            assert words <= set(answer.rstrip(".").split()), answer
            return
        if row["network"].startswith("speech/"):
            prepared(whole(row["data"]))
            examples = registry.task_module(row["network"]).data("validation", row["data"])[:20]
            answers = lstm_zoo.predict(row["name"], [recording for recording, *_ in examples])
            if row["network"] == "speech/keyword":
                found = [answer["label"] for answer in answers]
                assert sum(one == truth for one, (_, truth, _) in zip(found, examples)) >= 16, found
            else:
                heard = " ".join(answer["text"] for answer in answers)
                assert jiwer.wer(" ".join(truth for _, truth, _ in examples), heard) < 0.3, heard
            return
        if row["network"].startswith("text_generation/"):
            prompts = ["ROMEO:", "I have seen", "The best of", "What a", "It was"]  # a review may end early
            answers = lstm_zoo.predict(row["name"], prompts, length=300, temperature=0.5)
            text = " ".join(answer["text"] for answer in answers)
            words = re.findall("[a-z]+", text.lower())
            assert len(words) > 200, text
            assert sum(f" {word} " in COMMON for word in words) > 0.25 * len(words), text
            return
        # The days of a series that it never saw go on: nearer to them than the last value, or their mean, is.
        wave = 50 + 10 * np.sin(np.arange(2000) * 2 * np.pi / 24)
        median = lstm_zoo.predict(row["name"], wave[:1200])[0, :, 5]
        truth = wave[1200 : 1200 + len(median)]
        errors = [np.abs(forecast - truth).mean() for forecast in (median, wave[1199], wave[:1200].mean())]
        assert errors[0] < min(errors[1:])

    def test_validation_score_is_measured_again(self, row, prepared):
        prepared(whole(row["data"]))
        pipeline = lstm_zoo.load(row["name"])
        task = registry.task_of(pipeline)
        examples = task.read(task.data("validation", row["data"]))
        # Two reviews, a digit, a word in %, a word of a sentence in BLEU, or the last of the four digits of a row.
        one = 1 / len(examples)
        keyword = row["network"] == "speech/keyword"
        tolerances = {
            "sentiment": 2 * one,
            "speech": 1.01 * one if keyword else 0.17,
            "translation": 0.05,
            "forecasting": 2e-4,
            "text_generation": 2e-4,
        }
        tolerance = tolerances[row["network"].partition("/")[0]]
        assert task.score(pipeline, examples) == pytest.approx(row["metrics"]["validation"], abs=tolerance)


def test_all_files_together_stay_small():
    assert sum(path.stat().st_size for path in downloads.CHECKOUT.iterdir()) < 200e6


@pytest.fixture
def published(tmp_path, trained, monkeypatch):
    """A folder of weights with one row, "sentiment-bilstm-tiny", as LSTM_ZOO_WEIGHTS."""
    source = tmp_path / "source"
    source.mkdir()
    shutil.copyfile(trained[1] / "pipeline.keras", source / "sentiment-bilstm-tiny.keras")
    path = source / "sentiment-bilstm-tiny.keras"
    row = {
        "name": "sentiment-bilstm-tiny",
        "file": path.name,
        "sha256": pooch.file_hash(str(path)),
        "bytes": path.stat().st_size,
    }
    rows = tmp_path / "weights.json"
    rows.write_text(json.dumps([row]))
    monkeypatch.setattr(weights, "ROWS", rows)
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(source))
    return path


class TestNames:
    """What `load` understands."""

    @pytest.mark.parametrize("name", ["sentiment", "sentiment/bilstm", "sentiment-bilstm-tiny"])
    def test_known(self, published, name):
        assert lstm_zoo.load(name).name == "sentiment-bilstm"

    def test_unknown(self, published):
        with pytest.raises(
            ValueError, match=r"Unknown weights: 'sentiment-bilstm-tin'. Did you mean 'sentiment-bilstm-tiny'"
        ):
            lstm_zoo.load("sentiment-bilstm-tin")
        with pytest.raises(ValueError, match="Unknown weights: 'sentiment/attention'"):
            lstm_zoo.load("sentiment/attention")

    def test_build_with_the_name_of_a_data_set(self, published):
        assert lstm_zoo.build("sentiment", weights="tiny").name == "bilstm"
        with pytest.raises(ValueError, match="Unknown weights: 'sentiment-bilstm-imbd'"):
            lstm_zoo.build("sentiment", weights="imbd")


class TestFile:
    """`.keras` files by path."""

    def test_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"none.keras does not exist"):
            lstm_zoo.load(str(tmp_path / "none.keras"))

    @pytest.mark.parametrize("kept", [0, 100, -100])
    def test_truncated(self, trained, kept):
        path = trained[1] / "pipeline.keras"
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(path))

    def test_corrupt_weights(self, trained):
        path = trained[1] / "pipeline.keras"
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        parts["model.weights.h5"] = parts["model.weights.h5"][:500]
        with zipfile.ZipFile(path, "w") as file:
            for name, content in parts.items():
                file.writestr(name, content)
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(path))

    def test_a_model_that_is_no_pipeline(self, tmp_path):
        inputs = keras.Input((3,))
        keras.Model(inputs, keras.layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.load(str(tmp_path / "other.keras"))

    @pytest.mark.parametrize("name", ["sentiment", "sentiment-bilstm", "sentiment-gru"])
    def test_a_model_with_the_name_of_a_pipeline(self, tmp_path, name):
        inputs = keras.Input((3,))
        keras.Model(inputs, keras.layers.Dense(2)(inputs), name=name).save(tmp_path / "other.keras")
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.load(str(tmp_path / "other.keras"))

    def test_a_lambda_is_not_run(self, tmp_path):
        inputs = keras.Input((3,))
        keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs), name="sentiment-bilstm").save(
            tmp_path / "l.keras"
        )
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(tmp_path / "l.keras"))

    @pytest.mark.parametrize("module", ["os", "subprocess", "lstm_zoo.nowhere"])
    def test_a_foreign_class_is_not_made(self, trained, module):
        path = trained[1] / "pipeline.keras"
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        config = json.loads(parts["config.json"])
        config["config"]["layers"][1].update(module=module, class_name="Popen", registered_name="Popen")
        parts["config.json"] = json.dumps(config)
        with zipfile.ZipFile(path, "w") as file:
            for name, content in parts.items():
                file.writestr(name, content)
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(path))

    def test_a_zip_bomb_is_not_unpacked(self, tmp_path):
        path = tmp_path / "bomb.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("model.weights.h5", bytes(50_000_000))
        with pytest.raises(ValueError, match="would unpack to 50000000 bytes"):
            lstm_zoo.load(str(path))


class TestSave:
    """The user's own pipelines."""

    def test_loads_again(self, trained, tmp_path):
        path = lstm_zoo.save(trained[0], str(tmp_path / "deep" / "mine.keras"))
        assert [file.name for file in path.parent.iterdir()] == ["mine.keras"]
        assert lstm_zoo.predict(str(path), "good") == lstm_zoo.predict(trained[0], "good")
        with pytest.raises(FileExistsError, match="mine.keras exists already"):
            lstm_zoo.save(trained[0], path)

    def test_refuses_what_is_no_pipeline(self, tmp_path):
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.save(network, tmp_path / "other.keras")

    def test_refuses_another_ending(self, trained, tmp_path):
        with pytest.raises(ValueError, match=r"ends in .keras. Received: .*mine.h5"):
            lstm_zoo.save(trained[0], tmp_path / "mine.h5")

    def test_leaves_nothing_when_interrupted(self, trained, tmp_path, monkeypatch):
        def interrupted(model, path):
            path.write_bytes(b"half")
            raise KeyboardInterrupt

        monkeypatch.setattr(keras.Model, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lstm_zoo.save(trained[0], tmp_path / "out" / "mine.keras")
        assert list((tmp_path / "out").iterdir()) == []
