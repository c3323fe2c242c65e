"""What training drops beside Keras' own dropout: words, and the same values at all steps."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


@registered
class WordDropout(keras.layers.Layer):
    """In training, replace each token id by `token` with probability `rate`; padding (0) stays.

    Input and output: integers (batch, steps). Source: Iyyer et al. 2015, https://aclanthology.org/P15-1162.

    Args:
        rate: from 0 to 1.
        token: the id that stands for a dropped word, that of the unknown one.
        seed: of the draws; None: a new one.

    Example:

    >>> WordDropout(0.5)(ops.array([[5, 7, 0]]), training=True)  # [[5, 1, 0]], or another draw
    """

    def __init__(self, rate: float, token: int = 1, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.token, self.seed = rate, token, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, ids, training=False):
        if not training or not self.rate:
            return ids
        dropped = keras.random.uniform(ops.shape(ids), seed=self.generator) < self.rate
        return ops.where(dropped & ops.not_equal(ids, 0), ops.cast(self.token, ids.dtype), ids)

    def compute_output_spec(self, ids, training=False):
        return keras.KerasTensor(ids.shape, ids.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "token": self.token, "seed": self.seed}


def variational_dropout(rate: float, **kwargs: Any) -> keras.layers.Dropout:
    """Dropout with one mask for all steps of a row (Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287).

    Args:
        rate: share of the values that are dropped.
        kwargs: see `keras.layers.Dropout`.

    Returns:
        Layer (batch, steps, features) -> the same shape.

    Example:

    >>> variational_dropout(0.5)(ops.ones((2, 5, 3)), training=True).shape  # (2, 5, 3)
    """
    return keras.layers.Dropout(rate, noise_shape=(None, 1, None), **kwargs)
