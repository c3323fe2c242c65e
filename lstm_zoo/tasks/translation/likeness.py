"""Whether sentences are like those that a pipeline learnt from: by the words that are frequent in these.

The subwords do not tell it, for those of both languages are in one vocabulary. Of the words of other German captions of
Multi30k, of a letter in German, of help pages of programs in German, of English and of French captions 13, 59, 58, 89
and 100 % (the median sentence) are not among the 1,000 most frequent of its German captions; among its 3,009 subwords
that are whole words 17, 59, 57, 11 and 77 % are not.
"""

import collections
from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.sentences import Sentence
from lstm_zoo.text import profiles

FREQUENT = 1_000  # words
COUNTED = 50_000  # sentences whose words are counted, of more
FEW = 5  # sentences, below which half of the words may be rare by chance: of 5 captions for the test in a row never


def profile(_: keras.Model, training: Sequence[Pair], validating: Sequence[Pair]) -> dict[str, Any]:
    """What the sources of pairs (sentence, translation) are like, see `lstm_zoo.text.profiles`, the unknown words being
    those that are not `frequent`: the 1,000 most frequent of training, with a space between two."""
    sources, held_out = ([source for source, _ in pairs] for pairs in (training, validating))
    every = max(1, -(-len(sources) // COUNTED))
    counts = collections.Counter(word for source in sources[::every] for word in profiles.words_of(source))
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    return {**profiles.profile_of(sources, held_out, set(frequent)), "frequent": " ".join(frequent)}


def known(_: keras.Model) -> dict[str, Any]:
    """Nothing: all that `unlike` needs is in the profile."""
    return {}


def unlike(items: Sequence[Sentence | str], profile: dict[str, Any] | None) -> str | None:
    """A sentence with the numbers, and what to do, where sentences are unlike those of a profile, else None, see
    `lstm_zoo.text.profiles.unlike`.

    Args:
        items: sentences that are to be translated.
        profile: what `profile` returned; of a file without, None, nothing is said.

    Example:

    >>> told = profile(None, [("Ein Hund rennt.", "A dog runs.")] * 50, [("Ein Hund rennt.", "A dog runs.")] * 20)
    >>> unlike(["A dog runs."], told).partition(":")[0]
    '100 % of the words are not among the 1,000 most frequent that it learnt, 0 % in the texts that it learnt from'
    """
    if profile is None or "frequent" not in profile:
        return None
    texts = [item if isinstance(item, str) else item.text for item in items]
    frequent = frozenset(profile["frequent"].split())
    return profiles.unlike(texts, profile, frequent, f"not among the {FREQUENT:,} most frequent that it learnt", FEW)
