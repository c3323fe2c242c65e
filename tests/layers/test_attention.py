"""attention.py: over valid steps alone, and what its weights say."""

import numpy as np
import tensorflow as tf
from keras import ops

from lstm_zoo import layers

LENGTHS, STEPS = [5, 0, 7, 1, 3, 0], 7


def test_attention_pooling(sequence):
    layer = layers.AttentionPooling(5)
    pooled, weights = layer(sequence, tf.constant(LENGTHS))
    valid = tf.sequence_mask(LENGTHS, STEPS).numpy()
    np.testing.assert_allclose(weights.numpy().sum(-1), np.array(LENGTHS) > 0, atol=1e-6)
    assert np.all(weights.numpy()[~valid] == 0)
    hidden, scorer = (weight.numpy() for weight in layer.trainable_weights)
    for row, length in enumerate(LENGTHS):
        scores = np.exp(np.tanh(sequence.numpy()[row, :length] @ hidden) @ scorer)[:, 0]
        expected = scores @ sequence.numpy()[row, :length] / max(scores.sum(), 1e-9)
        np.testing.assert_allclose(pooled[row], expected, atol=1e-5)


def test_luong_attention():
    random = np.random.default_rng(0)
    query, memory = random.normal(size=(2, 3, 4)).astype("float32"), random.normal(size=(2, 5, 6)).astype("float32")
    layer = layers.LuongAttention()
    context, weights = layer(query, memory, np.array([5, 2]))
    scores = query @ layer.kernel.numpy() @ memory.transpose(0, 2, 1) / np.sqrt(6)
    scores[1, :, 2:] = -np.inf
    expected = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(context, expected @ memory, rtol=1e-4, atol=1e-5)


def test_copying_adds_the_weights_where_the_tokens_are():
    layer = layers.Copying(5)
    vectors, ids = ops.zeros((1, 2, 3)), ops.array([[3, 1, 3, 0]])
    weights = ops.array([[[0.5, 0.25, 0.25, 0.0], [0.0, 1.0, 0.0, 0.0]]])
    added = ops.convert_to_numpy(layer(vectors, weights, ids))
    gate = np.log(2)  # softplus(0)
    np.testing.assert_allclose(added, [[[0, 0.25 * gate, 0, 0.75 * gate, 0], [0, gate, 0, 0, 0]]], rtol=1e-6)
    layer.bias.assign([100.0])
    np.testing.assert_allclose(layer(vectors, weights, ids)[0, 1], [0, 100, 0, 0, 0], rtol=1e-6)
    assert layers.Copying.from_config(layer.get_config()).vocabulary == 5
