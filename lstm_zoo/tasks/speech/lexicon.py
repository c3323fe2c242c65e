"""The words that a network may write, the letters by which each is heard, and the trie that they make."""

import functools
import math
import numbers
import os
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lstm_zoo.contract import unknown
from lstm_zoo.layers import registered
from lstm_zoo.options import Bounds, check_value
from lstm_zoo.tasks.speech.language_model import LanguageModel
from lstm_zoo.tasks.speech.text_files import read_lines

UNKNOWN = "[unknown]"  # what is written for a word that is none of a lexicon
# Of a letter of an unknown word: the least of 1, 1.5, 2, 2.5... at which a lexicon of all their words costs AN4's
# validation speakers none by `speech-streaming-an4`; see `benchmarks/words.py`.
UNKNOWN_COST = 2.5
# Of logarithms that are added to the log-probability of a text: beside larger ones 32 bits tell nothing else apart.
WEIGHTS = Bounds(minimum=-1000, maximum=1000)

Words = str | os.PathLike | Iterable[str] | Mapping[str, Sequence[str]] | None
"""What a user gives as a lexicon, see `read_lexicon`; None: no lexicon."""


def read_lexicon(source: Any) -> dict[str, list[str]]:
    """Word -> further spellings by which it may be heard.

    Args:
        source: a list of words; a mapping of words to lists of spellings; or the path of a file with a word a line,
            and behind it, after a colon, its spellings: `ZERO: OH O`.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: no words, or a word or spelling that is none: empty, with white space in it, no text; a file that is
            no text, or a folder.

    Example:

    >>> read_lexicon(["YES", "NO"])
    {'YES': [], 'NO': []}
    """
    if isinstance(source, (str, os.PathLike)):
        lines = read_lines(source, "A lexicon is a list of words, or the path of a text file with a word a line.")
        parts = [line.partition(":") for line in lines if line.strip()]
        entries = [[word.strip(), *spellings.split()] for word, _, spellings in parts]
    elif isinstance(source, Mapping):
        entries = [[word, *_spellings(word, more)] for word, more in source.items()]
    elif isinstance(source, Iterable):
        entries = [[word] for word in source]
    else:
        raise ValueError(f"A lexicon is a list of words, or the path of a file. Received: {reprlib.repr(source)}")
    words = {}
    for entry in entries:
        for word in entry:
            if not isinstance(word, str) or word.split() != [word]:
                raise ValueError(
                    "A lexicon has words without white space; in a file spellings stand behind a colon, like ZERO: OH. "
                    f"Received: {word!r:.160}"
                )
        words.setdefault(str(entry[0]), []).extend(map(str, entry[1:]))
    if not words:
        raise ValueError(f"The lexicon is empty: it holds no word. Received: {reprlib.repr(source)}")
    return words


def _spellings(word, more):
    if not isinstance(more, Iterable):
        raise ValueError(f"The spellings of a word are a text or a list of texts. Received: {word!r}: {more!r:.160}")
    return [more] if isinstance(more, str) else more


def read_hotwords(source: Any) -> Any:
    """Word -> weight, of a text like "TWO=2,NINE=1.5", as a command line has it; anything else as it is.

    Raises:
        ValueError: another text.
    """
    if not isinstance(source, str):
        return source
    try:
        return {word.strip(): float(weight) for word, _, weight in (pair.rpartition("=") for pair in source.split(","))}
    except ValueError as error:
        raise ValueError(f"hotwords are words and weights, like TWO=2,NINE=1.5. Received: {source!r:.160}") from error


