"""serving/watching.py: a server says once that it is asked what its model has not learnt."""

import json
import warnings

import numpy as np
import pytest
import tiny

import lstm_zoo
from lstm_zoo.exporting import saved_model
from lstm_zoo.serving.watching import Watch, instance_of, series_of
from lstm_zoo.text.profiles import FEW
from lstm_zoo.weights import archive

STRANGE = {"text": "这部电影".encode()}
USUAL = {"text": b"a good film"}
PROFILE = {"unknown": {"median": 0.0, "most": 0.05}, "words": {"least": 1, "most": 20}, "scripts": {"Latin": 1.0}}


@pytest.fixture(scope="module")
def folder(trained_once, tmp_path_factory):
    """A SavedModel of a pipeline with a profile."""
    pipeline = lstm_zoo.load(trained_once[1] / "pipeline.keras")
    archive.set_record(pipeline, {**archive.record_of(pipeline), "profile": PROFILE})
    return lstm_zoo.export(pipeline, tmp_path_factory.mktemp("watched") / "sentiment")


@pytest.fixture
def watch(folder):
    return Watch("sentiment", saved_model.unlike_in(folder))


def looked(watch, instances):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for instance in instances:
            watch.look_at([instance])
    return [str(each.message) for each in caught]


def test_warns_once(watch):
    assert looked(watch, [STRANGE] * (FEW - 1)) == []
    [message] = looked(watch, [STRANGE] * 3 * FEW)
    assert message.startswith("sentiment is asked what it has not learnt: 100 % of the letters are Han")


def test_single_odd_texts_are_normal(watch):
    assert looked(watch, [USUAL, USUAL, STRANGE, {"text": b"\xff"}, {"text": b""}] * FEW) == []
    assert len(watch.instances) < FEW


@pytest.mark.parametrize("about", [{}, {"profile": {"unknown": 1}}, {"profile": None}], ids=str)
def test_a_saved_model_without_a_profile(folder, tmp_path, about):
    path = tmp_path / saved_model.METADATA
    path.parent.mkdir()
    path.write_text(json.dumps({"model": "sentiment/wide", **about}))
    for watched in (tmp_path, tmp_path / "another"):
        assert saved_model.unlike_in(watched) is None
        assert looked(Watch("sentiment", None), [STRANGE] * 50) == []


def test_series_are_looked_at_once():
    asked = []

    def unlike(series, run):
        asked.append([item.y.tolist() for item in series])
        return f"{run(series[:1])}" if len(asked) == 1 else None

    watch = Watch("forecasting", unlike, list)
    walk = {"history": np.array([1, 2])}
    [message] = looked(watch, [walk] * 3 * FEW)
    assert message.startswith("forecasting is asked what it has not learnt: [{'history'")
    assert asked == [[[1.0, 2.0]] * FEW]


def test_an_instance_has_all_that_its_series_says():
    instance = {
        "history": np.array([1.0, 2.0]),
        "covariates": np.ones((3, 1), "float32"),
        "time": np.array([0, 3600, 7200]),
        "unique_id": b"a",
    }
    again = instance_of(series_of(instance))
    assert again.keys() == instance.keys()
    assert all(np.array_equal(again[key], instance[key]) for key in instance)
    assert instance_of(series_of({"history": np.array([1, 2])}))["history"].dtype == "float64"


def test_a_server_of_series(tmp_path, serve, ask):
    folder = lstm_zoo.export(tiny.pipeline_for("forecasting/seq2seq"), tmp_path / "forecasting")
    halting = [*range(54), *[53] * 6]  # what repeating the last value forecasts without an error
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with serve(folder) as address:
            for _ in range(3):
                assert ask(address, {"instances": [halting] * FEW})[0] == 200
    [message] = [str(each.message) for each in caught if "is asked what it has not learnt" in str(each.message)]
    assert f"steps of these {FEW} series, forecast from what lies before, it errs by" in message
    assert "repeating the last value by 0.00" in message


def test_a_server(folder, serve, ask):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with serve(folder) as address:
            for _ in range(3):
                assert ask(address, {"instances": ["这部电影"] * FEW})[0] == 200
    assert len([each for each in caught if "is asked what it has not learnt" in str(each.message)]) == 1
