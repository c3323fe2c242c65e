"""The networks of speech: log-mel frames -> logits of characters, and their search spaces.

Character 0 is none: the blank of CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891), the end of a text
where one character is written after the other.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from lstm_zoo import layers, networks
from lstm_zoo.contract import Network
from lstm_zoo.layers import seq2seq
from lstm_zoo.tasks.speech.features import RunningNormalization
from lstm_zoo.tasks.speech.graphs import graphs, metadata, spelling_graphs, stream_graphs, stream_metadata
from lstm_zoo.tasks.speech.losses import CTC, CharacterCrossEntropy
from lstm_zoo.tasks.speech.options import Options, SearchOptions
from lstm_zoo.tasks.speech.pipelines import Speller, pipeline
from lstm_zoo.tasks.speech.preprocessing import VOCABULARY
from lstm_zoo.tasks.speech.reading import read_and_spell, read_item
from lstm_zoo.tasks.speech.searches import with_beams, with_words
from lstm_zoo.tasks.speech.streams import endpoints
from lstm_zoo.tasks.speech.subsampling import BlankPadding, TimeReduction, subsampled
from lstm_zoo.tasks.speech.timings import annotate

if TYPE_CHECKING:
    import keras_tuner

WEIGHT_DECAY = 0.02
BETA_2 = 0.98  # with 0.999 the large first gradients of CTC keep the steps small for twenty epochs of AN4


def ctc(
    *,
    vocabulary: int = VOCABULARY,
    channels: int = 32,
    units: int = 256,
    depth: int = 3,
    frequency_mask: int = 27,
    time_mask: int = 40,
    weight_dropout: float = 0.0,
    dropout: float = 0.3,
) -> keras.Model:
    """Convolutions that keep every fourth step, BiLSTMs, and CTC (Deep Speech 2, Amodei et al. 2016,
    https://arxiv.org/abs/1512.02595).

    Args:
        vocabulary: number of characters, the blank among them; `train` takes it as the most.
        channels: of the two convolutions.
        units: width of an LSTM, of which a layer has two, one in each direction, and of the vectors below them.
        depth: layers of LSTMs.
        frequency_mask: the widest stripe of bands, of 80, that training masks; see SpecAugment.
        time_mask: the widest stripe of frames, of 10 ms, that training masks.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: below, between and above the LSTMs.

    Returns:
        keras.Model: dict of `frames` float32 (batch, steps, 80) and `lengths` int32 (batch,) -> logits (batch,
        steps / 4 rounded up, vocabulary), where the blank is certain behind a row's length.

    Raises:
        ValueError: a depth below 1, a mask narrower than 0.

    Example:

    >>> frames = keras.ops.ones((1, 100, 80))
    >>> ctc(vocabulary=30, units=8)({"frames": frames, "lengths": keras.ops.array([100])}).shape  # (1, 25, 30)
    """
    inputs, lengths, steps = subsampled(channels, units, frequency_mask, time_mask, dropout)
    options = {"units": units, "depth": depth, "dropout": dropout, "weight_dropout": weight_dropout}
    steps, _ = layers.lstm_stack(steps, lengths, bidirectional=True, normalized=True, variational=False, **options)
    return _network("ctc", inputs, keras.layers.Dropout(dropout)(steps), lengths, vocabulary)


def ctc_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `ctc`."""
    return {
        "units": hp.Int("units", 128, 384, step=64, default=256),
        "depth": hp.Int("depth", 2, 4, default=3),
        **_shared_space(hp),
    }


def streaming(
    *,
    vocabulary: int = VOCABULARY,
    channels: int = 32,
    units: int = 384,
    depth: int = 2,
    lookahead: int = 4,
    frequency_mask: int = 27,
    time_mask: int = 40,
    weight_dropout: float = 0.0,
    dropout: float = 0.15,
) -> keras.Model:
    """The same with LSTMs of one direction and a little look-ahead (row convolution, Amodei et al. 2016,
    https://arxiv.org/abs/1512.02595), for text while somebody speaks.

    Args:
        units: width of an LSTM and of the vectors below.
        lookahead: steps of 40 ms that a character waits for; the convolutions below wait for another 30 ms.
        Everything else: see `ctc`.

    Returns:
        keras.Model, like `ctc`.

    Raises:
        ValueError: like `ctc`; a look-ahead below 0.

    Example:

    >>> frames = keras.ops.ones((1, 100, 80))
    >>> streaming(vocabulary=30, units=8)({"frames": frames, "lengths": keras.ops.array([100])}).shape  # (1, 25, 30)
    """
    if lookahead < 0 or depth < 1:
        raise ValueError(f"lookahead is at least 0 and depth at least 1. Received: {lookahead}, {depth}")
    inputs, lengths, steps = subsampled(channels, units, frequency_mask, time_mask, dropout, RunningNormalization)
    options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
    for number in range(depth):
        steps, *_ = layers.LSTM(units, **options, name=f"lstm_{number}")(steps)
        steps = keras.layers.LayerNormalization(name=f"lstm_{number}_normalization")(steps)
        steps = keras.layers.Dropout(dropout)(steps)
    ahead = ops.pad(layers.ZeroPadding()(steps, lengths), [[0, 0], [0, lookahead], [0, 0]])
    # Keras' own initializer counts the channels as well: weights, and so logits, that are too small to learn from.
    initializer = keras.initializers.RandomNormal(stddev=(lookahead + 1) ** -0.5)
    steps = keras.layers.DepthwiseConv1D(lookahead + 1, depthwise_initializer=initializer, name="lookahead")(ahead)
    return _network("streaming", inputs, steps, lengths, vocabulary)


def streaming_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `streaming`."""
    return {
        "units": hp.Int("units", 256, 512, step=64, default=384),
        "depth": hp.Int("depth", 1, 3, default=2),
        "lookahead": hp.Int("lookahead", 0, 10, step=2, default=4),
        **_shared_space(hp, dropout=0.15),
    }


def attention(
    *,
    vocabulary: int = VOCABULARY,
    embedding: int = 128,
    channels: int = 32,
    units: int = 256,
    depth: int = 2,
    frequency_mask: int = 27,
    time_mask: int = 40,
    weight_dropout: float = 0.0,
    dropout: float = 0.3,
) -> keras.Model:
    """Pyramid of BiLSTMs that listens and LSTM with attention that spells (Listen, Attend and Spell, Chan et al. 2016,
    https://arxiv.org/abs/1508.01211).

    Consists of parts that training runs over whole texts and decoding over one character at a time: the models
    `encoder` and `decoder` and the layer `embedding`, whose table logits and characters share. Character 0 begins and
    ends a text.

    Args:
        embedding: width of a character's vector.
        depth: BiLSTMs of the encoder; each but the first reads pairs of the steps below, so that the memory has a place
            for 80 ms of speech where depth is 2.
        Everything else: see `ctc`.

    Returns:
        keras.Model: dict of `frames` float32 (batch, steps, 80), `lengths` int32 (batch,) and `before` int32 (batch,
        characters), 0 and the characters before each that is predicted -> logits (batch, characters, vocabulary).

    Raises:
        ValueError: like `ctc`.

    Example:

    >>> heard = {"frames": keras.ops.ones((1, 100, 80)), "lengths": keras.ops.array([100])}
    >>> attention(vocabulary=30, units=8)({**heard, "before": keras.ops.array([[0, 5]])}).shape  # (1, 2, 30)
    """
    inputs, lengths, steps = subsampled(channels, units, frequency_mask, time_mask, dropout)
    options = {"units": units, "bidirectional": True, "normalized": True, "weight_dropout": weight_dropout}
    for number in range(depth):
        if number:
            steps, lengths = TimeReduction()(keras.layers.Dropout(dropout)(steps), lengths)
        steps, last = layers.lstm_stack(steps, lengths, **options, name=f"encoder_lstm_{number}")
    lengths = ops.maximum(lengths, 1)  # of an empty recording: the attention has to look somewhere
    memory = keras.layers.Dropout(dropout)(steps)
    encoder = keras.Model(inputs, [memory, lengths, *seq2seq.first_states(last, 2 * units, 1)], name="encoder")
    decoder = seq2seq.attention_decoder(embedding, 2 * units, 1, dropout, weight_dropout)

    initializer = keras.initializers.RandomNormal(stddev=embedding**-0.5)
    table = keras.layers.ReversibleEmbedding(
        vocabulary, embedding, embeddings_initializer=initializer, name="embedding"
    )
    before = keras.Input((None,), dtype="int32", name="before")
    memory, lengths, *states = encoder(inputs)
    vectors, _, _ = decoder([table(before), memory, lengths, states])
    return keras.Model({**inputs, "before": before}, table(vectors, reverse=True), name="attention")


def attention_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `attention`."""
    return {
        "embedding": hp.Int("embedding", 64, 256, step=64, default=128),
        "units": hp.Int("units", 128, 384, step=64, default=256),
        "depth": hp.Int("depth", 1, 3, default=2),
        **_shared_space(hp),
    }


def _shared_space(hp, dropout=0.3):
    return {
        "channels": hp.Choice("channels", [16, 32, 64], default=32),
        "frequency_mask": hp.Choice("frequency_mask", [0, 10, 20, 27], default=27),
        "time_mask": hp.Choice("time_mask", [0, 15, 30, 40], default=40),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.4, step=0.2, default=0.0),
        "dropout": hp.Float("dropout", 0.05, 0.5, step=0.05, default=dropout),
    }


def _network(name, inputs, steps, lengths, vocabulary):
    logits = keras.layers.Dense(vocabulary, dtype="float32", name="head")(steps)
    return keras.Model(inputs, BlankPadding(name="padding")(logits, lengths), name=name)


def compile_network(network: keras.Model, learning_rate: float, loss: type[keras.losses.Loss] = CTC) -> keras.Model:
    """Compile with Adam, weight decay, gradients clipped to a global norm of 1, and the loss."""
    return networks.compile_with_adam(network, learning_rate, loss(), weight_decay=WEIGHT_DECAY, beta_2=BETA_2)


CTC_NETWORK = Network(
    build=ctc,
    space=ctc_space,
    compile=compile_network,
    pipeline=pipeline,
    read_item=read_item,
    options=Options,
    annotate=annotate,
    with_beams=with_beams,
    with_words=with_words,
    graphs=graphs,
    metadata=metadata,
    portable=True,
)
NETWORKS = {
    "ctc": CTC_NETWORK,
    "streaming": dataclasses.replace(
        CTC_NETWORK,
        build=streaming,
        space=streaming_space,
        pipeline=functools.partial(pipeline, open_beams=1),  # whose text is that of its stream
        endpoints=endpoints,
        graphs=stream_graphs,
        metadata=stream_metadata,
    ),
    "attention": Network(
        build=attention,
        space=attention_space,
        compile=functools.partial(compile_network, loss=CharacterCrossEntropy),
        pipeline=functools.partial(pipeline, search=Speller),
        read_item=read_and_spell,
        options=SearchOptions,
        with_beams=with_beams,
        graphs=spelling_graphs,
        metadata=metadata,
    ),
}
