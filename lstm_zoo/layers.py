"""Recurrent stacks with lengths, pooling, attention and augmentation: the parts every network is made of.

Sequences are right-padded. What marks the padding is a vector of lengths, one integer a row, 0 allowed, and never
an implicit Keras mask: on TensorFlow the fused cuDNN kernel refuses masks with an empty row at run time, on JAX and
PyTorch any mask means the slow generic loop, and Keras after 3.15 no longer hands masks on through recurrent layers.
A forward LSTM needs no mask at all: up to its length a row never sees what comes after. A backward one reads each
row reversed by its own length. So every LSTM here runs unmasked, on the fastest kernel its backend has.

Shapes below: `batch` rows, `steps` time steps, `features` values a step.
"""

import keras
from keras import ops

from lstm_zoo.lstm import LSTM, registered, valid_steps


@registered
class Lengths(keras.layers.Layer):
    """Length of each row of right-padded token ids: one past its last id that is not 0.

    Input: integers (batch, steps), padded with 0. Output: int32 (batch,).

    Example:

    >>> Lengths()(keras.ops.array([[5, 7, 0], [0, 0, 0]]))  # [2, 0]
    """

    def call(self, ids):
        position = ops.arange(1, ops.shape(ids)[1] + 1, dtype="int32")
        return ops.max(ops.where(ops.not_equal(ids, 0), position, 0), axis=1, initial=0)

    def compute_output_spec(self, ids):
        return keras.KerasTensor((ids.shape[0],), "int32")


@registered
class Reverse(keras.layers.Layer):
    """Reverse each row up to its length and leave the padding behind it where it is.

    Inputs: (batch, steps, features) and lengths (batch,). Output: like the first input.
    """

    def call(self, sequence, lengths):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.reverse_sequence(sequence, lengths, seq_axis=1)
        position = ops.expand_dims(ops.arange(ops.shape(sequence)[1]), 0)
        mirrored = ops.expand_dims(lengths, 1) - 1 - position
        index = ops.where(mirrored >= 0, mirrored, position)
        return ops.take_along_axis(sequence, ops.expand_dims(index, -1), axis=1)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor(sequence.shape, sequence.dtype)


@registered
class ZeroPadding(keras.layers.Layer):
    """Set every step behind a row's length to 0. Inputs: (batch, steps, features) and lengths (batch,)."""

    def call(self, sequence, lengths):
        valid = valid_steps(lengths, ops.shape(sequence)[1])
        return ops.where(ops.expand_dims(valid, -1), sequence, 0.0)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor(sequence.shape, sequence.dtype)


@registered
class Pooling(keras.layers.Layer):
    """Summarize each row over its valid steps; a row of length 0 gives zeros.

    Inputs: (batch, steps, features) and lengths (batch,). Output: (batch, features).

    Args:
        mode: "max", "mean", "last" (the step at the end of the row) or "first".
    """

    MODES = ("max", "mean", "last", "first")

    def __init__(self, mode, **kwargs):
        super().__init__(**kwargs)
        if mode not in self.MODES:
            raise ValueError(f"mode is one of {', '.join(self.MODES)}. Received: {mode!r}")
        self.mode = mode

    def call(self, sequence, lengths):
        valid = ops.expand_dims(valid_steps(lengths, ops.shape(sequence)[1]), -1)
        if self.mode == "max":
            lowest = -65504.0  # the most negative float16
            pooled = ops.max(ops.where(valid, sequence, lowest), axis=1, initial=lowest)
        elif self.mode == "mean":
            total = ops.sum(ops.where(valid, sequence, 0.0), axis=1)
            pooled = total / ops.cast(ops.expand_dims(ops.maximum(lengths, 1), -1), total.dtype)
        else:
            step = lengths - 1 if self.mode == "last" else ops.zeros_like(lengths)
            here = ops.equal(ops.arange(ops.shape(sequence)[1]), ops.expand_dims(step, -1))
            pooled = ops.sum(ops.where(ops.expand_dims(here, -1) & valid, sequence, 0.0), axis=1)
        return ops.where(ops.expand_dims(lengths > 0, -1), pooled, 0.0)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor((sequence.shape[0], sequence.shape[2]), sequence.dtype)

    def get_config(self):
        return {**super().get_config(), "mode": self.mode}


@registered
class WordDropout(keras.layers.Layer):
    """In training, replace each token id by `token` with probability `rate`; padding (0) stays.

    Input and output: integers (batch, steps). Source: Iyyer et al. 2015, https://aclanthology.org/P15-1162.
    """

    def __init__(self, rate, token=1, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.token, self.seed = rate, token, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, ids, training=False):
        if not training or not self.rate:
            return ids
        dropped = keras.random.uniform(ops.shape(ids), seed=self.generator) < self.rate
        return ops.where(dropped & ops.not_equal(ids, 0), ops.cast(self.token, ids.dtype), ids)

    def compute_output_spec(self, ids, training=False):
        return keras.KerasTensor(ids.shape, ids.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "token": self.token, "seed": self.seed}


