"""The networks of translation: tokens of two sentences -> logits of each next token, and their search spaces.

Both consist of the same parts, which training runs over whole sentences and decoding over one token at a time: the
layer `embedding`, whose table source, target and logits share (Press and Wolf 2017, https://arxiv.org/abs/1608.05859);
the layer `lengths`; the model `encoder`, from source vectors and lengths to a memory and the first states of the
decoder; the model `decoder`, from target vectors, memory, lengths and states to vectors like those of the table,
attention weights and states; and the layer `copying`, which adds to the logits what lets a step copy. Attention comes
after the decoder's LSTM, so that the LSTM never waits for it and a whole sentence goes through the fused kernel.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import keras

from lstm_zoo import layers, networks
from lstm_zoo.contract import Network
from lstm_zoo.layers import seq2seq
from lstm_zoo.layers.tied_embedding import TiedEmbedding
from lstm_zoo.tasks.translation.annotations import Options, annotate
from lstm_zoo.tasks.translation.graphs import graphs
from lstm_zoo.tasks.translation.pipelines import metadata, pipeline, with_beams
from lstm_zoo.tasks.translation.reading import read_item
from lstm_zoo.text.subwords import UNKNOWN

if TYPE_CHECKING:
    import keras_tuner

VOCABULARY = 4000  # subwords of both languages together


def attention(
    *,
    vocabulary: int = VOCABULARY,
    embedding: int = 256,
    units: int = 256,
    depth: int = 1,
    word_dropout: float = 0.0,
    weight_dropout: float = 0.0,
    dropout: float = 0.15,
    copying: bool = True,
) -> keras.Model:
    """BiLSTM encoder and LSTM decoder with Luong attention (Luong et al. 2015, https://arxiv.org/abs/1508.04025).

    Args:
        vocabulary: number of subwords of both languages together; `train` takes it as the most.
        embedding: width of a token's vector.
        units: width of an LSTM of the encoder, which reads in both directions; those of the decoder are twice as wide.
        depth: layers of the encoder, and of the decoder.
        word_dropout: share of the source tokens that training replaces by the unknown one.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: variational dropout on vectors, between layers, on the memory and on what is asked of it.
        copying: whether what is looked at can be written as it stands, see `layers.Copying`, like names.

    Returns:
        keras.Model: dict of `source` int32 (batch, steps), tokens with the end, and `target` int32 (batch, steps), the
        start and the tokens before each that is predicted, both padded with 0 -> logits (batch, steps, vocabulary).

    Raises:
        ValueError: a depth below 1.

    Example:

    >>> tokens = keras.ops.array([[5, 7, 3]])
    >>> attention(vocabulary=50, units=8)({"source": tokens, "target": tokens}).shape  # (1, 3, 50)
    """
    vectors, lengths = keras.Input((None, embedding)), keras.Input((), dtype="int32")
    memory, last = layers.lstm_stack(
        layers.variational_dropout(dropout)(seq2seq.scaled(vectors)),
        lengths,
        units=units,
        depth=depth,
        bidirectional=True,
        dropout=dropout,
        weight_dropout=weight_dropout,
        name="encoder_lstm",
    )
    outputs = [layers.variational_dropout(dropout)(memory), *seq2seq.first_states(last, 2 * units, depth)]
    encoder = keras.Model([vectors, lengths], outputs, name="encoder")

    decoder = seq2seq.attention_decoder(embedding, 2 * units, depth, dropout, weight_dropout)
    return _network("attention", encoder, decoder, vocabulary, word_dropout, copying)


def attention_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `attention`."""
    return {**_shared_space(hp), "depth": hp.Int("depth", 1, 2, default=1)}


def gnmt(
    *,
    vocabulary: int = VOCABULARY,
    embedding: int = 256,
    units: int = 256,
    depth: int = 3,
    word_dropout: float = 0.0,
    weight_dropout: float = 0.0,
    dropout: float = 0.15,
    copying: bool = True,
) -> keras.Model:
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

    >>> tokens = keras.ops.array([[5, 7, 3]])
    >>> gnmt(vocabulary=50, units=8, depth=2)({"source": tokens, "target": tokens}).shape  # (1, 3, 50)
    """
    if depth < 2 or units % 2:
        raise ValueError(f"depth is at least 2, and units are even. Received: depth={depth}, units={units}")
    vectors, lengths = keras.Input((None, embedding)), keras.Input((), dtype="int32")
    memory, _ = layers.lstm_stack(
        layers.variational_dropout(dropout)(seq2seq.scaled(vectors)),
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
    outputs = [layers.variational_dropout(dropout)(memory), *seq2seq.first_states(last, units, depth)]
    encoder = keras.Model([vectors, lengths], outputs, name="encoder")

    vectors, memory, lengths, states = seq2seq.decoder_inputs(embedding, units, depth)
    steps = layers.variational_dropout(dropout)(seq2seq.scaled(vectors))
    steps, *state = seq2seq.decoder_lstm(units, weight_dropout, 0)(steps, initial_state=states[0])
    context, weights = layers.LuongAttention(name="attention")(steps, memory, lengths)
    states_after = [state]
    for number in range(1, depth):
        below = steps
        steps = layers.variational_dropout(dropout)(keras.layers.Concatenate()([steps, context]))
        steps, *state = seq2seq.decoder_lstm(units, weight_dropout, number)(steps, initial_state=states[number])
        steps, states_after = keras.layers.Add()([below, steps]) if number > 1 else steps, [*states_after, state]
    answered = seq2seq.attentional_vectors(layers.variational_dropout(dropout)(steps), context, embedding, dropout)
    decoder = keras.Model([vectors, memory, lengths, states], [answered, weights, states_after], name="decoder")
    return _network("gnmt", encoder, decoder, vocabulary, word_dropout, copying)


def gnmt_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
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


def _network(name, encoder, decoder, vocabulary, word_dropout, copying):
    """The parts as one model, as training runs it."""
    width = decoder.output_shape[0][-1]
    initializer = keras.initializers.RandomNormal(stddev=width**-0.5)
    table = TiedEmbedding(vocabulary, width, embeddings_initializer=initializer, name="embedding")
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    lengths = layers.Lengths(name="lengths")(source)
    read = layers.WordDropout(word_dropout, token=UNKNOWN, name="word_dropout")(source)
    memory, *states = encoder([table(read), lengths])
    answered, weights, _ = decoder([table(target), memory, lengths, states])
    logits = table(answered, reverse=True)
    if copying:
        logits = keras.layers.Add()([logits, layers.Copying(vocabulary, name="copying")(answered, weights, source)])
    return keras.Model({"source": source, "target": target}, logits, name=name)


def compile_network(network: keras.Model, learning_rate: float) -> keras.Model:
    """Compile with Adam, gradients clipped to a global norm of 1, and smoothed cross-entropy."""
    # Not "accuracy", whose variables Keras makes within the first step, which TensorFlow then traces twice.
    accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    return networks.compile_with_adam(
        network, learning_rate, seq2seq.SmoothedCrossEntropy(), weighted_metrics=[accuracy]
    )


ATTENTION = Network(
    build=attention,
    space=attention_space,
    compile=compile_network,
    pipeline=pipeline,
    read_item=read_item,
    options=Options,
    annotate=annotate,
    with_beams=with_beams,
    graphs=graphs,
    metadata=metadata,
)
NETWORKS = {"attention": ATTENTION, "gnmt": dataclasses.replace(ATTENTION, build=gnmt, space=gnmt_space)}
