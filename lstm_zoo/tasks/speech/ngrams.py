"""Which words follow one another: n-grams of an ARPA file, or estimated from texts."""

import collections
import math
import os
import re
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

from lstm_zoo.tasks.speech.text_files import read_lines

BEGIN, END, OTHER = "<s>", "</s>", "<unk>"  # what stands for the ends of a sentence, and for any other word
ORDER = 3  # words of the longest n-grams that are estimated
NEVER = -99.0  # common logarithm, of `<s>`, which follows nothing
# Of an ARPA file: how a line begins that no text has; the heading of n-grams, and how many the head tells of.
MARK = re.compile(r"\s*\\(data\\|end\\|\d+-grams)", re.IGNORECASE)
HEADING, COUNT = re.compile(r"\\([1-9]\d*)-grams:"), re.compile(r"ngram\s+(\d+)\s*=\s*(\d+)")

Ngrams = dict[str, tuple[float, float]]
"""Words with a space between them -> natural logarithms of the probability of the last one behind the others, and of
the factor of a word behind all of them that makes no longer n-gram: so much less probable is it than behind all but the
first (back-off, Katz 1987, https://doi.org/10.1109/TASSP.1987.1165125)."""


def read_language_model(source: Any) -> Ngrams:
    """N-grams of an ARPA file, or of texts.

    Args:
        source: the path of an ARPA file, or of a text file with a sentence a line; or a list of sentences. White space
            stands between words.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: no sentences, something else than texts, an ARPA file that is malformed or cut off.

    Example:

    >>> math.exp(read_language_model(["GO ON", "GO HOME"])["GO ON"][0])  # 0.34
    """
    if isinstance(source, (str, os.PathLike)):
        lines = read_lines(source, "A language model is the path of an ARPA file or of texts, or a list of texts.")
        return parse_arpa(lines, str(source)) if any(map(MARK.match, lines)) else estimated(lines)
    if not isinstance(source, Iterable):
        raise ValueError(f"A language model is a path, or a list of texts. Received: {reprlib.repr(source)}")
    sentences = list(source)
    if wrong := [sentence for sentence in sentences if not isinstance(sentence, str)]:
        raise ValueError(f"A language model is estimated from texts. Received: {reprlib.repr(wrong[0])}")
    return estimated(sentences)


def parse_arpa(lines: Sequence[str], name: str) -> Ngrams:
    """N-grams of the lines of an ARPA file (https://cmusphinx.github.io/wiki/arpaformat), whose logarithms are common.

    Args:
        lines: of the file.
        name: of the file, for errors.

    Raises:
        ValueError: a line that is no n-gram, an n-gram without its history, a file that is cut off, or has other
            numbers of n-grams than it tells.
    """
    ngrams, told, found, order = {}, {}, collections.Counter(), None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line == "\\data\\":
            order = 0
        elif order is None:  # before it is what anybody likes
            continue
        elif line == "\\end\\":
            break
        elif heading := HEADING.fullmatch(line):
            order = int(heading[1])
        elif line.startswith("\\"):
            raise ValueError(f"{name}, line {number}, is no heading of an ARPA file. Received: {line!r:.160}")
        elif line and order:
            log_prob, *words = line.replace("<UNK>", OTHER).split()
            backoff = words.pop() if len(words) == order + 1 else "0"
            history, text = " ".join(words[:-1]), " ".join(words)
            try:
                numbers = float(log_prob), float(backoff)
            except ValueError:
                numbers = math.nan, math.nan
            if len(words) != order or not all(map(math.isfinite, numbers)) or numbers[0] > 0:
                raise ValueError(f"{name}, line {number}, is no {order}-gram of an ARPA file. Received: {line!r:.160}")
            if history and history not in ngrams:
                raise ValueError(f"{name}, line {number}: {history!r} is no n-gram of the ARPA file before it")
            ngrams[text] = tuple(number * math.log(10) for number in numbers)
            found[order] += 1
        elif count := COUNT.fullmatch(line):
            told[int(count[1])] = int(count[2])
    else:
        lacking = "\\data\\" if order is None else "\\end\\"
        raise ValueError(f"{name} is an ARPA file without the line {lacking}: it is cut off.")
    if not ngrams:
        raise ValueError(f"{name} is an ARPA file without n-grams.")
    for order, count in told.items():
        if found[order] != count:
            raise ValueError(f"{name} is an ARPA file that tells of {count} {order}-grams. Received: {found[order]}")
    return ngrams


def estimated(texts: Iterable[str], order: int = ORDER) -> Ngrams:
    """N-grams of texts, by interpolation after Witten and Bell 1991 (https://doi.org/10.1109/18.87000), as in Chen and
    Goodman 1999 (https://doi.org/10.1006/csla.1999.0128): the more kinds of words follow a history, the more probable
    is another one. Where nothing is known, any word of the texts, the end and `<unk>` are alike.

    Args:
        texts: sentences, whose begin and end count.
        order: words of the longest n-grams.

    Raises:
        ValueError: texts without a word.

    Example:

    >>> math.exp(estimated(["A A", "A"])["A A"][0])  # 0.41
    """
    counts = collections.defaultdict(collections.Counter)
    for text in texts:
        said = [word for word in text.split() if word not in (BEGIN, END)]  # which some transcripts have
        words = [BEGIN, *said, END] if said else []
        for place in range(1, len(words)):
            for start in range(max(0, place - order + 1), place + 1):
                counts[tuple(words[start:place])][words[place]] += 1
    if not counts:
        raise ValueError(
            f"A language model is estimated from texts, and there is no word in these. Received: {reprlib.repr(texts)}"
        )
    vocabulary = dict.fromkeys([*counts[()], OTHER])
    probabilities, backoffs = {}, {}
    for history in sorted(counts, key=len):
        followers = counts[history]
        kinds, total = len(followers), len(followers) + followers.total()
        backoffs[history] = kinds / total
        for word in followers if history else vocabulary:
            shorter = probabilities[(*history[1:], word)] if history else 1 / len(vocabulary)
            probabilities[(*history, word)] = (followers[word] + kinds * shorter) / total
    ngrams = {BEGIN: (NEVER * math.log(10), math.log(backoffs.get((BEGIN,), 1)))}
    for words, probability in probabilities.items():
        ngrams[" ".join(words)] = math.log(probability), math.log(backoffs.get(words, 1))
    return ngrams
