"""How good forecasts are, and the cheap rivals of every network."""

import numpy as np

from lstm_zoo.tasks.forecasting import baselines as rivals
from lstm_zoo.tasks.forecasting import metrics, windows
from lstm_zoo.tasks.forecasting.parts import MEDIAN, QUANTILES

LINEAR_LOOKBACK, LINEAR_PENALTY = (
    336,
    1e3,
)  # of NLinear; the least validation error on ETTh1 of 96, 336, 720 and 1e0 to 1e4


def measures(series, rows, forecasts):
    """Measures of forecasts of windows.

    Args:
        series: list of `Series`.
        rows: (windows, 2): the number of the series and the step of its first target.
        forecasts: (windows, horizon, 1 + quantiles), or (windows, horizon), points without quantiles.

    Returns:
        Dict. Where each series has one window: `owa`, `smape`, `mase`, of the median; else `mse`, `mae`, of mean and
        median in units of `windows.unit_of`, and `mase`. With quantiles `weighted_quantile_loss`, `crps`, in those
        units, and `coverage`, the share of the targets in the 80 % interval.
    """
    points = forecasts.ndim == 2
    mean, median = (forecasts, forecasts) if points else (forecasts[..., 0], forecasts[..., 1 + MEDIAN])
    horizon = mean.shape[1]
    y = np.stack([series[number].y[step : step + horizon] for number, step in rows])
    units = np.array([windows.unit_of(one) for one in series])[rows[:, 0], None]
    once = len(np.unique(rows[:, 0])) == len(rows)
    mase = _mase(series, rows, y, median)
    if once:
        smape = metrics.smape(y, median)
        naive2 = np.stack([_naive2(series[number], step, horizon) for number, step in rows])
        rival = metrics.smape(y, naive2), _mase(series, rows, y, naive2)
        found = {"owa": metrics.owa(smape, mase, *rival), "smape": smape, "mase": mase}
    else:
        found = {
            "mse": metrics.mse(y / units, mean / units),
            "mae": metrics.mae(y / units, median / units),
            "mase": mase,
        }
    if not points:
        quantiles = forecasts[..., 1:]
        found["weighted_quantile_loss"] = metrics.weighted_quantile_loss(y, quantiles, QUANTILES)
        found["crps"] = metrics.crps_from_quantiles(y / units, quantiles / units[..., None], QUANTILES)
        found["coverage"] = metrics.coverage(y, quantiles[..., 0], quantiles[..., -1])
    return {name: round(float(value), 4) for name, value in found.items()}


def _mase(series, rows, y, forecast):
    """MASE, each series scaled by the seasonal error of what lies before its first forecast."""
    values, weights = [], []
    for number in np.unique(rows[:, 0]):
        mine = rows[:, 0] == number
        history = series[number].y[: rows[mine, 1].min()]
        value = metrics.mase(
            y[mine], forecast[mine], np.broadcast_to(history, (mine.sum(), len(history))), series[number].season
        )
        values.append(value)
        weights.append(mine.sum())
    values, weights = np.array(values), np.array(weights)
    known = np.isfinite(values)
    return np.average(values[known], weights=weights[known]) if known.any() else float("nan")


def _naive2(one, step, horizon):
    history = filled(one.y[:step])
    return rivals.naive2(history, horizon, one.season)


def filled(y):
    """`y` without gaps: a missing value is the one before it; missing ones in front are left out."""
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return y
    place = np.maximum.accumulate(np.where(np.isfinite(y), np.arange(len(y)), -1))
    return y[place[known[0] :]]


def baselines(training, series, rows, horizon):
    """Measures of cheap rivals on the same windows: naive, seasonal naive, and NLinear fitted on `training`.

    Args:
        training: list of `Series`.
        series, rows: see `measures`.
        horizon: steps of a forecast.

    Returns:
        Dict of name -> measures.
    """
    units = np.array([windows.unit_of(one) for one in series])[rows[:, 0], None]
    past = histories(series, rows, LINEAR_LOOKBACK)
    seasonal = np.empty((len(rows), horizon))
    for season in {one.season for one in series}:
        mine = np.array([series[number].season == season for number in rows[:, 0]])
        seasonal[mine] = rivals.seasonal_naive(past[mine], horizon, season)
    learnt = windows.origins(training, LINEAR_LOOKBACK, horizon)
    scales = np.array([windows.unit_of(one) for one in training])[learnt[:, 0], None]
    targets = np.stack([training[number].y[step : step + horizon] for number, step in learnt])
    linear = rivals.nlinear_fit(
        histories(training, learnt, LINEAR_LOOKBACK) / scales, targets / scales, penalty=LINEAR_PENALTY
    )
    forecasts = {
        "naive": rivals.naive(past, horizon),
        "seasonal naive": seasonal,
        "NLinear": rivals.nlinear_predict(past / units, *linear) * units,
    }
    return {name: measures(series, rows, points) for name, points in forecasts.items()}


def histories(series, rows, lookback):
    """The `lookback` values before each window, without gaps; (windows, lookback), the first value before the first."""
    whole = [np.concatenate([np.repeat(values[:1], lookback), values]) for values in (_level(one.y) for one in series)]
    return np.stack([whole[number][step : step + lookback] for number, step in rows])


def _level(y):
    """`y` with gaps filled by the value before, and those in front by the first one."""
    values = filled(y)
    return np.concatenate([np.repeat(values[:1], len(y) - len(values)), values])
