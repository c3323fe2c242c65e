"""The record of a run: what the file of its pipeline says of its training."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import urllib.parse
from collections.abc import Mapping
from typing import Any

import lstm_zoo
from lstm_zoo.contract import Examples, Task
from lstm_zoo.tables.table import listed, word_of
from lstm_zoo.weights import archive
from lstm_zoo.weights.places import is_address

FEW = 10  # examples for validation, below which a share of right labels is nearly what it happens to be
PACKAGES = ("tensorflow", "keras", "tensorflow-datasets", "numpy")
# Settings of a run that a command line takes, in the order in which it has them.
OPTIONS = ("weights", "epochs", "batch_size", "max_tokens", "learning_rate", "patience", "average", "dropout_scale")


def versions() -> dict[str, str]:
    """Python's version and those of the packages that a run's numbers depend on."""
    packages = {package: _version(package) for package in PACKAGES}
    return {"python": platform.python_version(), "lstm-zoo": lstm_zoo.__version__, **packages}


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # another build of it, like tensorflow-cpu
        return importlib.import_module(package.replace("-", "_")).__version__


def of_run(
    task: Task,
    settings: dict[str, Any],
    given: dict[str, Any],
    begun_from: tuple[str, dict[str, Any]] | None,
    hyperparameters: dict[str, Any],
    examples: tuple[Examples, Examples],
) -> dict[str, Any]:
    """The record of a run, but for its metrics.

    Args:
        task, settings: of the run, see `train`.
        given: what `train` was given as `data`, `validation`, `columns` and how else it is read.
        begun_from: what the pipeline that it goes on from is called, and its record. None: there was none.
        hyperparameters: of the network, before `dropout_scale`.
        examples: for training and for validation.
    """
    dataset = task.datasets.get(settings["dataset"])
    source = settings["dataset"] or name_of(given["data"])
    training, validating = examples
    reading = {name: value for name, value in given.items() if name != "data"}
    validation = reading.get("validation")
    reading["validation"] = name_of(validation)
    called = validation is not None and reading["validation"] is None  # objects, which no word can be
    begun = begun_from[1] if begun_from else {}
    target = begun.get("target") if given.get("target") is None else listed("target", given["target"])
    told = {**settings, "weights": name_of(settings.get("weights")), "reading": reading}
    return {
        "network": settings["name"],
        "hyperparameters": _named(_scaled(hyperparameters, settings.get("dropout_scale", 1.0))),
        "data": source or "the user's own examples",
        "data_license": dataset.license if dataset else None,
        **({"target": target} if target else {}),
        "examples": {"training": len(training), "validation": len(validating)},
        "begun_from": archive.brief(name_of(begun_from[0]), begun) if begun_from else None,
        "command": command(told, source, called),
        "seed": settings["seed"],
        "versions": versions(),
        "limits": dataset.limits if dataset else None,
    }


def few(count: int) -> str | None:
    """A sentence where so many examples for validation tell nothing, else None.

    Example:

    >>> few(1)
    'Scores on 1 example for validation tell nothing: add examples, or pass validation=.'
    """
    if count >= FEW:
        return None
    return (
        f"Scores on {count} example{'s' * (count > 1)} for validation tell nothing: add examples, or pass validation=."
    )


def name_of(source: Any) -> str | None:
    """The last part of a path or address, which tells nothing of folders and secrets; an address of the hub is whole.

    None for objects.
    """
    if not isinstance(source, (str, os.PathLike)) or str(source).startswith("hf://"):
        return source if isinstance(source, str) else None
    return pathlib.PurePath(urllib.parse.urlsplit(source).path if is_address(str(source)) else source).name or None


def command(settings: Mapping[str, Any], data: str | None, called: bool = False) -> str:
    """The command line that repeats a run; for what no word can be, the call.

    Args:
        settings: of the run.
        data: name of its data. None: objects.
        called: whether its validation data are objects.
    """
    if "command" in settings:  # of a script that trains on what it makes itself
        return settings["command"]
    options = {name: settings.get(name) for name in (*OPTIONS, "seed")}
    weighing = settings.get("class_weight", "balanced")
    options |= {} if weighing == "balanced" else {"class_weight": weighing or "none"}
    options |= {name: _word(value) for name, value in settings.get("reading", {}).items()}
    options |= _named(settings["hyperparameters"])
    options = {name: value for name, value in options.items() if value is not None}
    if data is None or called or isinstance(weighing, Mapping):
        mixed = {"mixed_precision": True} if settings["mixed_precision"] else {}
        words = ["validation=validation"] if called else []
        words += [f"{name}={value!r}" for name, value in {**mixed, **options}.items()]
        return f"lstm_zoo.train({', '.join([repr(settings['name']), 'data' if data is None else repr(data), *words])})"
    words = ["lstm-zoo", "train", settings["name"], "--data", data]
    words += ["--mixed-precision"] if settings["mixed_precision"] else []
    return shlex.join([*words, *flags(options)])


def _named(hyperparameters):
    """Hyperparameters with the names of their files, like those of word vectors, in the place of the paths."""
    return {key: name_of(value) if isinstance(value, str) else value for key, value in hyperparameters.items()}


def _scaled(hyperparameters, scale):
    """Hyperparameters with the rates of dropout that the network had, those of `networks.with_dropout`."""
    return {key: scale * rate if rate and key.endswith("dropout") else rate for key, rate in hyperparameters.items()}


def _word(value):
    """What a reader of tables was given, as a command line has it."""
    if isinstance(value, Mapping):
        return word_of(value)
    if isinstance(value, (list, tuple)):
        titles = list(map(str, value))
        return json.dumps(titles, ensure_ascii=False) if any("," in title for title in titles) else ",".join(titles)
    return value


def flags(options: Mapping[str, Any]) -> list[str]:
    """The words of a command line that give options."""
    return [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
