"""subwords.py: texts without loss, in the graph and outside of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.text import subwords

PAIRS = [
    ("Ein Hund rennt.", "A dog runs."),
    ("Eine Katze schläft.", "A cat sleeps."),
    ("Zwei Hunde spielen im Schnee.", "Two dogs play in the snow."),
    ("Ein Kind isst einen Apfel.", "A child eats an apple."),
]
TEXTS = [text for pair in PAIRS for text in pair]


@pytest.fixture(scope="module")
def layer():
    """Subwords of a few texts."""
    return subwords.Subwords(subwords.train_subwords(TEXTS, 80))


def test_without_loss(layer):
    ids = layer(tf.constant(TEXTS))
    assert [text.decode() for text in layer(ids, reverse=True).numpy()] == TEXTS


def test_in_the_graph_as_outside(layer):
    texts = [
        "Ein Hund rennt.",
        "",
        "♞ 你好 👍🏽",
        "The quick brown fox, in English.",
        "Hund " * 40,
        "12.500 € auf https://example.org/a?b=c",
        "   Die   Katze",
    ]
    outside = subwords.processor(layer.model).encode(texts)
    for row, expected in zip(layer(tf.constant(texts)).numpy(), outside):
        assert row[: len(expected)].tolist() == expected
        assert row[len(expected)] == subwords.END
        assert not row[len(expected) + 1 :].any()


def test_any_space_is_one(layer):
    texts = tf.constant(["Ein\nHund\trennt.", "Ein\u2028Hund \x00 rennt.", "Ein\xa0Hund rennt."])
    np.testing.assert_array_equal(layer(texts), layer(tf.constant(["Ein Hund rennt."] * 3)))


def test_answers_after_new_seeds(layer):
    # keras.utils.set_random_seed empties TensorFlow's cache of kernels, and with it what they own
    before = layer(tf.constant(["Ein Hund."]))
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(layer(tf.constant(["Ein Hund."])), before)


def test_the_same_texts_give_the_same_model():
    assert subwords.train_subwords(TEXTS, 60) == subwords.train_subwords(TEXTS, 60)


def test_too_few_ids():
    with pytest.raises(ValueError, match="No subwords of at most 5 ids from 8 texts"):
        subwords.train_subwords(TEXTS, 5)


def test_texts_are_one_stream_with_their_ends(layer):
    texts = ["Ein Hund", " Eine\n  Katze ", ""]
    assert layer.joined(texts) == texts
    assert layer.normalized(texts) == ["Ein Hund", "Eine Katze", ""]
    assert layer.counts(texts) == {"characters": 9 + 11 + 1, "words": 3 + 3 + 1}
    assert layer.start == layer.end == subwords.END
