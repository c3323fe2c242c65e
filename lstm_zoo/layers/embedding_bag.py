"""The sum of a row's features, whatever their order: a linear model on TF-IDF as one look-up."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


@registered
class EmbeddingBag(keras.layers.Layer):
    """A linear model on the TF-IDF of a row's features: each feature has a vector, which counts whenever it occurs.

    With v the vectors, q the squared inverse document frequencies and b a bias, a row of features f answers
    sum(v[f]) / sqrt(sum(q[f])) + b. Where v[f] = idf[f] * w[f] this is a linear model w on TF-IDF, whose rows have been
    divided by sqrt(sum(tf * idf^2)): that is their Euclidean norm where no feature occurs twice, as most do not, and
    needs no count of equal features.

    Input: integers (batch, features); 0 is padding, 1 a feature that is not known: neither counts. Output: float32
    (batch, units), the bias for a row without features that are known.

    Args:
        size: number of features, padding and the unknown one among them.
        units: width of a vector.

    Example:

    >>> EmbeddingBag(10, 2)(ops.array([[5, 7, 0]])).shape  # (1, 2)
    """

    def __init__(self, size: int, units: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.size, self.units = size, units

    def build(self, input_shape):
        self.vectors = self.add_weight((self.size, self.units), "zeros", name="vectors")
        self.squares = self.add_weight((self.size,), "zeros", name="squares")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, features):
        total = ops.sum(ops.take(self.vectors, features, axis=0), axis=1)
        norm = ops.sqrt(ops.sum(ops.take(self.squares, features, axis=0), axis=1, keepdims=True))
        return total / ops.maximum(norm, 1e-6) + self.bias

    def get_config(self):
        return {**super().get_config(), "size": self.size, "units": self.units}
