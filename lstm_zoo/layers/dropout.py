"""What training drops beside Keras' own dropout: words, and the same values at all steps."""

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


@registered
class WordDropout(keras.layers.Layer):
    """In training, replace each token id by `token` with probability `rate`; padding (0) stays.

    Input and output: integers (batch, steps). Source: Iyyer et al. 2015, https://aclanthology.org/P15-1162.
    """

    def __init__(self, rate, token=1, seed=None, **kwargs):
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


def variational_dropout(rate, **kwargs):
    """Dropout with one mask for all steps of a row (Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287)."""
    return keras.layers.Dropout(rate, noise_shape=(None, 1, None), **kwargs)
