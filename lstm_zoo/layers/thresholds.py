"""Which of several labels hold, each by a threshold of its own."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


@registered
class Thresholds(keras.layers.Layer):
    """The numbers of the labels whose probability is at least their threshold.

    Input: probabilities (batch, labels). Output: int32 (batch, labels), at the place of a label its number where it
    holds, else -1. The thresholds, float32 (labels,), are fitted on validation, not trained; they begin as 0.5.

    Example:

    >>> Thresholds()(ops.array([[0.7, 0.2]]))  # [[0, -1]]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})

    def build(self, shape):
        self.thresholds = self.add_weight((shape[-1],), keras.initializers.Constant(0.5), name="thresholds")

    def call(self, probabilities: Any) -> Any:
        numbers = ops.arange(self.thresholds.shape[0], dtype="int32")
        return ops.where(ops.greater_equal(probabilities, self.thresholds), numbers, -1)

    def compute_output_spec(self, probabilities: Any) -> Any:
        return keras.KerasTensor(probabilities.shape, "int32")
