"""What series are like, and whether a pipeline is asked for such as it cannot forecast.

A network forecasts whatever it is given. `train` writes the profile of its series into the file of a pipeline, and
`predict` warns where others are unlike it, or where repeating what was last seen would have been better.
"""

import collections
import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from lstm_zoo import batching
from lstm_zoo.networks import network_of
from lstm_zoo.tasks.forecasting import baselines, metrics
from lstm_zoo.tasks.forecasting.pipelines import encode, horizon_of, length
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN
from lstm_zoo.tasks.forecasting.series import Series, spacing_of
from lstm_zoo.tasks.forecasting.sources import shortened

MOST = 64  # series that are forecast to compare
WORSE = 1.5  # times the error of the better naive forecast; one window of one series is often somewhat above it
ANOTHER = 1.2  # times as long is another step; months have 28 to 31 days
HOURS = {"week": 168.0, "day": 24.0, "hour": 1.0, "minute": 1 / 60, "second": 1 / 3600}
MONTH = 24 * 365.2425 / 12  # hours
MONTHS = {1: "a month", 3: "a quarter", 12: "a year"}


def profile(_pipeline: keras.Model, training: Sequence[Series], _validating: Sequence[Series]) -> dict[str, Any]:
    """The profile of training series, as JSON has it.

    Returns:
        Dict: `step`, None where whole numbers do not tell it, else its length in `hours` and in `words`; `length`, the
        steps of the median series; `missing`, the share of values that are not known.

    Example:

    >>> load = pd.Series(50.0, pd.date_range("2026-01-01", periods=48, freq="h"))
    >>> profile(None, forecasting.read(load), [])
    {'step': {'hours': 1.0, 'words': 'an hour'}, 'length': 48, 'missing': 0.0}
    """
    step = _usual_step(training)
    values = sum(len(item.y) for item in training)
    return {
        "step": None if step is None else {"hours": round(step[0], 6), "words": step[1]},
        "length": int(np.median([len(item.y) for item in training])),
        "missing": round(sum(int(np.isnan(item.y).sum()) for item in training) / values, 4),
    }


