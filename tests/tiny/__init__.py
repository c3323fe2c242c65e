"""Tiny data and networks: what the tests of all networks need to know of each task, one module a task.

A module has `TINY`, a dict: `examples` that can be learnt; `sizes` of networks that train in seconds, and `networks`,
what single ones have beside; `raw`, whatever people give `predict`, and `empty`, the shortest of it. Optional:
`batch_size`, `adapting` (keywords of `adapt` alone), `learning` (learning rate and steps until a network knows the
examples), `training` (of goldens) and `served_with` (packages that a SavedModel needs). Its `write` makes the files of
a user.
"""

import functools
import importlib

import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.training import preparing


class Tasks(dict):
    """Task -> its tiny data, read at the first look."""

    def __missing__(self, task):
        self[task] = importlib.import_module(f"tiny.{task}").TINY
        return self[task]


TINY = Tasks()


def sizes_of(model):
    """Hyperparameters of the tiny network of a model."""
    task, network = model.split("/")
    return {**TINY[task]["sizes"], **TINY[task].get("networks", {}).get(network, {})}


@functools.cache
def prepared_for(model):
    """Preprocessing of a tiny network, adapted as `train` does it. Not to be changed."""
    task, examples = registry.get_task(model), TINY[model.partition("/")[0]]["examples"]
    given = {**sizes_of(model), **TINY[model.partition("/")[0]].get("adapting", {})}
    keywords = {**preparing.defaults(registry.get_network(model)), **given}
    return task.adapt(examples, **preparing.accepted_kwargs(task.adapt, keywords))


def network_for(model):
    """An untrained tiny network, always with the same weights."""
    keras.utils.set_random_seed(0)
    decided = registry.get_task(model).data_hyperparameters(prepared_for(model))
    return lstm_zoo.build(model, **{**sizes_of(model), **decided})


@functools.cache
def pipeline_for(model):
    """The pipeline of an untrained tiny network. Not to be changed."""
    return registry.get_network(model).pipeline(network_for(model), prepared_for(model))


def plain(answers):
    """Answers of `predict` as JSON holds them."""
    return answers.tolist() if isinstance(answers, np.ndarray) else answers


def assert_alike(found, expected, tolerance=1e-5):
    """Nested lists and dicts are equal, their numbers but for the tolerance."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        expected, found = list(expected.values()), [found[key] for key in expected]
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            assert_alike(one, other, tolerance)
    elif isinstance(expected, str) or expected is None:
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=tolerance, abs=tolerance, nan_ok=True)
