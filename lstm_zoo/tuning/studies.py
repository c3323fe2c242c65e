"""What is searched and on what, checked before anything is trained or written."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
from typing import Any

import keras
import keras_tuner

import lstm_zoo
from lstm_zoo import batching
from lstm_zoo.contract import Examples, Network, Preprocessing, Task, unknown
from lstm_zoo.reading import read_keywords
from lstm_zoo.registry import get_task, resolve
from lstm_zoo.training.plans import completed, default_epochs, plan_of
from lstm_zoo.training.preparing import (
    accepted_kwargs,
    defaults,
    examples_of,
    fingerprint,
    network_for,
    plain,
)
from lstm_zoo.tuning import spaces

FORMAT = 1  # of state.json
MORE_IS_BETTER = ("accuracy", "auc", "f1", "precision", "recall")  # ends of objectives; of all others less is


@dataclasses.dataclass
class Study:
    """What is searched and on what: the same in every process of a search, which reads the data once."""

    name: str
    task: Task
    record: Network
    training: Examples
    validating: Examples
    space: keras_tuner.HyperParameters
    fixed: dict[str, Any]
    folder: pathlib.Path
    settings: dict[str, Any]
    objective: str
    epochs: int
    patience: int
    seed: int
    max_parameters: float | None
    prepared: dict[str, Preprocessing] = dataclasses.field(default_factory=dict)
    counted: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def of_training(self) -> tuple[str, str]:
        """Names of the hyperparameters that are no network's: the learning rate, and what a batch holds."""
        return ("learning_rate", self.task.batch_option)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the settings, the data among them."""
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()

    def hyperparameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """The hyperparameters that a trial's values mean: those that are fixed among them, those of the tuner not."""
        return {**self.fixed, **{name: value for name, value in values.items() if not name.startswith("tuner/")}}

    def preprocessing(self, hyperparameters: dict[str, Any]) -> Preprocessing:
        """What `adapt` returns, once for each of the hyperparameters that it reads."""
        options = accepted_kwargs(self.task.adapt, {**defaults(self.record), **hyperparameters})
        key = repr(sorted(options.items()))
        if key not in self.prepared:
            held_out = accepted_kwargs(self.task.adapt, {"validation": self.validating})
            self.prepared[key] = self.task.adapt(self.training, **options, **held_out)
        return self.prepared[key]

    def build(self, hyperparameters: dict[str, Any]) -> tuple[keras.Model, Preprocessing]:
        """An untrained network and its preprocessing."""
        preprocessing = self.preprocessing(hyperparameters)
        own = {name: value for name, value in hyperparameters.items() if name not in self.of_training}
        return network_for(self.name, preprocessing, own), preprocessing

    def parameters(self, values: dict[str, Any]) -> int:
        """Number of parameters of the network that the values mean; 0 where it cannot be built: its trial will tell."""
        hyperparameters = self.hyperparameters(values)
        key = repr(sorted(item for item in hyperparameters.items() if item[0] not in self.of_training))
        if key not in self.counted:
            try:
                self.counted[key] = self.build(hyperparameters)[0].count_params()
            except (ValueError, TypeError):
                self.counted[key] = 0
        return self.counted[key]

    def fits(self, values: dict[str, Any]) -> bool:
        """Whether the network is within the limit of parameters."""
        return self.max_parameters is None or self.parameters(values) <= self.max_parameters


