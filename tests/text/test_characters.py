"""characters.py: the ids that a text is read as."""

import numpy as np
import tensorflow as tf

from lstm_zoo.text.characters import Characters


def test_there_and_back():
    texts = ["größer\n", "👍🏽 فيلم", ""]
    layer = Characters("".join(sorted(set("".join(texts)))))
    ids = layer(tf.constant(texts))
    assert ids.dtype == "int32"
    assert [text.decode() for text in layer(ids, reverse=True).numpy()] == texts
    assert (ids.numpy()[2] == 0).all()


def test_what_is_not_known():
    layer = Characters("ab")
    np.testing.assert_array_equal(layer(tf.constant(["b\0a", "xb"])), [[3, 2], [1, 3]])
    assert layer(tf.constant([[1, 3, 0]]), reverse=True).numpy()[0].decode() == "\ufffdb"


def test_a_text_begins_after_a_line_break():
    assert Characters("\nab").start == 2
    assert Characters("ab").start == 1


def test_texts_are_one_stream_with_line_breaks():
    layer, texts = Characters("\nab"), ["a\0b", "", " b"]
    assert layer.joined(texts) == ["a\0b\n\n b"]
    assert layer.normalized(texts) == texts
    assert layer.counts(texts) == {"characters": np.count_nonzero(layer(tf.constant(layer.joined(texts))))}
