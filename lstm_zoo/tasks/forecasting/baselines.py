"""Forecasts that any network has to beat: naive, seasonal naive, the Naive2 of M4, and NLinear in closed form.

Plain NumPy over arrays.
"""

import numpy as np
from numpy.typing import ArrayLike

BLOCK = 2**22  # values of the windows that are copied at a time, 32 MiB


def naive(history: ArrayLike, horizon: int) -> np.ndarray:
    """The last observation, repeated; gaps (NaN) are no observations.

    Args:
        history: (..., time).
        horizon: steps to forecast.

    Returns:
        float64 array (..., horizon); NaN for a series without any observation.

    Raises:
        ValueError: an empty history, a horizon below 1.

    Example:
        >>> naive([1.0, 3.0, float("nan")], horizon=2)
        array([3., 3.])
    """
    return seasonal_naive(history, horizon, season=1)


def seasonal_naive(history: ArrayLike, horizon: int, season: int) -> np.ndarray:
    """The last observation at the same place in the season; gaps (NaN) are no observations.

    Args:
        history: (..., time), at least a season.
        horizon: steps to forecast.
        season: observations a season, 1 for none.

    Returns:
        float64 array (..., horizon); NaN for a place in the season that was never observed.

    Raises:
        ValueError: a history shorter than a season, a season or horizon below 1.

    Example:
        >>> seasonal_naive([1.0, 2.0, 3.0, 4.0], horizon=3, season=2)
        array([3., 4., 3.])
    """
    history = _checked(history, horizon, season)
    filler = np.full((*history.shape[:-1], -history.shape[-1] % season), np.nan)
    seasons = np.concatenate([filler, history], -1)
    seasons = seasons.reshape(*history.shape[:-1], -1, season)
    rows = np.arange(seasons.shape[-2])[:, np.newaxis]
    last = np.where(np.isnan(seasons), 0, rows).max(-2, keepdims=True)
    last = np.take_along_axis(seasons, last, -2)[..., 0, :]
    return last[..., np.arange(horizon) % season]


def naive2(history: ArrayLike, horizon: int, season: int) -> np.ndarray:
    """Naive2, the yardstick of M4's OWA: the last observation, seasonally adjusted where the season is significant.

    As in `Benchmarks and Evaluation.R` of https://github.com/Mcompetitions/M4-methods, with R's `acf` and `decompose`
    (classical, multiplicative). Only positive values have multiplicative seasons: other series, which M4 does not
    have, are taken as not seasonal.

    Args:
        history: one series, (time,), without gaps.
        horizon: steps to forecast.
        season: observations a season, 1 for none.

    Returns:
        float64 array (horizon,).

    Raises:
        ValueError: not one series, a gap, a history shorter than a season, a season or horizon below 1.

    Example:
        >>> naive2([10.0, 20.0] * 20, horizon=3, season=2)
        array([10., 20., 10.])
    """
    history = _checked(history, horizon, season)
    if history.ndim != 1 or np.isnan(history).any():
        raise ValueError(
            f"naive2 takes one series without gaps. Received: {int(np.isnan(history).sum())} NaN in {history.shape}"
        )
    if season == 1 or history.min() <= 0 or not is_seasonal(history, season):
        return naive(history, horizon)
    indices = _seasonal_indices(history, season)
    place = len(history) + np.arange(-1, horizon)  # the last observation and those to come
    return history[-1] / indices[place[0] % season] * indices[place[1:] % season]


def is_seasonal(history: ArrayLike, season: int) -> bool:
    """The seasonality test of M4: the autocorrelation at lag `season` is outside its 90 % limits.

    Args:
        history: one series, (time,), without gaps.
        season: observations a season.

    Returns:
        bool. False below three seasons, and where the lag is beyond the 10 log10(time) that R's `acf` computes.

    Example:
        >>> is_seasonal(np.tile([1.0, 2.0, 3.0, 2.0], 20), season=4)
        True
    """
    history = np.asarray(history, np.float64)
    length = len(history)
    if length < 3 * season or season > int(10 * np.log10(length)) or np.ptp(history) == 0:
        return False
    centred = history - history.mean()
    correlation = np.array([centred[lag:] @ centred[:-lag] for lag in range(1, season + 1)]) / (centred @ centred)
    limit = 1.645 * np.sqrt((1 + 2 * (correlation[:-1] ** 2).sum()) / length)  # Bartlett's formula
    return bool(abs(correlation[-1]) > limit)


