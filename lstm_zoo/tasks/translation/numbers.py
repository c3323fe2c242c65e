"""Numbers, which are carried over and not translated: a network reads and writes marks in their place."""

import collections
import re

import keras
import tensorflow as tf

from lstm_zoo.layers import registered
from lstm_zoo.tasks.translation.names import Pair

MARKS = [chr(0xE000 + place) for place in range(10)]  # of the first, second, ... number; for private use in Unicode
MARK = f"[{MARKS[0]}-{MARKS[-1]}]"
NUMBER = "[0-9]+(?:[.,:][0-9]+)*"  # 2023, 17:45, 1.000.000, without a full stop behind it
FIRST = rf"^(?:\C*?({NUMBER}))?\C*$"  # by bytes, whatever they are, and with nothing in the group for texts without
SEPARATOR = "\x1f"  # in no text that is read: a control sign, which `spaced` makes a space


def numbers_of(text: str) -> list[str]:
    """The numbers of a text that get a mark, in their order: the first ten.

    Example:

    >>> numbers_of("Am 12. April 2023 um 17:45.")
    ['12', '2023', '17:45']
    """
    return re.findall(NUMBER, re.sub(MARK, "", text))[: len(MARKS)]


def marked(pair: Pair, first: int = 0) -> Pair:
    """A pair with marks in the place of numbers, as a network learns it.

    The first ten numbers of the sentence have U+E000 to U+E009 in their place. A number of the translation that is
    written like one of them gets its mark; of several alike the next one's, and again the last one's. Others stay as
    they are. Where the texts have these signs themselves, they are dropped.

    Args:
        pair: a sentence and its translation.
        first: which of the ten marks is that of the first number, from 0; U+E000 comes behind U+E009.

    Example:

    >>> marked(("Er hat 12 Katzen.", "He has 12 cats and 1 dog."))
    ('Er hat \\ue000 Katzen.', 'He has \\ue000 cats and 1 dog.')
    """
    source, target = (re.sub(MARK, "", text) for text in pair)
    marks, marks_of = MARKS[first:] + MARKS[:first], collections.defaultdict(list)
    for mark, number in zip(marks, numbers_of(source)):
        marks_of[number].append(mark)

    def known(match):
        same = marks_of.get(match[0], [match[0]])
        return same.pop(0) if len(same) > 1 else same[0]

    unused = iter(marks)
    return re.sub(NUMBER, lambda match: next(unused, match[0]), source), re.sub(NUMBER, known, target)


@registered
class Numbers(keras.layers.Layer):
    """Marks in the place of the numbers of texts, and with `numbers` numbers in the place of marks.

    Input: strings (batch,). Outputs: strings (batch,), in which U+E000 stands for the first number, up to U+E009 for
    the tenth; and strings (batch, 10), the numbers, "" behind the last. Signs of the texts that are marks are dropped.
    With `numbers`: strings (batch, beams) -> strings (batch, beams), without the marks that have no number.

    Example:

    >>> texts, numbers = Numbers()(tf.constant(["Um 17:45 kamen 3."]))
    >>> Numbers()(texts[:, None], numbers=numbers)  # [["Um 17:45 kamen 3."]]
    """

    def call(self, texts, numbers=None):
        if numbers is not None:
            return _filled(texts, numbers)
        texts, found = tf.strings.regex_replace(texts, MARK, ""), []
        for mark in MARKS:
            found.append(tf.strings.regex_replace(texts, FIRST, r"\1", replace_global=False))
            texts = tf.strings.regex_replace(texts, NUMBER, mark, replace_global=False)
        return texts, tf.stack(found, -1)

    def compute_output_spec(self, texts, numbers=None):
        if numbers is not None:
            return keras.KerasTensor(texts.shape, "string")
        return keras.KerasTensor(texts.shape, "string"), keras.KerasTensor((*texts.shape, len(MARKS)), "string")


def _filled(texts, numbers):
    apart = tf.strings.regex_replace(texts, f"({MARK})", rf"{SEPARATOR}\1{SEPARATOR}")
    parts = tf.strings.split(tf.reshape(apart, [-1]), SEPARATOR)
    own = tf.gather(tf.repeat(numbers, tf.shape(texts)[1], 0), parts.value_rowids())
    is_mark = tf.equal(parts.values[:, None], MARKS)
    number = tf.strings.reduce_join(tf.where(is_mark, own, ""), 1)
    filled = parts.with_values(tf.where(tf.reduce_any(is_mark, 1), number, parts.values))
    return tf.reshape(tf.strings.reduce_join(filled, axis=-1), tf.shape(texts))