def known(pipeline: keras.Model) -> dict[str, Any]:
    """What `unlike` needs of a pipeline: the steps that it forecasts and reads, the fewest that it can make something
    of and what these are, and `run`, which answers series."""
    lookback = pipeline.get_layer("window").steps
    seasons = [season for layer in network_of(pipeline).layers for season in getattr(layer, "seasons", ())]
    return {
        "horizon": horizon_of(pipeline),
        "lookback": lookback,
        "fewest": min(seasons, default=max(1, lookback // 10)),
        "reason": "its shortest season" if seasons else f"a tenth of the {lookback:,} that it reads",
        "run": functools.partial(batching.run, pipeline, encode=encode, length=length),
    }


def unlike(
    series: Sequence[Series],
    profile: dict[str, Any] | None,
    *,
    horizon: int,
    lookback: int,
    fewest: int,
    reason: str,
    run: Callable[[list[Series]], Sequence[dict[str, Any]]],
) -> str | None:
    """A sentence with the numbers, and what to do, where a pipeline is asked for what it cannot forecast, else None.

    That is where

    - the usual step is another than that which it learnt from, if both are known;
    - more than half of the series are shorter than `fewest`;
    - on the end of these series, the last horizon or, of short ones, their second half, forecast from what lies before,
      the mean absolute error in units of the usual change of a step, in the median of at most `MOST` series, is greater
      than those of repeating the last value and the last season, or than `WORSE` times the lesser of the two.

    Args:
        series: what is asked for.
        profile: what `profile` returned for what the pipeline learnt from; None for a file without.
        Everything else: see `known`.
    """
    sentence = _of_steps(series, profile) or _of_lengths(series, profile, fewest, reason)
    sentence = sentence or _of_errors(series, horizon, lookback, fewest, run)
    advice = '`lstm_zoo.train("forecasting", data=...)` learns from series of your own, `lstm_zoo.backtest` measures'
    return sentence and f"{sentence}; {advice}"


def _of_steps(series, profile):
    step, learnt = _usual_step(series), None if profile is None else profile["step"]
    if step is None or learnt is None or max(step[0], learnt["hours"]) < ANOTHER * min(step[0], learnt["hours"]):
        return None
    return f"these series have steps of {step[1]}, those that it learnt from steps of {learnt['words']}"


def _usual_step(series):
    """The most common step of series, (hours, words); None where it is not known."""
    steps = collections.Counter(filter(None, map(_step_of, series)))
    return max(steps, key=steps.get, default=None)


def _step_of(item):
    step = spacing_of(item)
    if isinstance(step, (int, np.integer)):
        return None
    if isinstance(step, pd.Timedelta):
        return _in_words(step / pd.Timedelta(hours=1))
    if isinstance(step, pd.offsets.CustomBusinessDay):
        return _in_words(24.0 * step.n)
    if "days" in step.kwds:
        return _in_words(24.0 * step.kwds["days"])
    months = step.kwds.get("months", step.n if "Month" in type(step).__name__ else 0)
    return (months * MONTH, MONTHS.get(months, f"{months} months")) if months else None


def _in_words(hours):
    for unit, size in HOURS.items():
        count = round(hours / size)
        if count and np.isclose(hours, count * size):
            return hours, f"{count} {unit}s" if count > 1 else f"{'an' if unit == 'hour' else 'a'} {unit}"
    return hours, f"{3600 * hours:g} seconds"


def _of_lengths(series, profile, fewest, reason):
    lengths = [len(item.y) for item in series]
    if 2 * sum(steps < fewest for steps in lengths) <= len(lengths):
        return None
    before = "" if profile is None else f", and half of those that it learnt from have {profile['length']:,} or more"
    return (
        f"half of these series have {int(np.median(lengths)):,} steps or fewer; it needs {fewest:,}, {reason}{before}"
    )


def _of_errors(series, horizon, lookback, fewest, run):
    cuts = [(item, len(item.y) - min(horizon, len(item.y) // 2)) for item in series]
    cuts = [(item, step) for item, step in cuts if _can_be_compared(item, step, horizon, lookback, fewest)]
    cuts = cuts[:: max(1, -(-len(cuts) // MOST))]
    if not cuts:
        return None
    rows = run([shortened(item, step, ahead=horizon) for item, step in cuts])
    errors = np.array(
        [_errors(item, step, np.asarray(row["quantiles"])[:, MEDIAN]) for (item, step), row in zip(cuts, rows)]
    )
    errors = errors[np.isfinite(errors).all(axis=1)]
    if not len(errors):
        return None
    own, *naive = np.median(errors, axis=0)
    if own <= max(naive) and own <= WORSE * min(naive):
        return None
    ahead = max(len(item.y) - step for item, step in cuts)
    some = "" if len(errors) == len(series) else f"{len(errors)} of "
    which = "this series" if len(series) == 1 else f"{some}these {len(series):,} series"
    last = "value" if naive[0] <= naive[1] else "season"
    return (
        f"on the last {ahead:,} steps of {which}, forecast from what lies before, it errs by {own:.2f} times the usual "
        f"change of a step, repeating the last {last} by {min(naive):.2f}"
    )


def _can_be_compared(item, step, horizon, lookback, fewest):
    return (
        len(item.y) >= max(horizon, fewest)
        and step >= max(item.season, 2)
        and np.isfinite(item.y[max(0, step - lookback) : step]).any()
        and (not item.names or len(item.covariates) >= len(item.y) + horizon)
    )


def _errors(item, step, forecast):
    """Mean absolute scaled errors of a forecast, of repeating the last value and of repeating the last season.

    The scale is that of season 1, since the changes from season to season of a series without noise are next to 0.
    """
    history, y = item.y[:step], item.y[step:]
    forecasts = [forecast, *(baselines.seasonal_naive(history, len(y), season) for season in (1, item.season))]
    return [metrics.mase(y, points[: len(y)], history, season=1) for points in forecasts]
