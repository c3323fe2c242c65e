"""How much text training takes in, whatever there is: 100,000 documents of 10,000 words are 6 GB of it.

One bound for three of its parts, 50 MB of English, half as much again as all reviews of IMDb. N-grams of so much are
counted in a minute or two and 1 to 2 GB; those of the 100,000 documents would take an hour and more than 100 GB.
"""

import warnings
from collections.abc import Sequence

import numpy as np

from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.tasks.sentiment.plans import WINDOW

MAX_CHARACTERS = 50_000_000  # of all texts


def bounded(training: Sequence[Pair], validating: Sequence[Pair]) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """Pairs (text, label) for training and for validation, as they are up to `MAX_CHARACTERS` each.

    Of more, training reads every text up to its share of them, though never less than what a pass sees; validation
    whole texts, as prediction does, a sample of them. A warning says so.

    Example:

    >>> bounded([("a good film", "good")], [("a bad film", "bad")])
    ([('a good film', 'good')], [('a bad film', 'bad')])
    """
    beginnings, length = training, max(WINDOW, MAX_CHARACTERS // len(training))
    if _characters(training) > MAX_CHARACTERS:
        beginnings = [(text[:length], label) for text, label in training]
    drawn = sampled(validating)
    if _characters(beginnings) < _characters(training) or len(drawn) < len(validating):
        warnings.warn(
            f"More than {MAX_CHARACTERS:,} characters of text: training reads of each no more than its first "
            f"{length:,}, and {len(drawn):,} whole ones of {len(validating):,} are for validation.",
            stacklevel=4,
        )
    return beginnings, drawn


def sampled(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Pairs (text, label) with `MAX_CHARACTERS` in all, in their order; of more a random sample with every label."""
    if _characters(pairs) <= MAX_CHARACTERS:
        return pairs
    drawn = np.random.default_rng(0).permutation(len(pairs)).tolist()
    one_a_label = {pairs[row][1]: row for row in drawn}.values()
    rows = list(dict.fromkeys([*one_a_label, *drawn]))
    ends = np.cumsum([len(pairs[row][0]) for row in rows])
    fitting = max(1, np.searchsorted(ends, MAX_CHARACTERS, side="right"))
    return [pairs[row] for row in sorted(rows[:fitting])]


def _characters(pairs):
    return sum(len(text) for text, _ in pairs)
