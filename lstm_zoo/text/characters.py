"""Characters: the ids that a text is read as, inside the graph."""

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

    Args:
        alphabet: str of the characters that are told apart, each once, sorted.
    """

    def __init__(self, alphabet, **kwargs):
        super().__init__(**kwargs)
        self.alphabet = alphabet
        self.points = [ord(character) for character in alphabet]

    def vocabulary_size(self):
        """Number of ids."""
        return FIRST + len(self.alphabet)

    @property
    def start(self):
        """The id before the first character of a text: that of a line break, if it is known."""
        return FIRST + self.alphabet.index("\n") if "\n" in self.alphabet else UNKNOWN

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
