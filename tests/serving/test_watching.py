"""serving/watching.py: a server says once that it is asked what its model has not learnt."""

import json
import warnings

import pytest

import lstm_zoo
from lstm_zoo.exporting import saved_model
from lstm_zoo.serving.watching import Watch
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
    assert len(watch.texts) < FEW


@pytest.mark.parametrize("about", [{}, {"profile": {"unknown": 1}}, {"profile": None}], ids=str)
def test_a_saved_model_without_a_profile(folder, tmp_path, about):
    path = tmp_path / saved_model.METADATA
    path.parent.mkdir()
    path.write_text(json.dumps({"model": "sentiment/wide", **about}))
    for watched in (tmp_path, tmp_path / "another"):
        assert saved_model.unlike_in(watched) is None
        assert looked(Watch("sentiment", None), [STRANGE] * 50) == []


def test_a_server(folder, serve, ask):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with serve(folder) as address:
            for _ in range(3):
                assert ask(address, {"instances": ["这部电影"] * FEW})[0] == 200
    assert len([each for each in caught if "is asked what it has not learnt" in str(each.message)]) == 1
