"""What suits series of a user's own: how far to read and to forecast, the seasons, the width, and how long to train.

The rules stand here, in one place; what a user says goes before them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo.options import Bounds, check_value
from lstm_zoo.tasks.forecasting.evaluation import filled
from lstm_zoo.tasks.forecasting.grid import seasons_of
from lstm_zoo.tasks.forecasting.series import Series, spacing_of
from lstm_zoo.tasks.forecasting.windows import thinned

DAY = pd.Timedelta(days=1)
# Steps ahead, those of M4 (Makridakis et al. 2020): by the seasons of a step, and for a year, a week and a day.
HORIZONS = {(12,): 18, (4,): 8, (52,): 13, (7,): 14, (5,): 10, (): 6}
WHOLE_NUMBERS = 12  # steps ahead, where nothing tells how long one is
MAX_SEASON = 400  # steps that a season is looked for in
OF_A_DAY = (24, 48, 96, 144, 288)  # steps: seasons that have a week above them
LEAST_CORRELATION = 0.3  # of a season with the one before
SAMPLE = 50  # series that are looked through
MAX_SEGMENT = 48
MAX_LOOKBACK = 720


def suited(network: str, series: Sequence[Series], given: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters of a network and options of training that suit series, see `lstm_zoo.contract.Task.suited`."""
    _check(given)
    length = int(np.median([len(item.y) for item in series]))
    horizon = given.get("horizon") or series[0].horizon or _horizon(series, length)
    seasons = given.get("seasons")
    if seasons is None:
        seasons = [season for season in _seasons(series) if 3 * season + horizon <= length]
    lookback = given.get("lookback") or _lookback(length, horizon, seasons)
    chosen = {"horizon": horizon, "lookback": lookback, "seasons": list(seasons)}
    if sum(seasons) > lookback:
        chosen["seasons"] = [season for season in seasons if season <= lookback][:1]
    if network == "segment":
        fixed = lookback if "lookback" in given else 0  # any number divides 0
        chosen["segment"] = given.get("segment") or _segment(lookback, horizon, chosen["seasons"], fixed)
        if "lookback" not in given:
            chosen["lookback"] = -(-lookback // chosen["segment"]) * chosen["segment"]
    windows = sum(max(0, len(item.y) - 2 * horizon) for item in series)
    chosen["units"] = 32 if windows < 2_000 else 64 if windows < 20_000 else 128
    chosen["batch_size"] = 32 if windows < 2_000 else 64 if windows < 10_000 else 256
    chosen["epochs"] = chosen["patience"] = int(np.clip(round(12 * (max(windows, 1) / 1000) ** -0.35), 1, 40))
    # Of eight short series six got better with 3e-3 than with 1e-3, on windows set aside before the test.
    chosen["learning_rate"] = 3e-3 if windows < 20_000 else 2e-3
    return {name: value for name, value in chosen.items() if name not in given}


def _check(given):
    """Raise a ValueError for hyperparameters by which no series can be cut."""
    for name in given.keys() & {"horizon", "lookback", "segment"}:
        check_value(name, given[name], int, Bounds(minimum=1))
    seasons = given.get("seasons", ())
    if not isinstance(seasons, (list, tuple)) or any(not isinstance(season, int) or season < 1 for season in seasons):
        raise ValueError(f"seasons is a list of whole numbers of steps, like [24, 168]. Received: {seasons!r}")


def _horizon(series, length):
    step = spacing_of(series[0])
    usual = WHOLE_NUMBERS
    if isinstance(step, pd.Timedelta) and step < DAY:
        a_day = int(DAY / step)
        usual = 2 * a_day if a_day <= 24 else min(a_day, 96)
    elif not isinstance(step, (int, np.integer)):
        usual = HORIZONS.get(seasons_of(step)[:1], HORIZONS[()])
    return max(1, min(usual, length // 5))


def _seasons(series: Sequence[Series]) -> tuple[int, ...]:
    """What the step of dates suggests; where that is nothing, what repeats itself."""
    step = spacing_of(series[0])
    known = () if isinstance(step, (int, np.integer)) else seasons_of(step)
    return known or _found(series)


def _found(series):
    some = [series[place] for place in thinned(np.arange(len(series)), SAMPLE)]
    correlations = [_correlations(filled(item.y)) for item in some]
    lags = int(np.median([len(each) for each in correlations]))
    together = np.median([each[:lags] for each in correlations if len(each) >= lags], 0)
    inner = np.arange(3, lags - 1)  # a season of two is what any noise looks like
    peaks = inner[(together[inner] > together[inner - 1]) & (together[inner] > together[inner + 1])]
    if not len(peaks) or together[peaks].max() < LEAST_CORRELATION:
        return ()
    season = int(peaks[together[peaks] > 0.9 * together[peaks].max()][0])  # of its multiples the first
    return (season, 7 * season) if season in OF_A_DAY else (season,)


def _correlations(y):
    """Of the changes of a series with those so many steps before, for each lag of up to a third of it."""
    changes = np.diff(y)
    changes = changes - changes.mean() if len(changes) else changes
    lags = min(len(changes) // 3, MAX_SEASON)
    total = changes @ changes
    return np.array([changes[lag:] @ changes[: len(changes) - lag] / total if total else 0.0 for lag in range(lags)])


def _lookback(length, horizon, seasons):
    """Four of the short season, two of the long one or twice the horizon, as far as windows are left to learn from."""
    wanted = max(4 * min(seasons, default=12), 2 * max(seasons, default=0), min(2 * horizon, MAX_LOOKBACK))
    return max(2, min(wanted, (length - 2 * horizon) // 2))


def _segment(lookback, horizon, seasons, fixed):
    """The longest part of the horizon of which the look-back has eight, in step with the season if there is one."""
    parts = [steps for steps in range(1, horizon + 1) if horizon % steps == 0 and steps <= max(lookback // 8, 1)]
    parts = [steps for steps in parts if steps <= MAX_SEGMENT and fixed % steps == 0]
    aligned = [steps for steps in parts if seasons and (steps % seasons[0] == 0 or seasons[0] % steps == 0)]
    best = max(aligned) if aligned and max(aligned) > 1 else max(parts)
    return best if best > 2 or fixed % horizon else horizon
