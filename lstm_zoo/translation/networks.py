"""The networks of translation: pieces of two sentences -> logits of each next piece, and their search spaces.

Both consist of the same four parts, which training runs over whole sentences and decoding over one piece at a time: the
layer `embedding`, whose table source, target and logits share (Press and Wolf 2017, https://arxiv.org/abs/1608.05859);
the layer `lengths`; the model `encoder`, from source vectors and lengths to a memory and the first states of the
decoder; and the model `decoder`, from target vectors, memory, lengths and states to vectors like those of the table,
attention weights and states. Attention comes after the decoder's LSTM, so that the LSTM never waits for it and a whole
sentence goes through the fused kernel.
"""

import keras

from lstm_zoo import layers
from lstm_zoo.layers import registered

VOCABULARY = 4000  # pieces of both languages together
PADDING, UNKNOWN, START, END = range(4)  # the first pieces
LEARNING_RATE = 2e-3
LABEL_SMOOTHING = 0.1
STATES = {"hidden": "tanh", "cell": None}  # part of an LSTM's state -> activation of what the decoder begins with


def attention(
    *,
    vocabulary=VOCABULARY,
    embedding=256,
    units=256,
    depth=1,
    word_dropout=0.0,
    weight_dropout=0.0,
    dropout=0.15,
):
    """BiLSTM encoder and LSTM decoder with Luong attention (Luong et al. 2015, https://arxiv.org/abs/1508.04025).

    Args:
        vocabulary: number of pieces of both languages together; `train` takes it as the most.
        embedding: width of a piece's vector.
        units: width of an LSTM of the encoder, which reads in both directions; those of the decoder are twice as wide.
        depth: layers of the encoder, and of the decoder.
        word_dropout: share of the source pieces that training replaces by the unknown piece.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: variational dropout on vectors, between layers, on the memory and on what is asked of it.

    Returns:
        keras.Model: dict of `source` int32 (batch, steps), pieces with the end, and `target` int32 (batch, steps), the
        start and the pieces before each that is predicted, both padded with 0 -> logits (batch, steps, vocabulary).

    Raises:
        ValueError: a depth below 1.

    Example:

    >>> pieces = keras.ops.array([[5, 7, 3]])
    >>> attention(vocabulary=50, units=8)({"source": pieces, "target": pieces}).shape  # (1, 3, 50)
    """
    vectors, lengths = keras.Input((None, embedding)), keras.Input((), dtype="int32")
    memory, last = layers.lstm_stack(
        layers.variational_dropout(dropout)(_scaled(vectors)),
        lengths,
        units=units,
        depth=depth,
        bidirectional=True,
        dropout=dropout,
        weight_dropout=weight_dropout,
        name="encoder_lstm",
    )
    outputs = [layers.variational_dropout(dropout)(memory), *_first_states(last, 2 * units, depth)]
    encoder = keras.Model([vectors, lengths], outputs, name="encoder")

    vectors, memory, lengths, states = _decoder_inputs(embedding, 2 * units, depth)
    steps, after = layers.variational_dropout(dropout)(_scaled(vectors)), []
    for number in range(depth):
        steps, *state = _decoder_lstm(2 * units, weight_dropout, number)(steps, initial_state=states[number])
        steps, after = layers.variational_dropout(dropout)(steps), [*after, state]
    context, weights = layers.LuongAttention(name="attention")(steps, memory, lengths)
    answered = _answered(steps, context, embedding, dropout)
    decoder = keras.Model([vectors, memory, lengths, states], [answered, weights, after], name="decoder")
    return _network("attention", encoder, decoder, vocabulary, word_dropout)


def attention_space(hp):
    """Search space of `attention`."""
    return {**_shared_space(hp), "depth": hp.Int("depth", 1, 2, default=1)}


