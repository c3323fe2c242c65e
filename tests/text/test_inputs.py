"""inputs.py: one text or many, in whatever people have them."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.text.inputs import prepare


@pytest.mark.parametrize(
    "raw",
    ["größer", "größer".encode(), ["größer"], np.array("größer"), np.array(["größer"]), tf.constant(["größer"])],
)
def test_texts(raw):
    assert prepare(raw) == ["größer"]


def test_half_an_emoji_is_no_unicode():
    assert prepare(["a\ud83d"]) == ["a?"]
    with pytest.raises(ValueError, match="Item 1 is not UTF-8"):
        prepare(["a", b"\xff"])


def test_what_is_no_text():
    for raw in (7, {"text": ["a"]}):
        with pytest.raises(ValueError, match="A text or a list of texts is expected"):
            prepare(raw)
    with pytest.raises(ValueError, match="Item 1 is not a text: a str or UTF-8 bytes is expected. Received: 4"):
        prepare(["a", 4])
