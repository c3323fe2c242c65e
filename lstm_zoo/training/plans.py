"""What `train` does where it is not told: by the task, and for data of a user's own by how much there is of it."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lstm_zoo.contract import Examples, Preprocessing, Task

MAX_EPOCHS = 100  # of small data, by default


def plan_of(
    task: Task, given: dict[str, Any], dataset: str | None, data: tuple[Examples, Examples], pretrained: bool
) -> dict[str, Any]:
    """The options of a run: those that were given, else those that suit the data, else those of the task.

    Args:
        task: of the network.
        given: option -> value, None for one that was not given.
        dataset: name of a data set, for which the task's own were measured. None: the data are the user's own.
        data: checked examples, for training and for validation.
        pretrained: whether the network begins with the weights of another.

    Returns:
        Dict with the task's `batch_option`, `epochs` (None: by the task's number of steps), `learning_rate`,
        `patience`, `dropout_scale` and `monitor`.
    """
    own = {} if dataset is not None or task.plan is None else task.plan(*data, pretrained)
    usual = {
        task.batch_option: task.batch_size,
        "epochs": None,
        "learning_rate": task.learning_rate,
        "patience": task.patience,
        "dropout_scale": 1.0,
        "monitor": task.monitor,
    }
    return {**usual, **own, **{option: value for option, value in given.items() if value is not None}}


def completed(given: dict[str, Any], suited: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of a run that were given, with those that suit the data for None; and the hyperparameters among `suited`.

    Args:
        given: option -> value, None for one that was not given.
        suited: what `Task.suited` returned.
    """
    options = {option: suited.get(option) if value is None else value for option, value in given.items()}
    return options, {name: value for name, value in suited.items() if name not in given}


def default_epochs(task: Task, training: Examples, preprocessing: Preprocessing, batch_size: int) -> int:
    """Passes over the data that make the task's number of steps, at most `MAX_EPOCHS`."""
    return min(MAX_EPOCHS, max(1, round(task.train_steps / steps_of(task, training, preprocessing, batch_size))))


def steps_of(task: Task, training: Examples, preprocessing: Preprocessing, batch_size: int) -> int:
    """Steps of one pass over the data."""
    return math.ceil(task.num_units(training, preprocessing) / batch_size)


def told(
    task: Task, plan: dict[str, Any], data: tuple[Examples, Examples], steps: int, suited: Mapping[str, Any]
) -> str:
    """The line that a run begins with.

    Args:
        task: of the network.
        plan: what `plan_of` returned, with its number of epochs.
        data: checked examples, for training and for validation.
        steps: of an epoch.
        suited: hyperparameters that were chosen by the data.
    """
    training, validating = map(len, data)
    chosen = ", ".join(f"{name} {value}" for name, value in suited.items())
    unit = " tokens" if task.batch_option == "max_tokens" else ""
    return (
        f"{training:,} examples for training, {validating:,} for validation: batches of {plan[task.batch_option]:,}"
        f"{unit}, at most {plan['epochs']} epochs of {steps:,} steps, patience {plan['patience']} by "
        f"{plan['monitor']}, learning rate {plan['learning_rate']:g}, dropout times {plan['dropout_scale']:g}."
        f"{f' By the data: {chosen}.' if chosen else ''}"
    )


def ended(task: Task, record: Mapping[str, Any], folder: pathlib.Path) -> str:
    """The lines that a run ends with: its scores on validation, those of baselines beside them, and where all of it is.

    Args:
        task: of the network.
        record: of its pipeline.
        folder: of the run.
    """
    scores = {"this pipeline": record["metrics"]["validation"], **record.get("baselines", {})}
    table = pd.DataFrame.from_dict(scores, orient="index").to_string(na_rep="")
    choice = [record["choice"]] if record.get("choice") else []
    metric, own = next(iter(scores["this pipeline"].items()))
    baselines = {name: found[metric] for name, found in record.get("baselines", {}).items()}
    best = task.better(baselines, key=baselines.get) if baselines else None
    if best is not None and task.better(own, baselines[best]) != own:
        choice.append(f"By {metric} it is worse than {best}, which needs no training.")
    files = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_file()))
    count = record["examples"]["validation"]
    return "\n".join(
        [f"On validation, {count:,} example{'s' * (count != 1)}:", table, *choice, f"In {folder}: {files}"]
    )
