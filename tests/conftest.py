"""Fixtures. Small data is made here; tests on real data skip, loudly, where TensorFlow Datasets has not prepared it."""

import os
import shutil
import sys
import unittest.mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hypothesis
import keras
import pytest
import tiny
from tiny import hubs

import lstm_zoo
from lstm_zoo import cli, datasets

# The same examples in every run: what fails, fails again. HYPOTHESIS_PROFILE=default looks for new ones.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same random state."""
    # All but TensorFlow's own seed, which Keras' layers do not read: setting it throws the compiled functions of the
    # shared pipelines away, whose graphs would be optimized anew in every test.
    with unittest.mock.patch("tensorflow.random.set_seed"):
        keras.utils.set_random_seed(0)


@pytest.fixture
def call(monkeypatch, capsys):
    """Calls the command line in this process, which spares TensorFlow's import: words -> what it prints."""

    def called(*words, code=0):
        monkeypatch.setattr(sys, "argv", ["lstm-zoo", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        captured = capsys.readouterr()
        assert (end.value.code or 0) == code, captured.err
        return captured.out if code == 0 else captured.err

    return called


@pytest.fixture
def hub_server(monkeypatch, tmp_path):
    """The hub that is played, which the test's pushes and loads go to."""
    with hubs.running(monkeypatch, tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A tiny sentiment pipeline trained on tiny data, and the folder of its run. Not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    pairs, sizes = tiny.TINY["sentiment"]["examples"] * 5, tiny.TINY["sentiment"]["sizes"]
    return lstm_zoo.train(
        "sentiment/bilstm", pairs, folder=folder, epochs=2, batch_size=8, verbose=False, **sizes
    ), folder


@pytest.fixture
def trained(trained_once, tmp_path):
    """The same with a folder of the test's own."""
    pipeline, folder = trained_once
    return pipeline, shutil.copytree(folder, tmp_path / "run")


@pytest.fixture(scope="session")
def exported(trained_once, tmp_path_factory):
    """The folder `sentiment` with its SavedModel. Not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "deep" / "sentiment"
    return lstm_zoo.export(str(trained_once[1] / "pipeline.keras"), str(folder))


@pytest.fixture(scope="session")
def prepared():
    """Skips unless TensorFlow Datasets has a data set prepared; never downloads."""

    def check(name):
        import tensorflow_datasets as tfds

        own = name.split("/")[0] in ("an4", "debian", "ett", "m4", "multi30k")
        builder = datasets.builder(name) if own else tfds.builder(name)
        if not builder.data_path.exists():
            how = "lstm_zoo.datasets.load" if own else "tfds.load"
            pytest.skip(f"{name} is not prepared in {builder.data_path}: {how}({name!r}) prepares it")

    return check