@registered
class Lexicon:
    """Words as a trie over the numbers of letters, with tables that a search reads in the graph.

    Args:
        characters: letters of the network, the first of which has the number 1.
        words: word -> further spellings, see `read_lexicon`.
        hotwords: word -> weight, which is added to the log-probability of a text as often as the word is in it. None:
            none.
        unknown: cost of a letter of a word that is none of these, a natural logarithm: letters are written as `UNKNOWN`
            where the best words are less probable than that (a filler model, Rose and Paul 1990,
            https://doi.org/10.1109/ICASSP.1990.115555). None: whatever is heard is a word of the lexicon.
        language_model: which words follow one another, arguments of a `LanguageModel` of the words. None: any alike.

    Raises:
        ValueError: letters that the network does not know, a spelling of two words, a hotword that is no word of the
            lexicon, a weight that is no number from -1000 to 1000, a cost that is none above 0 and up to 1000.

    Example:

    >>> Lexicon(" NO", {"NO": [], "ON": []}).nodes  # the root, N, NO, O, ON
    5
    """

    def __init__(
        self,
        characters: Sequence[str],
        words: Mapping[str, Sequence[str]],
        hotwords: Mapping[str, float] | None = None,
        unknown: float | None = None,
        language_model: Mapping[str, Any] | None = None,
    ):
        self.characters, self.words = list(characters), {word: list(more) for word, more in words.items()}
        self.hotwords, self.unknown = _checked(hotwords, self.words), _checked_cost(unknown)
        self.language_model = None if language_model is None else LanguageModel(list(self.words), **language_model)
        self._numbers = {character: number for number, character in enumerate(self.characters, 1)}
        self.space = self._numbers.get(" ", -1)
        weights = np.array([0.0, *(self.hotwords.get(word, 0.0) for word in self.words), 0.0])
        expected = weights
        if self.language_model is not None:
            weights = weights + self.language_model.word_bonus
            expected = weights + self.language_model.unigrams
        children, ends, promises = self._trie(expected)
        self.filler = -1 if unknown is None else len(children)
        """The node of words that are none of these, behind a character that is any letter; -1: there is none."""
        if unknown is not None:
            children[0][len(self.characters) + 1] = self.filler
            children, ends, promises = [*children, {}], [*ends, len(self.words) + 1], [*promises, expected[-1]]
        self.nodes = len(children)
        self.ends = np.array(ends, "int32")
        """Of each node: the number of the word that ends there, from 1 on, the last that of `UNKNOWN`; 0: none does."""
        self.weights = np.where(self.ends > 0, weights[self.ends], 0.0).astype("float32")
        """Of each node: the weight of that word, with what any is worth beside a language model."""
        self.promises = np.array(promises, "float32")
        """Of each node: the share of the best weight that lies ahead, by how much of its word is heard; with a language
        model the weight and the log-probability, whatever is before: look-ahead by unigrams (Ortmanns, Ney and Eiden,
        Language-model look-ahead for large vocabulary speech recognition, ICSLP 1996)."""
        self.transitions = np.full((self.nodes, len(self.characters) + 1 + (unknown is not None)), -1, "int32")
        """Of each node and character the node behind it, the same one behind a blank; -1 where no word goes on."""
        self.transitions[:, 0] = np.arange(self.nodes)
        for node, targets in enumerate(children):
            self.transitions[node, list(targets)] = list(targets.values())
        if self.space > 0:
            self.transitions[self.ends > 0, self.space] = 0
        spelled = [self._spelled(word, word) for word in self.words]
        spelled += [] if unknown is None else [[len(self.characters) + 1]]
        self.letters = np.zeros((len(spelled) + 1, max(map(len, spelled))), "int32")
        """Of each word, by its number, and `UNKNOWN`: its letters, padded with 0."""
        for row, letters in zip(self.letters[1:], spelled):
            row[: len(letters)] = letters

    @functools.cached_property
    def parents(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each node its parent, and the letter that leads to it."""
        nodes, letters = np.nonzero(self.transitions[:, 1:] > 0)
        children = self.transitions[nodes, letters + 1]
        parents, last = np.zeros((2, self.nodes), int)
        parents[children], last[children] = nodes, letters + 1
        return parents, last

    def _trie(self, expected):
        """Of each node: letter -> child, the word that ends there, and what is promised, by what words are worth."""
        children, ends, promises = [{}], [0], [0.0]
        for number, (word, more) in enumerate(self.words.items(), 1):
            for spelling in [word, *more]:
                node = 0
                for depth, letter in enumerate(self._spelled(spelling, word), 1):
                    if letter not in children[node]:
                        children[node][letter] = len(children)
                        children.append({})
                        ends.append(0)
                        promises.append(-math.inf)
                    node = children[node][letter]
                    promises[node] = max(promises[node], expected[number] * depth / len(spelling))
                if ends[node] not in (0, number):
                    other = list(self.words)[ends[node] - 1]
                    raise ValueError(f"A spelling is of one word. Received: {spelling!r} of {other!r} and of {word!r}")
                ends[node] = number
        return children, ends, promises

    def _spelled(self, spelling, word):
        """Numbers of the letters of a spelling."""
        if strange := sorted({letter for letter in spelling if letter not in self._numbers}):
            known = "".join(character for character in self.characters if character != " ")
            other = next((form for form in (spelling.upper(), spelling.lower()) if set(form) <= set(known)), None)
            raise ValueError(
                f"The network writes with the letters {known}. Received: {spelling!r}, a spelling of {word!r}, with "
                f"{', '.join(strange)}.{f' Did you mean {other!r}?' if other else ''}"
            )
        return [self._numbers[letter] for letter in spelling]

    def get_config(self) -> dict[str, Any]:
        """What makes it again."""
        about = {"words": self.words, "hotwords": self.hotwords, "unknown": self.unknown}
        model = None if self.language_model is None else self.language_model.get_config()
        return {"characters": self.characters, **about, "language_model": model}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Lexicon":
        """One of the configuration of another."""
        return cls(**config)


def _checked(hotwords, words):
    if hotwords is None:
        return {}
    if not isinstance(hotwords, Mapping):
        raise ValueError(f"hotwords is a dict word -> weight. Received: {reprlib.repr(hotwords)}")
    for word, weight in hotwords.items():
        if word not in words:
            raise unknown("hotword, which is no word of the lexicon", word, list(words))
        check_value(f"The weight of {word!r} in hotwords", weight, float, WEIGHTS)
    return {word: float(weight) for word, weight in hotwords.items()}


def _checked_cost(cost):
    if cost is None:
        return None
    if isinstance(cost, bool) or not isinstance(cost, numbers.Real) or not 0 < cost <= WEIGHTS.maximum:
        raise ValueError(f"unknown is a number above 0 and up to {WEIGHTS.maximum}, or None. Received: {cost!r}")
    return float(cost)
