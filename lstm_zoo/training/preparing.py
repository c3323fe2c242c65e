"""What comes before the first step of `train` and of `search`: hyperparameters, checked examples, the network."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import numbers
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo.building import build
from lstm_zoo.contract import Examples, Network, Preprocessing, Task, unknown
from lstm_zoo.options import Bounds, check_value
from lstm_zoo.reading import check_target
from lstm_zoo.registry import get_network, get_task, resolve
from lstm_zoo.weights import is_row

OF_TRAIN = ("validation", "class_weight")  # which an `adapt` may read too


def load_hyperparameters(hyperparameters: str | os.PathLike | dict | None, network: str) -> dict[str, Any]:
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


def plain(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters as JSON can hold them: paths, like those of word vectors, are texts."""
    return {
        key: os.fspath(value) if isinstance(value, os.PathLike) else value for key, value in hyperparameters.items()
    }


def check_hyperparameters(name: str, given: Mapping[str, Any]) -> None:
    """Raise a ValueError for a hyperparameter that neither a network nor its task's `adapt` has, or of another type."""
    known = hyperparameters_of(get_task(name), get_network(name))
    kinds = {kind.__name__: kind for kind in (bool, int, float, str)}
    for key, value in given.items():
        if key not in known:
            raise unknown(f"hyperparameter of {'/'.join(resolve(name))}", key, list(known))
        annotation = known[key].annotation
        written = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        kind = kinds.get(written.removesuffix(" | None"))
        if kind is not None and (value is not None or kind.__name__ == written):
            check_value(key, value, kind, Bounds())


def hyperparameters_of(task: Task, record: Network) -> dict[str, inspect.Parameter]:
    """Name -> parameter of a network's function or of its task's `adapt`, but for what `train` itself is given."""
    parameters = {}
    for function in (record.build, task.adapt):
        for key, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not parameter.empty and key not in OF_TRAIN:
                parameters.setdefault(key, parameter)
    return parameters


def check_name(name: Any) -> None:
    """Raise a ValueError for what is trained already: it goes into `weights`."""
    if not isinstance(name, str) or not is_row(name):
        raise ValueError(
            'The name of a task or network is expected, like "sentiment" or "sentiment/attention"; weights= says what '
            f"is trained on from. Received: {name!r:.160}"
        )


def check_with_weights(task: Task, hyperparameters: Mapping[str, Any]) -> None:
    """Raise a ValueError for a hyperparameter that a trained network has already: its task's `fine_tune` has none."""
    fixed = [key for key in hyperparameters if key not in inspect.signature(task.fine_tune).parameters]
    if fixed:
        raise ValueError(f"With weights the network is fixed. Received: {', '.join(fixed)}")


