"""Texts of several sentences: cut into them for a pipeline, which translates one at a time, and joined as they came."""

import dataclasses
import heapq
import itertools
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo.optional import need
from lstm_zoo.tasks.translation import pipelines
from lstm_zoo.text import inputs

# sentencex has a set of rules for each language, and a pipeline does not know which it reads: English rules for all. Of
# 10,000 pairs of captions of Multi30k they miss 6 ends in English, none in German, 7 in French; German rules 37, 8, 11.
# But they take the ends of "bzw." and "usw." for those of sentences, in lower case too, and every number before a point
# for the last word of one, where German rules are asked, which know "3. Mai", but no other ordinal number.
RULES, RULES_OF_ABBREVIATIONS = "en", "de"
NUMBER = re.compile(r"\d\.\s*$")
ORDINAL = re.compile(r"\b(?:am|im|vom|zum|beim|der|die|das|dem|den|des)\s+\d{1,3}\.\s*$", re.IGNORECASE)
MAX_LINE = 60  # characters of a line that is not wrapped: longer ones, and single words, go on in the next


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence of a text: what the pipeline reads, and where its translation goes."""

    text: str
    row: int
    """Number of its text."""
    gap: str = ""
    """The white space between it and the next sentence of its text."""


def prepare(raw: Any, place: Callable[[int], str] = "Item {}".format) -> list[Sentence]:
    """The sentences of what a user gave: one text, or texts (str or UTF-8 bytes). An empty text has one, empty.

    Args:
        raw, place: see `lstm_zoo.text.inputs.prepare`.

    Raises:
        ValueError: something else; the message names the item.
        ImportError: the extra `translation` is not installed.

    Example:

    >>> prepare("Ein Hund rennt.  Er bellt.")
    [Sentence(text='Ein Hund rennt.', row=0, gap='  '), Sentence(text='Er bellt.', row=0, gap='')]
    """
    texts = enumerate(inputs.prepare(raw, place))
    return [Sentence(sentence, row, gap) for row, text in texts for sentence, gap in split(text)]


def split(text: str) -> list[tuple[str, str]]:
    """Pairs (sentence, white space between it and the next) of a text, one at least, whose only one is the text itself.

    A sentence ends as sentencex finds it, at an empty line, and with a line that stands for itself: one of at most 60
    characters and two words or more, behind which the next does not begin in lower case.

    Example:

    >>> split("Ein Hund rennt. Er bellt!\\n\\nEnde")
    [('Ein Hund rennt.', ' '), ('Er bellt!', '\\n\\n'), ('Ende', '')]
    """
    parts = [part for part in _parts(text.strip()) if part]
    if len(parts) < 2:
        return [(text, "")]
    sentences = [part.rstrip() for part in parts]
    return [(sentence, part[len(sentence) :]) for sentence, part in zip(sentences, parts)]


def _parts(text):
    """Sentences with the white space behind them."""
    # sentencex ends the process's thread in a panic on some white space of more than one byte.
    plain = re.sub(r"[^\S \t\r\n]", " ", text)
    in_capitals = re.sub(r"(?<!\d)[.!?]\s+[a-zà-öø-þ]", lambda match: match[0].upper(), plain)  # else case alone counts
    sure, begin = set(_ends(in_capitals, RULES_OF_ABBREVIATIONS)), 0
    for end in _ends(plain, RULES):
        sentence, following = plain[begin:end], plain[end : end + 1]
        doubtful = following.islower() or NUMBER.search(sentence)
        # White space, and the empty lines that are segments of their own, belong to what is before them.
        if following.isspace() or (doubtful and end not in sure) or (following and ORDINAL.search(sentence)):
            continue
        yield from _lines(text[begin:end])
        begin = end


def _ends(text, language):
    """Where sentences end by the rules of a language, and where the white space between them does."""
    return itertools.accumulate(map(len, need("sentencex", "translation").segment(language, text)))


def _lines(part):
    """A sentence, cut behind each line that stands for itself."""
    begin = 0
    for line_break in re.finditer(r"\s*\n\s*(?=\S)", part):
        line = part[begin : line_break.start()].rpartition("\n")[2]
        for_itself = len(line.split()) > 1 and len(line) <= MAX_LINE and not part[line_break.end()].islower()
        if for_itself or line_break.group().count("\n") > 1:
            yield part[begin : line_break.end()]
            begin = line_break.end()
    yield part[begin:]


def length(item: Sentence) -> int:
    """Characters of a sentence."""
    return len(item.text)


def encode(pipeline: keras.Model, items: Sequence[Sentence]) -> tf.Tensor:
    """What a pipeline takes, strings (batch,), of sentences; a warning where one is too long to be translated whole."""
    limit = pipelines.MAX_ANSWER_TOKENS
    if long := [
        item.text for item in items if len(item.text) > limit
    ]:  # of fewer characters there are no more subwords
        tokens, _ = pipelines.tokens_of(tf.constant(long), pipelines.preprocessing_of(pipeline))
        if count := int((np.count_nonzero(tokens, axis=1) - 1 > limit).sum()):  # without the end
            most = f"{limit} subwords, the most that a translation has"
            warnings.warn(f"Sentences of more than {most}: {count}, whose translations are cut off.", stacklevel=2)
    return pipelines.encode(pipeline, [item.text for item in items])


def decode(outputs: Sequence[dict[str, Any]], items: Sequence[Sentence], *_: Any) -> list[dict[str, Any]]:
    """Plain Python answers from pipeline outputs, one a text: `[{"text": "A dog runs.", "score": -1.5}, ...]`.

    The score of a text of several sentences is the mean of theirs.
    """
    answers = pipelines.decode(outputs)
    return [joined([[answers[row]] for row in rows], [items[row].gap for row in rows])[0] for rows in rows_of(items)]


def rows_of(items: Sequence[Sentence]) -> Iterator[list[int]]:
    """For each text the places of its sentences."""
    for _, rows in itertools.groupby(range(len(items)), key=lambda place: items[place].row):
        yield list(rows)


def joined(translations: Sequence[Sequence[dict[str, Any]]], gaps: Iterable[str], count: int = 1) -> list[dict]:
    """The best `count` translations of a text, `[{"text": ..., "score": ...}, ...]`, best first.

    Args:
        translations: for each of its sentences some, best first.
        gaps: the white space behind each.
        count: how many.

    Example:

    >>> first, second = [{"text": "A.", "score": -1.0}], [{"text": "B.", "score": -2.0}, {"text": "C.", "score": -4.0}]
    >>> joined([first, second], [" ", ""], 2)
    [{'text': 'A. B.', 'score': -1.5}, {'text': 'A. C.', 'score': -2.5}]
    """
    whole = [("", 0.0)]
    for some, gap in zip(translations, gaps):
        longer = [(text + one["text"] + gap, total + one["score"]) for text, total in whole for one in some]
        whole = heapq.nlargest(count, longer, key=lambda translation: translation[1])
    return [{"text": text, "score": total / len(translations)} for text, total in whole]
