"""A bag of n-grams: which of them a text has, and a logistic regression on their TF-IDF.

Two kinds: one word and two in a row, and, for short texts, 2 to 5 characters of a word and of its borders, which know
parts of words and what is misspelt. An n-gram occurs in a text or does not (Wang and
Manning 2012, https://aclanthology.org/P12-2018): how often it does helps where labels are many, where an LSTM helps
more, and harms where they are few. Reviews of IMDb for validation by regressions of this file, means of five draws, one
from 10,000 labels on, beside TF-IDF of counts, and of 1 + log(count):

| labels | counts | 1 + log | occurs |
| --: | --: | --: | --: |
| 100 | 0.688 | 0.728 | 0.721 |
| 1,000 | 0.840 | 0.852 | 0.857 |
| 10,000 | 0.894 | 0.901 | 0.904 |
| 22,500 | 0.920 | 0.918 | 0.914 |

Which ones occur is found by scikit-learn, whose sparse matrices hold what Keras' dense ones do not; the graph finds
them again by a TextVectorization with that vocabulary.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf

from lstm_zoo import layers
from lstm_zoo.calibration import log_softmax
from lstm_zoo.tasks.sentiment.preprocessing import separate_words

MAX_NGRAMS = 100_000  # ids of a bag; of IMDb's 418,000 pairs and words 200,000 were right as often (validation)
MAX_VECTORS = 8_000_000  # ids times labels, 32 MB in a file: with more than 80 labels there are fewer ids
MAX_LABELS = 1_000  # of a bag at all: its regression grows with their number
# Characters of all texts, from where on an n-gram that occurs in one text alone is left out: of 100 reviews, twice as
# many, 0.721 for 0.698 are right without, of 1,000 questions to a bank, half as many, 0.679 for 0.689 (development).
RARE = 100_000
REGULARIZATION = 10.0  # C: of 1, 10 and 100 the best or within 0.3 points of it, for 200 to 22,500 texts (validation)
WIDTHS = (2, 3, 4, 5)  # characters
UNSEEN = 5.0  # log-odds against a label that no text has
FOLDS, HELD_OUT = 5, 1_000_000  # folds; texts times labels, from where on one fold stands for all of them


@layers.registered
def characters_of_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """What `WIDTHS` characters in a row there are in the words of texts, each between two "_".

    Args:
        texts: strings (batch,) whose words have white space between them.

    Returns:
        Ragged strings (batch, n-grams).

    Example:

    >>> characters_of_words(tf.constant(["an"])).to_list()
    [[b'_a', b'an', b'n_', b'_an', b'an_', b'_an_']]
    """
    words = tf.strings.split(texts)
    characters = tf.strings.unicode_split(tf.strings.join(["_", words.values, "_"]), "UTF-8")
    ngrams = tf.strings.ngrams(characters, WIDTHS, separator="")
    return words.with_values(ngrams).merge_dims(1, 2)


@layers.registered
class SetVectorization(keras.layers.TextVectorization):
    """A TextVectorization to ids, each of which a row has once: a set, in the place of a sequence.

    Input: strings (batch,). Output: int64 (batch, ids), those that occur in the text, 0 between and after them.

    Example:

    >>> SetVectorization(vocabulary=["good", "film"])(tf.constant(["good good film"])).numpy().tolist()
    [[2, 0, 3]]
    """

    def call(self, inputs):
        ids = tf.sort(super().call(inputs), axis=-1)
        repeated = tf.pad(ids[:, 1:] == ids[:, :-1], [[0, 0], [1, 0]])
        return tf.where(repeated, tf.zeros_like(ids), ids)


KINDS = {"ngrams": {"ngrams": 2}, "characters": {"split": characters_of_words}}  # name -> of TextVectorization


def _ngrams_of(kind, texts):
    """Rows of n-grams, of texts as `separate_words` gives them, as the graph makes them."""
    if kind == "characters":
        return [row.tolist() for row in map(np.asarray, characters_of_words(tf.constant(texts)).numpy())]
    rows = (text.split() for text in texts)
    return [[*words, *map(b" ".join, itertools.pairwise(words))] for words in rows]


@dataclasses.dataclass(frozen=True)
class Occurrences:
    """Which n-grams occur in which texts."""

    vocabulary: list[str]
    """Frequent ones first."""
    matrix: scipy.sparse.csr_matrix
    """Float32 (texts, n-grams), 1 for one that occurs."""


def find(kind: str, texts: Sequence[bytes], labels: int) -> Occurrences:
    """The n-grams of texts, as `separate_words` gives them, at most as many as a bag of so many labels has."""
    from sklearn.feature_extraction.text import CountVectorizer

    min_df = 2 if sum(map(len, texts)) >= RARE else 1
    counter = CountVectorizer(analyzer=lambda row: row, binary=True, dtype=np.float32, min_df=min_df)
    try:
        matrix = counter.fit_transform(row for chunk in _chunks(texts) for row in _ngrams_of(kind, chunk))
    except ValueError:  # no word in any text, or none that two of them share
        return Occurrences([], scipy.sparse.csr_matrix((len(texts), 0), dtype=np.float32))
    names = counter.get_feature_names_out()
    frequencies = np.asarray(matrix.sum(0)).ravel()
    kept = np.argsort(-frequencies, kind="stable")[: min(MAX_NGRAMS, MAX_VECTORS // labels) - 2]
    return Occurrences([names[place].decode() for place in kept], matrix[:, kept])


def _chunks(texts, size=1024):
    return (texts[begin : begin + size] for begin in range(0, len(texts), size))


def vectorization(kind: str, vocabulary: Sequence[str]) -> SetVectorization:
    """The layer from texts to the ids of their n-grams."""
    return SetVectorization(standardize=separate_words, vocabulary=list(vocabulary), name=kind, **KINDS[kind])


@dataclasses.dataclass(frozen=True)
class Bag:
    """A logistic regression on the TF-IDF of n-grams, as the weights of an `EmbeddingBag`."""

    kind: str
    vocabulary: list[str]
    vectors: np.ndarray
    """Float32 (ids, labels), of padding and the unknown n-gram first, which are 0."""
    squares: np.ndarray
    """Float32 (ids,)."""
    bias: np.ndarray
    """Float32 (labels,)."""

    @property
    def weights(self) -> list[np.ndarray]:
        """In the order of an `EmbeddingBag`."""
        return [self.vectors, self.squares, self.bias]


def tf_idf(matrix: scipy.sparse.csr_matrix, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    """Occurrences (texts, n-grams) as `EmbeddingBag` weighs them."""
    norms = np.sqrt(np.maximum(matrix @ idf**2, 1e-12))
    return scipy.sparse.diags_array(1 / norms).astype(np.float32) @ (matrix @ scipy.sparse.diags_array(idf))


def fit_bag(kind: str, found: Occurrences, classes: np.ndarray, weights: np.ndarray, labels: int) -> Bag:
    """The logistic regression of texts' classes on their n-grams.

    Args:
        kind, found: of the n-grams.
        classes: int (texts,); or, where a text may have several labels, bool (texts, labels), a regression each.
        weights: of the same shape.
        labels: how many there are.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # scikit-learn's own

    frequencies = np.asarray(found.matrix.sum(0)).ravel()
    idf = (np.log((1 + len(classes)) / (1 + frequencies)) + 1).astype(np.float32)
    squares = np.concatenate([[0, 0], idf**2]).astype(np.float32)
    vectors = np.zeros((len(found.vocabulary) + 2, labels), np.float32)
    features, model = tf_idf(found.matrix, idf), LogisticRegression(C=REGULARIZATION, max_iter=300)
    if classes.ndim == 2:
        biases = np.where(classes.any(0), UNSEEN, -UNSEEN).astype(np.float32)  # of a label that all have, or none
        with threadpool_limits(1):  # on a busy machine threads wait for one another in each of many short products
            for label in np.flatnonzero(classes.any(0) & ~classes.all(0)):
                model.fit(features, classes[:, label], weights[:, label])
                vectors[2:, label], biases[label] = idf * model.coef_[0], model.intercept_[0]
        return Bag(kind, found.vocabulary, vectors, squares, biases)
    model.fit(features, classes, weights)
    coefficients, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # the log-odds of the second
        coefficients, bias = np.stack([-coefficients[0], coefficients[0]]) / 2, np.array([-bias[0], bias[0]]) / 2
    vectors[2:, model.classes_] = idf[:, None] * coefficients.T
    unseen = float(bias.min()) - UNSEEN  # of a label that these texts do not have
    biases = np.full(labels, unseen, np.float32)
    biases[model.classes_] = bias
    return Bag(kind, found.vocabulary, vectors, squares, biases)


