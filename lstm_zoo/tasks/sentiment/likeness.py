"""Whether texts are like those that a pipeline learnt from: by its words, or by the words that are one subword each."""

import weakref
from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.text import profiles
from lstm_zoo.text.subwords import Subwords, processor

_known: weakref.WeakKeyDictionary[keras.Model, frozenset[str]] = weakref.WeakKeyDictionary()  # kept: some 50 ms


def known_words(pipeline: keras.Model) -> frozenset[str]:
    """The words that a pipeline knows, in lower case; of one on subwords those that are one subword as a whole."""
    if pipeline not in _known:
        layer = pipeline.get_layer("words")
        if isinstance(layer, Subwords):
            model = processor(layer.model)
            pieces = map(model.id_to_piece, range(model.get_piece_size()))
            words = (piece[1:].lower() for piece in pieces if piece.startswith("\u2581"))
        else:
            words = layer.get_vocabulary(include_special_tokens=False)
        _known[pipeline] = frozenset(map(str, words))
    return _known[pipeline]


def profile(pipeline: keras.Model, training: Sequence[Pair], validating: Sequence[Pair]) -> dict[str, Any]:
    """What the texts of pairs (text, label) are like, see `lstm_zoo.text.profiles`."""
    texts = ([text for text, _ in pairs] for pairs in (training, validating))
    return profiles.profile_of(*texts, known_words(pipeline))


def unlike(pipeline: keras.Model, profile: dict[str, Any], texts: Sequence[str]) -> str | None:
    """A sentence on texts that are unlike those of the profile, else None."""
    return profiles.unlike(texts, profile, known_words(pipeline), unknown_of(pipeline))


def unknown_of(pipeline: keras.Model) -> str:
    """What the words are, in a sentence, that a pipeline does not know."""
    subwords = isinstance(pipeline.get_layer("words"), Subwords)
    return "none of its subwords as a whole" if subwords else "unknown to it"
