"""Characters: the ids that a text is read as, inside the graph."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo.layers import registered

PADDING, UNKNOWN, FIRST = range(3)  # ids: of no character, of one that is not in the alphabet, of the first of it
REPLACEMENT = 0xFFFD  # code point that stands for an unknown character


@registered
class Characters(keras.layers.Layer):
    """Texts as characters, and with `reverse=True` characters as texts.

    Input: strings (batch,). Output: int32 (batch, steps), padded with 0; a NUL is no character. In reverse: int32
    (batch, steps) -> strings (batch,).

    A language model asks it what `Subwords` is asked too: `start`, `end`, `first_written`, `joined`, `normalized` and
    `counts`.

    Args:
        alphabet: str of the characters that are told apart, each once, sorted.

    Example:

    >>> Characters("ab")(tf.constant(["ba", "a?"]))  # [[3, 2], [2, 1]]
    """

    end = PADDING  # id that ends a text: none, since padding is never written
    first_written = FIRST  # the ids below are never written

    def __init__(self, alphabet: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.alphabet = alphabet
        self.points = [ord(character) for character in alphabet]

    @property
    def start(self) -> int:
        """The id before the first character of a text: that of a line break, if it is known."""
        return FIRST + self.alphabet.index("\n") if "\n" in self.alphabet else UNKNOWN

    def vocabulary_size(self) -> int:
        """Number of ids."""
        return FIRST + len(self.alphabet)

    def metadata(self) -> dict[str, list[str]]:
        """What the ids mean, as JSON: `vocabulary`, the character of each, of the unknown one U+FFFD."""
        return {"vocabulary": ["", chr(REPLACEMENT), *self.alphabet]}

    def joined(self, texts: Sequence[str]) -> list[str]:
        """The texts as they are read in one stream: as a single one, a line break between them."""
        return ["\n".join(texts)]

    def normalized(self, texts: Sequence[str]) -> list[str]:
        """The texts as the ids tell them apart: as they are."""
        return list(texts)

    def counts(self, texts: Sequence[str]) -> dict[str, int]:
        """How much the texts have in one stream: `characters`, with the line breaks between them."""
        return {"characters": len("\n".join(texts).replace("\0", ""))}

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has in one stream, with the line break behind all but the last."""
        lengths = [len(text.replace("\0", "")) + 1 for text in texts]
        return [*lengths[:-1], lengths[-1] - 1]

    def call(self, inputs, reverse=False):
        if reverse:
            points = tf.gather([0, REPLACEMENT, *self.points], inputs)
            points = tf.RaggedTensor.from_tensor(points, ragged_rank=1)
            return tf.strings.unicode_encode(tf.ragged.boolean_mask(points, points > 0), "UTF-8")
        points = tf.strings.unicode_decode(inputs, "UTF-8")
        points = tf.ragged.boolean_mask(points, points > 0)
        place = tf.minimum(tf.searchsorted(self.points, points.flat_values), len(self.points) - 1)
        known = tf.equal(tf.gather(self.points, place), points.flat_values)
        return points.with_flat_values(tf.where(known, place + FIRST, UNKNOWN)).to_tensor(PADDING)

    def compute_output_spec(self, inputs, reverse=False):
        if reverse:
            return keras.KerasTensor(inputs.shape[:-1], "string")
        return keras.KerasTensor((*inputs.shape, None), "int32")

    def get_config(self):
        return {**super().get_config(), "alphabet": self.alphabet}
