"""Fixtures. Small data is made here; tests on real data skip, loudly, where TensorFlow Datasets has not prepared it."""

import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest

import lstm_zoo
from lstm_zoo import zoo

# What the conformance tests need to know of a task: raw pairs that can be learnt, and a size that trains in seconds.
TINY = {
    "sentiment": {
        "pairs": [
            ("A good film!", "positive"),
            ("bad, so bad", "negative"),
            ("good good good", "positive"),
            ("a bad film", "negative"),
            # line breaks of all kinds, which no token may hold
            ("What a good plot\x85this is,\u2028and what a good end.\x1c", "positive"),
            ("The plot is bad and so is the end of it", "negative"),
            ("good", "positive"),
            ("bad", "negative"),
        ],
        "sizes": {"vocabulary": 40, "embedding": 8, "units": 8},
        # Whatever people type.
        "raw": [
            "A good film!",
            "",
            "?!... --",
            "zyxwv qponm",
            "bad",
            "the plot " * 200,
            "👍🏽 فيلم جيد",
            "<br /> good",
        ],
    }
}


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same random state."""
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def tiny():
    """Builds, for a model name, the task's module, its tiny data, an untrained tiny network and its pipeline."""

    def make(model):
        task_name, _ = zoo.resolve(model)
        task, fixture = zoo.task_module(task_name), TINY[task_name]
        keras.utils.set_random_seed(0)
        preprocessing = task.adapt(fixture["pairs"])
        network = lstm_zoo.build(model, **{**fixture["sizes"], **task.sizes(preprocessing)})
        return task, fixture, network, task.pipeline(network, preprocessing)

    return make


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A tiny sentiment pipeline trained on tiny data, and the folder of its run. Not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    pairs, sizes = TINY["sentiment"]["pairs"] * 5, TINY["sentiment"]["sizes"]
    return lstm_zoo.train("sentiment", pairs, folder=folder, epochs=2, batch=8, verbose=False, **sizes), folder


@pytest.fixture
def trained(trained_once, tmp_path):
    """The same with a folder of the test's own."""
    pipeline, folder = trained_once
    return pipeline, shutil.copytree(folder, tmp_path / "run")


@pytest.fixture(scope="session")
def prepared():
    """Skips unless TensorFlow Datasets has a data set prepared; never downloads."""

    def check(name):
        import tensorflow_datasets as tfds

        builder = tfds.builder(name)
        if not builder.data_path.exists():
            pytest.skip(f"{name} is not prepared in {builder.data_path}: tfds.load({name!r}) prepares it")

    return check