def gnmt(
    *,
    vocabulary=VOCABULARY,
    embedding=256,
    units=256,
    depth=3,
    word_dropout=0.0,
    weight_dropout=0.0,
    dropout=0.15,
):
    """Deep encoder and decoder with residual connections (GNMT, Wu et al. 2016, https://arxiv.org/abs/1609.08144).

    The bottom layer of the encoder is a BiLSTM. The bottom layer of the decoder asks the attention, whose context every
    upper layer reads. From the third layer on the input of a layer is added to its output.

    Args:
        units: width of every LSTM; the two of the bottom BiLSTM have half of it each.
        depth: layers of the encoder, and of the decoder, at least 2.
        Everything else: see `attention`.

    Returns:
        keras.Model, like `attention`.

    Raises:
        ValueError: a depth below 2, or odd units.

    Example:

    >>> pieces = keras.ops.array([[5, 7, 3]])
    >>> gnmt(vocabulary=50, units=8, depth=2)({"source": pieces, "target": pieces}).shape  # (1, 3, 50)
    """
    if depth < 2 or units % 2:
        raise ValueError(f"depth is at least 2, and units are even. Received: depth={depth}, units={units}")
    vectors, lengths = keras.Input((None, embedding)), keras.Input((), dtype="int32")
    memory, _ = layers.lstm_stack(
        layers.variational_dropout(dropout)(_scaled(vectors)),
        lengths,
        units=units // 2,
        bidirectional=True,
        weight_dropout=weight_dropout,
        name="encoder_bottom",
    )
    memory, last = layers.lstm_stack(
        layers.variational_dropout(dropout)(memory),
        lengths,
        units=units,
        depth=depth - 1,
        dropout=dropout,
        weight_dropout=weight_dropout,
        residual=True,
        name="encoder_lstm",
    )
    outputs = [layers.variational_dropout(dropout)(memory), *_first_states(last, units, depth)]
    encoder = keras.Model([vectors, lengths], outputs, name="encoder")

    vectors, memory, lengths, states = _decoder_inputs(embedding, units, depth)
    steps = layers.variational_dropout(dropout)(_scaled(vectors))
    steps, *state = _decoder_lstm(units, weight_dropout, 0)(steps, initial_state=states[0])
    context, weights = layers.LuongAttention(name="attention")(steps, memory, lengths)
    after = [state]
    for number in range(1, depth):
        below = steps
        steps = layers.variational_dropout(dropout)(keras.layers.Concatenate()([steps, context]))
        steps, *state = _decoder_lstm(units, weight_dropout, number)(steps, initial_state=states[number])
        steps, after = keras.layers.Add()([below, steps]) if number > 1 else steps, [*after, state]
    answered = _answered(layers.variational_dropout(dropout)(steps), context, embedding, dropout)
    decoder = keras.Model([vectors, memory, lengths, states], [answered, weights, after], name="decoder")
    return _network("gnmt", encoder, decoder, vocabulary, word_dropout)


def gnmt_space(hp):
    """Search space of `gnmt`."""
    return {**_shared_space(hp), "depth": hp.Int("depth", 2, 4, default=3)}


def _shared_space(hp):
    return {
        "embedding": hp.Int("embedding", 128, 384, step=128, default=256),
        "units": hp.Int("units", 128, 384, step=128, default=256),
        "word_dropout": hp.Float("word_dropout", 0.0, 0.2, step=0.1, default=0.0),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.4, step=0.2, default=0.0),
        "dropout": hp.Float("dropout", 0.1, 0.5, step=0.05, default=0.15),
    }


def _scaled(vectors):
    """Vectors of the table, whose variance is 1 / width, as the logits need it, with the variance 1 that LSTMs like."""
    return keras.layers.Rescaling(vectors.shape[-1] ** 0.5)(vectors)


def _first_states(last, units, depth):
    """States of the decoder before its first step, from the last outputs of the encoder: a list of [hidden, cell]."""
    return [
        [keras.layers.Dense(units, activation, name=f"{part}_{number}")(last) for part, activation in STATES.items()]
        for number in range(depth)
    ]


def _decoder_inputs(embedding, units, depth):
    """Inputs of a decoder: target vectors, memory, lengths of the memory, and [hidden, cell] of each layer."""
    vectors, memory = keras.Input((None, embedding)), keras.Input((None, units))
    states = [[keras.Input((units,)) for _ in STATES] for _ in range(depth)]
    return vectors, memory, keras.Input((), dtype="int32"), states


def _decoder_lstm(units, weight_dropout, number):
    options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
    return layers.LSTM(units, **options, name=f"decoder_lstm_{number}")


def _answered(steps, context, embedding, dropout):
    """Luong's attentional vector, in the space of the table: tanh(W [steps; context])."""
    joined = keras.layers.Concatenate()([steps, context])
    return layers.variational_dropout(dropout)(keras.layers.Dense(embedding, "tanh", name="answered")(joined))


def _network(name, encoder, decoder, vocabulary, word_dropout):
    """The four parts as one model, as training runs it."""
    width = decoder.output_shape[0][-1]
    scale = keras.initializers.RandomNormal(stddev=width**-0.5)
    table = keras.layers.ReversibleEmbedding(vocabulary, width, embeddings_initializer=scale, name="embedding")
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    lengths = layers.Lengths(name="lengths")(source)
    read = layers.WordDropout(word_dropout, token=UNKNOWN, name="word_dropout")(source)
    memory, *states = encoder([table(read), lengths])
    answered, _, _ = decoder([table(target), memory, lengths, states])
    return keras.Model({"source": source, "target": target}, table(answered, reverse=True), name=name)


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


def compile_network(network, learning_rate=LEARNING_RATE):
    """Compile with Adam, gradients clipped to a global norm of 1, and smoothed cross-entropy."""
    return layers.compile_with_adam(network, learning_rate, SmoothedCrossEntropy(), weighted_metrics=["accuracy"])


NETWORKS = {"attention": (attention, attention_space), "gnmt": (gnmt, gnmt_space)}
