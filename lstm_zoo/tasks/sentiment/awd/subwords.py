"""Texts as the language model of the reviews has read them."""

import keras
import tensorflow as tf

from lstm_zoo.text.rules import MARKUP, SPACES, replaced
from lstm_zoo.text.subwords import END, Subwords


@keras.saving.register_keras_serializable("lstm_zoo", name="Pieces")
class ReviewSubwords(Subwords):
    """Texts without their mark-up as subwords, after the end of the text before as a language model reads them.

    Input: strings (batch,). Output: int32 (batch, steps): `END`, the subwords of each text, `END`, padded with 0.

    Args:
        model: see `Subwords`.
    """

    rules = (MARKUP, SPACES)

    def call(self, inputs):
        tokens = super().call(inputs)
        return tf.pad(tokens, [[0, 0], [1, 0]], constant_values=END)


# As published files name it: Keras finds the assets in a file by the name of the class.
ReviewSubwords.__name__ = "Pieces"


def without_markup(texts: tf.Tensor) -> tf.Tensor:
    """Texts without mark-up like "<br />". Input and output: strings."""
    return replaced(texts, [MARKUP])
