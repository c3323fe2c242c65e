"""Subwords of the tiny pairs, and a pipeline that knows these by heart."""

import keras
import pytest
from tiny import TINY

import lstm_zoo
from lstm_zoo.tasks import translation


@pytest.fixture(scope="session")
def pairs():
    """Tiny pairs (sentence, translation)."""
    return TINY["translation"]["examples"]


@pytest.fixture(scope="session")
def sizes():
    """Hyperparameters of a tiny network."""
    return TINY["translation"]["sizes"]


@pytest.fixture(scope="session")
def preprocessing(pairs, sizes):
    """What `adapt` gives for the tiny pairs. Not to be changed."""
    return translation.TASK.adapt(pairs, vocabulary=sizes["vocabulary"])


@pytest.fixture(scope="session")
def trained(pairs, sizes, preprocessing):
    """A tiny pipeline that knows its pairs by heart. Not to be changed."""
    keras.utils.set_random_seed(0)
    task, record = translation.TASK, translation.TASK.networks["attention"]
    network = lstm_zoo.build("translation", **{**sizes, "units": 32, **task.data_hyperparameters(preprocessing)})
    record.compile(network, 0.02)
    network.optimizer.build(network.trainable_variables)  # within `fit` the step would be traced twice
    network.fit(task.batches(pairs, preprocessing, 200, seed=0), steps_per_epoch=120, shuffle=False, verbose=0)
    uncompiled = keras.Model.from_config(network.get_config())
    uncompiled.set_weights(network.get_weights())
    return record.pipeline(uncompiled, preprocessing)
