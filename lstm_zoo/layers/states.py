"""The states of LSTMs by name, as graphs outside of Keras take and give them."""

from collections.abc import Iterable
from typing import Any

import keras

PARTS = ("hidden", "cell")


def state_inputs(widths: Iterable[int]) -> list[list[keras.KerasTensor]]:
    """Inputs `hidden_0`, `cell_0`, `hidden_1`... (batch, width), as a list of [hidden, cell], one an LSTM.

    Example:

    >>> [[hidden, cell]] = state_inputs([8])
    >>> hidden.name, hidden.shape  # 'hidden_0', (None, 8)
    """
    return [[keras.Input((width,), name=f"{part}_{number}") for part in PARTS] for number, width in enumerate(widths)]


def named_states(states: Iterable[Iterable[Any]], prefix: str = "") -> dict[str, Any]:
    """A list of [hidden, cell] as a dict of `hidden_0`, `cell_0`, `hidden_1`..., with a prefix before each name.

    Example:

    >>> named_states([["h", "c"]], "next_")
    {'next_hidden_0': 'h', 'next_cell_0': 'c'}
    """
    return {f"{prefix}{part}_{number}": value for number, pair in enumerate(states) for part, value in zip(PARTS, pair)}
