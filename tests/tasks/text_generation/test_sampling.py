"""`decoding.sample`: which tokens are drawn, and how often."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import decoding

DEFAULTS = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}


def shares(*rows, length=4000):
    """Shares (rows, tokens) of tokens that are drawn time and again, for pairs of a distribution and options."""
    width = max(len(probabilities) for probabilities, _ in rows)
    table = tf.math.log([[*probabilities, *[0.0] * (width - len(probabilities))] for probabilities, _ in rows])
    options = [{**DEFAULTS, **options} for _, options in rows]
    more = {name: tf.constant([row[name] for row in options]) for name in DEFAULTS}
    more |= {"start": tf.ones([len(rows)], "int32"), "positions": tf.zeros([len(rows)], "int32")}
    limits, seen = tf.fill([len(rows)], length), tf.zeros(table.shape, "bool")
    step = lambda tokens, states: (table, states)  # noqa: E731
    sample = tf.function(lambda: decoding.sample(step, [], limits, end=-1, seen=seen, **more)[0])
    tokens = sample()  # in a graph, where thousands of steps take seconds
    return [np.bincount(row, minlength=width) / length for row in tokens.numpy()]


def test_draws_as_often_as_it_is_probable():
    np.testing.assert_allclose(shares(([0.5, 0.0, 0.3, 0.2], {}))[0], [0.5, 0.0, 0.3, 0.2], atol=0.03)


def test_temperature():
    colder, hotter, coldest = shares(
        ([0.8, 0.2], {"temperature": 0.5}), ([0.8, 0.2], {"temperature": 1e4}), ([0.45, 0.55], {"temperature": 0.0})
    )
    np.testing.assert_allclose(colder, [0.64 / 0.68, 0.04 / 0.68], atol=0.03)
    np.testing.assert_allclose(hotter, [0.5, 0.5], atol=0.03)
    np.testing.assert_array_equal(coldest, [0, 1])


def test_top_k_and_top_p():
    three = [0.3, 0.5, 0.2]
    cases = [
        (three, {"top_k": 2}, [0.375, 0.625, 0], 0.03),
        (three, {"top_p": 0.6}, [0.375, 0.625, 0], 0.03),
        (three, {"top_p": 0.5}, [0, 1, 0], 0),
        (three, {"top_p": 0.0}, [0, 1, 0], 0),
        (three, {"top_k": 1}, [0, 1, 0], 0),
        (three, {"top_k": 99}, [0.3, 0.5, 0.2], 0.03),
        # Of the two that top_k leaves, the first has more than half of the probability, and top_p leaves it alone.
        ([0.3, 0.25, 0.2, 0.15, 0.1], {"top_k": 2, "top_p": 0.5}, [1, 0, 0, 0, 0], 0),
    ]
    for drawn, (*_, expected, tolerance) in zip(shares(*(case[:2] for case in cases)), cases, strict=True):
        np.testing.assert_allclose(drawn[: len(expected)], expected, rtol=0, atol=tolerance)
        assert drawn.sum() == pytest.approx(1)
        assert not drawn[len(expected) :].any()


def test_repetition_penalty():
    # Once the most probable one is written it is squared, and less probable than the other.
    (drawn,) = shares(([0.6, 0.4], {"temperature": 0.0, "repetition_penalty": 2.0}), length=2)
    np.testing.assert_array_equal(drawn, [0.5, 0.5])


def test_no_step_is_taken_whose_token_is_not_written():
    steps = []

    def step(tokens, states):
        steps.append(tokens)
        return tf.math.log([[0.0, 0.5, 0.5], [0.0, 0.5, 0.5]]), states

    two = {name: tf.constant([value] * 2) for name, value in {"start": 1, "positions": 0, "top_k": 0}.items()}
    more = {name: tf.ones(2) for name in ("temperature", "top_p", "repetition_penalty")}
    inputs = {**two, **more, "seed": tf.constant([0, 1]), "seen": tf.zeros([2, 3], "bool"), "end": -1}
    assert decoding.sample(step, [], tf.constant([3, 5]), **inputs)[0].shape == (2, 5)
    assert len(steps) == 5


def test_uniform_numbers_are_uniform_and_do_not_repeat():
    numbers = decoding.uniform(tf.repeat(tf.range(100), 100), tf.tile(tf.range(100), [100])).numpy()
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert len(np.unique(numbers)) > 9980
    np.testing.assert_allclose(np.histogram(numbers, 10, (0, 1))[0], 1000, atol=120)
    grid = numbers.reshape(100, 100)
    for ahead, behind in ((grid[:, 1:], grid[:, :-1]), (grid[1:], grid[:-1])):
        assert abs(np.corrcoef(ahead.ravel(), behind.ravel())[0, 1]) < 0.05