def _seasonal_indices(history, season):
    """Factors (season,) of mean 1, those of the places 0, 1... in the season: R's `decompose`, multiplicative."""
    # A moving average over one season, centred: an even season has half an observation at either end.
    kernel = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    half = len(kernel) // 2
    ratios = np.full(-(-len(history) // season) * season, np.nan)
    trend = np.convolve(history, kernel / season, mode="valid")
    ratios[half : half + len(trend)] = history[half : half + len(trend)] / trend
    indices = np.nanmean(ratios.reshape(-1, season), 0)
    return indices / indices.mean()


def nlinear_fit(windows: ArrayLike, targets: ArrayLike, penalty: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """NLinear (Zeng et al. 2023, https://arxiv.org/abs/2205.13504), solved instead of trained: ridge regression.

    A window's last value is taken off window and targets; one linear map, shared by all series and channels, goes from
    one to the other. The penalty is on the sum of squared weights, against the sum of squared errors; the bias is free.
    Windows and targets with a gap (NaN) are left out.

    Args:
        windows: (..., look_back); a `sliding_window_view` is not copied as a whole.
        targets: what follows each window, (..., horizon), with the leading dimensions of `windows`.
        penalty: at least 0, in squared units of the values.

    Returns:
        kernel (look_back, horizon) and bias (horizon,) for `nlinear_predict`, float64.

    Raises:
        ValueError: shapes that do not fit, a negative penalty, no window without a gap.

    Example:
        >>> series = np.arange(50.0) ** 2
        >>> windows = np.lib.stride_tricks.sliding_window_view(series, 6)
        >>> kernel, bias = nlinear_fit(windows[:, :4], windows[:, 4:])
        >>> nlinear_predict(series[-4:], kernel, bias).round(3)
        array([2500., 2601.])
    """
    windows, targets = np.asarray(windows), np.asarray(targets)
    if windows.shape[:-1] != targets.shape[:-1] or windows.ndim < 2 or not windows.shape[-1] or not targets.shape[-1]:
        raise ValueError(
            "The shapes (..., look_back) and (..., horizon) are expected. "
            f"Received: windows {windows.shape}, targets {targets.shape}"
        )
    if not penalty >= 0:
        raise ValueError(f"penalty is a number from 0. Received: {penalty!r}")
    look_back = windows.shape[-1]
    # The sums over all windows of [x, 1]'[x, 1, y] are both sides of the normal equations. The last value less itself
    # is always 0, so that its column is free for the constant.
    sums = 0.0
    rows = max(1, BLOCK // (look_back * int(np.prod(windows.shape[1:-1]))))
    for start in range(0, len(windows), rows):
        both = np.concatenate([windows[start : start + rows], targets[start : start + rows]], -1, dtype=np.float64)
        both = both.reshape(-1, both.shape[-1])
        both = both[~np.isnan(both).any(-1)]
        both = both - both[:, look_back - 1 : look_back]
        both[:, look_back - 1] = 1
        sums = sums + both[:, :look_back].T @ both
    if not np.any(sums):
        raise ValueError(f"No window without a gap in windows of the shape {windows.shape}")
    ridge = np.full(look_back, float(penalty))
    ridge[-1] = 0
    # least squares, since without a penalty a constant series makes the equations singular
    kernel = np.linalg.lstsq(sums[:, :look_back] + np.diag(ridge), sums[:, look_back:])[0]
    bias = kernel[-1].copy()
    kernel[-1] = 0
    return kernel, bias


def nlinear_predict(windows: ArrayLike, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Forecasts of `nlinear_fit`.

    Args:
        windows: (..., look_back).
        kernel, bias: what `nlinear_fit` returned.

    Returns:
        float64 array (..., horizon), NaN where a window has a gap.

    Raises:
        ValueError: windows of another length.
    """
    windows = np.asarray(windows, np.float64)
    if windows.shape[-1:] != kernel.shape[:1]:
        raise ValueError(f"Windows of {kernel.shape[0]} values are expected. Received the shape: {windows.shape}")
    last = windows[..., -1:]
    return (windows - last) @ kernel + bias + last


def _checked(history, horizon, season):
    history = np.asarray(history, np.float64)
    for name, number in (("horizon", horizon), ("season", season)):
        if not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"{name} is a whole number from 1. Received: {number!r}")
    if not history.ndim or history.shape[-1] < season:
        raise ValueError(f"At least a season of {season} values is expected. Received the shape: {history.shape}")
    return history
