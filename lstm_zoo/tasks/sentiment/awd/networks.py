"""The network of subwords: a language model that has read a text -> logits of its label, and its search space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from lstm_zoo import classification, layers
from lstm_zoo.contract import Network, Preprocessing
from lstm_zoo.layers import language_model
from lstm_zoo.steps import Reading, Steps
from lstm_zoo.tasks.sentiment import pipelines
from lstm_zoo.tasks.sentiment.awd.unfreezing import compile_layerwise, freeze
from lstm_zoo.text.subwords import processor

if TYPE_CHECKING:
    import keras_tuner

VOCABULARY = 12_000  # subwords: 0 padding, 1 unknown, 2 start, 3 end of a text, then those of SentencePiece
HEAD_UNITS = 50  # of the layer before the head, as Howard and Ruder have them


def awd(
    *,
    classes: int = 2,
    vocabulary: int = VOCABULARY,
    embedding: int = 320,
    units: int = 640,
    depth: int = 3,
    embedding_dropout: float = 0.05,
    weight_dropout: float = 0.2,
    encoder_dropout: float = 0.1,
    dropout: float = 0.3,
) -> keras.Model:
    """The table and the LSTMs of a language model, summarized by their last, greatest and mean outputs (ULMFiT).

    Source: Howard and Ruder 2018, https://arxiv.org/abs/1801.06146, on an AWD-LSTM (Merity et al. 2017,
    https://arxiv.org/abs/1708.02182).

    Args:
        classes: number of labels.
        vocabulary: number of subwords; `train` takes it as the most.
        embedding: width of a subword's vector, and of the last LSTM.
        units: width of the other LSTMs.
        depth: LSTM layers.
        embedding_dropout: share of the subwords that training drops wherever they stand in a batch.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        encoder_dropout: variational dropout on vectors and between the LSTMs.
        dropout: dropout before the two layers of the head.

    Returns:
        keras.Model: subwords (batch, steps) int32, padded with 0, at least one step -> logits (batch, classes).

    Raises:
        ValueError: a depth below 1.

    Example:

    >>> awd(vocabulary=50, embedding=6, units=8)(keras.ops.array([[5, 7, 0]])).shape  # (1, 2)
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")
    ids = keras.Input((None,), dtype="int32", name="ids")
    lengths = layers.Lengths(name="lengths")(ids)
    # Table and LSTMs as those of text_generation/awd, whose weights they take.
    widths, scale = [*[units] * (depth - 1), embedding], embedding**0.5
    small = keras.initializers.RandomNormal(stddev=1 / scale)
    vectors = keras.layers.Embedding(vocabulary, embedding, embeddings_initializer=small, name="embedding")(ids)
    zero = keras.ops.zeros_like(vectors[:, 0, :1])
    states = [[keras.ops.repeat(zero, width, axis=1)] * 2 for width in widths]
    vectors = language_model.EmbeddingDropout(embedding_dropout, vocabulary, name="embedding_dropout")(vectors, ids)
    dropouts = {"dropout": encoder_dropout, "input_dropout": encoder_dropout, "weight_dropout": weight_dropout}
    encoder = language_model.encoder(embedding, units=widths, scale=scale, **dropouts)
    steps, _ = encoder([vectors, states])
    pooled = keras.layers.Concatenate()([layers.Pooling(mode)(steps, lengths) for mode in ("last", "max", "mean")])
    # What a language model ends with hardly differs from text to text, beside what all texts share: without this the
    # head learnt nothing.
    pooled = keras.layers.BatchNormalization(momentum=0.9, name="normalization")(pooled)
    summary = keras.layers.Dropout(dropout)(pooled)
    summary = keras.layers.Dense(HEAD_UNITS, activation="relu", name="summary")(summary)
    summary = keras.layers.Dropout(dropout)(summary)
    return keras.Model(ids, keras.layers.Dense(classes, dtype="float32", name="head")(summary), name="awd")


def awd_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `awd`."""
    return {
        "embedding": hp.Int("embedding", 128, 512, step=64, default=320),
        "units": hp.Int("units", 256, 1152, step=128, default=640),
        "depth": hp.Int("depth", 1, 4, default=3),
        "embedding_dropout": hp.Float("embedding_dropout", 0.0, 0.2, step=0.05, default=0.05),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.5, step=0.1, default=0.2),
        "encoder_dropout": hp.Float("encoder_dropout", 0.0, 0.5, step=0.1, default=0.1),
        "dropout": hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.3),
    }


def from_pretrained(model: keras.Model, classes: int = 2) -> keras.Model:
    """An `awd` of the sizes, the table and the LSTMs of a language model, under a new head.

    Args:
        model: the network of a `text_generation/awd`.
        classes: number of labels.

    Returns:
        keras.Model, see `awd`; its dropout is its own.

    Example:

    >>> model = lstm_zoo.build("text_generation/awd", vocabulary=50, embedding=6, units=8)
    >>> from_pretrained(model, classes=3).output_shape  # (None, 3)
    """
    network = awd(classes=classes, **sizes_of(model))
    for layer in ("embedding", "encoder"):
        network.get_layer(layer).set_weights(model.get_layer(layer).get_weights())
    return network


def sizes_of(model: keras.Model) -> dict[str, int]:
    """The hyperparameters of `awd` that a language model decides."""
    table, (_, states) = model.get_layer("embedding"), model.get_layer("encoder").input
    units, _ = (state.shape[-1] for state in states[0])
    return {"vocabulary": table.input_dim, "embedding": table.output_dim, "units": units, "depth": len(states)}


def pipeline(network: keras.Model, preprocessing: Preprocessing, **kwargs: Any) -> keras.Model:
    """One model from raw texts to labels, see `pipelines.pipeline`. It can be trained further, all of it."""
    return pipelines.pipeline(freeze(network, False), preprocessing, **kwargs)


def read_item(pipeline: keras.Model, text: str) -> Reading:
    """How the LSTMs of a pipeline read a text: subword by subword."""
    words = pipeline.get_layer("words")
    inputs = tf.constant([text])
    pieces = processor(words.model).id_to_piece(words(inputs)[0].numpy().tolist())
    subwords = Steps(names=pieces, kind="subwords", separator="")
    return Reading(run=pipelines.log_probabilities, inputs=inputs, steps={"": subwords})


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the labels in their order; the subwords, see the layer; `lower`, whether texts
    are first put in lower case; and `end`, the id before a text and behind it."""
    labels, words = pipeline.get_layer("labels").get_vocabulary(), pipeline.get_layer("words")
    return {"labels": labels, **words.metadata(), "lower": False, "end": words.end}


NETWORKS = {
    "awd": Network(
        build=awd,
        space=awd_space,
        compile=compile_layerwise,
        pipeline=pipeline,
        read_item=read_item,
        options=classification.Options,
        annotate=classification.annotate,
        graphs=pipelines.graphs,
        metadata=metadata,
        portable=True,
        inference_network=pipelines.inference_network,
    )
}
