"""tied_embedding.py: the large softmax."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.layers.tied_embedding import TiedEmbedding


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 2e-2)])
def test_cross_entropy_and_its_gradient_are_those_of_keras(dtype, tolerance):
    table = TiedEmbedding(30, 8, matmul_dtype=dtype)
    words = tf.constant([[3, 4, 3], [29, 0, 3]])
    vectors = tf.Variable(10 * tf.random.normal([2, 3, 8]))
    table(words)

    def by_keras():
        logits = tf.matmul(tf.reshape(vectors, [-1, 8]), table.embeddings.value, transpose_b=True)
        return keras.ops.sparse_categorical_crossentropy(tf.reshape(words, [-1]), logits, from_logits=True)

    results = []
    for cross_entropy in (by_keras, lambda: table.cross_entropy(vectors, words)):
        with tf.GradientTape() as tape:
            nll = cross_entropy()
            loss = tf.reduce_sum(nll * tf.range(1.0, 7.0))
        gradients = tape.gradient(loss, [vectors, table.embeddings.value])
        results.append([nll, *(tf.convert_to_tensor(gradient) for gradient in gradients)])
    for expected, value in zip(*results):
        np.testing.assert_allclose(value, expected, atol=tolerance * np.abs(expected).max())


def test_sampled_softmax_is_near_the_full_one_and_validates_with_that():
    table = TiedEmbedding(200, 8, candidates=199)
    words = tf.random.uniform([50, 10], 0, 200, "int32")
    vectors = tf.random.normal([50, 10, 8])
    table(words)
    full = table.cross_entropy(vectors, words)
    sampled = np.mean([table.cross_entropy(vectors, words, training=True) for _ in range(20)], 0)
    np.testing.assert_allclose(sampled, full, atol=0.1)
    assert np.abs(sampled - full).max() > 0


def test_what_it_cannot_be():
    with pytest.raises(ValueError, match="candidates is 0, or fewer than the 5 words. Received: 5"):
        TiedEmbedding(5, 8, candidates=5)
    for option, value in {"tie_weights": False, "reverse_dtype": "float32", "logit_soft_cap": 30.0}.items():
        with pytest.raises(ValueError, match=f"plain products with its table. Received: .*'{option}': '?{value}"):
            TiedEmbedding(5, 8, **{option: value})
