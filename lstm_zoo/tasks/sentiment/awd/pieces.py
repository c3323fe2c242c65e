"""Texts as the language model of the reviews has read them."""

import tensorflow as tf

from lstm_zoo.layers import registered
from lstm_zoo.text.subwords import END, Subwords


@registered
class Pieces(Subwords):
    """Texts without their mark-up as pieces, after the end of the text before as a language model reads them.

    Input: strings (batch,). Output: int32 (batch, steps): `END`, the pieces of each text, `END`, padded with 0.

    Args:
        model: see `Subwords`.
    """

    def call(self, inputs):
        pieces = super().call(unmarked(inputs))
        return tf.pad(pieces, [[0, 0], [1, 0]], constant_values=END)


def unmarked(texts):
    """Texts without mark-up like "<br />". Input and output: strings."""
    return tf.strings.regex_replace(texts, "<[^<>]*>", " ")
