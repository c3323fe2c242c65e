"""What texts are like, in a few numbers, and whether other texts are unlike them: their words, lengths and scripts.

A network answers whatever it is asked, and as surely to what it cannot read. `train` writes the profile of its texts
into the file of a pipeline, and `predict` warns where what it is given is unlike that. Nothing here needs more than
Python: a look at 1,000 texts takes some tens of milliseconds, at one some hundredths of one.
"""

import collections
import functools
import math
import re
import statistics
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

SAMPLE = 1_000  # texts that are looked at, of more
CHARACTERS = 1_000  # of a text, from its start, that are looked at
FEW = 10  # texts, below which only what is unlike in its greater part is said to be so
MANY_UNKNOWN = 0.1  # share of unknown words up to which no texts are unlike others
MOST_UNKNOWN = 0.75  # share of unknown words beyond which the few texts are unlike whatever others
SURE = 20  # texts for validation, below which their percentiles tell nothing
LENGTHS = 2.0  # times shorter or longer than nearly all texts are
SCRIPT = 0.01  # share of the letters from which a script is one of the texts'
# Scripts that have no spaces between words -> letters a word from which a text has none; with spaces put in by a
# program, Chinese and Japanese have about 2, Thai 4.
UNSPACED = {
    **dict.fromkeys(("Han", "Hiragana", "Katakana"), 3.0),
    **dict.fromkeys(("Thai", "Lao", "Khmer", "Myanmar"), 8.0),
}
LITTLE = "its answers mean little here"
_MARKUP = re.compile("<[^<>]*>")


class _Separated(dict):
    """For `str.translate`: a sign is a space, but for apostrophes, which a word may hold."""

    def __missing__(self, code):
        character = chr(code)
        kept = "'" if character in "'\u2018\u2019\u00b4`" else " "
        self[code] = character if unicodedata.category(character)[0] in "LMN" else kept
        return self[code]


_SEPARATED = _Separated()


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without mark-up and signs, about as networks of words read them.

    Example:

    >>> words_of("Don't miss it!<br />")
    ["don't", 'miss', 'it']
    """
    words = _MARKUP.sub(" ", text).lower().translate(_SEPARATED).split()
    return [word for word in (word.strip("'") for word in words) if word]


@functools.lru_cache(maxsize=10_000)
def script_of(letter: str) -> str | None:
    """The script that a letter belongs to, as the first word of its Unicode name tells it; None for no letter.

    Example:

    >>> script_of("ж")
    'Cyrillic'
    """
    if not letter.isalpha():
        return None
    words = unicodedata.name(letter, "UNKNOWN").split()
    name = next((word for word in words if word not in ("FULLWIDTH", "HALFWIDTH", "MODIFIER")), words[0])
    return "Han" if name in ("CJK", "KANGXI", "IDEOGRAPHIC") else name.capitalize()


def scripts_of(text: str) -> collections.Counter:
    """Script -> how many letters of it a text has."""
    counts = collections.Counter()
    for character, count in collections.Counter(text).items():
        if (script := script_of(character)) is not None:
            counts[script] += count
    return counts


def sampled(texts: Sequence[str]) -> list[str]:
    """Evenly spaced texts, at most `SAMPLE` of them, without those that are empty."""
    every = max(1, -(-len(texts) // SAMPLE))
    return [text for text in texts[::every] if not text.isspace() and text]


def profile_of(training: Sequence[str], validating: Sequence[str], known: Collection[str]) -> dict[str, Any]:
    """The profile of texts, as JSON has it.

    Args:
        training, validating: texts that a network learnt from, and such that it did not.
        known: the words that it knows, in lower case.

    Returns:
        Dict: `unknown`, the share of unknown words in a text for validation, its `median` and `most`, the 99th
        percentile, one half at least where there are fewer than 20 such texts; `words` in a text, `least` and `most`,
        the 1st and the 99th percentile; `scripts`, the share of the letters by script, the most frequent first.

    Example:

    >>> profile_of(["a good film"] * 9, ["a bad film"], {"a", "good", "film"})
    {'unknown': {'median': 0.3333, 'most': 0.5}, 'words': {'least': 3, 'most': 3}, 'scripts': {'Latin': 1.0}}
    """
    learnt, held_out = sampled(training), sampled(validating)
    read = _read(held_out)
    shares = _unknown(read, known)
    most = _percentile(shares, 0.99)
    lengths = [length for _, length in [*_read(learnt), *read]]
    letters = sum((scripts_of(text[:CHARACTERS]) for text in [*learnt, *held_out]), collections.Counter())
    scripts = {name: round(count / letters.total(), 4) for name, count in letters.most_common()}
    return {
        "unknown": {
            "median": round(statistics.median(shares or [0.0]), 4),
            "most": round(most if len(shares) >= SURE else max(most, 0.5), 4),
        },
        "words": {"least": _percentile(lengths, 0.01), "most": _percentile(lengths, 0.99)},
        "scripts": {name: share for name, share in scripts.items() if share},
    }


def _percentile(values, share):
    """The value below which a share of them lies; 0 for none."""
    return sorted(values)[min(len(values) - 1, math.floor(share * len(values)))] if values else 0


def _read(texts):
    """Of each text that has words those in its beginning, and how many it has; of a long one by its beginning."""
    read = ((words_of(text[:CHARACTERS]), max(1.0, len(text) / CHARACTERS)) for text in texts)
    return [(words, round(len(words) * times)) for words, times in read if words]


def _unknown(read, known):
    """Share of the words that are not known, of each text."""
    return [sum(word not in known for word in words) / len(words) for words, _ in read]


def _is_share(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_profile(value: Any) -> bool:
    """Whether a value can be what `profile_of` returns, `frequent` words in a text beside it or not: a file of somebody
    else's may say anything."""
    match value:
        case {
            "unknown": {"median": median, "most": most},
            "words": {"least": least, "most": longest},
            "scripts": dict(),
        }:
            shares = [median, most, *value["scripts"].values()]
            counts, frequent = (least, longest), value.get("frequent", "")
            return all(map(_is_share, shares)) and all(map(_is_count, counts)) and isinstance(frequent, str)
    return False


