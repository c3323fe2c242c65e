"""What is learnt of texts and labels before the network: words, and the bags of n-grams with their regressions."""

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import multilabel, networks
from lstm_zoo.calibration import inverse_temperature, log_softmax, pool_weights
from lstm_zoo.classification import lookup, names_of, numbered
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.sentiment import metrics
from lstm_zoo.tasks.sentiment import preprocessing as words
from lstm_zoo.tasks.sentiment.bounds import sampled
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.tasks.sentiment.wide import ngrams
from lstm_zoo.tasks.sentiment.wide.networks import assemble, bags_of, initialize, trained_part

MIN_SHARE = 0.05  # of a bag beside another one
FEWEST = 50  # texts that can tell whether a model is worth hearing


def adapt(
    pairs: Sequence[Pair],
    vocabulary: int = words.VOCABULARY,
    vectors: str | os.PathLike | None = None,
    class_weight: str | Mapping[str, float] | None = "balanced",
) -> Preprocessing:
    """Preprocessing layers, adapted on training pairs, and the bags of n-grams that have learnt them.

    Args:
        pairs: pairs (text, label).
        vocabulary, vectors: of the LSTM, see sentiment's `adapt`.
        class_weight: see `train`.

    Returns:
        Dict: that of sentiment's `adapt`; `ngrams` and `characters`, TextVectorizations of those that there are;
        `bags`, their regressions; and `pool`, the weights of the LSTM, 0, and of each of them, and their slopes.

    Raises:
        ValueError: fewer than two labels, no word in any text.
    """
    prepared = words.adapt(pairs, vocabulary, vectors)
    return {**prepared, **fit_bags(pairs, prepared["labels"], class_weight)}


