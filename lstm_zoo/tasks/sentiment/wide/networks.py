"""The network of texts with n-grams beside its LSTM (Cheng et al. 2016, https://arxiv.org/abs/1606.07792)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from lstm_zoo import layers
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.sentiment import networks
from lstm_zoo.tasks.sentiment import preprocessing as words
from lstm_zoo.tasks.sentiment.preprocessing import VOCABULARY
from lstm_zoo.tasks.sentiment.wide.ngrams import KINDS

if TYPE_CHECKING:
    import keras_tuner


def wide(
    *,
    classes: int = 2,
    vocabulary: int = VOCABULARY,
    ngrams: int = 2,
    characters: int = 0,
    embedding: int = 128,
    units: int = 128,
    depth: int = 1,
    word_dropout: float = 0.2,
    embedding_dropout: float = 0.5,
    weight_dropout: float = 0.0,
    dropout: float = 0.5,
    vector_words: int = 0,
    vector_width: int = 0,
    multilabel: bool = False,
) -> keras.Model:
    """A `bilstm` beside bags of n-grams, whose log-probabilities are added with weights that validation has chosen.

    Each bag is a logistic regression on the TF-IDF of n-grams, which `train` fits without gradients. Until there are
    weights, the LSTM alone counts.

    Args:
        classes: number of labels.
        ngrams: number of ids of n-grams of one word and of two in a row, padding and the unknown one among them; 0: no
            bag of them. The data decide it.
        characters: the same of n-grams of 2 to 5 characters in a word.
        vocabulary: number of token ids of the LSTM; `train` takes it as the most.
        embedding: width of a word vector.
        units: width of one LSTM, of which a layer has two, one in each direction.
        depth: layers of LSTMs.
        word_dropout: share of the words that training replaces by the unknown word.
        embedding_dropout: variational dropout on word vectors and between layers.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: dropout before the head of the LSTM.
        vector_words: number of token ids that have a frozen vector beside, see `bilstm`.
        vector_width: width of these vectors.
        multilabel: whether a text may have several labels: then logits are added. The data decide it.

    Returns:
        keras.Model: dict of `ids` int32 (batch, steps), those of words, and of each kind of n-grams (batch, n-grams),
        padded with 0 -> logits (batch, classes).

    Example:

    >>> network = wide(units=8, ngrams=20)
    >>> network({"ids": keras.ops.array([[5, 7, 0]]), "ngrams": keras.ops.array([[5, 7, 9]])}).shape  # (1, 2)
    """
    bilstm = networks.bilstm(
        classes=classes,
        vocabulary=vocabulary,
        embedding=embedding,
        units=units,
        depth=depth,
        word_dropout=word_dropout,
        embedding_dropout=embedding_dropout,
        weight_dropout=weight_dropout,
        dropout=dropout,
        vector_words=vector_words,
        vector_width=vector_width,
    )
    return assemble(bilstm, {"ngrams": ngrams, "characters": characters}, multilabel)


def assemble(bilstm: keras.Model, ngrams: Mapping[str, int], multilabel: bool = False) -> keras.Model:
    """A `wide` around a network from `ids` to logits, with which it shares layers, and bags of so many ids a kind."""
    pool = layers.LogitPool if multilabel else layers.LogLinearPool
    [ids], logits = bilstm.inputs, bilstm.output
    inputs = {kind: keras.Input((None,), dtype="int32", name=kind) for kind in KINDS if ngrams.get(kind)}
    bags = [layers.EmbeddingBag(ngrams[kind], logits.shape[-1], name=f"bag_{kind}")(inputs[kind]) for kind in inputs]
    lengths = bilstm.get_layer("lengths").output
    pooled = pool(1 + len(bags), name="pool")([logits, *bags], lengths)
    return keras.Model({"ids": ids, **inputs}, pooled, name="wide")


def trained_part(network: keras.Model) -> keras.Model:
    """The LSTM's part of a `wide`: ids (batch, steps) -> its logits."""
    return keras.Model(network.input["ids"], network.get_layer("head").output, name="wide")


def bags_of(network: keras.Model) -> dict[str, layers.EmbeddingBag]:
    """Kind of n-grams -> the bag of them that a `wide` has."""
    return {kind: network.get_layer(f"bag_{kind}") for kind in KINDS if kind in network.input}


def initialize(network: keras.Model, preprocessing: Preprocessing) -> None:
    """Fill in the word vectors, and the regressions of the bags that `adapt` fitted."""
    words.initialize(network, preprocessing)
    for kind, layer in bags_of(network).items():
        layer.set_weights(preprocessing["bags"][kind].weights)


def wide_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `wide`."""
    return networks.bilstm_space(hp)
