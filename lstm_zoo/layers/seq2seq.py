"""What networks that write a sequence are made of: a decoder with attention, its first states, its loss."""

import keras

from lstm_zoo import layers
from lstm_zoo.layers import registered

LABEL_SMOOTHING = 0.1
STATES = {"hidden": "tanh", "cell": None}  # part of an LSTM's state -> activation of what the decoder begins with


def attention_decoder(embedding, units, depth, dropout, weight_dropout):
    """LSTM decoder whose attention comes after its LSTMs (Luong et al. 2015, https://arxiv.org/abs/1508.04025).

    The LSTMs never wait for the attention, so that a whole sequence goes through the fused kernel.

    Returns:
        keras.Model `decoder`: vectors (batch, steps, embedding), memory (batch, places, units), its lengths int32
        (batch,), states, [hidden, cell] a layer -> vectors (batch, steps, embedding) to find the next token by,
        attention weights (batch, steps, places), states.
    """
    vectors, memory, lengths, states = decoder_inputs(embedding, units, depth)
    steps, after = layers.variational_dropout(dropout)(scaled(vectors)), []
    for number in range(depth):
        steps, *state = decoder_lstm(units, weight_dropout, number)(steps, initial_state=states[number])
        steps, after = layers.variational_dropout(dropout)(steps), [*after, state]
    context, weights = layers.LuongAttention(name="attention")(steps, memory, lengths)
    outputs = [answered(steps, context, embedding, dropout), weights, after]
    return keras.Model([vectors, memory, lengths, states], outputs, name="decoder")


def scaled(vectors):
    """Vectors of the table, whose variance is 1 / width, as the logits need it, with the variance 1 that LSTMs like."""
    return keras.layers.Rescaling(vectors.shape[-1] ** 0.5)(vectors)


def first_states(last, units, depth):
    """States of the decoder before its first step, from the last outputs of the encoder: a list of [hidden, cell]."""
    return [
        [keras.layers.Dense(units, activation, name=f"{part}_{number}")(last) for part, activation in STATES.items()]
        for number in range(depth)
    ]


def decoder_inputs(embedding, units, depth):
    """Inputs of a decoder: target vectors, memory, lengths of the memory, and [hidden, cell] of each layer."""
    vectors, memory = keras.Input((None, embedding)), keras.Input((None, units))
    states = [[keras.Input((units,)) for _ in STATES] for _ in range(depth)]
    return vectors, memory, keras.Input((), dtype="int32"), states


def decoder_lstm(units, weight_dropout, number):
    options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
    return layers.LSTM(units, **options, name=f"decoder_lstm_{number}")


def answered(steps, context, embedding, dropout):
    """Luong's attentional vector, in the space of the table: tanh(W [steps; context])."""
    joined = keras.layers.Concatenate()([steps, context])
    return layers.variational_dropout(dropout)(keras.layers.Dense(embedding, "tanh", name="answered")(joined))


@registered
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy per piece with label smoothing (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567).

    Targets are int32 (batch, steps), predictions logits (batch, steps, vocabulary); padding has the sample weight 0.

    Args:
        smoothing: share of the probability that all pieces get alike.
    """

    def __init__(self, smoothing=LABEL_SMOOTHING, reduction="mean_with_sample_weight", **kwargs):
        super().__init__(reduction=reduction, **kwargs)
        self.smoothing = smoothing

    def call(self, target, logits):
        logits = keras.ops.cast(logits, "float32")
        loss = keras.ops.sparse_categorical_crossentropy(target, logits, from_logits=True)
        # The cross-entropy with the uniform distribution is loss + (logit of the target) - (mean of the logits).
        true = keras.ops.take_along_axis(logits, keras.ops.expand_dims(target, -1), axis=-1)
        return loss + self.smoothing * (keras.ops.squeeze(true, -1) - keras.ops.mean(logits, axis=-1))

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}
