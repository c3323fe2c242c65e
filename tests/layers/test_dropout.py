"""dropout.py: what training drops beside Keras' own dropout."""

import numpy as np
import tensorflow as tf

from lstm_zoo import layers


def test_word_dropout():
    layer, ids = layers.WordDropout(0.3, token=1), tf.constant([[5] * 500 + [0] * 500] * 4)
    np.testing.assert_array_equal(layer(ids), ids)
    dropped = layer(ids, training=True).numpy()
    assert 0.25 < np.mean(dropped[:, :500] == 1) < 0.35
    assert np.all(dropped[:, 500:] == 0)
    assert set(np.unique(dropped)) == {0, 1, 5}
    assert np.any(dropped != layer(ids, training=True))


def test_variational_dropout_keeps_one_mask_for_all_steps():
    dropped = layers.variational_dropout(0.5)(tf.ones((4, 6, 50)), training=True).numpy()
    np.testing.assert_array_equal(dropped, np.repeat(dropped[:, :1], 6, axis=1))
    assert 0.3 < np.mean(dropped == 0) < 0.7
