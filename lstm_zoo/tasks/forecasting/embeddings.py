"""Trained vectors that tell a network which series it reads and which part of the horizon it forecasts."""

import keras
from keras import ops

from lstm_zoo.layers import registered

WIDE = keras.initializers.RandomNormal(stddev=1.0)  # tells places and series apart from the start


@registered
class Identities(keras.layers.Embedding):
    """A trained vector for each known series: integers (batch,) -> (batch, units), zeros for 0, an unknown one.

    The class keeps the name it had first: Keras finds the weights of a layer in a file by the name of its class.
    """

    def __init__(self, count, units, **kwargs):
        super().__init__(1 + count, units, embeddings_initializer=WIDE, **kwargs)
        self.count, self.units = count, units

    def call(self, identity):
        return ops.where(ops.expand_dims(identity, -1) > 0, super().call(identity), 0.0)

    def get_config(self):
        return {**keras.layers.Layer.get_config(self), "count": self.count, "units": self.units}


@registered
class Positions(keras.layers.Layer):
    """A trained vector for each of `count` places, for every row: (batch, features) -> (batch, count, units)."""

    def __init__(self, count, units, **kwargs):
        super().__init__(**kwargs)
        self.count, self.units = count, units

    def build(self, rows_shape):
        self.vectors = self.add_weight((self.count, self.units), initializer=WIDE, name="vectors")

    def call(self, rows):
        zero = ops.cast(ops.zeros_like(rows[:, :1, None]), self.compute_dtype)
        return zero + ops.cast(self.vectors, self.compute_dtype)

    def compute_output_spec(self, rows):
        return keras.KerasTensor((rows.shape[0], self.count, self.units), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "count": self.count, "units": self.units}
