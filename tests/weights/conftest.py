"""What the tests of places share: an environment in which a machine has no published file but a test's."""

import pytest

from lstm_zoo.weights import downloads, places


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """No variable, an empty cache, and no checkout; no waiting between tries."""
    monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LSTM_ZOO_WEIGHTS", raising=False)
    monkeypatch.delenv("LSTM_ZOO_OFFLINE", raising=False)
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.setattr(downloads, "TIMEOUT", (1, 0.3))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    return tmp_path


@pytest.fixture
def leftovers(machine):
    """Names of the files in the cache besides whole ones and locks."""

    def found():
        files = [path for path in (machine / "cache").rglob("*") if path.is_file()]
        return [path.name for path in files if path.suffix not in (".lock", ".keras")]

    return found