@registered
class AttentionPooling(keras.layers.Layer):
    """Self-attentive pooling: a weighted mean of the steps, and the weights, which say what was read.

    `weights = softmax(v . tanh(W h))` over the valid steps of each row; a row of length 0 gives zeros.
    Source: Lin et al. 2017, https://arxiv.org/abs/1703.03130, with one hop.

    Inputs: (batch, steps, features) and lengths (batch,).
    Outputs: (batch, features) and weights (batch, steps).

    Args:
        units: rows of W.
    """

    def __init__(self, units, **kwargs):
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

    Inputs: queries (batch, queries, features), memory (batch, steps, width) and its lengths (batch,), above 0.
    Outputs: contexts (batch, queries, width), and the weights (batch, queries, steps).
    """

    def build(self, query_shape, memory_shape, lengths_shape):
        self.kernel = self.add_weight((query_shape[-1], memory_shape[-1]), "glorot_uniform", name="kernel")

    def call(self, query, memory, lengths):
        asked = ops.einsum("bqm,bsm->bqs", ops.matmul(query, self.kernel), memory) * memory.shape[-1] ** -0.5
        valid = ops.expand_dims(valid_steps(lengths, ops.shape(memory)[1]), 1)
        weights = ops.softmax(ops.where(valid, ops.cast(asked, "float32"), -1e9), axis=-1)
        weights = ops.cast(weights, memory.dtype)
        return ops.einsum("bqs,bsm->bqm", weights, memory), weights

    def compute_output_spec(self, query, memory, lengths):
        batch, steps, width = memory.shape
        return (
            keras.KerasTensor((batch, query.shape[1], width), memory.dtype),
            keras.KerasTensor((batch, query.shape[1], steps), memory.dtype),
        )


def variational_dropout(rate, **kwargs):
    """Dropout with one mask for all steps of a row (Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287)."""
    return keras.layers.Dropout(rate, noise_shape=(None, 1, None), **kwargs)


def lstm_stack(
    sequence,
    lengths,
    *,
    units,
    depth=1,
    bidirectional=False,
    dropout=0.0,
    variational=True,
    weight_dropout=0.0,
    residual=False,
    normalized=False,
    name="lstm",
):
    """Run `depth` (bi)LSTM layers over right-padded rows and return every step and the last.

    Args:
        sequence: (batch, steps, features).
        lengths: (batch,), 0 allowed.
        units: width of one LSTM; a bidirectional layer gives `2 * units` values a step.
        depth: number of layers.
        bidirectional: add to each layer an LSTM that reads from the end of each row to its start.
        dropout: dropout after every layer but the last.
        variational: drop the same values at all steps of a row, see `variational_dropout`.
        weight_dropout: share of dropped recurrent weights, see `LSTM`.
        residual: add a layer's input to its output where the widths agree.
        normalized: normalize the outputs of every layer (Ba et al. 2016, https://arxiv.org/abs/1607.06450).
        name: prefix of the LSTMs' names: `lstm_0_forward`, `lstm_0_backward`, `lstm_1_forward`...

    Returns:
        The steps (batch, steps, width), 0 behind each row's length, and the last outputs (batch, width): where each
        direction ended, 0 for an empty row.
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


def compile_with_adam(
    network, learning_rate, loss, weight_decay=None, beta_2=0.999, adam=keras.optimizers.Adam, **kwargs
):
    """Compile with Adam, gradients clipped to a global norm of 1; returns the network.

    `beta_2` tells how long the size of the gradients is remembered; `adam` is the optimizer's class. `weight_decay`
    pulls the matrices, not the biases and scales, towards 0, this share of the learning rate a step (Loshchilov and
    Hutter 2019, https://arxiv.org/abs/1711.05101).
    """
    optimizer = adam(learning_rate, beta_2=beta_2, global_clipnorm=1.0, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network.compile(
        optimizer,
        loss,
        **kwargs,
        jit_compile=keras.backend.backend() == "jax",  # slows TensorFlow's loops down, and cannot be with cuDNN's LSTM
    )
    return network


def network_of(pipeline):
    """The network inside a pipeline, whose name is `task-network`: a layer of it, or what a decoding layer decodes."""
    layer = pipeline.get_layer(pipeline.name.split("-")[1])
    return getattr(layer, "network", layer)


def replace_head(network, classes=None):
    """The network under a new, untrained head of `classes` classes; as it is for None. The layers below are shared."""
    if classes is None:
        return network
    head = keras.layers.Dense(classes, dtype="float32", name="head")
    return keras.Model(network.inputs, head(network.get_layer("head").input), name=network.name)
