"""How good a forecast is: point, interval and distribution, by the definitions of the M4 and GluonTS papers.

Plain NumPy over arrays of any shape. A target that is NaN is unknown and is left out; where no target is left, the
metric is NaN. A forecast that is NaN at a known target makes the metric NaN: a gap in the answers is not overlooked.
M4: Makridakis et al. 2020, doi:10.1016/j.ijforecast.2019.04.014. GluonTS: Alexandrov et al. 2020, JMLR 21(116).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def mse(y: ArrayLike, forecast: ArrayLike) -> float:
    """Mean squared error, in squared units of `y`.

    Args:
        y: targets, array of any shape.
        forecast: array of the shape of `y`.

    Returns:
        float.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> mse([1.0, 2.0, float("nan")], [1.0, 4.0, 5.0])
        2.0
    """
    y, forecast = _alike(y, forecast)
    return _mean((y - forecast) ** 2, y)


def mae(y: ArrayLike, forecast: ArrayLike) -> float:
    """Mean absolute error, in units of `y`; arguments and errors as for `mse`."""
    y, forecast = _alike(y, forecast)
    return _mean(np.abs(y - forecast), y)


def smape(y: ArrayLike, forecast: ArrayLike) -> float:
    """Symmetric mean absolute percentage error of M4: the mean of 200 |y - f| / (|y| + |f|), from 0 to 200.

    Arguments and errors as for `mse`. Where both are zero the forecast is right and counts as 0 (M4 has no such value).

    Example:
        >>> smape([1.0, 100.0], [3.0, 100.0])
        50.0
    """
    y, forecast = _alike(y, forecast)
    size = np.abs(y) + np.abs(forecast)
    return _mean(200 * np.abs(y - forecast) / np.where(size == 0, 1, size), y)


def mase(y: ArrayLike, forecast: ArrayLike, history: ArrayLike, season: int) -> float:
    """Mean absolute scaled error of M4 (Hyndman & Koehler 2006): errors in units of the seasonal naive error.

    A series' scale is the mean of |y_t - y_(t - season)| over its history. A series without one - a constant history,
    or no two observations a season apart - has no such error, and its targets are left out.

    Args:
        y: targets, (..., horizon).
        forecast: array of the shape of `y`.
        history: what went before, (..., time), with the leading dimensions of `y`; histories of unequal lengths are
            padded with NaN on the left.
        season: observations a season, 1 for none.

    Returns:
        float.

    Raises:
        ValueError: shapes that do not fit, a season that is no whole number from 1 to the history's length - 1.

    Example:
        >>> mase([7.0, 8.0], [5.0, 6.0], history=[1.0, 2.0, 5.0, 4.0], season=2)   # scale (4 + 2) / 2
        0.6666666666666666
    """
    y, forecast = _alike(y, forecast)
    history = np.asarray(history, np.float64)
    if history.shape[:-1] != y.shape[:-1] or not history.ndim:
        raise ValueError(
            f"Each row of `y` needs its row of `history`. Received the shapes: y {y.shape}, history {history.shape}"
        )
    length = history.shape[-1]
    if not isinstance(season, (int, np.integer)) or not 1 <= season < length:
        raise ValueError(f"season is a whole number from 1 to {length - 1}, of {length} values. Received: {season!r}")
    steps = np.abs(history[..., season:] - history[..., :-season])
    known = ~np.isnan(steps)
    scale = np.where(known, steps, 0).sum(-1, keepdims=True) / np.maximum(known.sum(-1, keepdims=True), 1)
    return _mean(np.abs(y - forecast) / np.where(scale == 0, 1, scale), np.where(scale == 0, np.nan, y))


def owa(smape: float, mase: float, naive2_smape: float, naive2_mase: float) -> float:
    """Overall weighted average of M4: the mean of sMAPE and MASE, each over that of Naive2; below 1 beats Naive2.

    Example:
        >>> round(owa(13.912, 1.193, naive2_smape=18.383, naive2_mase=2.395), 3)   # seasonal naive on M4 Hourly
        0.627
    """
    return (smape / naive2_smape + mase / naive2_mase) / 2


def quantile_loss(y: ArrayLike, quantiles: ArrayLike, levels: Sequence[float]) -> float:
    """Mean pinball loss over targets and levels: max(q (y - f), (q - 1) (y - f)), in units of `y`.

    Koenker & Bassett 1978, doi:10.2307/1913643. At the level 0.5 it is half the absolute error.

    Args:
        y: targets, array of any shape.
        quantiles: forecast quantiles, (*y.shape, levels).
        levels: the quantiles' levels, each between 0 and 1.

    Returns:
        float.

    Raises:
        ValueError: shapes that do not fit, a level outside (0, 1).

    Example:
        >>> round(quantile_loss([10.0], [[8.0, 11.0]], levels=[0.1, 0.9]), 3)   # (0.1 * 2 + 0.1 * 1) / 2
        0.15
    """
    y, pinball = _pinball(y, quantiles, levels)
    return _mean(pinball, y)


def weighted_quantile_loss(y: ArrayLike, quantiles: ArrayLike, levels: Sequence[float]) -> float:
    """Weighted quantile loss of GluonTS: 2 sum of pinball losses / sum of |y|, the mean over the levels; no unit.

    Arguments and errors as for `quantile_loss`. NaN where all targets are zero.

    Example:
        >>> round(weighted_quantile_loss([10.0], [[8.0, 11.0]], levels=[0.1, 0.9]), 3)
        0.03
    """
    y, pinball = _pinball(y, quantiles, levels)
    size = _mean(np.abs(y), y)
    return 2 * _mean(pinball, y) / size if size else float("nan")


def crps_from_quantiles(y: ArrayLike, quantiles: ArrayLike, levels: Sequence[float]) -> float:
    """Continuous ranked probability score, estimated as the mean over the levels of twice the pinball loss.

    Laio & Tamea 2007, doi:10.5194/hess-11-1267-2007. In units of `y`; the more and the more evenly spread the levels,
    the nearer to `crps_from_samples`. Arguments and errors as for `quantile_loss`.

    Example:
        >>> crps_from_quantiles([10.0], [[8.0]], levels=[0.5])   # of the median alone: the absolute error
        2.0
    """
    return 2 * quantile_loss(y, quantiles, levels)


def crps_from_samples(y: ArrayLike, samples: ArrayLike) -> float:
    """Continuous ranked probability score of sample paths: E|X - y| - E|X - X'| / 2, in units of `y`.

    Gneiting & Raftery 2007, doi:10.1198/016214506000001437; X and X' are drawn from the samples with replacement, which
    is the exact score of the samples' step function. One sample: the absolute error.

    Args:
        y: targets, array of any shape.
        samples: (*y.shape, samples).

    Returns:
        float.

    Raises:
        ValueError: shapes that do not fit, no samples.

    Example:
        >>> crps_from_samples([2.0], [[1.0, 3.0]])   # 1 - (2 / 2) / 2
        0.5
    """
    y, samples = np.asarray(y, np.float64), np.sort(np.asarray(samples, np.float64), axis=-1)
    if samples.shape[:-1] != y.shape or not samples.ndim or not samples.shape[-1]:
        raise ValueError(f"The shapes (*y.shape, samples) are expected. Received: y {y.shape}, samples {samples.shape}")
    n = samples.shape[-1]
    # Of all n^2 pairs of sorted samples, the i-th (from 1) is the larger in i - 1 and the smaller in n - i, twice over:
    # E|X - X'| / 2 = sum of (2 i - n - 1) x_i / n^2.
    spread = samples @ (2 * np.arange(1, n + 1) - n - 1) / n**2
    return _mean(np.abs(samples - y[..., np.newaxis]).mean(-1) - spread, y)


def coverage(y: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of the targets from `low` to `high`, bounds included: 0.8 is aimed at by an 80 % interval.

    Args:
        y: targets, array of any shape.
        low, high: arrays of the shape of `y`.

    Returns:
        float from 0 to 1.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> coverage([1.0, 2.0], low=[0.0, 0.0], high=[1.0, 1.0])
        0.5
    """
    y, low = _alike(y, low)
    y, high = _alike(y, high)
    inside = ((low <= y) & (y <= high)).astype(np.float64)
    return _mean(np.where(np.isnan(low + high), np.nan, inside), y)


def _alike(y, forecast):
    y, forecast = np.asarray(y, np.float64), np.asarray(forecast, np.float64)
    if y.shape != forecast.shape:
        raise ValueError(f"Targets and forecast have one shape. Received: {y.shape} and {forecast.shape}")
    return y, forecast


def _mean(losses, y):
    """Mean of the losses (*y.shape, ...) where `y` is known; NaN without any."""
    losses = losses[~np.isnan(y)]
    return float(losses.mean()) if losses.size else float("nan")


def _pinball(y, quantiles, levels):
    """`y` as an array, and its pinball losses, (*y.shape, levels)."""
    y, quantiles, levels = (np.asarray(values, np.float64) for values in (y, quantiles, levels))
    if levels.ndim != 1 or not levels.size or not ((levels > 0) & (levels < 1)).all():
        raise ValueError(f"levels is a list of numbers between 0 and 1. Received: {levels.tolist()}")
    if quantiles.shape != (*y.shape, len(levels)):
        raise ValueError(
            f"quantiles has the shape (*y.shape, levels), here {(*y.shape, len(levels))}. Received: {quantiles.shape}"
        )
    error = y[..., np.newaxis] - quantiles
    return y, np.maximum(levels * error, (levels - 1) * error)