def unlike(
    texts: Sequence[str],
    profile: dict[str, Any] | None,
    words: Collection[str],
    unknown: str,
    few: int = FEW,
) -> str | None:
    """A sentence with the numbers, and what to do, where texts are unlike those of a profile, else None.

    One odd text among others is normal: what the middle one of them is like decides. Texts are unlike others

    - where more than half of the letters are of another script;
    - where more of the words are unknown than in 99 texts in 100, and a tenth; where there are fewer than `few` texts,
      more than half, or two and a half times that share, at most `MOST_UNKNOWN`;
    - where there are `FEW` texts or more, and they have less than half or more than twice the words of 98 in 100.

    Texts without a word do not count.

    Args:
        texts: what a network is asked.
        profile: what `profile_of` returned for what it learnt from; of a file without, None, nothing is said.
        words: those that it knows, in lower case.
        unknown: what the words are that it does not know, like "unknown to it".
        few: texts, below which a share of unknown words that whole texts hardly have may be chance.

    Example:

    >>> profile = profile_of(["a good film"] * 99, ["a good film"] * 20, {"a", "good", "film"})
    >>> unlike(["ein guter Film"], profile, {"a", "good", "film"}, "unknown to it").partition(":")[0]
    '67 % of the words are unknown to it, 0 % in the texts that it learnt from'
    """
    if profile is None:
        return None
    texts = sampled(texts)
    if (sentence := _of_scripts(texts, profile)) is None:
        read = _read(texts)
        sentence = _of_words(read, profile, words, unknown, few) or _of_lengths(read, profile)
    return sentence and f"{sentence}; train on texts of your own"


def _of_scripts(texts, profile):
    own = [name for name, share in profile["scripts"].items() if share >= SCRIPT]
    counted = [counts for counts in (scripts_of(text[:CHARACTERS]) for text in texts) if counts]
    shares = [1 - sum(counts[name] for name in own) / counts.total() for counts in counted]
    if not own or not shares or statistics.median(shares) <= 0.5:
        return None
    letters = sum(counted, collections.Counter())
    name = max(letters.keys() - set(own), key=letters.get)
    share = _percent(letters[name] / letters.total())
    return f"{share} of the letters are {name}, those of the texts that it learnt from {' and '.join(own)}: {LITTLE}"


def _of_words(read, profile, known, unknown, few):
    most, shares = profile["unknown"]["most"], _unknown(read, known)
    share = statistics.median(shares or [0.0])
    # By chance half of the words of one short text are in pieces: the percentile is that of whole texts.
    least = max(0.5, min(2.5 * most, MOST_UNKNOWN)) if len(shares) < few else MANY_UNKNOWN
    if share <= max(most, least):
        return None
    before = _percent(profile["unknown"]["median"])
    return f"{_percent(share)} of the words are {unknown}, {before} in the texts that it learnt from: {LITTLE}"


def _of_lengths(read, profile):
    if len(read) < FEW:
        return None
    least, most = profile["words"]["least"], profile["words"]["most"]
    length = statistics.median(length for _, length in read)
    if least / LENGTHS <= length <= most * LENGTHS:
        return None
    shown = f"{length:,.0f} word{'' if round(length) == 1 else 's'} or {'fewer' if length < least else 'more'}"
    before = f"nearly all that it learnt from {least:,} to {most:,}"
    return f"half of the texts have {shown}, {before}: its score does not hold here"


def _percent(share):
    return f"{100 * share:.0f} %"


def unspaced(texts: Sequence[str]) -> tuple[str, float] | None:
    """The script of texts that have no spaces between their words, and the letters between two; else None.

    Example:

    >>> unspaced(["这部电影真的很好看"])
    ('Han', 9.0)
    """
    texts = [text[:CHARACTERS] for text in sampled(texts)]
    letters = sum(map(scripts_of, texts), collections.Counter())
    names = {name: count for name, count in letters.items() if name in UNSPACED}
    if not names or 2 * sum(names.values()) < letters.total():
        return None
    name = max(names, key=names.get)
    words = [word for text in texts for word in words_of(text) if script_of(word[0]) in UNSPACED]
    width = sum(map(len, words)) / max(1, len(words))
    return (name, width) if width > UNSPACED[name] else None
