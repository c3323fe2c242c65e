"""Stacks of LSTMs over right-padded rows."""

import keras

from lstm_zoo.layers.dropout import variational_dropout
from lstm_zoo.layers.lstm import LSTM
from lstm_zoo.layers.masking import Reverse, ZeroPadding
from lstm_zoo.layers.pooling import Pooling


def lstm_stack(
    sequence: keras.KerasTensor,
    lengths: keras.KerasTensor,
    *,
    units: int,
    depth: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    variational: bool = True,
    weight_dropout: float = 0.0,
    residual: bool = False,
    normalized: bool = False,
    name: str = "lstm",
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Run `depth` (bi)LSTM layers over right-padded rows and return every step and the last.

    Args:
        sequence: (batch, steps, features).
        lengths: int32 (batch,), 0 allowed.
        units: width of one LSTM; a bidirectional layer gives `2 * units` values a step.
        depth: number of layers.
        bidirectional: add to each layer an LSTM that reads from the end of each row to its start.
        dropout: share of the values that are dropped after every layer but the last.
        variational: drop the same values at all steps of a row, see `variational_dropout`.
        weight_dropout: share of dropped recurrent weights, see `LSTM`.
        residual: add a layer's input to its output where the widths agree.
        normalized: normalize the outputs of every layer (Ba et al. 2016, https://arxiv.org/abs/1607.06450).
        name: prefix of the LSTMs' names: `lstm_0_forward`, `lstm_0_backward`, `lstm_1_forward`...

    Returns:
        The steps (batch, steps, width), 0 behind each row's length, and the last outputs (batch, width): where each
        direction ended, 0 for an empty row.

    Raises:
        ValueError: a depth below 1.

    Example:

    >>> sequence, lengths = keras.Input((None, 3)), keras.Input((), dtype="int32")
    >>> steps, last = lstm_stack(sequence, lengths, units=8, depth=2, bidirectional=True)
    >>> steps.shape, last.shape  # (None, None, 16), (None, 16)
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")

    def lstm(direction):
        options = {"return_sequences": True, "weight_dropout": weight_dropout, "directions": 1 + bidirectional}
        return LSTM(units, **options, name=f"{name}_{layer}_{direction}")

    for layer in range(depth):
        below = sequence
        sequence = lstm("forward")(below)
        if bidirectional:
            backward = Reverse()(lstm("backward")(Reverse()(below, lengths)), lengths)
            sequence = keras.layers.Concatenate()([sequence, backward])
        if residual and below.shape[-1] == sequence.shape[-1]:
            sequence = keras.layers.Add()([below, sequence])
        if normalized:
            sequence = keras.layers.LayerNormalization(name=f"{name}_{layer}_normalization")(sequence)
        if layer < depth - 1 and dropout:
            sequence = (variational_dropout if variational else keras.layers.Dropout)(dropout)(sequence)
    last = Pooling("last")(sequence, lengths)
    if bidirectional:
        first = Pooling("first")(sequence, lengths)
        last = keras.layers.Concatenate()([last[:, :units], first[:, units:]])
    return ZeroPadding()(sequence, lengths), last
