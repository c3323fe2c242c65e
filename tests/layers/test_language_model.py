"""language_model.py: states of one's own, dropped words, penalties."""

import numpy as np
import tensorflow as tf

from lstm_zoo.layers import language_model


def test_encoder_runs_with_states_of_ones_own():
    stack = language_model.encoder(4, units=[8, 6])
    vectors = tf.random.normal([2, 5, 4])
    steps, after = stack([vectors, language_model.zero_states(stack, 2)])
    first, states = stack([vectors[:, :2], language_model.zero_states(stack, 2)])
    rest, states = stack([vectors[:, 2:], states])
    np.testing.assert_allclose(np.concatenate([first, rest], 1), steps, atol=1e-6)
    for ours, theirs in zip(tf.nest.flatten(states), tf.nest.flatten(after)):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_dropped_words_are_dropped_wherever_they_stand():
    ids = tf.constant([[3, 4, 3, 5], [5, 3, 4, 4]])
    layer = language_model.EmbeddingDropout(0.5, 6)
    dropped = [layer(tf.ones([2, 4, 2]), ids, training=True).numpy() for _ in range(20)]
    for values in dropped:
        for word in (3, 4, 5):
            assert len(np.unique(values[ids == word])) == 1
    assert {float(values.max()) for values in dropped} <= {0.0, 2.0}
    assert 0 < np.mean(dropped) < 2
    np.testing.assert_array_equal(layer(tf.ones([2, 4, 2]), ids), 1.0)


def test_activation_regularization():
    layer, steps = language_model.ActivationRegularization(2.0, 1.0), tf.constant([[[1.0], [3.0]]])
    np.testing.assert_array_equal(layer(2 * steps, steps, training=True), 2 * steps)
    np.testing.assert_allclose(layer.losses, [2 * (4 + 36) / 2, 4.0])
    layer(steps, steps)
    assert not layer.losses