def logits(bag: Bag, matrix: scipy.sparse.csr_matrix) -> np.ndarray:
    """What a bag says of occurrences (texts, n-grams): float32 (texts, labels)."""
    norms = np.sqrt(np.maximum(matrix @ bag.squares[2:], 1e-12))
    return matrix @ bag.vectors[2:] / norms[:, None] + bag.bias


def cross_validated(
    kind: str, found: Occurrences, classes: np.ndarray, weights: np.ndarray, labels: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of texts, and what bags say of them that have not learnt from them: log-probabilities (rows, labels).

    A text whose label no other one has is left out: whatever a bag says of it is no fault of the bag's. Classes,
    weights: see `fit_bag`. Of several labels a text: logits.
    """
    rows = np.random.default_rng(0).permutation(len(classes))
    if classes.ndim == 1:
        rows = rows[np.argsort(classes[rows], kind="stable")]  # so that each fold has its share of each label
    folds = [rows[first::FOLDS] for first in range(FOLDS)]
    folds = folds[:1] if classes.ndim == 2 or len(classes) * labels > HELD_OUT else folds  # regressions are slow
    asked, told = [np.zeros(0, int)], [np.zeros((0, labels))]
    for fold in folds:
        rest = np.setdiff1d(rows, fold)
        if classes.ndim == 1:
            fold = fold[np.isin(classes[fold], classes[rest])]
            if len(set(classes[rest])) < 2:
                continue
        bag = fit_bag(kind, Occurrences(found.vocabulary, found.matrix[rest]), classes[rest], weights[rest], labels)
        opinion = logits(bag, found.matrix[fold])
        asked.append(fold)
        told.append(opinion if classes.ndim == 2 else log_softmax(opinion))
    return np.concatenate(asked), np.concatenate(told)
