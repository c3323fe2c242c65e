"""How much a network is heard beside the cheap forecasts that it starts from."""

import keras
from keras import ops

from lstm_zoo.layers import registered
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN


@registered
class Shares(keras.layers.Layer):
    """A forecast moved towards cheap ones: (batch, horizon, 10) and (batch, horizon, bases) -> (batch, horizon, 10).

    Its weights `shares` (1 + bases,), the network's first, which `fit` does not train, begin as 1 and zeros. Median and
    mean become the weighted mean of the forecasts; the quantiles keep their distances from the median.
    """

    def build(self, forecast_shape, bases_shape):
        self.shares = self.add_weight((1 + bases_shape[-1],), initializer=_first, trainable=False, name="shares")

    def call(self, forecast, bases):
        forecast, bases = (ops.cast(values, "float32") for values in (forecast, bases))
        others = self.shares[1:]

        def shift(points):
            return ops.sum((bases - points) * others, axis=-1, keepdims=True)

        mean, quantiles = forecast[..., :1], forecast[..., 1:]
        median = quantiles[..., MEDIAN : MEDIAN + 1]
        return ops.concatenate([mean + shift(mean), quantiles + shift(median)], axis=-1)

    def compute_output_spec(self, forecast, bases):
        return keras.KerasTensor(forecast.shape, "float32")


def _first(shape, dtype=None):
    return ops.one_hot(0, shape[0], dtype=dtype)