def study_of(
    name: str,
    data: Any,
    validation: Any,
    requested: dict[str, Any],
    *,
    tuner: str,
    max_parameters: float | None,
    epochs: int | None,
    objective: str,
    patience: int | None,
    seed: int,
    folder: str | os.PathLike | None,
    reading: dict[str, Any] | None = None,
) -> Study:
    """The Study of what `search` is asked for, with the data read and everything checked that needs no network.

    `reading` says how a table is read, see `reading.read_keywords`.
    """
    task_name, network = resolve(name)
    task = get_task(name)
    record = task.networks[network]
    space, fixed = spaces.space_of(task, record, plain(requested))
    dataset, suited, training, validating = examples_of(
        task, data, validation, seed, network, fixed, read_keywords(task, **(reading or {}))
    )
    task = task.of(training)
    # The default configuration is that of `train` on these data.
    given = {"epochs": epochs, "patience": patience, task.batch_option: None, "learning_rate": None}
    options, suited = completed(given, suited)
    plan = plan_of(task, options, dataset, (training, validating), pretrained=False)
    task = dataclasses.replace(task, batch_size=plan[task.batch_option], learning_rate=plan["learning_rate"])
    requested = {**{key: value for key, value in suited.items() if key not in space}, **requested}
    space, fixed = spaces.space_of(task, task.networks[network], plain(requested), suited)
    study = Study(
        name=f"{task_name}/{network}",
        task=task,
        record=task.networks[network],
        training=training,
        validating=validating,
        space=space,
        fixed=fixed,
        folder=pathlib.Path(folder or f"runs/search-{task_name}-{network}"),
        settings={},
        objective=objective,
        epochs=plan["epochs"],
        patience=plan["patience"],
        seed=seed,
        max_parameters=max_parameters,
    )
    if study.epochs is None:
        first = study.hyperparameters(spaces.defaults_of(space))
        study.epochs = default_epochs(task, training, study.preprocessing(first), task.batch_size)
    study.settings = {
        "name": study.name,
        "dataset": dataset,
        "tuner": tuner,
        "space": spaces.described(space),
        "fixed": fixed,
        "epochs": study.epochs,
        "objective": objective,
        "direction": "max" if objective.endswith(MORE_IS_BETTER) else "min",
        "patience": study.patience,
        "seed": seed,
        "max_parameters": max_parameters,
        "data": fingerprint(training, validating),
        "versions": {"lstm_zoo": lstm_zoo.__version__, "format": FORMAT},
    }
    return study


def check_networks(study: Study, requested: dict[str, Any]) -> None:
    """Build the default network and those at the ends of what was asked for, and measure the default one on one batch.

    Raises:
        ValueError: one of them cannot be built, the objective is none of its metrics, or all have too many parameters.
    """
    first = study.hyperparameters(spaces.defaults_of(study.space))
    network, preprocessing = _built(study, first)
    smallest = dict(first)
    for name, value in spaces.corners(study.space):
        if name in requested and name not in study.of_training:
            _built(study, {**first, name: value})
        if isinstance(value, (int, float)):
            smallest[name] = min(smallest[name], value)
    for name in study.of_training:
        if not smallest[name] > 0:
            raise ValueError(f"{name} is above 0. Received: {smallest[name]}")
    # Few hyperparameters make a network smaller when they grow: no proof, but it says in time what is likely.
    if study.max_parameters is not None and study.parameters(smallest) > study.max_parameters:
        raise ValueError(
            f"No network of the space has at most {study.max_parameters:,.0f} parameters: the smallest values give "
            f"{study.parameters(smallest):,}."
        )
    network = network if study.record.trained_part is None else study.record.trained_part(network)
    study.record.compile(network, first["learning_rate"])
    batches = study.task.batches(study.validating, preprocessing, first[study.task.batch_option])
    batch = batching.read_by(network, batches).take(1)
    objectives = [f"val_{metric}" for metric in network.evaluate(batch, verbose=0, return_dict=True)]
    if study.objective not in objectives:
        raise unknown("objective", study.objective, objectives)


def _built(study, hyperparameters):
    try:
        return study.build(hyperparameters)
    except (ValueError, TypeError, ArithmeticError, MemoryError) as error:
        values = ", ".join(f"{name}={value!r}" for name, value in hyperparameters.items())
        raise ValueError(f"{study.name} does not accept {values}: {error}") from error
