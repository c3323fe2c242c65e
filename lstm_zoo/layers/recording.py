"""What LSTMs read, wherever in a model they lie: each call of one, noted down for those who look into it."""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras

_calls = contextvars.ContextVar("calls", default=None)


class Call(NamedTuple):
    """One call of an LSTM, eager or while a graph is traced; tensors as the layer had them.

    Fields:
        layer: the LSTM.
        sequences: (batch, steps, features).
        states: its [hidden, cell], (batch, units) each, before the first step; None for zeros.
        outputs: what it gave.
    """

    layer: keras.layers.LSTM
    sequences: Any
    states: Any
    outputs: Any


@contextlib.contextmanager
def recorded_calls() -> Iterator[list[Call]]:
    """A list to which every `layers.LSTM` that runs in the block, in this thread, adds its calls, in their order.

    Example:

    >>> with recorded_calls() as calls:
    ...     steps = layers.LSTM(8, name="lstm")(keras.ops.zeros((2, 5, 3)))
    >>> [call.layer.name for call in calls]
    ['lstm']
    """
    calls = []
    token = _calls.set(calls)
    try:
        yield calls
    finally:
        _calls.reset(token)


def record(call: Call) -> None:
    """Note a call down, if somebody asked for it."""
    if (calls := _calls.get()) is not None:
        calls.append(call)
