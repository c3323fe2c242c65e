"""Searches that several tests look at, and ones that take no time."""

import pytest
from tiny import searches

from lstm_zoo.tuning import reports, studies, workers

GRID = {"tuner": "grid", "trials": None, "units": 8, "dropout": 0.1, "learning_rate": [2e-3, 0.03, 1e38]}


@pytest.fixture(scope="session")
def searched(tmp_path_factory):
    """A grid of three learning rates: the default, a better one, and one that fails. Its best, folder and options."""
    folder = tmp_path_factory.mktemp("searched") / "search"
    return searches.search(folder, **GRID), folder, GRID


@pytest.fixture
def quick(monkeypatch):
    """Trials of no time, networks that are not checked, and no plots."""
    monkeypatch.setattr(workers, "train_trial", searches.scored)
    monkeypatch.setattr(studies, "check_networks", lambda *_: None)
    monkeypatch.setattr(reports, "plot", lambda *_: None)
    monkeypatch.setattr(reports, "tensorboard", lambda *_: None)
    return searches.scored
