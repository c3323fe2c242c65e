"""A table of word vectors that also makes the logits, with a large softmax that is fast."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lstm_zoo.layers import registered


@registered
class TiedEmbedding(keras.layers.ReversibleEmbedding):
    """A table of word vectors that also makes the logits (Press and Wolf 2017, https://arxiv.org/abs/1608.05859).

    Args:
        candidates: 0, or number of words in a sampled softmax (Bengio and Senécal 2008,
            https://doi.org/10.1109/TNN.2007.912312) that trains: the sum over all other words is estimated from one
            draw for the whole batch, log-uniform, so that frequent words should have small ids.
        matmul_dtype: dtype of the factors of the products with the table, see `layers.LSTM`.
        Everything else: see `keras.layers.ReversibleEmbedding`; its `tie_weights`, `reverse_dtype` and `logit_soft_cap`
            stay as they are, for `cross_entropy` makes no logits that they could change.

    Raises:
        ValueError: as many candidates as words, or one of those three.
    """

    def __init__(
        self, input_dim: int, output_dim: int, candidates: int = 0, matmul_dtype: str | None = None, **kwargs: Any
    ):
        super().__init__(input_dim, output_dim, **kwargs)
        if not self.tie_weights or self.reverse_dtype is not None or self.logit_soft_cap is not None:
            options = {name: getattr(self, name) for name in ("tie_weights", "reverse_dtype", "logit_soft_cap")}
            raise ValueError(f"A TiedEmbedding's logits are plain products with its table. Received: {options}")
        if not 0 <= candidates < input_dim:
            raise ValueError(f"candidates is 0, or fewer than the {input_dim} words. Received: {candidates}")
        self.candidates, self.matmul_dtype = candidates, matmul_dtype
        self.generator = keras.random.SeedGenerator()

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """Vectors of ids, or logits of vectors (batch, steps, width)."""
        if not reverse or self.matmul_dtype is None:
            return super().call(inputs, reverse=reverse)
        # Rows of one matrix: TensorFlow multiplies the steps of each row of a batch on their own.
        rows = ops.cast(ops.reshape(inputs, (-1, self.output_dim)), self.matmul_dtype)
        logits = ops.matmul(rows, ops.transpose(ops.cast(self.embeddings, self.matmul_dtype)))
        return ops.cast(ops.reshape(logits, (*ops.shape(inputs)[:-1], self.input_dim)), self.compute_dtype)

    def cross_entropy(self, vectors: Any, words: Any, training: bool = False) -> Any:
        """The cross-entropy of each word, in nats: -log softmax(table . vector)[word].

        Args:
            vectors: (batch, steps, width).
            words: integers (batch, steps).
            training: with `candidates`, an estimate from the sampled softmax.

        Returns:
            float32 (batch * steps,).
        """
        vectors = ops.cast(ops.reshape(vectors, (-1, self.output_dim)), "float32")
        words = ops.reshape(ops.cast(words, "int32"), (-1,))
        if training and self.candidates:
            return self._sampled(vectors, words, self.embeddings)
        if keras.backend.backend() == "tensorflow":
            return _cross_entropy(vectors, words, self.embeddings, self.matmul_dtype or "float32")
        logits = ops.matmul(vectors, ops.transpose(self.embeddings))
        return ops.sparse_categorical_crossentropy(words, logits, from_logits=True)

    def _sampled(self, vectors, words, table):
        def log_expected_count(ids):  # of the times that an id is among the candidates
            ids = ops.cast(ids, "float32")
            return ops.log(ops.log1p(1 / (ids + 1)) * (self.candidates / math.log(self.input_dim + 1)))

        uniform = keras.random.uniform((self.candidates,), seed=self.generator)
        ids = ops.cast(ops.exp(uniform * math.log(self.input_dim + 1)), "int32") - 1
        ids = ops.clip(ids, 0, self.input_dim - 1)  # what rounding may do at the end
        dtype = self.matmul_dtype or "float32"
        candidates = ops.transpose(ops.cast(ops.take(table, ids, axis=0), dtype))
        logits = ops.cast(ops.matmul(ops.cast(vectors, dtype), candidates), "float32") - log_expected_count(ids)
        logits = ops.where(ops.equal(ops.expand_dims(words, 1), ids), -1e9, logits)  # the word itself counts once
        word_logits = ops.sum(vectors * ops.take(table, words, axis=0), axis=1)
        return ops.logaddexp(ops.logsumexp(logits, axis=1), word_logits) - word_logits

    def get_config(self):
        return {**super().get_config(), "candidates": self.candidates, "matmul_dtype": self.matmul_dtype}


def _cross_entropy(vectors, words, table, dtype):
    """The cross-entropy of each word, with a gradient that needs nothing but the exponentials.

    On a CPU, of 4,480 steps and 12,000 words, TensorFlow's own takes three times as long with factors of float32, and
    1.7 times as long with factors of bfloat16.
    """
    import tensorflow as tf

    @tf.custom_gradient
    def run(vectors, table):
        factors = tf.cast(vectors, dtype), tf.cast(table, dtype)
        logits = tf.cast(tf.matmul(*factors, transpose_b=True), "float32")
        highest = tf.reduce_max(logits, 1, keepdims=True)
        exponentials = tf.exp(logits - highest)
        total = tf.reduce_sum(exponentials, 1, keepdims=True)
        nll = tf.squeeze(tf.math.log(total) + highest, 1) - tf.gather(logits, words, batch_dims=1)

        def gradient(d_nll):  # softmax less one-hot, whose products are a gather and a sum of few rows
            d_nll = d_nll[:, None]
            d_logits = tf.cast(exponentials * (d_nll / total), dtype)
            d_vectors = tf.cast(tf.matmul(d_logits, factors[1]), "float32") - d_nll * tf.gather(table, words)
            d_table = tf.cast(tf.matmul(d_logits, factors[0], transpose_a=True), "float32")
            return d_vectors, d_table - tf.math.unsorted_segment_sum(d_nll * vectors, words, tf.shape(table)[0])

        return nll, gradient

    return run(vectors, tf.convert_to_tensor(table))
