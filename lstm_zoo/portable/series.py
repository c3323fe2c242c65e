"""Series as scaled windows, and their forecasts in their own units."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lstm_zoo.portable.answers import Run

MEDIAN = 4  # its place among nine quantiles
LEAST_CHANGE = 0.1  # of the standard deviation: the scale of a smooth window


class Series:
    """Series and their forecasts.

    Args:
        told: metadata of the network.

    Raises:
        ValueError: a network that reads covariates or the calendar, or knows single series.

    Example:

    >>> told = {"covariates": [], "calendar": False, "series": [], "centre": True}
    >>> [series.shape for series in Series(told).prepare([[1.0, 2.0], [3.0]])]
    [(2,), (1,)]
    """

    def __init__(self, told: Mapping[str, Any]):
        if needs := [name for name in ("covariates", "calendar", "series") if told[name]]:
            raise ValueError(f"A portable folder reads values alone. Received: a network that reads {', '.join(needs)}")
        self.told = told

    def prepare(self, raw: Any) -> list[np.ndarray]:
        """Series float64 (steps,) of what a user gave: an array (steps,) or (series, steps), or a list of arrays.

        Raises:
            ValueError: something else; values that are infinite; of counts one below 0.
        """
        flat = not hasattr(raw, "keys") and hasattr(raw, "__len__") and len(raw) and np.ndim(raw[0]) == 0
        if hasattr(raw, "keys") or not hasattr(raw, "__len__") or isinstance(raw, (str, bytes)):
            raise ValueError(
                f"An array (steps,) or (series, steps), or a list of arrays, is expected. Received: {raw!r:.160}"
            )
        return [self._checked(np.asarray(series), number) for number, series in enumerate([raw] if flat else raw)]

    def _checked(self, series, number):
        if series.ndim != 1 or series.dtype.kind not in "biuf" or np.isinf(series).any():
            raise ValueError(
                f"Series {number} is an array (steps,) of finite numbers, NaN where one is missing. Received: "
                f"{series.dtype} {series.shape}"
            )
        if not self.told["centre"] and (series < 0).any():
            raise ValueError(f"This network forecasts counts; the series {number} has a value below 0.")
        return series.astype("float64")

    def answer(self, series: Sequence[np.ndarray], run: Run, _: bool) -> np.ndarray:
        """Forecasts (series, horizon, 10), mean and quantiles, of what lies behind series."""
        window = np.full((len(series), self.told["lookback"]), np.nan)
        for row, own in zip(window, series, strict=True):
            own = own[-len(row) :]
            row[len(row) - len(own) :] = own
        history, location, scale = scaled(window, self.told["centre"])
        forecast = conformal(run(history=history), np.array(self.told["factors"]))
        forecast = location[..., None] + scale[..., None] * forecast
        least = -math.inf if self.told["least"] is None else self.told["least"]
        free = (window < least).any(1)[:, None, None]
        return np.where(~free & (forecast < least), least, forecast)

    def stacked(self, answers: Sequence[np.ndarray]) -> np.ndarray:
        """All forecasts as one array; (0, 0, 10) of none."""
        return np.stack(answers) if answers else np.zeros((0, 0, 1 + len(self.told["quantiles"])))


def scaled(window: np.ndarray, centre: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows (series, steps), NaN where nothing was observed, as a network reads them.

    Args:
        window: in their own units.
        centre: whether the last value is taken off; False for counts.

    Returns:
        Scaled values and whether they were observed, float32 (series, steps, 2); location and scale (series, 1), such
        that `value = location + scale * scaled`.

    Example:

    >>> values, location, scale = scaled(np.array([[1.0, 3.0, 5.0]]), centre=True)
    >>> values[..., 0].tolist(), location.item(), scale.item()
    ([[-2.0, -1.0, 0.0]], 5.0, 2.0)
    """
    observed = np.isfinite(window)
    values, count = np.where(observed, window, 0.0), observed.sum(1, keepdims=True)
    mean = values.sum(1, keepdims=True) / np.maximum(count, 1)
    place = np.maximum.accumulate(np.where(observed, np.arange(window.shape[1]), -1), 1)  # of the last value so far
    filled = np.take_along_axis(values, np.maximum(place, 0), 1)
    location, scale = np.zeros_like(mean), 1.0 + mean
    if centre:
        spread = _root_mean(np.where(observed, window - mean, 0.0), count)
        changes = np.where(place[:, :-1] >= 0, np.diff(filled), 0.0)
        scale = np.maximum(_root_mean(changes, count - 1), LEAST_CHANGE * spread)
        scale = np.where(spread > 1e-12 * np.abs(mean), scale, 0.0)  # rounding alone: a constant window
        location = filled[:, -1:]
    values = np.where((place >= 0) & (scale != 0), (filled - location) / np.where(scale == 0, 1.0, scale), 0.0)
    location = np.where(count > 0, location, np.nan)
    return np.stack([values, observed], -1).astype("float32"), location, scale


def _root_mean(values, count):
    return np.sqrt((values**2).sum(1, keepdims=True) / np.maximum(count, 1))


def conformal(forecast: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Quantiles moved towards or away from the median, so that intervals hold: (series, horizon, 10) -> the same.

    Args:
        forecast: mean and quantiles.
        factors: (horizon, 4), of the distances to the median of the pairs of quantiles, the outer ones first.

    Example:

    >>> conformal(np.arange(10.0)[None, None], np.array([[2.0, 1.0, 1.0, 1.0]]))[0, 0].tolist()
    [0.0, -3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 13.0]
    """
    mean, quantiles = forecast[..., :1].astype("float64"), forecast[..., 1:].astype("float64")
    median = quantiles[..., MEDIAN : MEDIAN + 1]
    below = ((median - quantiles[..., :MEDIAN]) * factors)[..., ::-1]
    above = (quantiles[..., MEDIAN + 1 :] - median) * factors[:, ::-1]
    below, above = (np.maximum.accumulate(side, -1) for side in (below, above))  # no outer one lies within an inner one
    return np.concatenate([mean, median - below[..., ::-1], median, median + above], -1)
