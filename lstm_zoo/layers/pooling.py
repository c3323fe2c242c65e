"""A row summarized over its valid steps."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.masking import step_numbers, steps_within
from lstm_zoo.layers.serialization import registered


@registered
class Pooling(keras.layers.Layer):
    """Summarize each row over its valid steps; a row of length 0 gives zeros.

    Inputs: (batch, steps, features) and lengths int32 (batch,). Output: (batch, features).

    Args:
        mode: "max", "mean", "last" (the step at the end of the row) or "first".

    Raises:
        ValueError: another mode.

    Example:

    >>> Pooling("mean")(ops.array([[[1.0], [3.0], [9.0]]]), ops.array([2]))  # [[2]]
    """

    MODES = ("max", "mean", "last", "first")

    def __init__(self, mode: str, **kwargs: Any):
        super().__init__(**kwargs)
        if mode not in self.MODES:
            raise ValueError(f"mode is one of {', '.join(self.MODES)}. Received: {mode!r}")
        self.mode = mode

    def call(self, sequence, lengths):
        valid = ops.expand_dims(steps_within(sequence, lengths), -1)
        if self.mode == "max":
            lowest = -65504.0  # the most negative float16
            pooled = ops.max(ops.where(valid, sequence, lowest), axis=1, initial=lowest)
        elif self.mode == "mean":
            total = ops.sum(ops.where(valid, sequence, 0.0), axis=1)
            pooled = total / ops.cast(ops.expand_dims(ops.maximum(lengths, 1), -1), total.dtype)
        else:
            step = lengths - 1 if self.mode == "last" else ops.zeros_like(lengths)
            here = ops.equal(step_numbers(sequence), ops.expand_dims(step, -1))
            pooled = ops.sum(ops.where(ops.expand_dims(here, -1) & valid, sequence, 0.0), axis=1)
        return ops.where(ops.expand_dims(lengths > 0, -1), pooled, 0.0)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor((sequence.shape[0], sequence.shape[2]), sequence.dtype)

    def get_config(self):
        return {**super().get_config(), "mode": self.mode}