def kept_hyperparameters(task: Task, begun: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters of a run that goes on from a record: those there, but for what each run is given anew."""
    anew = inspect.signature(task.fine_tune).parameters
    return {key: value for key, value in begun.get("hyperparameters", {}).items() if key not in anew} | dict(given)


def examples_of(
    task: Task,
    data: Any,
    validation: Any,
    seed: int,
    network: str,
    hyperparameters: dict[str, Any],
    reading: dict[str, Any],
) -> tuple[str | None, dict[str, Any], Examples, Examples]:
    """Name of the task's data set, None for the user's own data, what suits it, and examples to train and validate.

    Args:
        task, data, validation, seed: see `train`.
        network: name of the network within the task.
        hyperparameters: that were given, which the task's `split` may read.
        reading: keywords of the task's `read`, for the user's own data.
    """
    for given in (data, validation):
        if isinstance(given, tf.data.Dataset) and given.cardinality() == tf.data.INFINITE_CARDINALITY:
            raise ValueError(
                f"Data that end are expected, like dataset.take(1000). Received: an endless {given!r:.160}"
            )
    dataset = next(iter(task.datasets)) if data is None else data
    dataset = dataset if isinstance(dataset, str) and dataset in task.datasets else None
    check_target(reading, dataset, validation)
    training = task.read(data, **reading) if dataset is None else task.read(task.data("train", dataset))
    suited = {} if task.suited is None else task.suited(network, training, hyperparameters)
    if validation is not None:
        validating = task.read(validation, **reading)
        if task.of(validating) is not task.of(training):
            raise ValueError(
                "Examples for training and for validation have one label each, or all of them lists. Received: "
                f"{training[0]!r:.160} and {validating[0]!r:.160}"
            )
    elif dataset is not None:
        validating = task.read(task.data("validation", dataset))
    else:
        cut_by = {**defaults(task.networks[network]), **suited, **hyperparameters}
        training, validating = task.of(training).split(training, seed, **accepted_kwargs(task.split, cut_by))
    return dataset, suited, *((training, validating) if task.bounded is None else task.bounded(training, validating))


def accepted_kwargs(function: Callable, keywords: dict[str, Any]) -> dict[str, Any]:
    """Those of the keywords that a function has a parameter for."""
    return {key: keywords[key] for key in inspect.signature(function).parameters if key in keywords}


def defaults(record: Network) -> dict[str, Any]:
    """Keyword -> default of a network's function."""
    return {key: parameter.default for key, parameter in inspect.signature(record.build).parameters.items()}


def fingerprint(training: Examples, validating: Examples) -> str:
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


def changes(before: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    """What differs between the settings in a file, `before`, and those of now: a list of texts.

    Both are as JSON has them, where a tuple is a list.
    """
    now = json.loads(json.dumps(settings))
    return [f"{key} was {_brief(before.get(key))}, is {_brief(now[key])}" for key in now if before.get(key) != now[key]]


def _brief(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def network_for(name: str, preprocessing: Preprocessing, hyperparameters: dict[str, Any]) -> keras.Model:
    """An untrained network whose sizes are those of the data where the data decide them, with weights that they know.

    Raises:
        ValueError: a hyperparameter that contradicts the data.
        TypeError: one that the network does not have.
    """
    task = get_task(name)
    decided = task.data_hyperparameters(preprocessing)
    adapted = inspect.signature(task.adapt).parameters.keys()
    for key in decided.keys() & hyperparameters.keys() - adapted:
        if hyperparameters[key] != decided[key]:
            raise ValueError(f"{key} is {decided[key]} with this data. Received: {hyperparameters[key]}")
    preparing = adapted - defaults(get_network(name)).keys()  # what `adapt` reads and the network does not
    own = {key: value for key, value in hyperparameters.items() if key not in preparing}
    network = build(name, **{**own, **decided})
    if task.initialize is not None:
        task.initialize(network, preprocessing)
    return network


def class_weight_of(task: Task, given: Any, training: Examples) -> str | dict[str, float] | None:
    """What `train` was given as `class_weight`, checked: "balanced", None, or label -> weight.

    Raises:
        ValueError: a task without labels, a label that no example has, or a weight that is not above 0.
    """
    if isinstance(given, str) and given == "none":  # as a command line has it
        given = None
    if task.labels is None and given != "balanced":
        raise ValueError(f"class_weight weighs labels, and the examples of {task.name} have none. Received: {given!r}")
    if given is None or (isinstance(given, str) and given == "balanced"):
        return given
    if not isinstance(given, Mapping):
        raise ValueError(f'class_weight is "balanced", None, or a dict label -> weight. Received: {given!r:.160}')
    weights, known = {str(label): weight for label, weight in given.items()}, set(task.labels(training))
    for label, weight in weights.items():
        if label not in known:
            raise unknown("label in class_weight", label, sorted(known))
        if not isinstance(weight, numbers.Real) or not 0 < weight < math.inf:
            raise ValueError(f"The weights in class_weight are above 0. Received: {label!r}: {weight!r}")
    return {label: float(weight) for label, weight in weights.items()}


def check_callbacks(callbacks: Any) -> None:
    """Raise a ValueError for what is no list of Keras' callbacks."""
    if not isinstance(callbacks, Sequence) or isinstance(callbacks, str):
        raise ValueError(f"callbacks is a list of keras.callbacks.Callback. Received: {callbacks!r:.160}")
    for place, callback in enumerate(callbacks):
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(f"callbacks[{place}] is no keras.callbacks.Callback. Received: {callback!r:.160}")


def check_batch_option(task: Task, given: dict[str, Any]) -> None:
    """Raise a ValueError for the size of a batch in what the task does not count."""
    for other in {"batch_size", "max_tokens"} - {task.batch_option}:
        if (value := given.pop(other)) is not None:
            raise ValueError(f"A batch of {task.name} is given by {task.batch_option}. Received: {other}={value!r}")


def check_numbers(**given: float | None) -> None:
    """Raise ValueError for a number that no run can have: a negative scale, or another that is not above 0.

    All but the scale and the learning rate are whole. None stands for one that was not given.
    """
    given = {option: value for option, value in given.items() if value is not None}
    for option, value in given.items():
        whole = option not in ("dropout_scale", "learning_rate")
        if isinstance(value, bool) or not isinstance(value, numbers.Integral if whole else numbers.Real):
            raise ValueError(f"{option} is a {'whole ' if whole else ''}number. Received: {value!r}")
    scale, seed = given.pop("dropout_scale", 1.0), given.pop("seed", 0)
    for option, value in given.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{option} is above 0. Received: {value}")
    if not 0 <= scale < math.inf:
        raise ValueError(f"dropout_scale is at least 0. Received: {scale}")
    if not 0 <= seed < 2**31:
        raise ValueError(f"seed is from 0 to {2**31 - 1}. Received: {seed}")
