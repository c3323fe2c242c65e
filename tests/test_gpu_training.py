"""scripts/gpu_arrays.py and scripts/gpu_training.py: what goes to a GPU machine without TensorFlow, and comes back."""

import collections
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from conftest import TINY

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import layers

SCRIPTS = pathlib.Path(__file__).parents[1] / "scripts"
PAIRS = TINY["sentiment"]["pairs"] * 5
TEXTS = [text for text, _ in PAIRS]


@pytest.fixture
def script(monkeypatch):
    """The script that makes arrays, with tiny texts in the place of the data sets."""
    pytest.importorskip("tensorflow_text")
    pytest.importorskip("gensim")
    monkeypatch.syspath_prepend(SCRIPTS)
    import gpu_arrays

    # The reviews with labels, and those without.
    monkeypatch.setattr(gpu_arrays.language, "data", lambda split, dataset: TEXTS * 2)
    monkeypatch.setattr(gpu_arrays.text_generation, "data", lambda split, dataset: ["\n".join(TEXTS) * 5])
    pairs = tf.data.Dataset.from_tensor_slices(tuple(map(list, zip(*PAIRS))))
    monkeypatch.setattr(gpu_arrays.awd, "data", lambda split, dataset=None: pairs)
    monkeypatch.setattr(gpu_arrays.teachers, "data", lambda split: PAIRS)
    monkeypatch.setattr(gpu_arrays.teachers, "SIZE", 8)
    monkeypatch.setattr(gpu_arrays.teachers, "EPOCHS", 200)
    texts = tf.data.Dataset.from_tensor_slices({"text": [*TEXTS, "of the language model"]})
    monkeypatch.setattr(tfds, "load", lambda name, split: texts)
    monkeypatch.setattr(gpu_arrays, "VALIDATION", 1)
    monkeypatch.setattr(gpu_arrays, "VOCABULARY", 60)
    monkeypatch.setattr(gpu_arrays.few_labels, "PLAN", {10: (1, {"epochs": 2, "batch": 4})})
    return gpu_arrays


def test_the_arrays_hold_the_texts_in_order(script, tmp_path):
    script.prepare(tmp_path)
    found = np.load(tmp_path / "arrays.npz")
    pieces = script.Subwords((tmp_path / "subwords.model").read_bytes())(tf.constant(TEXTS * 2)).numpy()
    stream = np.concatenate([row[row > 0] for row in pieces])
    np.testing.assert_array_equal(found["stream_train"], stream)
    # A review of the classifier: the end of the one before, and its own pieces and end.
    first, second = found["train_lengths"][:2]
    np.testing.assert_array_equal(found["train_ids"][first : first + second], stream[first - 2 : first + second - 2])
    np.testing.assert_array_equal(found["train_positive"], [label == "positive" for _, label in PAIRS])
    np.testing.assert_array_equal(found["unlabelled_positive"] > 0.5, found["train_positive"])
    drawn = [found[f"few_10_0_{split}"] for split in ("train", "validation")]
    assert sum(map(len, drawn)) == 10
    assert len(set(np.concatenate(drawn))) == 10
    with pytest.raises(FileExistsError, match="is prepared, and what was trained there belongs to it"):
        script.prepare(tmp_path)


def test_a_run_is_made_of_what_comes_back(script, tmp_path):
    script.prepare(tmp_path)
    sizes = {"embedding": 6, "units": 8}
    network = lstm_zoo.build(
        "text_generation/awd", vocabulary=int(np.load(tmp_path / "arrays.npz")["vocabulary"]), **sizes
    )
    weights = [weight.astype("float16") for weight in network.get_weights()]
    np.savez(tmp_path / "language_model.npz", **{f"w{number}": weight for number, weight in enumerate(weights)})
    history = [{"epoch": number + 1, "loss": 3.0, "val_loss": loss} for number, loss in enumerate((2.0, 1.0, 1.5))]
    told = {"epochs": 3, "rate": 0.01, "batch": 4, "seed": 5, "hyperparameters": sizes, "history": history}
    told |= {"seconds": 7, "machine": "one"}
    (tmp_path / "language_model.json").write_text(json.dumps({**told, "options": ["epochs=3", "batch=4"]}))
    run = tmp_path / "run"
    script.finish(tmp_path, "language_model", run)

    assert {file.name for file in run.iterdir()} == {"pipeline.keras", "settings.json", "history.csv", "curves.png"}
    pipeline = lstm_zoo.load(str(run / "pipeline.keras"))
    assert lstm_zoo.predict(pipeline, TEXTS[0], length=3)[0].keys() == {"text"}
    kept = networks.network_of(pipeline).get_weights()
    for weight, expected in zip(kept, weights, strict=True):
        np.testing.assert_array_equal(weight, expected.astype("float32"))
    assert {part.compress_type for part in zipfile.ZipFile(run / "pipeline.keras").infolist()} == {zipfile.ZIP_LZMA}
    settings = json.loads((run / "settings.json").read_text())
    assert settings["seed"] == 5
    assert settings["training"] == {"seconds": 7, "machine": "one"}
    assert settings["command"] == (
        f"python scripts/gpu_arrays.py prepare {tmp_path} && "
        f"KERAS_BACKEND=jax python scripts/gpu_training.py {tmp_path} language_model epochs=3 batch=4 && "
        f"python scripts/gpu_arrays.py finish {tmp_path} language_model {run}"
    )

    again = tmp_path / "again"  # for classifiers of a language model that there is
    script.prepare(again, str(run / "pipeline.keras"))
    for name in ("stream_train", "train_ids", "vocabulary"):
        np.testing.assert_array_equal(*(np.load(folder / "arrays.npz")[name] for folder in (tmp_path, again)))
    (again / "classifier.json").write_text(json.dumps({"options": []}))
    begun = run / "pipeline.keras"
    assert script.commands(again, "classifier") == [
        f"python scripts/gpu_arrays.py prepare {again} --language-model {begun}",
        f"KERAS_BACKEND=jax python scripts/gpu_training.py {again} classifier",
    ]


