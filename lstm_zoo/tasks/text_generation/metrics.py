"""How well a network foresees a text, and the n-grams that it has to beat."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from lstm_zoo.caching import cached_in_model
from lstm_zoo.contract import Evaluation
from lstm_zoo.layers import language_model
from lstm_zoo.tasks.text_generation import graphs
from lstm_zoo.tasks.text_generation.batches import stream
from lstm_zoo.tasks.text_generation.pipelines import generator_of

ROWS = 64  # parts of a long text that are read side by side, each after so many tokens before it that warm it up
WARM_UP = 512
MAX_LOGITS = 2**25  # that are made at once
ORDER = 5  # characters of the n-grams; of 5 to 7 the best on tiny Shakespeare


def evaluate(pipeline: keras.Model, texts: Sequence[str]) -> Evaluation:
    """How good a pipeline is on texts, which are read one after the other, the state carried from each to the next.

    Returns:
        Evaluation. Its metrics, smaller is better, of four decimals: `nll`, the negative log-likelihood in nats a
        character, and `perplexity` of the tokens. Of Subwords, whose characters are those with single spaces, and one
        for the end of each text, also `perplexity_word`, of words between spaces.
    """
    generator = generator_of(pipeline)
    ids = stream(texts, {"tokens": generator.tokens}).numpy()
    of_tokens = token_nll(generator.network, np.concatenate([[generator.tokens.start], ids]))
    nll = float(of_tokens.sum())
    counts = generator.tokens.counts(texts)
    metrics = {"nll": nll / counts["characters"], "perplexity": math.exp(nll / len(ids))}
    if "words" in counts:
        metrics["perplexity_word"] = math.exp(nll / counts["words"])

    def table():
        lengths = generator.tokens.lengths(texts)
        ends = np.cumsum(lengths)
        parts = [float(of_tokens[end - length : end].sum()) for end, length in zip(ends, lengths)]
        return pd.DataFrame({"text": texts, "tokens": lengths, "nll_total": parts})

    return Evaluation(metrics={name: round(value, 4) for name, value in metrics.items()}, table=table)


def token_nll(network: keras.Model, ids: Any, rows: int = ROWS, warm_up: int = WARM_UP) -> np.ndarray:
    """Negative log-likelihood, in nats, of each token after the first, by a network that has read all before it.

    Args:
        network: a language model.
        ids: integers (tokens,).
        rows: parts that are read side by side, fewer of a short text; 1 is one exact pass.
        warm_up: tokens before each part that it reads first.

    Returns:
        float64 array (tokens - 1,).

    Example:

    >>> network = lstm_zoo.build("text_generation", vocabulary=50)
    >>> token_nll(network, [5, 7, 3]).shape  # (2,)
    """
    ids = np.asarray(ids)
    num_predicted = len(ids) - 1
    rows = max(1, min(rows, num_predicted // (4 * warm_up)))
    part = -(-num_predicted // rows)
    starts = np.arange(rows) * part
    vocabulary = network.get_layer("embedding").input_dim
    steps = max(1, min(256, MAX_LOGITS // (rows * vocabulary)))

    def cut(begin, end):
        places = starts[:, None] + np.arange(begin, end)
        return tf.constant(ids[np.clip(places, 0, num_predicted)], "int32")

    states, read, measure = language_model.zero_states(network.get_layer("encoder"), rows), *_graphs(network)
    if rows > 1:
        states = read(cut(-warm_up, 0), states)
        first = tf.range(rows)[:, None] > 0  # before the first part there is nothing
        states = tf.nest.map_structure(lambda state: tf.where(first, state, 0.0), states)
    nll = []
    for begin in range(0, part, steps):
        values, states = measure(cut(begin, min(part, begin + steps) + 1), states)
        nll.append(values.numpy())
    return np.concatenate(nll, 1).reshape(-1)[:num_predicted].astype("float64")


@cached_in_model
def _graphs(network):
    """Functions of tokens int32 (rows, steps), and of the states before them. They give the states after all of them;
    or the nats of each after the first, and the states after all but the last."""
    _, states = network.get_layer("encoder").input
    states = tf.nest.map_structure(lambda state: tf.TensorSpec(state.shape, state.dtype), states)
    signature = [tf.TensorSpec([None, None], "int32"), states]
    graph = functools.partial(tf.function, input_signature=signature, autograph=False)

    @graph
    def read(ids, states):
        return graphs.read(network, ids, states)

    @graph
    def measure(ids, states):
        logits, states = graphs.write(network, ids[:, :-1], states)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits), states

    return read, measure


def baselines(pipeline: keras.Model, training: Sequence[str], texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Name -> metrics of the cheap baseline: n-grams of characters, smoothed."""
    tokens = generator_of(pipeline).tokens
    nll = ngram_nll(*("\n".join(tokens.normalized(side)) for side in (training, texts)))
    return {f"{ORDER}-grams of characters, Witten-Bell": {"nll": round(nll, 4)}}


def ngram_nll(training: str, text: str, order: int = ORDER, max_characters: int = 20_000_000) -> float:
    """Nats a character of interpolated n-grams (Witten and Bell 1991, https://doi.org/10.1109/18.87000).

    The probability of a character after a context is (its count + kinds * that after the context without its first
    character) / (count of the context + kinds), where kinds is the number of characters that followed the context.

    Args:
        training: str to count in, its first `max_characters` characters.
        text: str to measure.
        order: characters of an n-gram with its last.
        max_characters: see `training`.

    Returns:
        float.

    Example:

    >>> ngram_nll("abababababababab", "abab", order=2) < 1
    True
    """
    training = training[:max_characters]
    points, counts = np.unique(np.frombuffer(training.encode("utf-32-le"), "<u4"), return_counts=True)
    # As many characters, the most frequent ones, as have n-grams that can be numbered in 64 bits: 5,404 with 5-grams.
    alphabet = np.sort(points[np.argsort(-counts, kind="stable")][: int(2 ** (62 / order)) - 1])
    base = len(alphabet) + 1  # 0: unknown

    def numbered(text):
        points = np.frombuffer(text.encode("utf-32-le"), "<u4")
        place = np.minimum(np.searchsorted(alphabet, points), len(alphabet) - 1)
        return np.where(alphabet[place] == points, place + 1, 0).astype("int64")

    def grams(ids, length):  # number of the `length` characters that end at each place; 0 stands before the first
        line = np.concatenate([np.zeros(length - 1, "int64"), ids])
        return sum(line[length - 1 - back : len(line) - back] * base**back for back in range(length))

    training_ids, ids = numbered(training), numbered(text)
    probability = np.full(len(ids), 1 / base)
    for length in range(1, order + 1):
        known, counts = np.unique(grams(training_ids, length), return_counts=True)
        contexts, first, kinds = np.unique(known // base, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        asked = grams(ids, length)
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        count = np.where(known[place] == asked, counts[place], 0)
        place = np.minimum(np.searchsorted(contexts, asked // base), len(contexts) - 1)
        interpolated = (count + kinds[place] * probability) / (totals[place] + kinds[place])
        probability = np.where(contexts[place] == asked // base, interpolated, probability)
    return float(-np.log(probability).mean())
