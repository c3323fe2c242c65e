"""Search spaces: a network's own, the task's learning rate and batch size, less what the user fixed or narrowed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import keras_tuner
from keras_tuner.engine.hyperparameters import Choice, Float, HyperParameter

from lstm_zoo.contract import Network, Task, unknown
from lstm_zoo.training.preparing import hyperparameters_of

RATES = (0.1, 10.0)  # times the task's learning rate
BATCH_SIZES = (0.5, 1, 2)  # times the task's
MAX_STEPS = 16  # in a range of whole numbers that has no step of its own


def space_of(
    task: Task, record: Network, requested: Mapping[str, Any], suited: Mapping[str, Any] | None = None
) -> tuple[keras_tuner.HyperParameters, dict[str, Any]]:
    """The space of a search.

    Args:
        task, record: those of the network.
        requested: keyword -> one value, which fixes it; a list of values to choose from; or a range "low:high".
        suited: hyperparameters that suit the data, the defaults of those that are searched.

    Returns:
        keras_tuner.HyperParameters of what is searched, and a dict of what is fixed.

    Raises:
        ValueError: a keyword that is no hyperparameter, no value at all, an empty range, a value of another type.
    """
    whole = keras_tuner.HyperParameters()
    record.space(whole)
    low, high = (factor * task.learning_rate for factor in RATES)
    whole.Float("learning_rate", low, high, sampling="log", default=task.learning_rate)
    sizes = [max(1, round(factor * task.batch_size)) for factor in BATCH_SIZES]
    whole.Choice(task.batch_option, sizes, default=task.batch_size)
    own = {entry.name: entry for entry in whole.space}
    standard = {
        **{name: parameter.default for name, parameter in hyperparameters_of(task, record).items()},
        **{name: entry.default for name, entry in own.items()},
        **{name: value for name, value in (suited or {}).items() if name in own},
    }
    for name in requested.keys() - standard.keys():
        raise unknown("hyperparameter", name, sorted(standard))

    space, fixed = keras_tuner.HyperParameters(), {}
    for name in [*own, *(name for name in requested if name not in own)]:
        if name not in requested:
            _add(space, name, _whole(own[name]), standard[name])
            continue
        values = _parsed(name, requested[name], standard[name], own.get(name))
        if isinstance(values, list) and len(values) == 1:
            values = values[0]
        if isinstance(values, (list, tuple)) and not isinstance(standard[name], tuple):
            _add(space, name, values, standard[name])
        else:
            fixed[name] = values
    return space, fixed


def _whole(entry):
    """A hyperparameter's own values: a list to choose from, or a range (low, high, sampling)."""
    if isinstance(entry, Choice):
        return list(entry.values)
    if entry.step is None:
        return (entry.min_value, entry.max_value, entry.sampling)
    return _steps(entry.min_value, entry.max_value, entry.step)


def _steps(low, high, step):
    # KerasTuner's own steps leave out the last of some ranges of floats: 0.5 // 0.1 is 4.
    return [tidy(low + place * step) for place in range(math.floor((high - low) / step + 1e-6) + 1)]


def tidy(value: Any) -> Any:
    """A float with the six digits that survive the way between the processes of a search, where it has 32 bits."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _parsed(name, value, default, entry):
    """What the user asked for, in the default's type: one value, a list of values, or a range (low, high, sampling)."""
    if isinstance(default, tuple):  # a value like seasons=(24, 168), no list of choices
        return tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if isinstance(value, (list, tuple)):
        values = list(dict.fromkeys(_typed(name, choice, default) for choice in value))
        if not values:
            raise ValueError(f"{name} needs at least one value. Received: {value!r}")
        return values
    if not (isinstance(value, str) and ":" in value and not isinstance(default, str)):
        return _typed(name, value, default)
    try:
        low, high = (_typed(name, float(end), default) for end in value.split(":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is a range like 1e-4:1e-2, low before high. Received: {value!r}") from error
    known = None if entry is None else _whole(entry)
    if isinstance(known, list) and not isinstance(entry, Choice):
        values = _steps(low, high, entry.step)
    elif isinstance(known, list):
        values = [choice for choice in known if low <= choice <= high]
    elif isinstance(default, int) and low <= high:
        values = _steps(low, high, max(1, round((high - low) / MAX_STEPS)))
    else:
        values = (low, high, known[2] if known else "linear") if low <= high else []
    if not values:
        raise ValueError(f"The range of {name} is empty. Received: {value!r}")
    return [low] if low == high else values


def _typed(name, value, default):
    """The value in the type of the default, which may be None."""
    kind = type(default)
    if kind in (int, float) and isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value) and kind(value) == value:
            return kind(value)
    elif default is None or isinstance(value, kind):
        return value
    raise ValueError(f"{name} takes values like {default!r}. Received: {value!r}")


def _add(space, name, values, default):
    """Add a hyperparameter with its default, or what is nearest to that."""
    if isinstance(values, tuple):
        low, high, sampling = values
        if sampling == "log" and low <= 0:
            raise ValueError(f"{name} is above 0. Received: {low:g}:{high:g}")
        space.Float(name, low, high, sampling=sampling, default=tidy(float(min(max(default, low), high))))
        return
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    values = sorted(values) if numbers else values
    if default not in values:
        default = min(values, key=lambda value: abs(value - default)) if numbers and default is not None else values[0]
    space.Choice(name, values, default=default)


def is_range(entry: HyperParameter) -> bool:
    """Whether a hyperparameter of a space takes any number between two, not one of a few."""
    return isinstance(entry, Float)


def corners(space: keras_tuner.HyperParameters) -> Iterator[tuple[str, Any]]:
    """Name and value of every value to choose from, and of both ends of every range."""
    for entry in space.space:
        for value in (entry.min_value, entry.max_value) if is_range(entry) else entry.values:
            yield entry.name, value


def defaults_of(space: keras_tuner.HyperParameters) -> dict[str, Any]:
    """The values that a search begins with."""
    return {entry.name: entry.default for entry in space.space}


def described(space: keras_tuner.HyperParameters) -> dict[str, list]:
    """The space as JSON holds it: name -> values to choose from, or [low, high] with the sampling."""
    return {
        entry.name: [entry.min_value, entry.max_value, entry.sampling] if is_range(entry) else list(entry.values)
        for entry in space.space
    }
