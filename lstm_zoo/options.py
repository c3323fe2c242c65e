"""Options of `predict`: a frozen dataclass a task, a field an option.

What is checked, documented, shown by `lstm-zoo predict TASK --help` and bounded by `lstm-zoo serve` follows from the
fields:

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Options:
        temperature: float = option(0.8, "0: always the most probable token.", minimum=0, graph_input="temperature")
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import numbers
import types
import typing
from collections.abc import Iterator

from lstm_zoo import registry


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a value may be, and where it goes."""

    minimum: float | None = None
    """The least that it may be; None: there is none."""
    maximum: float | None = None
    """The most that it may be; None: there is none."""
    choices: tuple[str, ...] | None = None
    """What a text may be; None: anything."""
    graph_input: str | None = None
    """The input of the pipeline that the option is, one value a row; None: it is none."""
    served_maximum: int | None = None
    """The most that a request to `lstm-zoo serve` may ask for, unless its caller allows more; None: `maximum`."""


def option(default: typing.Any, description: str, **bounds: typing.Any) -> typing.Any:
    """A field of an options record.

    Args:
        default: what holds where nothing is given.
        description: what the option does, for people.
        bounds: see `Bounds`.
    """
    return dataclasses.field(default=default, metadata={"description": description, "bounds": Bounds(**bounds)})


def fields_of(options: type | None) -> dict[str, dataclasses.Field]:
    """Name -> field of an options record; none for None."""
    return {} if options is None else {field.name: field for field in dataclasses.fields(options)}


def type_of(options: type, name: str) -> type:
    """The type of an option: bool, int, float or str; of several the first, of `int | None` int."""
    return _types_of(options, name)[0]


def _types_of(options, name):
    hint = typing.get_type_hints(options)[name]
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def check_options(model: str, given: dict[str, typing.Any]) -> typing.Any:
    """The options record of a network with what was given, checked; None for a network without options.

    Args:
        model: `task/network`.
        given: name -> value; None stands for the default where the option cannot be None. What can be of several types
            its network checks.

    Raises:
        ValueError: an option that the network does not have, with the nearest that it has and the networks that have
            it; a value of another type, or outside of its bounds.
    """
    options = _options(model)
    fields = fields_of(options)
    for name in given:
        if name not in fields:
            raise unknown_option(model, name)
    kinds = {name: _types_of(options, name) for name in given}
    chosen = {name: value for name, value in given.items() if value is not None or types.NoneType in kinds[name]}
    # What can be read once alone is read here.
    chosen = {name: list(value) if isinstance(value, Iterator) else value for name, value in chosen.items()}
    for name, value in chosen.items():
        if value is not None and len({*kinds[name]} - {types.NoneType}) == 1:
            check_value(name, value, kinds[name][0], fields[name].metadata["bounds"])
    return None if options is None else options(**chosen)


def check_value(name: str, value: typing.Any, kind: type, bounds: Bounds) -> None:
    """Raise a ValueError for a value of another type, or one outside of its bounds."""
    if bounds.choices is not None and value not in bounds.choices:
        raise ValueError(f"{name} is one of {', '.join(bounds.choices)}. Received: {value!r}")
    kinds = {int: numbers.Integral, float: numbers.Real}.get(kind, kind)
    right = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    right = right and (kind is not float or math.isfinite(value))
    low = -math.inf if bounds.minimum is None else bounds.minimum
    high = math.inf if bounds.maximum is None else bounds.maximum
    if right and (kind not in (int, float) or low <= value <= high):
        return
    expected = {bool: "True or False", int: "a whole number", float: "a number", str: "a text"}[kind]
    if bounds.minimum is not None:
        expected += f" of at least {bounds.minimum}" if bounds.maximum is None else f" from {low} to {high}"
    raise ValueError(f"{name} is {expected}. Received: {value!r}")


def _options(model: str) -> type | None:
    return registry.get_network(model).options


def unknown_option(model: str, name: str) -> ValueError:
    """An error for an option that a network does not have: the nearest one, and the networks that have it."""
    fields, owners = fields_of(_options(model)), {}
    for other in registry.list_models():
        for option in fields_of(_options(other)):
            owners.setdefault(option, []).append(other)
    names = list(dict.fromkeys([*fields, *owners]))
    nearest = name if name in owners else next(iter(difflib.get_close_matches(name, names, n=1)), None)
    message = f"Unknown option of {model}: {name!r}."
    if nearest in fields:
        message += f" Did you mean {nearest!r}?"
    elif nearest is not None:
        message += f" {nearest!r} is an option of {', '.join(owners[nearest])}."
    return ValueError(f"{message} Its options: {', '.join(fields) or 'none'}.")
