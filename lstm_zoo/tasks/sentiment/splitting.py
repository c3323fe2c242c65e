"""Texts set aside for validation: none that is learnt too."""

import collections
import warnings
from collections.abc import Callable, Sequence

from lstm_zoo import classification
from lstm_zoo.tasks.sentiment.pairs import Pair

FEW = 10  # different texts, of which one is more than the share for validation


def split(
    pairs: Sequence[Pair], seed: int = 0, by: Callable[..., tuple[list, list]] = classification.split
) -> tuple[list[Pair], list[Pair]]:
    """Set a tenth of the different texts aside for validation, see `classification.split`; equal ones stay together.

    Texts are equal that differ in case and white space alone. One that is more than a tenth of all pairs is learnt,
    where its label has two others. Where fewer than `FEW` are different, or every label has one text, copies are on
    both sides, which a warning says: then validation tells nothing of other texts. Another warning says how many texts
    have different labels.

    Args:
        pairs: pairs (text, label), or (text, labels).
        seed: draws the texts.
        by: function of pairs and seed that sets some aside; `multilabel.split` for several labels a text.

    Returns:
        Two lists of pairs, for training and for validation.

    Raises:
        ValueError: no label that occurs twice.

    Example:

    >>> training, validation = split([(f"text {row % 20}", row % 2) for row in range(40)])
    >>> {text for text, _ in training} & {text for text, _ in validation}
    set()
    """
    rows_of = collections.defaultdict(list)
    for row, (text, _) in enumerate(pairs):
        rows_of[" ".join(text.split()).casefold()].append(row)
    _warn_of_contradictions(pairs, rows_of.values())
    groups = [
        (rows, collections.Counter(pairs[row][1] for row in rows).most_common(1)[0][0]) for rows in rows_of.values()
    ]
    texts_of = collections.Counter(label for _, label in groups)
    if len(groups) < len(pairs) and (len(groups) < FEW or max(texts_of.values()) == 1):
        warnings.warn(
            f"Of {len(pairs):,} texts {len(groups):,} are different, too few to set one aside, like "
            f"{pairs[0][0]!r:.80}: copies of what is learnt are for validation, whose scores tell nothing of other "
            "texts.",
            stacklevel=3,
        )
        return by(pairs, seed)
    frequent = max(1, classification.VALIDATION_SHARE * len(pairs))
    rare = [group for group in groups if len(group[0]) <= frequent]
    others = collections.Counter(label for _, label in rare)
    drawn = [group for group in groups if len(group[0]) <= frequent or others[group[1]] < 2]
    held_out = {row for rows, _ in by(drawn, seed)[1] for row in rows}
    return (
        [pair for row, pair in enumerate(pairs) if row not in held_out],
        [pair for row, pair in enumerate(pairs) if row in held_out],
    )


def _warn_of_contradictions(pairs, groups):
    """Say how many texts have different labels, and the first of them."""
    labels = [list(dict.fromkeys(pairs[row][1] for row in rows)) for rows in groups]
    if contradictions := [(rows[0], names) for rows, names in zip(groups, labels) if len(names) > 1]:
        row, names = contradictions[0]
        warnings.warn(
            f"Texts with different labels: {len(contradictions):,}. The first, {pairs[row][0]!r:.80}, has "
            f"{' and '.join(map(repr, names))}.",
            stacklevel=4,
        )
