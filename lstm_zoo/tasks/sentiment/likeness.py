"""Whether texts are like those that a pipeline learnt from: by its words, or by the words that are one subword each."""

from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo.caching import cached_in_model
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.text import profiles
from lstm_zoo.text.subwords import Subwords, processor


@cached_in_model
def known(pipeline: keras.Model) -> dict[str, Any]:
    """Which words a pipeline knows, in lower case, as `words`, and what others are to it, in a sentence, as `unknown`.

    One on subwords knows every word in pieces, so for it those count that are one subword as a whole.
    """
    layer = pipeline.get_layer("words")
    if isinstance(layer, Subwords):
        model = processor(layer.model)
        pieces = map(model.id_to_piece, range(model.get_piece_size()))
        words = (piece[1:].lower() for piece in pieces if piece.startswith("\u2581"))
        unknown = "none of its subwords as a whole"
    else:
        words, unknown = map(str, layer.get_vocabulary(include_special_tokens=False)), "unknown to it"
    return {"words": frozenset(words), "unknown": unknown}


def profile(pipeline: keras.Model, training: Sequence[Pair], validating: Sequence[Pair]) -> dict[str, Any]:
    """What the texts of pairs (text, label) are like, see `lstm_zoo.text.profiles`."""
    texts = ([text for text, _ in pairs] for pairs in (training, validating))
    return profiles.profile_of(*texts, known(pipeline)["words"])
