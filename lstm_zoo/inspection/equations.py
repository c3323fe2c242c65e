"""The equations of an LSTM, as `layers.kernel` has them, and every value in them kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit


class Gates(NamedTuple):
    """All that an LSTM computes, float32 (steps, units) each. At every step, with x read and h, c from the step before:

        i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)
        g = tanh(z_g), where z = [K; R]' [x; h] + b
        c = f * c + i * g
        h = o * tanh(c)

    Source: Gers et al. 2000, https://doi.org/10.1162/089976600300015015.

    Fields:
        forget: f, from 0 to 1: how much of the cell is kept.
        input: i, from 0 to 1: how much of the candidate is written to it.
        output: o, from 0 to 1: how much of it is shown.
        candidate: g, from -1 to 1: what would be written.
        cell: c, the memory after the step.
        hidden: h, from -1 to 1: what the layer gives.
    """

    forget: np.ndarray
    input: np.ndarray
    output: np.ndarray
    candidate: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray


def run_equations(
    sequences: np.ndarray, weights: Sequence[np.ndarray], states: Sequence[np.ndarray] | None = None
) -> Gates:
    """What an LSTM computes of sequences, from its weights alone.

    Args:
        sequences: float32 (batch, steps, features).
        weights: kernel (features, 4 * units), recurrent kernel (units, 4 * units) and bias (4 * units,), the gates in
            Keras' order: input, forget, candidate, output. What `layer.get_weights()` gives.
        states: hidden and cell (batch, units) before the first step; None: zeros.

    Returns:
        Gates, (batch * steps, units) each, row by row.

    Example:

    >>> layer = keras.layers.LSTM(4)
    >>> layer.build((None, None, 3))
    >>> run_equations(np.ones((1, 5, 3), "float32"), layer.get_weights()).cell.shape
    (5, 4)
    """
    kernel, recurrent, bias = weights
    batch_size, steps, _ = sequences.shape
    units = len(recurrent)
    gates = sequences @ kernel + bias  # z of what is read, then what becomes of it
    i, f, g, o = np.split(gates, 4, axis=2)  # views: what is written to them is written to `gates`
    hiddens, cells = np.zeros((2, batch_size, steps, units), "float32")
    hidden, cell = np.zeros((2, batch_size, units), "float32") if states is None else states
    for step in range(steps):
        # Not `@`: where other programs run too, the threads of a BLAS wait for each other at every step. Measured with
        # 448 units on two busy cores: 7 ms a step, and 0.2 ms by einsum, which has one thread.
        gates[:, step] += np.einsum("bu,ug->bg", hidden, recurrent)
        for sigmoid in (i, f, o):
            sigmoid[:, step] = expit(sigmoid[:, step])
        g[:, step] = np.tanh(g[:, step])
        cell = cells[:, step] = f[:, step] * cell + i[:, step] * g[:, step]
        hidden = hiddens[:, step] = o[:, step] * np.tanh(cell)
    return Gates(*(values.reshape(-1, units) for values in (f, i, o, g, cells, hiddens)))
