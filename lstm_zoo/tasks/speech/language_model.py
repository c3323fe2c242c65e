"""N-grams of words as tables that a search reads in the graph."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lstm_zoo.tasks.speech.ngrams import BEGIN, END, OTHER

MAX_NGRAMS = 1_000_000  # of the words of a lexicon: 16 MB of tables


class LanguageModel:
    """N-grams of the words of a lexicon, as an automaton: a state is the longest history that tells what follows.

    What follows a state is looked for among arcs, sorted by state and word; where there is none, the state falls back
    to a shorter one, at a cost (Allauzen et al. 2003, https://aclanthology.org/P03-1006).

    Args:
        words: of the lexicon, the first of which has the number 1. Number 0 is the end of a text, that behind the last
            one a word that is none of them. What the n-grams do not know, they know as `<unk>`.
        ngrams: words with spaces between them -> logarithms of probability and back-off factor, see `ngrams.Ngrams`.
            Those of other words are left out. Without `<unk>`, or `</s>`, it is as probable as the least probable of
            the words.
        weight: factor of the logarithms of probabilities.
        word_bonus: what each word is worth, a natural logarithm.

    Raises:
        ValueError: n-grams of none of the words, or of more than `MAX_NGRAMS` in all.

    Example:

    >>> model = LanguageModel(["NO"], {"NO": [-0.7, 0.0], "</s>": [-0.7, 0.0]}, weight=1.0, word_bonus=0.0)
    >>> model.reader()(model.first, 1)  # -0.7, and the state behind it, which is the same
    """

    def __init__(self, words: Sequence[str], ngrams: Mapping[str, Sequence[float]], weight: float, word_bonus: float):
        self.weight, self.word_bonus = weight, word_bonus
        other, begin = len(words) + 1, len(words) + 2
        numbers = {END: 0, **{word: number for number, word in enumerate(words, 1)}, OTHER: other, BEGIN: begin}
        known = {tuple(text.split()): tuple(values) for text, values in ngrams.items()}
        known = {text: values for text, values in known.items() if all(word in numbers for word in text)}
        _check(words, known, ngrams)
        least = min(log_prob for text, (log_prob, _) in known.items() if len(text) == 1 and text != (BEGIN,))
        known = {(OTHER,): (least, 0.0), (END,): (least, 0.0)} | known
        self.ngrams = {" ".join(text): list(values) for text, values in known.items()}

        followed = {text[:-1] for text in known}
        histories = [(), *(text for text, (_, backoff) in known.items() if text in followed or backoff != 0)]
        self.order = 1 + max(map(len, histories))
        states = {history: state for state, history in enumerate(histories)}

        def state_of(text):
            return next(states[text[start:]] for start in range(len(text) + 1) if text[start:] in states)

        self.first = state_of((BEGIN,))
        """The state at the begin of a text."""
        self.backoffs = weight * np.array([0.0, *(known[history][1] for history in histories[1:])], "float32")
        """Of each state: the weighted logarithm of its back-off factor."""
        self.shorter = np.array([state_of(history[1:]) for history in histories], "int32")
        """Of each state: the one to which it falls back."""
        self.tokens = np.array([0, *(numbers[word if (word,) in known else OTHER] for word in words), other], "int64")
        """Of each number of a word: as which the n-grams know it."""
        arcs = sorted(
            (states[text[:-1]] * begin + numbers[text[-1]], weight * log_prob, state_of(text))
            for text, (log_prob, _) in known.items()
            if text[-1] != BEGIN
        )
        keys, log_probs, targets = zip(*arcs)
        self.keys = np.array(keys, "int64")
        """Of each arc: its state times the number of `<s>`, and the number of its word; sorted."""
        self.log_probs, self.targets = np.array(log_probs, "float32"), np.array(targets, "int32")
        """Of each arc: the weighted log-probability of its word, and the state behind it."""
        self.unigrams = self.log_probs[np.searchsorted(self.keys, self.tokens)]
        """Of each number of a word: the weighted log-probability of the word, whatever is before it."""

    def reader(self) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """A function from states and numbers of words, int32 of one shape, to the weighted log-probabilities of the
        words, float32, and the states behind them, int32. It holds the tables as constants of the graph."""
        tables = (self.tokens, self.keys, self.log_probs, self.targets, self.backoffs, self.shorter)
        tokens, keys, log_probs, targets, backoffs, shorter = map(tf.constant, tables)

        def read(states, words):
            words, gains = tf.gather(tokens, words), tf.zeros(tf.shape(states))
            behind, found = tf.zeros_like(states), tf.zeros(tf.shape(states), "bool")
            for _ in range(self.order):  # without a history there is an arc for every word
                sought = tf.cast(states, "int64") * len(self.tokens) + words
                arcs = tf.reshape(tf.searchsorted(keys, tf.reshape(sought, [-1])), tf.shape(states))
                arcs = tf.minimum(arcs, len(self.keys) - 1)
                here = tf.equal(tf.gather(keys, arcs), sought) & ~found
                gains += tf.where(here, tf.gather(log_probs, arcs), 0.0)
                behind = tf.where(here, tf.gather(targets, arcs), behind)
                found |= here
                gains += tf.where(found, 0.0, tf.gather(backoffs, states))
                states = tf.where(found, states, tf.gather(shorter, states))
            return gains, behind

        return read

    def get_config(self) -> dict[str, Any]:
        """What makes it again, but for the words."""
        return {"ngrams": self.ngrams, "weight": self.weight, "word_bonus": self.word_bonus}


def _check(words, known, ngrams):
    if not any((word,) in known for word in words):
        own = next((text for text in ngrams if text not in (BEGIN, END, OTHER)), None)
        raise ValueError(f"The language model has none of the lexicon's words, like {words[0]!r}, but others: {own!r}")
    if len(known) > MAX_NGRAMS:
        raise ValueError(
            f"A language model has at most {MAX_NGRAMS:,} n-grams of the lexicon's words; prune it, or leave the "
            f"longest out. Received: {len(known):,}"
        )
