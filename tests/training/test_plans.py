"""training/plans.py: what suits the number of a user's own texts; data sets keep what suits them."""

import json

import keras
import pytest
from tiny import runs

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.training.plans import plan_of, told

OWN = {"sentiment/bilstm": (64, 2e-3, 2, "val_loss"), "sentiment/awd": (64, 3e-3, 2, "val_accuracy")}


def planned(model, training, dataset=None, pretrained=False, **given):
    data = [("so good!" * 8, "good")] * training, [("so bad!", "bad")] * (training // 9)
    return plan_of(registry.get_task(model), given, dataset, data, pretrained)


@pytest.mark.parametrize("model", OWN)
def test_data_sets_keep_their_own(model):
    size, rate, patience, monitor = OWN[model]
    assert planned(model, 200, "imdb_reviews") == {
        "batch_size": size,
        "epochs": None,
        "learning_rate": rate,
        "patience": patience,
        "dropout_scale": 1.0,
        "monitor": monitor,
    }


@pytest.mark.parametrize("model", OWN)
@pytest.mark.parametrize("pretrained", [False, True])
def test_few_texts_get_small_batches_many_passes_and_patience(model, pretrained):
    plans = [planned(model, texts, pretrained=pretrained) for texts in (20, 200, 1000, 10_000, 1_000_000)]
    assert [plan["batch_size"] for plan in plans] == [8, 8, 16, 64, 64]
    for option in ("epochs", "patience"):
        values = [plan[option] for plan in plans]
        assert values == sorted(values, reverse=True)
        assert values[-1] <= 4
    assert plans[0]["monitor"] == "val_loss"


def test_what_is_given_goes_before():
    given = {"batch_size": 5, "epochs": 6, "patience": 7, "learning_rate": 8.0, "dropout_scale": 0.0}
    assert planned("sentiment/awd", 200, **given) == {**given, "monitor": "val_loss"}
    assert planned("sentiment", 200, epochs=None) == planned("sentiment", 200)


def test_other_tasks_have_the_same_for_any_data():
    assert planned("translation", 200) == planned("translation", 200, "multi30k/de-en")


def test_the_line_that_a_run_begins_with(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", None)
    with pytest.raises(TypeError):
        lstm_zoo.train("sentiment/bilstm", runs.PAIRS, folder=tmp_path / "run", epochs=3, **runs.SIZES)
    line = (
        "36 examples for training, 4 for validation: batches of 8, at most 3 epochs of 5 steps, patience 20 by "
        "val_loss, learning rate 0.002, dropout times 1.\n"
    )
    assert line in capsys.readouterr().err
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert (settings["batch_size"], settings["epochs"], settings["patience"]) == (8, 3, 20)
    with pytest.raises(TypeError):
        lstm_zoo.train("sentiment/bilstm", runs.PAIRS, folder=tmp_path / "other", verbose=False, **runs.SIZES)
    assert capsys.readouterr().err == ""


def test_batches_of_tokens():
    task = registry.get_task("translation")
    plan = {**plan_of(task, {}, None, ([], []), False), "epochs": 2}
    assert f"batches of {task.batch_size:,} tokens" in told(task, plan, ([], []), 10, {})
