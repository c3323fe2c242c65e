"""tasks/sentiment/likeness.py: `predict` warns of texts that are unlike those that a pipeline learnt from."""

import dataclasses
import importlib
import json
import warnings

import keras
import pytest
import tiny

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.tasks.sentiment import likeness
from lstm_zoo.text import profiles
from lstm_zoo.weights import archive

FILM = "The plot is good and so is the end"
CHINESE = "这部电影真的很好看"
PROFILE = {"unknown": {"median": 0.0, "most": 0.05}, "words": {"least": 1, "most": 20}, "scripts": {"Latin": 1.0}}


@pytest.fixture
def pipeline(trained):
    """A pipeline of its own, that learnt from many texts."""
    pipeline = lstm_zoo.load(trained[1] / "pipeline.keras")
    archive.set_record(pipeline, {**archive.record_of(pipeline), "profile": PROFILE})
    return pipeline


@pytest.fixture
def quiet():
    with warnings.catch_warnings(action="error", category=UserWarning):
        yield


class TestProfile:
    """What `train` writes."""

    def test_goes_into_the_file(self, trained, tmp_path):
        profile = archive.record_in(trained[1] / "pipeline.keras")["profile"]
        assert profiles.is_profile(profile)
        assert profile["words"] == {"least": 1, "most": 11}
        assert archive.profile_of(trained[0]) == profile == lstm_zoo.info(trained[0])["profile"]
        path = lstm_zoo.save(lstm_zoo.load(trained[1] / "pipeline.keras"), tmp_path / "copy.keras")
        assert archive.profile_of(lstm_zoo.load(path)) == profile

    def test_of_subwords(self):
        pytest.importorskip("sentencepiece")
        pairs = tiny.TINY["sentiment"]["examples"] * 3
        task = registry.get_task("sentiment/awd")
        preprocessing = task.adapt(pairs, vocabulary=60)
        layer = preprocessing["words"]
        pipeline = keras.Model(text := keras.Input((), dtype="string"), layer(text))
        assert {"a", "good", "bad"} & likeness.known(pipeline)["words"]
        assert likeness.known(pipeline)["unknown"] == "none of its subwords as a whole"
        assert all(" " not in word and word == word.lower() for word in likeness.known(pipeline)["words"])


class TestPredict:
    """What `predict` warns of."""

    def test_unknown_words(self, pipeline):
        message = (
            f"{pipeline.name} is asked what it has not learnt: 100 % of the words are unknown to it, 0 % in the texts "
            "that it learnt from: its answers mean little here; train on texts of your own."
        )
        with pytest.warns(UserWarning, match=f"^{message}$") as caught:
            lstm_zoo.predict(pipeline, ["zyxwv qponm lkjih"])
        assert caught[0].filename == __file__

    def test_another_script(self, pipeline):
        with pytest.warns(UserWarning, match="100 % of the letters are Han, .* learnt from Latin"):
            lstm_zoo.predict(pipeline, CHINESE)

    @pytest.mark.parametrize("texts", [FILM, [FILM, "zyxwv", FILM], "", [" ", "?!"], []])
    @pytest.mark.usefixtures("quiet")
    def test_what_is_normal(self, pipeline, texts):
        lstm_zoo.predict(pipeline, texts)

    @pytest.mark.usefixtures("quiet")
    def test_a_pipeline_without_a_profile(self, pipeline):
        for record in ({}, {"network": "sentiment/bilstm"}):
            archive.set_record(pipeline, record)
            lstm_zoo.predict(pipeline, CHINESE)

    def test_once_a_table_by_its_first_chunk(self, pipeline, tmp_path, monkeypatch):
        module = importlib.import_module(registry.MODELS[registry.model_of(pipeline)])
        monkeypatch.setattr(module, "TASK", dataclasses.replace(module.TASK, chunk=2))
        table = tmp_path / "in.csv"
        for texts, count in (([CHINESE] * 6, 1), ([FILM] * 2 + [CHINESE] * 4, 0)):
            table.write_text("\n".join(["text", *texts]), encoding="utf-8")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                lstm_zoo.predict(pipeline, data=table, output=tmp_path / f"{count}.csv")
                list(lstm_zoo.predict(pipeline, iter(texts)))
            assert len(caught) == 2 * count

    def test_on_a_command_line(self, pipeline, tmp_path, call, monkeypatch):
        path = lstm_zoo.save(pipeline, tmp_path / "mine.keras")
        errors = []
        monkeypatch.setattr("lstm_zoo.cli.show_warning", lambda message, *_: errors.append(str(message)))
        printed = json.loads(call("predict", path, CHINESE, "--json"))
        assert printed[0].keys() == {"label", "score"}
        assert [error.count("\n") for error in errors] == [0]


class TestTrain:
    """Texts whose words no spaces tell apart."""

    def test_without_spaces(self):
        pairs = [(CHINESE, "good"), ("这部电影太无聊了", "bad")]
        with pytest.warns(UserWarning, match=r"without spaces between words \(Han\): 8 letters .* sentiment/awd reads"):
            lstm_zoo.tasks.sentiment.TASK.adapt(pairs)

    @pytest.mark.usefixtures("quiet")
    def test_with_spaces(self):
        lstm_zoo.tasks.sentiment.TASK.adapt([("这部 电影 很 好看", "good"), ("a film", "bad")])
