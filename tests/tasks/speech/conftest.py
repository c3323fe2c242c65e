"""Recordings of words of tones, and pipelines that know them."""

import functools

import numpy as np
import pytest
from tiny import TINY, network_for, prepared_for
from tiny.speech import tones

from lstm_zoo import batching, registry
from lstm_zoo.registry import get_network
from lstm_zoo.tasks import speech

# From words of at most two letters the network `streaming` learns to wait for their end.
LONGER = [((tones(word, seed=3), 16_000), word, "") for word in ("abba", "baab", "bbab", "aaba")]


@pytest.fixture(scope="session")
def examples():
    """Tiny examples (recording, word, speaker): every word twice."""
    return TINY["speech"]["examples"]


@pytest.fixture(scope="session")
def tune():
    """Makes a quiet tone: (seconds, samples a second, hertz) -> float32 (samples,)."""

    def made(seconds, rate=16_000, pitch=440):
        return (0.1 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype("float32")

    return made


@pytest.fixture(scope="session")
def trained(examples):
    """A tiny pipeline of each network that knows the words of `examples`. Not to be changed."""

    @functools.cache
    def train(model):
        task, record, network = registry.get_task(model), get_network(model), network_for(model)
        record.compile(network, 0.02)
        network.optimizer.build(network.trainable_variables)  # within `fit` the step would be traced twice
        known = examples + speech.TASK.read(LONGER) if "characters" in prepared_for(model) else examples
        batches = batching.read_by(network, task.batches(known, prepared_for(model), 8, seed=0))
        network.fit(batches, steps_per_epoch=160, shuffle=False, verbose=0)
        uncompiled = type(network).from_config(network.get_config())
        uncompiled.set_weights(network.get_weights())
        return record.pipeline(uncompiled, prepared_for(model))

    return train
