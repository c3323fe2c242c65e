"""Untrained pipelines of every model that has an `inference_network`, and what a single runtime answers to them."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from tiny import network_for, prepared_for

import lstm_zoo
from lstm_zoo import layers, networks
from lstm_zoo.registry import get_network

EXPORTABLE = [model for model in lstm_zoo.list_models() if get_network(model).inference_network is not None]
IDS = [[2, 3, 4, 5, 6, 7], [5, 2, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [3, 0, 2, 0, 0, 0]]


@pytest.fixture(scope="session", params=EXPORTABLE)
def pipeline(request):
    """An untrained pipeline of every model, whose weights tell the rows apart. Not to be changed."""
    network = network_for(request.param)
    keras.utils.set_random_seed(1)
    for weight in network.trainable_weights:
        weight.assign(keras.random.normal(weight.shape, stddev=0.5))
    for layer in network.layers:
        if isinstance(layer, layers.LogLinearPool):  # all are heard, by length
            layer.set_weights([np.linspace(0.4, 0.8, layer.models), np.linspace(-0.1, 0.2, layer.models)])
    return get_network(request.param).pipeline(network, prepared_for(request.param))


@pytest.fixture(scope="session")
def ids():
    """Token ids of five rows, one of them empty, one with a gap."""
    return IDS


@pytest.fixture(scope="session")
def probabilities():
    """What the network in a pipeline makes of token ids, which all of its inputs get."""

    def ask(pipeline, ids):
        network, ids = networks.network_of(pipeline), np.array(ids, "int32")
        fed = dict.fromkeys(network.input, ids) if isinstance(network.input, dict) else ids
        return keras.ops.softmax(network(fed)).numpy()

    return ask


@pytest.fixture(scope="session")
def asked():
    """What a process with one runtime alone prints for each file, as JSON; it reads batches of token ids as JSON."""

    def ask(code, paths, batches):
        command = [sys.executable, "-c", code, *paths]
        result = subprocess.run(command, input=json.dumps(batches), capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    return ask


@pytest.fixture(scope="session")
def tolerance():
    """Type of weights -> how far probabilities may be off."""
    return {"float32": 1e-5, "float16": 2e-3, "int8": 3e-2}
