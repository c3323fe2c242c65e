"""training/rivals.py: labels that the weights do not know let a fresh network compete, and validation decides."""

import json

import keras
import pytest
from tiny import runs

import lstm_zoo
from lstm_zoo import registry, training
from lstm_zoo.calibration import reliability
from lstm_zoo.training import rivals
from lstm_zoo.weights import archive

PAIRS = [(text, {"good": "praise", "bad": "return"}[label]) for text, label in runs.PAIRS]
OPTIONS = {"epochs": 2, "batch_size": 8, "learning_rate": 0.03, "validation": PAIRS}


@pytest.fixture
def begin(finished, tmp_path):
    """Train on from the finished pipeline, which knows other labels."""
    weights = str(finished[1] / "pipeline.keras")

    def train(pairs=PAIRS, **options):
        options = {**OPTIONS, "weights": weights, "folder": tmp_path / "run", "verbose": False, **options}
        return lstm_zoo.train("sentiment/bilstm", pairs, **options)

    return train


@pytest.mark.parametrize("score", [0.9, 0.7, 0.5])
def test_validation_decides_and_a_tie_is_for_the_weights(finished, score):
    path, task = finished[1] / "pipeline.keras", registry.get_task("sentiment")
    pipeline, rival = lstm_zoo.load(path), lstm_zoo.load(path)
    metrics = [{"validation": {"accuracy": value, "macro_f1": 0.1}} for value in (0.7, score)]
    origin = {"name": "sentiment-bilstm-imdb"}
    own = {"begun_from": origin, "data": "a.csv", "chance": "none"}
    archive.set_record(pipeline, {"metrics": metrics[0], "reliability": reliability([0.7], [True]), **own})
    fresh = {"hyperparameters": {"units": 9}, "data": "objects"}
    archive.set_record(rival, {"metrics": metrics[1], "reliability": reliability([0.9], [True]), **fresh})
    kept = rivals.chosen(task, pipeline, rival)
    record = archive.record_of(kept)
    assert (kept is rival) == (score > 0.7)
    assert record["data"] == "a.csv"
    assert record["metrics"] == metrics[score > 0.7]
    assert record["reliability"]["confidence"].count(0.9 if score > 0.7 else 0.7) == 1
    assert record["begun_from"] == (None if score > 0.7 else origin)
    assert record["choice"] == (
        f"On validation accuracy is 0.7 begun as sentiment-bilstm-imdb, and {score} begun from nothing: "
        f"the {'latter' if score > 0.7 else 'former'} is kept."
    )


def test_both_are_trained_and_told_of(begin, tmp_path, capsys):
    pipeline = begin(verbose=True)
    folder, lines = tmp_path / "run", capsys.readouterr().err.splitlines()
    choice = lstm_zoo.info(pipeline)["choice"]
    assert lines[-2] == choice
    assert lines[-1].startswith(f"In {folder}: card.md, curves.png")
    assert choice in (folder / "card.md").read_text()
    assert json.loads((folder / "settings.json").read_text())["rival"] == "fresh"
    fresh = lstm_zoo.load(folder / "fresh" / "pipeline.keras")
    assert fresh.get_layer("labels").get_vocabulary() == ["praise", "return"]
    assert lstm_zoo.info(fresh)["begun_from"] is None
    assert lstm_zoo.info(lstm_zoo.load(folder / "pipeline.keras"))["choice"] == choice


@pytest.mark.parametrize("stopped", ["fresh", "run"])
def test_a_run_that_was_stopped_goes_on(begin, tmp_path, monkeypatch, stopped):
    whole = begin(folder=tmp_path / "whole")
    run_epochs = training.run_epochs

    def stop(*arguments, **options):
        last = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        extra = [last] if arguments[5].name == stopped else []
        return run_epochs(*arguments, **{**options, "callbacks": extra})

    with monkeypatch.context() as patch:
        patch.setattr(training, "run_epochs", stop)
        with pytest.raises(KeyboardInterrupt):
            begin()
    with pytest.raises(ValueError, match="holds a run already"):
        begin()
    runs.assert_same_weights(begin(resume=True), whole)
    monkeypatch.setattr(keras.Model, "fit", None)  # finished, it is loaded
    runs.assert_same_weights(begin(resume=True), whole)


def test_known_labels_have_no_rival(begin, tmp_path):
    begin(runs.PAIRS, epochs=1, validation=runs.PAIRS)
    assert not (tmp_path / "run" / "fresh").exists()
