"""Attention: over the steps of a row, and of a decoder over the memory of an encoder."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.masking import valid_steps
from lstm_zoo.layers.serialization import registered


@registered
class AttentionPooling(keras.layers.Layer):
    """Self-attentive pooling: a weighted mean of the steps, and the weights, which say what was read.

    `weights = softmax(v . tanh(W h))` over the valid steps of each row; a row of length 0 gives zeros.
    Source: Lin et al. 2017, https://arxiv.org/abs/1703.03130, with one hop.

    Inputs: (batch, steps, features) and lengths int32 (batch,).
    Outputs: (batch, features) and weights (batch, steps), which add up to 1, or 0 in an empty row.

    Args:
        units: rows of W.

    Example:

    >>> pooled, weights = AttentionPooling(8)(ops.ones((2, 5, 3)), ops.array([5, 2]))
    >>> pooled.shape, weights.shape  # (2, 3), (2, 5)
    """

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.hidden = keras.layers.Dense(units, activation="tanh", use_bias=False, dtype=self.dtype_policy)
        self.scorer = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy)

    def build(self, sequence_shape, lengths_shape):
        self.hidden.build(sequence_shape)
        self.scorer.build((*sequence_shape[:-1], self.units))

    def call(self, sequence, lengths):
        valid = valid_steps(lengths, ops.shape(sequence)[1])
        scores = ops.cast(ops.squeeze(self.scorer(self.hidden(sequence)), -1), "float32")
        weights = ops.where(valid, ops.softmax(ops.where(valid, scores, -1e9), axis=-1), 0.0)
        weights = ops.cast(weights, sequence.dtype)
        return ops.einsum("bs,bsf->bf", weights, sequence), weights

    def compute_output_spec(self, sequence, lengths):
        batch, steps, features = sequence.shape
        return (
            keras.KerasTensor((batch, features), sequence.dtype),
            keras.KerasTensor((batch, steps), sequence.dtype),
        )

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@registered
class LuongAttention(keras.layers.Layer):
    """What each query asks of the valid steps of a memory: softmax(q W m / sqrt(width)), the "general" score, scaled.

    Source: Luong et al. 2015, https://arxiv.org/abs/1508.04025; the scale is that of Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762. Without it the weights are soon all 0 or 1, and teach nothing.

    Inputs: queries (batch, queries, features), memory (batch, steps, width) and its lengths int32 (batch,), above 0.
    Outputs: contexts (batch, queries, width), and the weights (batch, queries, steps), which add up to 1.

    Example:

    >>> context, weights = LuongAttention()(ops.ones((2, 3, 4)), ops.ones((2, 5, 6)), ops.array([5, 2]))
    >>> context.shape, weights.shape  # (2, 3, 6), (2, 3, 5)
    """

    def build(self, query_shape, memory_shape, lengths_shape):
        self.kernel = self.add_weight((query_shape[-1], memory_shape[-1]), "glorot_uniform", name="kernel")

    def call(self, query, memory, lengths):
        scores = ops.einsum("bqm,bsm->bqs", ops.matmul(query, self.kernel), memory) * memory.shape[-1] ** -0.5
        valid = ops.expand_dims(valid_steps(lengths, ops.shape(memory)[1]), 1)
        weights = ops.softmax(ops.where(valid, ops.cast(scores, "float32"), -1e9), axis=-1)
        weights = ops.cast(weights, memory.dtype)
        return ops.einsum("bqs,bsm->bqm", weights, memory), weights

    def compute_output_spec(self, query, memory, lengths):
        batch, steps, width = memory.shape
        return (
            keras.KerasTensor((batch, query.shape[1], width), memory.dtype),
            keras.KerasTensor((batch, query.shape[1], steps), memory.dtype),
        )
