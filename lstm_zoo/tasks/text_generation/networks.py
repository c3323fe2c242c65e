"""The network of characters: each character and what came before it -> logits of the next, and its search space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from lstm_zoo import layers, networks
from lstm_zoo.contract import Network
from lstm_zoo.layers import language_model
from lstm_zoo.tasks.text_generation.graphs import graphs
from lstm_zoo.tasks.text_generation.options import Options
from lstm_zoo.tasks.text_generation.pipelines import metadata, pipeline, with_beams
from lstm_zoo.tasks.text_generation.reading import read_characters
from lstm_zoo.tasks.text_generation.sessions import endpoints, stream

if TYPE_CHECKING:
    import keras_tuner

VOCABULARY = 256  # ids: 0 padding, 1 unknown, then characters; a text with fewer has fewer
WEIGHT_DECAY, BETA_2 = 0.05, 0.99


def character(
    *,
    vocabulary: int = VOCABULARY,
    embedding: int = 64,
    units: int = 512,
    depth: int = 2,
    weight_dropout: float = 0.0,
    dropout: float = 0.5,
) -> keras.Model:
    """Stacked LSTMs over characters (Graves 2013, https://arxiv.org/abs/1308.0850).

    Args:
        vocabulary: number of character ids; `train` takes it as the most, and rarer characters are then unknown.
        embedding: width of a character's vector.
        units: width of an LSTM.
        depth: LSTM layers.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: variational dropout between the layers and after the last.

    Returns:
        keras.Model: dict of `ids` int32 (batch, steps) and `fresh` bool (batch,), which rows begin a text, the others
        go on where the batch before ended -> logits (batch, steps, vocabulary).

    Raises:
        ValueError: a depth below 1.

    Example:

    >>> inputs = {"ids": keras.ops.array([[5, 7, 3]]), "fresh": keras.ops.array([True])}
    >>> character(vocabulary=50, units=8)(inputs).shape  # (1, 3, 50)
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")
    ids, fresh = keras.Input((None,), dtype="int32", name="ids"), keras.Input((), dtype="bool", name="fresh")
    widths = [units] * depth
    carry = language_model.Carry(widths, name="carry")
    encoder = language_model.encoder(embedding, units=widths, dropout=dropout, weight_dropout=weight_dropout)
    vectors = keras.layers.Embedding(vocabulary, embedding, name="embedding")(ids)
    steps, after = encoder([vectors, carry(fresh)])
    steps = layers.variational_dropout(dropout)(carry(steps, after=after))
    logits = keras.layers.Dense(vocabulary, dtype="float32", name="head")(steps)
    return keras.Model({"ids": ids, "fresh": fresh}, logits, name="character")


def character_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `character`."""
    return {
        "embedding": hp.Int("embedding", 32, 128, step=32, default=64),
        "units": hp.Int("units", 256, 1024, step=128, default=512),
        "depth": hp.Int("depth", 1, 3, default=2),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.5, step=0.1, default=0.0),
        "dropout": hp.Float("dropout", 0.0, 0.6, step=0.05, default=0.5),
    }


def compile_character(network: keras.Model, learning_rate: Any) -> keras.Model:
    """Compile with Adam, weight decay, gradients clipped to a global norm of 1, and cross-entropy in nats."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return networks.compile_with_adam(network, learning_rate, loss, WEIGHT_DECAY, BETA_2)


NETWORKS = {
    "character": Network(
        build=character,
        space=character_space,
        compile=compile_character,
        pipeline=pipeline,
        read_item=read_characters,
        options=Options,
        with_beams=with_beams,
        stream=stream,
        endpoints=endpoints,
        graphs=graphs,
        metadata=metadata,
    )
}
