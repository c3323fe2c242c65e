"""masking.py: what is done by lengths."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from lstm_zoo import layers

LENGTHS = [5, 0, 7, 1, 3, 0]


def test_lengths():
    ids = ops.array([[5, 7, 0, 0], [0, 0, 0, 0], [1, 0, 3, 0], [1, 2, 3, 4]])
    np.testing.assert_array_equal(layers.Lengths()(ids), [2, 0, 3, 4])
    np.testing.assert_array_equal(layers.Lengths()(ops.zeros((2, 0), "int32")), [0, 0])


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_reverse(sequence, backend, monkeypatch):
    # With "jax" the generic branch runs, on TensorFlow's ops.
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    flipped = layers.Reverse()(sequence, tf.constant(LENGTHS))
    expected = sequence.numpy().copy()
    for row, length in enumerate(LENGTHS):
        expected[row, :length] = expected[row, :length][::-1]
    np.testing.assert_array_equal(flipped, expected)


def test_steps_within_of_a_sequence_that_is_symbolic_too():
    sequence, lengths = keras.Input((None, 2)), keras.Input((), dtype="int32")
    within = keras.Model([sequence, lengths], layers.steps_within(sequence, lengths))
    for steps in (3, 0):
        arrays = [ops.zeros((2, steps, 2)), ops.array([2, 0])]
        expected = layers.valid_steps(arrays[1], steps)
        np.testing.assert_array_equal(layers.steps_within(*arrays), expected)
        np.testing.assert_array_equal(within(arrays), expected)
