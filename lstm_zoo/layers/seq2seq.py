"""What networks that write a sequence are made of: a decoder with attention, its first states, its loss."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from lstm_zoo import layers
from lstm_zoo.layers import registered
from lstm_zoo.layers.states import named_states, state_inputs

LABEL_SMOOTHING = 0.1
STATES = {"hidden": "tanh", "cell": None}  # part of an LSTM's state -> activation of what the decoder begins with


def attention_decoder(embedding: int, units: int, depth: int, dropout: float, weight_dropout: float) -> keras.Model:
    """LSTM decoder whose attention comes after its LSTMs (Luong et al. 2015, https://arxiv.org/abs/1508.04025).

    The LSTMs never wait for the attention, so that a whole sequence goes through the fused kernel.

    Args:
        embedding: width of a token's vector.
        units: width of each LSTM, and of the memory.
        depth: number of LSTMs.
        dropout: variational dropout on vectors, after each LSTM and on what is returned.
        weight_dropout: share of the recurrent weights that training drops, see `layers.LSTM`.

    Returns:
        keras.Model `decoder`: vectors (batch, steps, embedding), memory (batch, places, units), its lengths int32
        (batch,), states, [hidden, cell] a layer -> vectors (batch, steps, embedding) to find the next token by,
        attention weights (batch, steps, places), states.

    Example:

    >>> decoder = attention_decoder(embedding=6, units=8, depth=1, dropout=0.1, weight_dropout=0.0)
    >>> vectors, weights, states = decoder.output
    >>> vectors.shape, len(states)  # (None, None, 6), 1
    """
    vectors, memory, lengths, states = decoder_inputs(embedding, units, depth)
    steps, states_after = layers.variational_dropout(dropout)(scaled(vectors)), []
    for number in range(depth):
        steps, *state = decoder_lstm(units, weight_dropout, number)(steps, initial_state=states[number])
        steps, states_after = layers.variational_dropout(dropout)(steps), [*states_after, state]
    context, weights = layers.LuongAttention(name="attention")(steps, memory, lengths)
    outputs = [attentional_vectors(steps, context, embedding, dropout), weights, states_after]
    return keras.Model([vectors, memory, lengths, states], outputs, name="decoder")


def scaled(vectors: keras.KerasTensor) -> keras.KerasTensor:
    """Vectors of the table, whose variance is 1 / width, as the logits need it, with the variance 1 that LSTMs like."""
    return keras.layers.Rescaling(vectors.shape[-1] ** 0.5)(vectors)


def first_states(last: keras.KerasTensor, units: int, depth: int) -> list[list[keras.KerasTensor]]:
    """States of the decoder before its first step, from the last outputs (batch, width) of the encoder.

    Returns:
        List of [hidden, cell], (batch, units) each, one a layer: a dense layer each makes them, with tanh for `hidden`.
    """
    return [
        [keras.layers.Dense(units, activation, name=f"{part}_{number}")(last) for part, activation in STATES.items()]
        for number in range(depth)
    ]


def decoder_inputs(
    embedding: int, units: int, depth: int
) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor, list[list[keras.KerasTensor]]]:
    """Inputs of a decoder: target vectors, memory, lengths of the memory, and [hidden, cell] of each layer."""
    vectors, memory = keras.Input((None, embedding)), keras.Input((None, units))
    states = [[keras.Input((units,)) for _ in STATES] for _ in range(depth)]
    return vectors, memory, keras.Input((), dtype="int32"), states


def step_graph(
    decoder: keras.Model, table: keras.Layer, logits_of: Callable, further: Mapping[str, keras.KerasTensor]
) -> keras.Model:
    """One step of a decoder, from tokens to logits, for machines that search or sample themselves.

    Args:
        decoder: what `attention_decoder` returned, or one like it.
        table: layer from tokens to vectors.
        logits_of: (vectors that the decoder gives, its attention weights) -> logits (batch, 1, vocabulary).
        further: inputs that `logits_of` reads, by name.

    Returns:
        keras.Model: dict of `token` int32 (batch,), the last one, `memory` (batch, places, width), `memory_lengths`
        int32 (batch,), the states `hidden_0`, `cell_0`, `hidden_1`... (batch, units), and the further inputs -> dict of
        `logits` (batch, vocabulary), `attention`, the weights (batch, places), and the states after the step,
        `next_hidden_0` and so on.
    """
    _, memory, _, states = decoder.input
    inputs = {
        "token": keras.Input((), dtype="int32", name="token"),
        "memory": keras.Input(memory.shape[1:], name="memory"),
        "memory_lengths": keras.Input((), dtype="int32", name="memory_lengths"),
    }
    states = state_inputs(hidden.shape[-1] for hidden, _ in states)
    vectors = table(keras.ops.expand_dims(inputs["token"], 1))
    answered, weights, after = decoder([vectors, inputs["memory"], inputs["memory_lengths"], states], training=False)
    outputs = {"logits": logits_of(answered, weights)[:, 0], "attention": weights[:, 0], **named_states(after, "next_")}
    return keras.Model({**inputs, **named_states(states), **further}, outputs, name="step")


def step_function(step: keras.Model, read: Mapping[str, Any], beams: int = 1) -> tuple[Callable, dict[str, Any]]:
    """The step function, see `lstm_zoo.decoding`, of a `step_graph`, and its first states.

    Args:
        step: what `step_graph` returned.
        read: what the step reads, but for the token, by name: of each row what was read before, and the first states.
        beams: sequences of each row that are followed at once.
    """
    import tensorflow as tf

    states = {name: read[name] for name in step.input if f"next_{name}" in step.output}
    others = step.input.keys() - states.keys() - {"token"}
    others = {name: tf.repeat(read[name], beams, 0) for name in others}

    def run(tokens, states):
        after = step({"token": tokens, **others, **states})
        return tf.nn.log_softmax(after["logits"]), {name: after[f"next_{name}"] for name in states}

    return run, states


def decoder_lstm(units: int, weight_dropout: float, number: int) -> layers.LSTM:
    """The LSTM of one layer of a decoder: (batch, steps, features) -> steps (batch, steps, units), hidden, cell."""
    options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
    return layers.LSTM(units, **options, name=f"decoder_lstm_{number}")


def attentional_vectors(
    steps: keras.KerasTensor, context: keras.KerasTensor, embedding: int, dropout: float
) -> keras.KerasTensor:
    """Luong's attentional vectors, in the space of the table: tanh(W [steps; context]), (batch, steps, embedding)."""
    joined = keras.layers.Concatenate()([steps, context])
    return layers.variational_dropout(dropout)(keras.layers.Dense(embedding, "tanh", name="answered")(joined))


@registered
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy per token with label smoothing (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567).

    Targets are int32 (batch, steps), predictions logits (batch, steps, vocabulary); padding has the sample weight 0.

    Args:
        smoothing: share of the probability that all tokens get alike.
        reduction: see `keras.losses.Loss`; by default the mean over the weights, so that padding counts nothing.

    Example:

    >>> SmoothedCrossEntropy()(keras.ops.array([[2, 0]]), keras.ops.zeros((1, 2, 4)), keras.ops.array([[1.0, 0.0]]))
    1.386...  # ln 4, of the first step alone
    """

    def __init__(self, smoothing: float = LABEL_SMOOTHING, reduction: str = "mean_with_sample_weight", **kwargs: Any):
        super().__init__(reduction=reduction, **kwargs)
        self.smoothing = smoothing

    def call(self, target, logits):
        logits = keras.ops.cast(logits, "float32")
        if keras.backend.backend() == "tensorflow":
            return _smoothed_cross_entropy(target, logits, self.smoothing)
        loss = keras.ops.sparse_categorical_crossentropy(target, logits, from_logits=True)
        # The cross-entropy with the uniform distribution is loss + (logit of the target) - (mean of the logits).
        target_logit = keras.ops.take_along_axis(logits, keras.ops.expand_dims(target, -1), axis=-1)
        return loss + self.smoothing * (keras.ops.squeeze(target_logit, -1) - keras.ops.mean(logits, axis=-1))

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}


def _smoothed_cross_entropy(target, logits, smoothing):
    """The same with a gradient by hand, which needs nothing but the exponentials: on a CPU a quarter less for a whole
    step of 1,600 tokens of 8,000."""
    import tensorflow as tf

    vocabulary = tf.cast(tf.shape(logits)[-1], "float32")
    flat = tf.reshape(tf.cast(target, "int32"), [-1])

    @tf.custom_gradient
    def run(logits):
        highest = tf.reduce_max(logits, -1, keepdims=True)
        exponentials = tf.exp(logits - highest)
        total = tf.reduce_sum(exponentials, -1, keepdims=True)
        target_logit = tf.gather(logits, flat, batch_dims=1)
        nll = tf.squeeze(tf.math.log(total) + highest, -1) - target_logit
        loss = nll + smoothing * (target_logit - tf.reduce_mean(logits, -1))

        def gradient(d_loss):  # softmax, less what smoothing leaves of one-hot, less its share of all
            spread = exponentials * (d_loss[:, None] / total) - (smoothing / vocabulary) * d_loss[:, None]
            places = tf.stack([tf.range(tf.size(flat)), flat], 1)
            return tf.tensor_scatter_nd_sub(spread, places, (1 - smoothing) * d_loss)

        return loss, gradient

    return tf.reshape(run(tf.reshape(logits, [-1, tf.shape(logits)[-1]])), tf.shape(target))
