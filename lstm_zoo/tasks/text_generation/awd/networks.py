"""The network of subwords: each subword and what came before it -> logits of the next, and its search space."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import keras

from lstm_zoo import layers, networks
from lstm_zoo.layers import language_model
from lstm_zoo.layers.tied_embedding import TiedEmbedding
from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation.reading import read_subwords

if TYPE_CHECKING:
    import keras_tuner

VOCABULARY = 12_000  # ids: 0 padding, 1 unknown, 2 start, 3 end of a text, then those of SentencePiece
WEIGHT_DECAY, BETA_2 = 0.01, 0.99


def awd(
    *,
    vocabulary: int = VOCABULARY,
    embedding: int = 320,
    units: int = 640,
    depth: int = 3,
    candidates: int = 0,
    embedding_dropout: float = 0.05,
    weight_dropout: float = 0.2,
    dropout: float = 0.2,
    activation: float = 2.0,
    temporal: float = 1.0,
) -> keras.Model:
    """AWD-LSTM (Merity et al. 2017, https://arxiv.org/abs/1708.02182): LSTMs under all the dropout that is free.

    The defaults of the dropout are for some passes over tens of millions of subwords; small texts want more of it.

    Args:
        vocabulary: number of subwords; `train` takes it as the most.
        embedding: width of a subword's vector, and so of the last LSTM, since the table makes the logits as well.
        units: width of the other LSTMs.
        depth: LSTM layers.
        candidates: train on a softmax over so many subwords, drawn once a batch, see `TiedEmbedding`; 0: over all.
            Validation and scores are over all.
        embedding_dropout: share of the subwords that training drops wherever they stand in a batch.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: variational dropout on vectors, between the layers and after the last.
        activation: penalty on the mean square of what the last LSTM gives, see `ActivationRegularization`.
        temporal: penalty on the mean square of its change from step to step.

    Returns:
        keras.Model: dict of `ids` int32 (batch, steps) and `fresh` bool (batch,), which rows begin a text, the others
        go on where the batch before ended -> dict of `logits` (batch, steps, vocabulary), and `vectors` (batch, steps,
        embedding), of which the table `embedding` makes them. `encoder` in it is what `language_model.encoder`
        returned.

    Raises:
        ValueError: a depth below 1, as many candidates as subwords.

    Example:

    >>> inputs = {"ids": keras.ops.array([[5, 7, 3]]), "fresh": keras.ops.array([True])}
    >>> awd(vocabulary=50, embedding=6, units=8)(inputs)["logits"].shape  # (1, 3, 50)
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")
    ids, fresh = keras.Input((None,), dtype="int32", name="ids"), keras.Input((), dtype="bool", name="fresh")
    widths = [*[units] * (depth - 1), embedding]
    carry = language_model.Carry(widths, name="carry")
    # The variance of the table is 1 / width, as the logits need it; LSTMs like 1.
    scale = embedding**0.5
    dropouts = {"dropout": dropout, "input_dropout": dropout, "weight_dropout": weight_dropout}
    encoder = language_model.encoder(embedding, units=widths, scale=scale, **dropouts)
    small = keras.initializers.RandomNormal(stddev=1 / scale)
    options = {"embeddings_initializer": small, "dtype": "float32", "name": "embedding"}
    table = TiedEmbedding(vocabulary, embedding, candidates, **options)
    vectors = language_model.EmbeddingDropout(embedding_dropout, vocabulary, name="embedding_dropout")(table(ids), ids)
    steps, after = encoder([vectors, carry(fresh)])
    dropped = layers.variational_dropout(dropout)(carry(steps, after=after))
    dropped = language_model.ActivationRegularization(activation, temporal)(dropped, steps)
    outputs = {"logits": table(dropped, reverse=True), "vectors": dropped}
    return language_model.LanguageModel({"ids": ids, "fresh": fresh}, outputs, name="awd")


def awd_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `awd`."""
    return {
        "embedding": hp.Int("embedding", 128, 512, step=64, default=320),
        "units": hp.Int("units", 256, 1152, step=128, default=640),
        "depth": hp.Int("depth", 2, 4, default=3),
        "embedding_dropout": hp.Float("embedding_dropout", 0.0, 0.2, step=0.05, default=0.05),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.5, step=0.1, default=0.2),
        "dropout": hp.Float("dropout", 0.0, 0.5, step=0.05, default=0.2),
        "activation": hp.Float("activation", 0.0, 2.0, step=1.0, default=2.0),
        "temporal": hp.Float("temporal", 0.0, 2.0, step=1.0, default=1.0),
    }


def compile_awd(network: keras.Model, learning_rate: Any) -> keras.Model:
    """Compile with Adam, weight decay, and gradients clipped to a global norm of 1; the network brings its loss."""
    return networks.compile_with_adam(network, learning_rate, None, WEIGHT_DECAY, BETA_2)


NETWORKS = {
    "awd": dataclasses.replace(
        text_generation.networks.NETWORKS["character"],
        build=awd,
        space=awd_space,
        compile=compile_awd,
        read_item=read_subwords,
    )
}
