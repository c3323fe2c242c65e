"""What costs little, as good as it gets: options chosen on a part of the training series, learnt from all of them."""

import itertools
from collections.abc import Callable

import numpy as np

from benchmarks.strangers.series import Case
from lstm_zoo.tasks.forecasting import baselines, evaluation, windows

PENALTIES = tuple(10.0**power for power in range(-2, 6))
LEARNT = 100_000  # windows that NLinear learns from, at most


def forecasts(case: Case) -> dict[str, tuple[np.ndarray, dict]]:
    """Name -> forecasts of the test windows (windows, horizon), and the options that were chosen."""
    validation = case.development()
    season = least(validation, seasonal_naive, {"season": case.seasons})
    linear = least(validation, nlinear, {"lookback": case.lookbacks, "penalty": PENALTIES})
    return {
        "naive": (seasonal_naive(case, season=1), {}),
        "seasonal naive": (seasonal_naive(case, **season), season),
        "NLinear": (nlinear(case, **linear), linear),
    }


def scores(case: Case) -> dict[str, dict[str, float]]:
    """Name -> metrics of the baselines, see `evaluation.window_metrics`."""
    return {name: evaluation.window_metrics(case.series, case.rows, y) for name, (y, _) in forecasts(case).items()}


def least(case: Case, forecast: Callable[..., np.ndarray], options: dict[str, tuple]) -> dict:
    """The options, of those given for each keyword, with the least OWA or, where there is none, MAE on a case."""
    choices = [dict(zip(options, values)) for values in itertools.product(*options.values())]
    if len(choices) == 1:
        return choices[0]

    def error(chosen):
        found = evaluation.window_metrics(case.series, case.rows, forecast(case, **chosen))
        return found.get("owa", found.get("mae"))

    return min(choices, key=error)


def scaled(series):
    """Series in units of their scale."""
    return [item._replace(y=item.y / windows.error_scale(item), scale=1.0) for item in series]


def seasonal_naive(case: Case, season: int) -> np.ndarray:
    """Forecasts (windows, horizon): what was a season ago."""
    return baselines.seasonal_naive(evaluation.histories(case.series, case.rows, season), case.horizon, season)


def nlinear(case: Case, lookback: int, penalty: float) -> np.ndarray:
    """Forecasts (windows, horizon) of NLinear by ridge regression, which learnt from what lies before the test."""
    kernel, bias = fitted(case, lookback, penalty)
    scales = np.array([windows.error_scale(item) for item in case.series])[case.rows[:, 0], None]
    past = evaluation.histories(case.series, case.rows, lookback)
    return baselines.nlinear_predict(past / scales, kernel, bias) * scales


def fitted(case, lookback, penalty):
    """Kernel and bias of NLinear, of series in units of their scale."""
    training = [item._replace(y=item.y[: item.first], first=0) for item in scaled(case.series)]
    rows = windows.origins(training, lookback, case.horizon)
    if len(rows) > LEARNT:  # neighbours are nearly the same
        rows = np.random.default_rng(0).choice(rows, LEARNT, replace=False)
    past = evaluation.histories(training, rows, lookback)
    targets = np.stack([training[number].y[step : step + case.horizon] for number, step in rows])
    return baselines.nlinear_fit(past, targets, penalty=penalty)
