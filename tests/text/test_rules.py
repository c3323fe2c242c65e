"""text/rules.py: rules written out mean in Python's `re` what they mean in the graph."""

import re

import tensorflow as tf

from lstm_zoo.text.rules import MARKUP, SPACES, replaced, written_out


def test_written_out():
    rules = [MARKUP, SPACES, (r"([\pL])([^\pL\pM\pN ])", r"\1 \2")]
    text = "Ein<br/>Wort\u2028über x\u0301!Ⅳ 的。\U000105d3?"
    found = text
    for pattern, replacement in written_out(rules):
        assert r"\p" not in pattern
        found = re.sub(pattern, replacement, found)
    assert found == replaced(tf.constant(text), rules).numpy().decode()
    assert found.startswith("Ein Wort über x\u0301!Ⅳ 的 。")
