"""pooling.py: rows summarized over their valid steps."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import layers

LENGTHS, FEATURES = [5, 0, 7, 1, 3, 0], 3


@pytest.mark.parametrize("mode", layers.Pooling.MODES)
def test_pooling(sequence, mode):
    pooled = layers.Pooling(mode)(sequence, tf.constant(LENGTHS))
    summarize = {
        "max": lambda rows: rows.max(0),
        "mean": lambda rows: rows.mean(0),
        "last": lambda rows: rows[-1],
        "first": lambda rows: rows[0],
    }[mode]
    for row, length in enumerate(LENGTHS):
        valid = sequence.numpy()[row, :length]
        expected = summarize(valid) if length else np.zeros(FEATURES)
        np.testing.assert_allclose(pooled[row], expected, atol=1e-6)


def test_pooling_refuses_an_unknown_mode():
    with pytest.raises(ValueError, match="mode is one of max, mean, last, first. Received: 'median'"):
        layers.Pooling("median")
