"""Texts as the ids of their words, their n-grams or their subwords, and their labels."""

from __future__ import annotations

import base64
import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstm_zoo.portable.answers import Run, labelled, need, padded

UNKNOWN = 1  # id of a word that is not in the vocabulary
VOCABULARIES = {"ids": "vocabulary", "ngrams": "ngrams", "characters": "characters"}  # input -> what tells its ids


class Texts:
    """Texts and their labels.

    Args:
        told: metadata of the network.

    Raises:
        ImportError: sentencepiece, for a network of subwords, is not installed.

    Example:

    >>> told = {"rules": [["!", " ! "]], "lower": True, "vocabulary": ["", "[UNK]", "film"], "labels": ["bad", "good"]}
    >>> Texts(told).ids("Film!")
    {'ids': [2, 1]}
    """

    def __init__(self, told: Mapping[str, Any]):
        self.told, self._subwords = told, None
        self._rules = [(re.compile(pattern), replacement) for pattern, replacement in told["rules"]]
        self._numbers = {
            name: {word: number for number, word in enumerate(told[key])}
            for name, key in VOCABULARIES.items()
            if key in told
        }
        if "sentencepiece" in told:
            self._subwords = need("sentencepiece").SentencePieceProcessor(
                model_proto=base64.b64decode(told["sentencepiece"])
            )

    def prepare(self, raw: Any) -> list[str]:
        """Checked texts of what a user gave: one, or an iterable of them, str or UTF-8 bytes.

        Raises:
            ValueError: something else; a lone text that is the name of a file.
        """
        if isinstance(raw, (str, bytes)):
            if os.path.isfile(raw):  # noqa: PTH113 - no error of a text that is too long for a path
                raise ValueError(
                    f"{raw!r} is a file, and texts are expected; its name itself is one in a list: [{raw!r}]."
                )
            raw = [raw]
        if not hasattr(raw, "__iter__") or hasattr(raw, "keys"):
            raise ValueError(f"A text or a list of texts is expected. Received: {raw!r}")
        return [_checked(text, f"Item {row}") for row, text in enumerate(raw)]

    def ids(self, text: str) -> dict[str, list[int]]:
        """Name of each input of the network -> ids of a text."""
        if self.told["lower"]:
            text = text.partition("\0")[0].lower()  # the graph reads nothing behind a NUL
        for pattern, replacement in self._rules:
            text = pattern.sub(replacement, text)
        if self._subwords is not None:
            end = self.told["end"]
            return {"ids": [end, *self._subwords.encode(text), end]}
        words = text.split()
        found = {
            "ids": words,
            "ngrams": [*words, *map(" ".join, itertools.pairwise(words))],
            "characters": _characters(words, self.told.get("widths", ())),
        }
        rows = {name: [known.get(each, UNKNOWN) for each in found[name]] for name, known in self._numbers.items()}
        return rows | {name: sorted(set(rows[name])) for name in self.told.get("once", ())}

    def answer(self, texts: Sequence[str], run: Run, scores: bool) -> Iterator[dict[str, Any]]:
        """Answers to checked texts, of a network that gives probabilities."""
        rows = [self.ids(text) for text in texts]
        return labelled(
            run(**{name: padded([row[name] for row in rows], "int32") for name in rows[0]}), self.told, scores
        )


def _checked(text, place):
    if isinstance(text, bytes):
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{place} is not UTF-8: {error}. Received: {text[:80]!r}") from error
    if not isinstance(text, str):
        raise ValueError(f"{place} is not a text: a str or UTF-8 bytes is expected. Received: {text!r:.160}")
    return text.encode(errors="replace").decode()  # half an emoji, as JSON can hold, is no Unicode text


def _characters(words, widths):
    """What characters there are in a row, so many as each of the widths, in words between two "_"."""
    return [
        f"_{word}_"[begin : begin + width]
        for word in words
        for width in widths
        for begin in range(len(word) + 3 - width)
    ]