def fit_bags(
    pairs: Sequence[Pair],
    labels: keras.layers.StringLookup,
    class_weight: str | Mapping[str, float] | None,
    kinds: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The bags of pairs (text, label), their layers and weights, as `adapt` returns them.

    Args:
        kinds: of n-grams. None: those that are heard in cross-validation, where each is worth its weight; of fewer than
            `FEWEST` texts, which cannot tell, all of them alike.
    """
    size, is_multilabel = labels.vocabulary_size(), multilabel.is_multilabel(pairs)
    if size > ngrams.MAX_LABELS:
        warnings.warn(f"More than {ngrams.MAX_LABELS:,} labels: the LSTM alone learns them, no n-grams.", stacklevel=2)
        return {"bags": {}, "pool": np.zeros((2, 1)), "multilabel": is_multilabel}
    drawn = sampled(pairs)
    if kinds is None and len(drawn) < len(pairs):
        warnings.warn(f"The n-grams are learnt from {len(drawn):,} of the {len(pairs):,} texts.", stacklevel=3)
    texts = [text for text, _ in drawn]
    classes, weights = targets_of(drawn, labels, class_weight)
    separate = tf.data.Dataset.from_tensor_slices(texts).batch(1024).map(words.separate_words)
    texts = np.concatenate([chunk.numpy() for chunk in separate])
    tried = kinds or ["ngrams", *(["characters"] if np.mean([*map(len, texts)]) <= metrics.MAX_CHARACTERS else [])]
    found = {kind: ngrams.find(kind, texts, size) for kind in tried}
    shares = dict.fromkeys(tried, 1.0 / len(tried))
    if kinds is None and len(tried) > 1:
        _, once = np.unique(texts, return_index=True)  # a copy of what a bag has learnt tells nothing of it
        part = {kind: ngrams.Occurrences(each.vocabulary, each.matrix[once]) for kind, each in found.items()}
        told = [ngrams.cross_validated(kind, part[kind], classes[once], weights[once], size) for kind in tried]
        opinions, right = decisions([opinion for _, opinion in told], classes[once][told[0][0]])
        shares = dict(zip(tried, weights_of_bags(opinions, right, [*shares.values()], len(once))))
        least = MIN_SHARE * sum(shares.values())
        shares = {kind: share for kind, share in shares.items() if share >= least}
    bags = {kind: ngrams.fit_bag(kind, found[kind], classes, weights, size) for kind in shares}
    layers = {kind: ngrams.vectorization(kind, bag.vocabulary) for kind, bag in bags.items()}
    return {
        **layers,
        "bags": bags,
        "pool": np.array([[0.0, *shares.values()], np.zeros(1 + len(shares))]),
        "multilabel": is_multilabel,
    }


def weights_of_bags(
    opinions: Sequence[np.ndarray], classes: np.ndarray, prior: Sequence[float], texts: int
) -> np.ndarray:
    """Weights of bags, see `pool_weights`, whose sum is above 0: bags that know nothing still answer with one label.

    The texts of a table are often pairs that differ in one word, which says most: then a bag is wrong wherever it has
    not seen that word, and right of everything that it has.

    Args:
        opinions, classes, prior: see `pool_weights`.
        texts: that the rows are of; fewer than `FEWEST` change the sum of the weights alone.
    """
    weights = pool_weights(opinions, classes, prior) if texts >= FEWEST else np.asarray(prior)
    shares = (weights if weights.any() else np.asarray(prior)) / (weights.sum() or sum(prior))
    pooled = sum(share * opinion for share, opinion in zip(shares, opinions))
    return shares * inverse_temperature(pooled, classes, sum(prior))


def targets_of(
    pairs: Sequence[Pair], labels: keras.layers.StringLookup, class_weight: str | Mapping[str, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Classes of pairs (text, label), int (texts,), and weights (texts,); of several labels both (texts, labels)."""
    own = [label for _, label in pairs]
    if not multilabel.is_multilabel(pairs):
        return tuple(part.numpy() for part in numbered(own, labels, class_weight))
    names = labels.get_vocabulary()
    right = multilabel.indicators(own, names)
    return right, np.where(right, multilabel.positive_weights(own, names, class_weight), 1.0)


def decisions(opinions: Sequence[np.ndarray], classes: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Log-probabilities (rows, classes) and the right ones, int (rows,), as `pool_weights` takes them.

    Of several labels a text, where opinions are logits (rows, labels) and classes bool (rows, labels), each label of
    each row is a row of its own, with the classes no and yes.
    """
    if classes.ndim == 1:
        return list(opinions), classes
    told = [np.stack([np.zeros(classes.size), np.ravel(opinion)], axis=1) for opinion in opinions]
    return [log_softmax(opinion) for opinion in told], classes.ravel().astype(int)


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, Any]:
    """The hyperparameters of a network that the data decide."""
    sizes = dict.fromkeys(ngrams.KINDS, 0) | sizes_of(preprocessing["bags"])
    pool = {"multilabel": True} if preprocessing["multilabel"] else {}
    return {**words.data_hyperparameters(preprocessing), **sizes, **pool}


def sizes_of(bags: Mapping[str, ngrams.Bag]) -> dict[str, int]:
    """Kind of n-grams -> number of ids of a bag of them."""
    return {kind: len(bag.squares) for kind, bag in bags.items()}


def fine_tune(pipeline: keras.Model, pairs: Sequence[Pair]) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the LSTM's vocabulary stays.

    The bags stay with labels that the pipeline knows; labels of their own get the LSTM a new head, and bags that learn
    them from `pairs`.
    """
    network, names = networks.network_of(pipeline), names_of([label for _, label in pairs])
    known = pipeline.get_layer("labels").get_vocabulary()
    prepared = words.kept_words(pipeline, network)
    if set(names) <= set(known):
        kept = {"labels": lookup(known), "bags": {}, "pool": network.get_layer("pool").get_weights()[:2]}
        kept["multilabel"] = multilabel.is_multilabel(pipeline)
        return network, {**prepared, **kept, **{kind: pipeline.get_layer(kind) for kind in bags_of(network)}}
    prepared["labels"] = lookup(names)
    prepared |= fit_bags(pairs, prepared["labels"], "balanced")
    lstm = networks.replace_head(trained_part(network), len(names))
    whole = assemble(lstm, sizes_of(prepared["bags"]), prepared["multilabel"])
    initialize(whole, prepared)
    return whole, prepared
