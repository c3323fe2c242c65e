"""Attention: over the steps of a row, and of a decoder over the memory of an encoder."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.masking import steps_within
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
        valid = steps_within(sequence, lengths)
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
        valid = ops.expand_dims(steps_within(memory, lengths), 1)
        weights = ops.softmax(ops.where(valid, ops.cast(scores, "float32"), -1e9), axis=-1)
        weights = ops.cast(weights, memory.dtype)
        return ops.einsum("bqs,bsm->bqm", weights, memory), weights

    def compute_output_spec(self, query, memory, lengths):
        batch, steps, width = memory.shape
        return (
            keras.KerasTensor((batch, query.shape[1], width), memory.dtype),
            keras.KerasTensor((batch, query.shape[1], steps), memory.dtype),
        )


@registered
class Copying(keras.layers.Layer):
    """What each step adds to the logits of the tokens that it looks at, so that they can be written as they were read.

    The weights of the attention, times softplus(v . h + b) of the step's vector, stand at the ids of the tokens read. A
    mixture of two distributions does the same (See et al. 2017, https://arxiv.org/abs/1704.04368); a sum of logits
    keeps the cross-entropy as it is.

    Inputs: vectors (batch, queries, width), attention weights (batch, queries, steps) and the token ids that they stand
    for, int32 (batch, steps). Output: (batch, queries, vocabulary).

    Args:
        vocabulary: number of ids.

    Example:

    >>> layer = Copying(4)
    >>> layer(ops.zeros((1, 1, 8)), ops.array([[[0.5, 0.5]]]), ops.array([[3, 3]]))  # softplus(b) at 3 of 4 ids
    """

    def __init__(self, vocabulary: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocabulary = vocabulary

    def build(self, vectors_shape, weights_shape, ids_shape):
        self.kernel = self.add_weight((vectors_shape[-1], 1), "zeros", name="kernel")
        self.bias = self.add_weight((1,), "zeros", name="bias")

    def call(self, vectors, weights, ids):
        values = weights * ops.softplus(ops.matmul(vectors, self.kernel) + self.bias)
        batch, queries, _ = ops.shape(weights)
        row = ops.reshape(ops.arange(batch * queries, dtype="int32"), (batch, queries, 1))
        places = row * self.vocabulary + ops.expand_dims(ops.cast(ids, "int32"), 1)
        added = ops.segment_sum(
            ops.reshape(values, (-1,)), ops.reshape(places, (-1,)), batch * queries * self.vocabulary
        )
        return ops.reshape(added, (batch, queries, self.vocabulary))

    def compute_output_spec(self, vectors, weights, ids):
        return keras.KerasTensor((*vectors.shape[:2], self.vocabulary), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary}
