"""repetition.py: searches around a step function that would write the same for ever."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import decoding
from lstm_zoo.repetition import without_loops

START, END, VOCABULARY, LIMIT = 0, 1, 12, 60
NOWHERE = [[START]]  # a source without any token that is written


def looping(period):
    """A step function whose most probable tokens are 2, 3, ... of a period, time and again; its state counts."""

    def step(tokens, states):
        following = 2 + states % period
        ranks = (tf.range(VOCABULARY) - following[:, None]) % VOCABULARY  # the next best is another token
        return tf.nn.log_softmax(-tf.cast(ranks, "float32")), states + 1

    return step


def searched(step, source, beams, limit=LIMIT):
    """The best row of each source, without its end, and all scores."""

    @tf.function(input_signature=[tf.TensorSpec([None, None], "int32")])
    def search(source):
        rows = tf.shape(source)[0]
        guarded, states = without_loops(step, tf.zeros([rows], "int32"), source)
        limits, options = tf.fill([rows], limit), {"start": START, "end": END}
        if beams == 1:
            tokens, scores = decoding.greedy(guarded, states, limits, **options)
            return tokens[:, None], scores[:, None]
        return decoding.beam_search(guarded, states, limits, beams=beams, **options)

    tokens, scores = search(tf.constant(source))
    return [[token for token in row if token != END] for row in tokens[:, 0].numpy().tolist()], scores.numpy()


def copies_in(tokens, longest=8):
    """The most copies in a row of any run of at most so many tokens."""
    most = 1
    for length in range(1, longest + 1):
        repeated = 0
        for one, other in zip(tokens, tokens[length:]):
            repeated = repeated + 1 if one == other else 0
            most = max(most, 1 + repeated // length)
    return most


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("period", [1, 2, 5, 8])
def test_no_third_copy_is_completed(period, beams):
    [tokens], scores = searched(looping(period), NOWHERE, beams)
    assert copies_in(tokens) == 2
    assert tokens[: 3 * period - 1] == [2 + place % period for place in range(3 * period - 1)] or beams > 1
    assert np.isfinite(scores).all()


def test_longer_runs_may_be_copied():
    [tokens], _ = searched(looping(9), NOWHERE, 1)
    assert tokens == [2 + place % 9 for place in range(LIMIT)]


@pytest.mark.parametrize("beams", [1, 3])
def test_as_many_copies_as_the_source_holds(beams):
    sources = [[2, 2, 2, 9, END], [2, 2, 9, END, START], [2, 9, 2, 2, 2]]
    rows, _ = searched(looping(1), sources, beams, limit=10)
    assert [copies_in(tokens) for tokens in rows] == [3, 2, 4]


@pytest.mark.parametrize("beams", [1, 3])
def test_where_nothing_else_can_be_written(beams):
    """The score is -inf, and never no number."""

    def step(tokens, states):
        return tf.math.log(tf.one_hot(tf.fill(tf.shape(tokens), 2), VOCABULARY)), states

    _, scores = searched(step, NOWHERE * 2, beams)
    assert (scores == -np.inf).all()
