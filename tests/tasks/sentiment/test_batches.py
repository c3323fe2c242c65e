"""batches.py: what `fit` eats."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment.batches import WINDOW

TASK = sentiment.TASK


@pytest.fixture(scope="module")
def long():
    """Pairs of one long and one short text, and the preprocessing."""
    pairs = [(" ".join(f"w{position}" for position in range(1000)), "x"), ("w0", "y")]
    return pairs, TASK.adapt(pairs)


def words_of(batch, preprocessing):
    """The longer row of a batch as words."""
    vocabulary = np.array(preprocessing["words"].get_vocabulary())
    row = max(batch[0].numpy(), key=np.count_nonzero)
    return vocabulary[row[row > 0]].tolist()


def test_training_reads_another_window_in_each_pass(long):
    pairs, preprocessing = long
    passes = list(TASK.batches(pairs, preprocessing, 2, seed=0).take(4))
    starts = []
    for batch in passes:
        words = words_of(batch, preprocessing)
        starts.append(int(words[0][1:]))
        assert words == [f"w{starts[-1] + place}" for place in range(WINDOW)]
    assert len(set(starts)) > 1
    assert max(starts) <= 1000 - WINDOW
    resumed = TASK.batches(pairs, preprocessing, 2, seed=0, first_epoch=2).take(2)
    for batch, again in zip(passes[2:], resumed):
        np.testing.assert_array_equal(batch[0], again[0])


def test_validation_reads_all(long):
    pairs, preprocessing = long
    (batch,) = TASK.batches(pairs, preprocessing, 2)
    assert words_of(batch, preprocessing) == pairs[0][0].split()


def test_every_label_has_the_same_say():
    pairs = [("a", "x")] * 30 + [("b", "y")] * 10
    preprocessing = TASK.adapt(pairs)
    total = {0: 0.0, 1: 0.0}
    for _, classes, weights in TASK.batches(pairs, preprocessing, 7):
        for label, weight in zip(classes.numpy(), weights.numpy()):
            total[label] += weight
    assert total == pytest.approx({0: 20.0, 1: 20.0})


def test_unknown_label():
    preprocessing = TASK.adapt([("good film", "good"), ("bad film", "bad")])
    with pytest.raises(ValueError, match="Labels that the network does not know: 'so so'. It knows: 'bad', 'good'"):
        TASK.batches([("a", "so so")], preprocessing, 2)


def test_pairs_can_have_something_else_for_a_label(long):
    def encode(pairs, preprocessing):
        texts, shares = (list(side) for side in zip(*pairs))
        return batching.tokens_of(texts, preprocessing["words"]), tf.constant(shares), tf.ones([len(shares)])

    preprocessing = {"words": long[1]["words"]}
    soft = functools.partial(TASK.batches, encode=encode)
    (batch,) = soft([("w1 w2", 0.25), ("w3", 0.75)], preprocessing, 2)
    assert batch[1].numpy().tolist() == [0.75, 0.25]  # from short to long
