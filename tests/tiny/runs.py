"""Tiny runs of `train`, on sentiment/bilstm: data that can be learnt in three passes, and what a run leaves."""

import csv

import numpy as np

import lstm_zoo

SIZES = {"vocabulary": 40, "embedding": 8, "units": 8}
PAIRS = [("a good film", "good"), ("a bad film", "bad"), ("so good!", "good"), ("bad, very bad", "bad")] * 10


def train(folder, pairs=PAIRS, **options):
    """A tiny pipeline, and its run in `folder`."""
    return lstm_zoo.train(
        "sentiment/bilstm", pairs, folder=folder, **{"batch_size": 8, "verbose": False, **SIZES, **options}
    )


def history(folder):
    """Rows of a run's history.csv."""
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def assert_same_weights(pipeline, other):
    """Two pipelines agree to the last bit."""
    for weights, same in zip(pipeline.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, same)
