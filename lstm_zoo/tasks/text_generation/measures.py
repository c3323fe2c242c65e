"""How well a network foresees a text, and the n-grams that it has to beat."""

import math

import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.layers import language_model
from lstm_zoo.tasks.text_generation.batches import stream
from lstm_zoo.tasks.text_generation.pipelines import writer
from lstm_zoo.text.subwords import END, Subwords, spaced

ROWS = 64  # parts of a long text that are read side by side, each after so many tokens before it that warm it up
WARM_UP = 512
LOGITS = 2**25  # that are made at once
ORDER = 5  # characters of the n-grams; of 5 to 7 the best on tiny Shakespeare


def score(pipeline, texts):
    """Measures of a pipeline on texts, which are read one after the other, the state carried from each to the next.

    Returns:
        Dict, smaller is better, of four decimals: `nll`, nats a character, and `perplexity` of the tokens. Of Subwords,
        whose characters are those with single spaces, and one for the end of each text, also `perplexity_word`, of
        words between spaces.
    """
    tokens = writer(pipeline).tokens
    ids = stream(texts, {"tokens": tokens}).numpy()
    start = END if isinstance(tokens, Subwords) else tokens.start
    total = float(nats(networks.network_of(pipeline), np.concatenate([[start], ids])).sum())
    if not isinstance(tokens, Subwords):
        found = {"nll": total / len(ids), "perplexity": math.exp(total / len(ids))}
    else:
        plain = [text.decode() for text in tf.strings.strip(spaced(texts)).numpy()]
        words = sum(len(text.split()) + 1 for text in plain)  # and the end
        found = {
            "nll": total / sum(len(text) + 1 for text in plain),
            "perplexity": math.exp(total / len(ids)),
            "perplexity_word": math.exp(total / words),
        }
    return {name: round(value, 4) for name, value in found.items()}


def nats(network, ids, rows=ROWS, warm_up=WARM_UP):
    """Nats of each token after the first, by a network that has read all before it.

    Args:
        network: a language model.
        ids: integers (tokens,).
        rows: parts that are read side by side, fewer of a short text; 1 is one exact pass.
        warm_up: tokens before each part that it reads first.

    Returns:
        float64 array (tokens - 1,).
    """
    size = len(ids) - 1
    rows = max(1, min(rows, size // (4 * warm_up)))
    part = -(-size // rows)
    begins = np.arange(rows) * part
    vocabulary = network.get_layer("embedding").input_dim
    steps = max(1, min(256, LOGITS // (rows * vocabulary)))

    @tf.function(reduce_retracing=True)
    def read(ids, states):
        return language_model.step(network, ids, states)

    @tf.function(reduce_retracing=True)
    def measured(ids, states):
        outputs, states = language_model.step(network, ids[:, :-1], states)
        logits = language_model.logits(network, outputs)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits), states

    def cut(begin, end):
        places = begins[:, None] + np.arange(begin, end)
        return tf.constant(ids[np.clip(places, 0, size)], "int32")

    encoder = network.get_layer("encoder")
    states = language_model.zero_states(encoder, rows)
    if rows > 1:
        _, states = read(cut(-warm_up, 0), states)
        first = tf.range(rows)[:, None] > 0  # before the first part there is nothing
        states = tf.nest.map_structure(lambda state: tf.where(first, state, 0.0), states)
    found = []
    for begin in range(0, part, steps):
        values, states = measured(cut(begin, min(part, begin + steps) + 1), states)
        found.append(values.numpy())
    return np.concatenate(found, 1).reshape(-1)[:size].astype("float64")


def baselines(pipeline, training, texts):
    """Name -> measures of the cheap rival: n-grams of characters, smoothed."""
    tokens = writer(pipeline).tokens
    lines = [
        [text.decode() for text in tf.strings.strip(spaced(side)).numpy()] if isinstance(tokens, Subwords) else side
        for side in (training, texts)
    ]
    return {
        f"{ORDER}-grams of characters, Witten-Bell": {"nll": round(ngram_nats(*("\n".join(side) for side in lines)), 4)}
    }


def ngram_nats(training, text, order=ORDER, most=20_000_000):
    """Nats a character of interpolated n-grams (Witten and Bell 1991, https://doi.org/10.1109/18.87000).

    The probability of a character after a context is (its count + kinds * that after the context without its first
    character) / (count of the context + kinds), where kinds is the number of characters that followed the context.

    Args:
        training: str to count in, its first `most` characters.
        text: str to measure.
        order: characters of an n-gram with its last.
        most: characters.

    Returns:
        float.

    Example:

    >>> ngram_nats("abababababababab", "abab", order=2) < 1
    True
    """
    training = training[:most]
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

    seen, asked = numbered(training), numbered(text)
    chance = np.full(len(asked), 1 / base)
    for length in range(1, order + 1):
        kinds, counts = np.unique(grams(seen, length), return_counts=True)
        contexts, first, follow = np.unique(kinds // base, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        wanted = grams(asked, length)
        place = np.minimum(np.searchsorted(kinds, wanted), len(kinds) - 1)
        count = np.where(kinds[place] == wanted, counts[place], 0)
        place = np.minimum(np.searchsorted(contexts, wanted // base), len(contexts) - 1)
        known = contexts[place] == wanted // base
        chance = np.where(known, (count + follow[place] * chance) / (totals[place] + follow[place]), chance)
    return float(-np.log(chance).mean())
