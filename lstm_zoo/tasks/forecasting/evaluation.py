"""How good forecasts of windows are, and those of the cheap baselines that every network has to beat."""

from collections.abc import Sequence

import numpy as np

from lstm_zoo.tasks.forecasting import baselines, metrics, windows
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN, QUANTILES
from lstm_zoo.tasks.forecasting.series import Series

# Of NLinear: the least validation error on ETTh1 of 96, 336, 720 steps and 1e0 to 1e4 for its 57,000 windows.
LINEAR_LOOKBACK, LINEAR_PENALTY = 336, 1e3 / 57_000
LINEAR_WINDOWS = 60_000  # from which it learns, at most: 160 MB


def window_metrics(series: Sequence[Series], rows: np.ndarray, forecasts: np.ndarray) -> dict[str, float]:
    """Metrics of forecasts of windows.

    Args:
        series: list of `Series`.
        rows: (windows, 2): the number of the series and the step of its first target.
        forecasts: (windows, horizon, 1 + quantiles), or (windows, horizon), points without quantiles.

    Returns:
        Dict. Where each series has one window: `owa`, `smape`, `mase`, of the median; else `mse`, `mae`, of mean and
        median in units of `windows.error_scale`, and `mase`. With quantiles `weighted_quantile_loss`, `crps`, in those
        units, and `coverage`, the share of the targets in the 80 % interval.
    """
    points = forecasts.ndim == 2
    mean, median = (forecasts, forecasts) if points else (forecasts[..., 0], forecasts[..., 1 + MEDIAN])
    horizon = mean.shape[1]
    y = np.stack([series[number].y[step : step + horizon] for number, step in rows])
    scales = _error_scales(series, rows)
    mase = _mase(series, rows, y, median)
    if len(np.unique(rows[:, 0])) == len(rows):
        smape = metrics.smape(y, median)
        naive2 = np.stack([_naive2(series[number], step, horizon) for number, step in rows])
        owa = metrics.owa(smape, mase, metrics.smape(y, naive2), _mase(series, rows, y, naive2))
        scores = {"owa": owa, "smape": smape, "mase": mase}
    else:
        mse, mae = metrics.mse(y / scales, mean / scales), metrics.mae(y / scales, median / scales)
        scores = {"mse": mse, "mae": mae, "mase": mase}
    if not points:
        quantiles = forecasts[..., 1:]
        scores["weighted_quantile_loss"] = metrics.weighted_quantile_loss(y, quantiles, QUANTILES)
        scores["crps"] = metrics.crps_from_quantiles(y / scales, quantiles / scales[..., None], QUANTILES)
        scores["coverage"] = metrics.coverage(y, quantiles[..., 0], quantiles[..., -1])
    return {name: round(float(value), 4) for name, value in scores.items()}


def _error_scales(series, rows):
    """Of each window, (windows, 1)."""
    return np.array([windows.error_scale(item) for item in series])[rows[:, 0], None]


def _mase(series, rows, y, forecast):
    """MASE, each series scaled by the seasonal error of what lies before its first forecast, if that is a season."""
    values, weights = [], []
    for number in np.unique(rows[:, 0]):
        mine = rows[:, 0] == number
        history = series[number].y[: rows[mine, 1].min()]
        if len(history) <= series[number].season:
            continue
        # As one long forecast: its windows have the same scale, and so the history is gone through once.
        values.append(metrics.mase(y[mine].ravel(), forecast[mine].ravel(), history, series[number].season))
        weights.append(mine.sum())
    values, weights = np.array(values), np.array(weights)
    known = np.isfinite(values)  # none of a series that never changes
    return np.average(values[known], weights=weights[known]) if known.any() else float("nan")


def _naive2(item, step, horizon):
    history = filled(item.y[:step])
    return baselines.naive2(history, horizon, item.season if len(history) >= item.season else 1)


def filled(y: np.ndarray) -> np.ndarray:
    """`y` without gaps: a missing value is the one before it; missing ones in front are left out."""
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return y
    place = np.maximum.accumulate(np.where(np.isfinite(y), np.arange(len(y)), -1))
    return y[place[known[0] :]]


def baseline_metrics(
    training: Sequence[Series], series: Sequence[Series], rows: np.ndarray, horizon: int
) -> dict[str, dict[str, float]]:
    """Metrics of cheap baselines on the same windows: naive, seasonal naive, and NLinear fitted on `training`,
    if that is long enough to learn from.

    Args:
        training: list of `Series`.
        series, rows: see `window_metrics`.
        horizon: steps of a forecast.

    Returns:
        Dict of name -> metrics.
    """
    length = int(np.median([len(item.y) for item in training]))
    lookback = max(1, min(LINEAR_LOOKBACK, (length - horizon) // 2))
    past = histories(series, rows, lookback)
    seasonal = np.empty((len(rows), horizon))
    for season in {item.season for item in series}:
        mine = np.array([series[number].season == season for number in rows[:, 0]])
        whole = past[mine] if season <= lookback else histories(series, rows[mine], season)
        seasonal[mine] = baselines.seasonal_naive(whole, horizon, season)
    forecasts = {"naive": baselines.naive(past, horizon), "seasonal naive": seasonal}
    learnt = windows.thinned(windows.origins(training, lookback, horizon), LINEAR_WINDOWS)
    learnt = [row for row in learnt if np.isfinite(training[row[0]].y[row[1] : row[1] + horizon]).all()]
    if learnt:
        learnt = np.stack(learnt)
        learnt_scales, scales = _error_scales(training, learnt), _error_scales(series, rows)
        targets = np.stack([training[number].y[step : step + horizon] for number, step in learnt])
        learnt_past = histories(training, learnt, lookback)
        penalty = LINEAR_PENALTY * len(learnt)
        linear = baselines.nlinear_fit(learnt_past / learnt_scales, targets / learnt_scales, penalty)
        forecasts["NLinear"] = baselines.nlinear_predict(past / scales, *linear) * scales
    return {name: window_metrics(series, rows, points) for name, points in forecasts.items()}


def histories(series: Sequence[Series], rows: np.ndarray, lookback: int) -> np.ndarray:
    """The `lookback` values before each window, without gaps; (windows, lookback), the first value before the first."""
    levels = [_level(item.y) for item in series]
    whole = [np.concatenate([np.repeat(values[:1], lookback), values]) for values in levels]
    return np.stack([whole[number][step : step + lookback] for number, step in rows])


def _level(y):
    """`y` with gaps filled by the value before, and those in front by the first one."""
    values = filled(y)
    return np.concatenate([np.repeat(values[:1], len(y) - len(values)), values])
