"""Intervals that hold: the distances of quantiles from the median, scaled until validation windows are covered.

Conformal prediction (Vovk et al. 2005, https://doi.org/10.1007/b106715) with scores in units of the interval, as in
normalized conformal regression (Papadopoulos et al. 2011, https://doi.org/10.1613/jair.3198): where a network says that
a window is harder, its interval stays wider.
"""

import keras
import numpy as np
from keras import ops

from lstm_zoo.layers import registered
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN, QUANTILES

PAIRS = len(QUANTILES) // 2  # of levels around the median: 10 and 90 %, ..., 40 and 60 %
SCORES = 1000  # that a file keeps, by which anomalies are judged
TARGETS = 500  # values that decide a factor: fewer steps of the horizon together where windows are many
# That a window without overlap counts as: its errors resemble each other. Eight short series had a coverage of 0.68 as
# if each error counted, of 0.89 with one a window.
VALUES = 2
FEW = 10  # windows without overlap, with fewer than which all quantiles have the factor of the 80 % interval
FACTORS = (0.2, 5.0)  # the least and the greatest: what is beyond, a handful of windows cannot tell


@registered
class Conformal(keras.layers.Layer):
    """Quantiles moved towards or away from the median: (batch, horizon, 10) -> the same.

    Weights, neither of which `fit` trains: `factors` (horizon, 4), of the distances to the median of the pairs of
    quantiles, the outer ones first; and `scores` (1000,), of one step ahead of validation windows the distance from the
    median in units of the half 80 % interval, rising, infinite where that has no width, NaN behind the last one.

    Args:
        horizon: steps of a forecast.
    """

    def __init__(self, horizon, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.horizon = horizon

    def build(self, forecast_shape):
        self.factors = self.add_weight((self.horizon, PAIRS), initializer="ones", trainable=False, name="factors")
        unknown = keras.initializers.Constant(float("nan"))
        self.scores = self.add_weight((SCORES,), initializer=unknown, trainable=False, name="scores")

    def call(self, forecast):
        mean, quantiles = forecast[..., :1], forecast[..., 1:]
        median = quantiles[..., MEDIAN : MEDIAN + 1]
        factors = ops.cast(self.factors, quantiles.dtype)
        below = (median - quantiles[..., :MEDIAN]) * factors
        above = (quantiles[..., MEDIAN + 1 :] - median) * ops.flip(factors, -1)
        # Each pair has a factor of its own, and yet no outer one may lie within an inner one.
        outwards = [ops.flip(below, -1), above]
        for place in range(1, PAIRS):
            outwards = [
                ops.concatenate(
                    [side[..., :place], ops.maximum(side[..., place:], side[..., place - 1 : place])], axis=-1
                )
                for side in outwards
            ]
        below, above = ops.flip(outwards[0], -1), outwards[1]
        return ops.concatenate([mean, median - below, median, median + above], axis=-1)

    def compute_output_spec(self, forecast):
        return keras.KerasTensor(forecast.shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "horizon": self.horizon}


def calibrate(layer: Conformal, targets: np.ndarray, forecasts: np.ndarray, windows: int) -> None:
    """Fill the factors of a layer from windows that training did not see.

    Args:
        layer: whose factors are 1.
        targets: (windows, horizon), NaN where nothing was observed.
        forecasts: (windows, horizon, 10), mean and quantiles.
        windows: how many do not overlap: with few of them intervals are wider, as the next window may be unlike all.
    """
    horizon = targets.shape[1]
    groups = np.array_split(np.arange(horizon), int(np.clip(np.isfinite(targets).sum() // TARGETS, 1, horizon)))
    factors = np.ones((horizon, PAIRS), "float32")
    for pair in range(PAIRS if windows >= FEW else 1):
        level = QUANTILES[-1 - pair] - QUANTILES[pair]
        scores = distances(targets, forecasts, pair)
        for steps in groups:
            factors[steps, pair] = np.clip(_conformal_quantile(scores[:, steps], level, windows), *FACTORS)
    if windows < FEW:
        factors[:] = factors[:, :1]
    layer.factors.assign(factors)


def keep_scores(layer: Conformal, targets: np.ndarray, forecasts: np.ndarray) -> None:
    """Fill the scores of a layer from the forecasts of the pipeline that it stands in, as it answers.

    Args:
        layer: with its factors.
        targets, forecasts: see `calibrate`.
    """
    scores = distances(targets[:, :1], forecasts[:, :1])
    layer.scores.assign(_thinned(np.sort(scores[~np.isnan(scores)])))


def distances(targets: np.ndarray, forecasts: np.ndarray, pair: int = 0) -> np.ndarray:
    """How far values lie from the median, in units of the distance of a quantile on their side.

    Args:
        targets: (..., horizon).
        forecasts: (..., horizon, 10), mean and quantiles.
        pair: which quantiles: 0 for those of the 80 % interval.

    Returns:
        (..., horizon), at least 0; NaN where nothing was observed.
    """
    median = forecasts[..., 1 + MEDIAN]
    sides = np.where(targets > median, forecasts[..., -1 - pair] - median, median - forecasts[..., 1 + pair])
    apart = np.abs(targets - median)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(apart == 0, 0.0, apart / sides)  # on the median is within, however narrow


def _conformal_quantile(scores, level, windows):
    """The score that a new one does not exceed with a probability of `level`; 1 without any."""
    known = scores[~np.isnan(scores)]
    count = VALUES * windows
    return np.quantile(known, min(level * (count + 1) / count, 1.0), method="higher") if len(known) else 1.0


def _thinned(scores):
    """At most `SCORES` of rising scores, evenly, the greatest among them; NaN behind them."""
    if len(scores) > SCORES:
        scores = scores[np.linspace(0, len(scores) - 1, SCORES).round().astype(int)]
    return np.pad(scores.astype("float32"), (0, SCORES - len(scores)), constant_values=np.nan)
