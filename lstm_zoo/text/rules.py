"""What is replaced in texts before they are cut: the same rules in the graph and, written out, outside of it."""

import functools
import itertools
import re
import sys
from collections.abc import Sequence

import tensorflow as tf

Rules = Sequence[tuple[str, str]]  # pairs (regular expression of RE2, what is put in the place of a match), in order

MARKUP = ("<[^<>]*>", " ")  # like "<br />"
SPACES = (r"[\pZ\p{Cc}]+", " ")  # a run of spaces, line breaks and control signs


def replaced(texts: tf.Tensor, rules: Rules) -> tf.Tensor:
    """Texts in which rule after rule is applied, wherever it matches. Input and output: strings of any shape.

    Example:

    >>> replaced(tf.constant("A<br />film"), [MARKUP])  # b"A film"
    """
    for pattern, replacement in rules:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return texts


def written_out(rules: Rules) -> list[list[str]]:
    r"""The rules for Python's `re` and others that know no classes like `\pL`, or those of another Unicode.

    Args:
        rules: whose classes of Unicode stand within brackets.

    Returns:
        Pairs [expression, replacement], in the place of each class the ranges of characters that the graph has in it.

    Example:

    >>> written_out([(r"[\pZ]", " ")])[0][0][:28]
    '[\\u0020-\\u0020\\u00a0-\\u00a0'
    """
    return [
        [re.sub(r"\\p(?:\w|\{\w+\})", lambda match: _ranges_of(match[0]), pattern), replacement]
        for pattern, replacement in rules
    ]


@functools.cache
def _ranges_of(name):
    # The graph itself is asked: its Unicode is another than Python's.
    text = tf.strings.regex_replace(_all_characters(), f"[^{name}]", "").numpy().decode()
    points = enumerate(map(ord, text))
    runs = [[point for _, point in run] for _, run in itertools.groupby(points, lambda pair: pair[1] - pair[0])]
    return "".join(f"{_escaped(run[0])}-{_escaped(run[-1])}" for run in runs)


@functools.cache
def _all_characters():
    return "".join(chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)


def _escaped(point):
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
