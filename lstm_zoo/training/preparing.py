"""What comes before the first step of `train` and of `search`: hyperparameters, checked examples, the network."""

import hashlib
import inspect
import json
import math
import pathlib

import numpy as np

from lstm_zoo.registry import build, resolve, task_module

MOST_EPOCHS = 100  # of small data, by default


def found(hyperparameters, network):
    """Hyperparameters from a file that `search` wrote, or from a dict; none for None.

    Raises:
        ValueError: a file that `search` did not write, or wrote for another network.
    """
    if hyperparameters is None or isinstance(hyperparameters, dict):
        return dict(hyperparameters or {})
    try:
        best = json.loads(pathlib.Path(hyperparameters).read_text(encoding="utf-8"))
        name, values = best["name"], best["hyperparameters"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"hyperparameters is a best.json that search wrote. Received: {hyperparameters}") from error
    if name != network:
        raise ValueError(f"{hyperparameters} was found for {name}. Expected: {network}")
    return values


def examples_of(task, data, validation, seed, chosen):
    """Name of the task's data set, None for the user's own data, and the examples for training and validation."""
    dataset = next(iter(task.DATASETS)) if data is None else data
    dataset = dataset if isinstance(dataset, str) and dataset in task.DATASETS else None
    training = task.read(data if dataset is None else task.data("train", dataset))
    if validation is not None:
        return dataset, training, task.read(validation)
    if dataset is not None:
        return dataset, training, task.read(task.data("validation", dataset))
    return dataset, *task.split(training, seed, **taken(task.split, chosen))


def taken(function, keywords):
    """Those of the keywords that a function has a parameter for."""
    return {key: keywords[key] for key in inspect.signature(function).parameters if key in keywords}


def defaults(task, network_name):
    """Keyword -> default of a network's function."""
    function, _ = task.NETWORKS[network_name]
    return {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}


def fingerprint(training, validating):
    """SHA-256 of examples, or of weights: a run goes on with what it began with, or not at all."""
    digest = hashlib.sha256()

    def read(number, value):
        if isinstance(value, np.ndarray):
            digest.update(repr((number, value.dtype, value.shape)).encode())
            digest.update(value.tobytes())
        elif isinstance(value, tuple):
            for part in value:
                read(number, part)
        else:
            digest.update(repr((number, value)).encode())

    for number, examples in enumerate((training, validating)):
        for example in examples:
            read(number, (example,) if isinstance(example, str) else tuple(example))
    return digest.hexdigest()


def changes(before, settings):
    """What differs between the settings in a file, `before`, and those of now: a list of texts.

    Both are as JSON has them, where a tuple is a list.
    """
    now = json.loads(json.dumps(settings))
    return [f"{key} was {_brief(before.get(key))}, is {_brief(now[key])}" for key in now if before.get(key) != now[key]]


def _brief(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def network_for(name, preprocessing, hyperparameters):
    """An untrained network whose sizes are those of the data where the data decide them.

    Raises:
        ValueError: a hyperparameter that contradicts the data.
        TypeError: one that the network does not have.
    """
    _, network_name = resolve(name)
    task = task_module(name)
    sizes = task.sizes(preprocessing)
    options = inspect.signature(task.adapt).parameters.keys()
    for key in sizes.keys() & hyperparameters.keys() - options:
        if hyperparameters[key] != sizes[key]:
            raise ValueError(f"{key} is {sizes[key]} with this data. Received: {hyperparameters[key]}")
    preparing = options - defaults(task, network_name).keys()  # what `adapt` reads and the network does not
    own = {key: value for key, value in hyperparameters.items() if key not in preparing}
    return build(name, **{**own, **sizes})


def default_epochs(task, training, preprocessing, batch):
    """Passes over the data that make the task's number of steps, at most `MOST_EPOCHS`."""
    steps = math.ceil(task.count(training, preprocessing) / batch)
    return min(MOST_EPOCHS, max(1, round(task.STEPS / steps)))
