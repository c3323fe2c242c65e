"""The networks of sentiment: token ids -> logits, and their search spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from lstm_zoo import classification, layers
from lstm_zoo.contract import Network
from lstm_zoo.tasks.sentiment.pipelines import (
    Options,
    annotate,
    graphs,
    inference_network,
    metadata,
    pipeline,
    read_item,
)
from lstm_zoo.tasks.sentiment.preprocessing import UNKNOWN, VOCABULARY

if TYPE_CHECKING:
    import keras_tuner


def _read_words(
    ids,
    vocabulary,
    embedding,
    units,
    depth,
    word_dropout,
    embedding_dropout,
    weight_dropout,
    vector_words,
    vector_width,
):
    """The part that both networks share: ids -> every step of a BiLSTM, its last outputs, and the lengths."""
    # One more step of padding: a batch of empty texts has none, and Keras' LSTM cannot run no step.
    ids = keras.ops.pad(ids, [[0, 0], [0, 1]])
    lengths = layers.Lengths(name="lengths")(ids)
    words = keras.ops.where(keras.ops.less(ids, vocabulary), ids, UNKNOWN) if vector_words else ids
    words = layers.WordDropout(word_dropout, name="word_dropout")(words)
    features = keras.layers.Embedding(vocabulary, embedding, name="embedding")(words)
    if vector_words:
        # A dropped word keeps this vector, and so shows what prediction meets: a word of which nothing else is known.
        # It is frozen, or the vectors of the words in the texts would move away from those of all others.
        table = keras.layers.Embedding(
            vector_words, vector_width, embeddings_initializer="zeros", trainable=False, name="vectors"
        )
        features = keras.layers.Concatenate(name="features")([features, table(ids)])
    features = layers.variational_dropout(embedding_dropout, name="embedding_dropout")(features)
    steps, last = layers.lstm_stack(
        features,
        lengths,
        units=units,
        depth=depth,
        bidirectional=True,
        dropout=embedding_dropout,
        weight_dropout=weight_dropout,
    )
    return steps, last, lengths


def bilstm(
    *,
    classes: int = 2,
    vocabulary: int = VOCABULARY,
    embedding: int = 128,
    units: int = 128,
    depth: int = 1,
    word_dropout: float = 0.2,
    embedding_dropout: float = 0.5,
    weight_dropout: float = 0.0,
    dropout: float = 0.5,
    vector_words: int = 0,
    vector_width: int = 0,
) -> keras.Model:
    """BiLSTM whose steps are summarized by their maximum, their mean and the last outputs of the two directions.

    Args:
        classes: number of labels.
        vocabulary: number of token ids; `train` takes it as the most, and texts with fewer words get a smaller one.
        embedding: width of a word vector.
        units: width of one LSTM; a layer reads in both directions and gives twice as much.
        depth: BiLSTM layers.
        word_dropout: share of the words that training replaces by the unknown word.
        embedding_dropout: variational dropout on word vectors and between layers.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: dropout before the head.
        vector_words: number of token ids that have a frozen vector beside, those below `vocabulary` among them; what
            `train` finds in its `vectors`. 0: none.
        vector_width: width of these vectors.

    Returns:
        keras.Model: token ids (batch, steps) int32, padded with 0 -> logits (batch, classes).

    Example:

    >>> bilstm(units=8)(keras.ops.array([[5, 7, 0]])).shape  # (1, 2)
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    steps, last, lengths = _read_words(
        ids,
        vocabulary,
        embedding,
        units,
        depth,
        word_dropout,
        embedding_dropout,
        weight_dropout,
        vector_words,
        vector_width,
    )
    pooled = [layers.Pooling("max")(steps, lengths), layers.Pooling("mean")(steps, lengths), last]
    summary = keras.layers.Dropout(dropout)(keras.layers.Concatenate()(pooled))
    return keras.Model(ids, keras.layers.Dense(classes, dtype="float32", name="head")(summary), name="bilstm")


def bilstm_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `bilstm`."""
    return {
        "embedding": hp.Int("embedding", 64, 256, step=64, default=128),
        "units": hp.Int("units", 64, 256, step=64, default=128),
        "depth": hp.Int("depth", 1, 2, default=1),
        "word_dropout": hp.Float("word_dropout", 0.0, 0.3, step=0.1, default=0.2),
        "embedding_dropout": hp.Float("embedding_dropout", 0.1, 0.6, step=0.1, default=0.5),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.5, step=0.25, default=0.0),
        "dropout": hp.Float("dropout", 0.1, 0.6, step=0.1, default=0.5),
    }


def attention(
    *,
    classes: int = 2,
    vocabulary: int = VOCABULARY,
    embedding: int = 128,
    units: int = 128,
    depth: int = 1,
    attention_units: int = 64,
    word_dropout: float = 0.2,
    embedding_dropout: float = 0.5,
    weight_dropout: float = 0.0,
    dropout: float = 0.5,
    vector_words: int = 0,
    vector_width: int = 0,
) -> keras.Model:
    """BiLSTM summarized by self-attention, whose weights say which words were read (`predict(..., explain=True)`).

    Args:
        attention_units: width of the layer that scores the steps.
        Everything else: see `bilstm`.

    Returns:
        keras.Model: token ids (batch, steps) int32, padded with 0 -> logits (batch, classes).

    Example:

    >>> attention(units=8)(keras.ops.array([[5, 7, 0]])).shape  # (1, 2)
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    steps, _, lengths = _read_words(
        ids,
        vocabulary,
        embedding,
        units,
        depth,
        word_dropout,
        embedding_dropout,
        weight_dropout,
        vector_words,
        vector_width,
    )
    summary, _ = layers.AttentionPooling(attention_units, name="attention")(steps, lengths)
    summary = keras.layers.Dropout(dropout)(summary)
    return keras.Model(ids, keras.layers.Dense(classes, dtype="float32", name="head")(summary), name="attention")


def attention_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `attention`."""
    return {**bilstm_space(hp), "attention_units": hp.Int("attention_units", 32, 128, step=32, default=64)}


NETWORKS = {
    "bilstm": Network(
        build=bilstm,
        space=bilstm_space,
        compile=classification.compile_network,
        pipeline=pipeline,
        read_item=read_item,
        options=classification.Options,
        annotate=classification.annotate,
        graphs=graphs,
        metadata=metadata,
        portable=True,
        inference_network=inference_network,
    ),
    "attention": Network(
        build=attention,
        space=attention_space,
        compile=classification.compile_network,
        pipeline=pipeline,
        read_item=read_item,
        options=Options,
        annotate=annotate,
        graphs=graphs,
        metadata=metadata,
        portable=True,
        inference_network=inference_network,
    ),
}
