"""Forecasts as ordered quantiles: which they are, the layer that makes them, and the loss that is least at them."""

import keras
from keras import KerasTensor, ops

from lstm_zoo.layers import registered

QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MEDIAN = QUANTILES.index(0.5)


@registered
class Quantiles(keras.layers.Layer):
    """Mean and quantiles from what a network says of each step: a mixture of naive forecasts plus what it adds.

    Inputs: raw (batch, horizon, quantiles + bases), bases (batch, horizon, bases), scale (batch, 1).
    Output: (batch, horizon, 1 + quantiles): the mean, then the quantiles, which cannot cross: each adds a positive
    step, upwards and downwards from the median. The mean is that of the quantiles, as the expectation is the integral
    of the quantile function; a head of its own, trained on squared errors, was worse on ETTh1's validation split.
    """

    def call(self, raw, bases, scale):
        raw, bases, scale = (ops.cast(values, "float32") for values in (raw, bases, scale))
        count = len(QUANTILES)
        base = bases
        if bases.shape[-1] > 1:
            weights = ops.softmax(raw[..., count:], axis=-1)
            base = ops.sum(weights * bases, axis=-1, keepdims=True)
        scale = ops.expand_dims(scale, -1)
        median = base + scale * raw[..., MEDIAN : MEDIAN + 1]
        gaps = scale * ops.softplus(raw[..., :count]) / MEDIAN
        above = median + ops.cumsum(gaps[..., MEDIAN + 1 :], axis=-1)
        below = median - ops.flip(ops.cumsum(ops.flip(gaps[..., :MEDIAN], -1), axis=-1), -1)
        quantiles = ops.concatenate([below, median, above], axis=-1)
        return ops.concatenate([ops.mean(quantiles, axis=-1, keepdims=True), quantiles], axis=-1)

    def compute_output_spec(self, raw, bases, scale):
        return KerasTensor((*bases.shape[:2], 1 + len(QUANTILES)), "float32")


@registered
def quantile_loss(target: KerasTensor, forecast: KerasTensor) -> KerasTensor:
    """Twice the mean pinball loss of the quantiles.

    It approximates the CRPS (Gneiting and Raftery 2007, https://doi.org/10.1198/016214506000001437), and is least at
    the true quantiles.

    Args:
        target: (batch, horizon, 2): scaled values, and what a scaled error of 1 counts; 0 for a missing value.
        forecast: (batch, horizon, 10): mean and quantiles, scaled.

    Returns:
        (batch, horizon).
    """
    error = target[..., 1:] * (target[..., :1] - forecast[..., 1:])
    levels = ops.convert_to_tensor(QUANTILES, error.dtype)
    pinball = ops.maximum(levels * error, (levels - 1) * error)
    return 2 * ops.mean(pinball, -1)