def test_a_pass_shows_every_review_and_whole_ones_come_once(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import gpu_reviews

    monkeypatch.setattr(gpu_reviews, "WINDOW", 6)
    monkeypatch.setattr(gpu_reviews, "STEPS", (4, 8))
    monkeypatch.setattr(gpu_reviews, "MOST", 16)
    lengths = np.array([2, 9, 3, 7, 5])
    ids = np.concatenate([np.arange(size) + 10 * number + 10 for number, size in enumerate(lengths)])
    some = gpu_reviews.Reviews(ids, np.cumsum(lengths) - lengths, lengths, [0, 1, 0, 1, 0.3])
    shown = collections.Counter()
    for pieces, positive in some.one_pass(2, np.random.default_rng(0)):
        assert pieces.shape in {(2, 4), (2, 8)}
        for row, answer in zip(pieces, positive):
            number = row[0] // 10 - 1
            kept = row[row > 0]
            np.testing.assert_array_equal(kept, kept[0] + np.arange(min(6, lengths[number])))
            assert answer == some.positive[number]
            shown[number] += 1
    assert set(shown) == set(range(5))
    assert sum(shown.values()) == 6  # one by chance fills up the last batch
    whole = {}
    for pieces, rows in some.whole():
        assert pieces.size == 16
        for number, row in zip(rows, pieces):
            assert number not in whole
            whole[number] = row[row > 0]
    for number, size in enumerate(np.minimum(lengths, 8)):  # the longest is cut
        np.testing.assert_array_equal(whole[number], 10 * number + 10 + np.arange(size))


@pytest.mark.slow
def test_every_job_runs(script, tmp_path):
    pytest.importorskip("jax")
    script.prepare(tmp_path)

    def run(job, **options):
        words = [f"{name}={value!r}".replace(" ", "") for name, value in options.items()]
        command = [sys.executable, str(SCRIPTS / "gpu_training.py"), str(tmp_path), job, *words]
        environment = {**os.environ, "KERAS_BACKEND": "jax"}
        return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout

    run("language_model", epochs=2, batch=2, window=8, embedding=6, units=8)
    run("characters", epochs=1, batch=2, window=8, seeds=(0,))
    run("classifier", epochs=1, batch=4, dropout_scale=0.5)
    assert "student, last {" in run("student", epochs=1, last_epochs=1, batch=4, adversarial=0.02)
    # What is measured is not measured again.
    assert "epoch" in run("few_labels")
    assert "epoch" not in run("few_labels")
    words = [command.split()[3:] for command in script.commands(tmp_path, "student")[1:]]
    assert [job for _, job, *_ in words] == ["language_model", "student"]
    for job in script.JOBS:
        script.finish(tmp_path, job, tmp_path / f"run-{job}")
        lstm_zoo.load(str(tmp_path / f"run-{job}" / "pipeline.keras"))
    points = json.loads((tmp_path / "few_labels.json").read_text())["points"]
    assert [point["learner"] for point in points] == ["from scratch", "pretrained"]


def test_few_labels_measured_on_a_gpu_are_taken(script, tmp_path):
    first, second = ({"learner": "pretrained", "labels": 10, "seed": seed, "accuracy": 0.5} for seed in (0, 1))
    (tmp_path / "language_model.json").write_text(json.dumps({"weights": "a"}))
    (tmp_path / "few_labels.json").write_text(json.dumps({"points": [first, second], "machine": "two"}))
    result = {"points": [{**first, "accuracy": 0.6}], "machine": "one"}
    script.few_labels.taken(result, tmp_path, "a")
    assert result["points"] == [{**first, "accuracy": 0.6}, second]
    assert result["machine"] == "one and, by `scripts/gpu_training.py`, two"
    with pytest.raises(ValueError, match="another --language-model than b. Received: a"):
        script.few_labels.taken(result, tmp_path, "b")
