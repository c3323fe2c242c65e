"""Runs that several tests look at. Not to be changed."""

import pytest
from tiny import runs


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A pipeline that has learnt its pairs, and the folder of its run."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    return runs.train(folder, epochs=3, learning_rate=0.03), folder


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    """A pipeline, the folder of its run and its options, for runs that have to come to the same weights."""
    folder, options = (
        tmp_path_factory.mktemp("uninterrupted") / "run",
        {"epochs": 7, "patience": 7, "weight_dropout": 0.3},
    )
    return runs.train(folder, **options), folder, options
