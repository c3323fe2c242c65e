"""Models of statsforecast beside a network, each fitted on what lies before a window."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from lstm_zoo.contract import unknown
from lstm_zoo.optional import need
from lstm_zoo.progress import track
from lstm_zoo.tasks.forecasting import baselines
from lstm_zoo.tasks.forecasting.evaluation import filled
from lstm_zoo.tasks.forecasting.series import Series


def models_of(names: str | Sequence[str] | None) -> dict[str, type]:
    """Name -> class of `statsforecast.models`, of those that need nothing but the length of a season.

    Args:
        names: list of names of classes, also as a text with a comma between them. None: none.

    Raises:
        ValueError: a name of no such class, with the nearest one.
        ImportError: statsforecast is missing.

    Example:

    >>> models_of("AutoETS,Theta").keys()
    dict_keys(['AutoETS', 'Theta'])
    """
    if names is None:
        return {}
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"rivals is a list of names of models of statsforecast. Received: {names!r:.160}")
    module = need("statsforecast.models", "statsforecast", "rivals")
    known = {name: kind for name, kind in vars(module).items() if _needs_a_season_alone(kind)}
    for name in names:
        if name not in known:
            raise unknown("model of statsforecast", name, sorted(known))
    return {name: known[name] for name in names}


def _needs_a_season_alone(kind):
    if not inspect.isclass(kind):
        return False
    parameters = inspect.signature(kind).parameters
    return "season_length" in parameters and all(
        name == "season_length" or parameter.default is not parameter.empty for name, parameter in parameters.items()
    )


def forecasts(
    models: Mapping[str, type], series: Sequence[Series], rows: np.ndarray, horizon: int
) -> dict[str, np.ndarray]:
    """Points that models forecast, each fitted anew on the whole past of each window, without gaps.

    Where a model cannot be fitted, the naive forecast stands in, and a warning says for how many windows.

    Args:
        models: name -> class, see `models_of`.
        series, rows: see `evaluation.window_metrics`.
        horizon: steps of a forecast.

    Returns:
        Dict of name -> float64 array (windows, horizon).

    Raises:
        ValueError: a model that can be fitted before no window.
    """
    return {name: _points(name, kind, series, rows, horizon) for name, kind in models.items()}


def _points(name, kind, series, rows, horizon):
    points, failures = np.empty((len(rows), horizon)), []
    for place, (number, step) in enumerate(track(rows, name)):
        history = filled(series[number].y[:step])
        try:
            points[place] = _fitted(kind, history, series[number].season, horizon)
        except Exception as error:  # whatever its numerics raise where a past is too short, or constant
            failures.append(error)
            points[place] = baselines.naive(history, horizon)
    if failures:
        told = f"{name} cannot be fitted before {len(failures)} of {len(rows)} windows: {failures[0]}"
        if len(failures) == len(rows):
            raise ValueError(told) from failures[0]
        warnings.warn(f"{told}. The naive forecast stands in.", stacklevel=5)
    return points


def _fitted(kind, history, season, horizon):
    with warnings.catch_warnings(action="ignore"):  # of its numerics; what counts is whether there is a forecast
        forecast = kind(season_length=season).forecast(y=history, h=horizon)["mean"]
    if not np.isfinite(forecast).all():
        raise ValueError("its forecast is not finite")
    return forecast
