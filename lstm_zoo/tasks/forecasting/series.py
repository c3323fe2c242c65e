"""What a series is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.grid import Step, times_at


class Series(NamedTuple):
    """One series: regular steps, from its first observation to its last.

    Fields:
        unique_id: its name.
        y: float64 (steps,), NaN where nothing was observed.
        ds: (steps + ahead,): a pandas index, a DatetimeIndex or whole numbers, regular; the steps ahead are those that
            covariates are known for.
        covariates: float32 (steps + ahead, columns), the columns in the order of `names`.
        names: tuple of the covariates' names.
        step: from one time to the next: a number, a pandas Timedelta, or a pandas offset, which goes by the calendar.
        first: the first step that is forecast in scoring; training reads steps before it too. 0: any.
        scale: an error of this size counts 1 in the loss and in the metrics `mse` and `mae`. None: the standard
            deviation of what lies before `first`.
        season: steps of the season that MASE and the seasonal naive forecast compare with.
        horizon: steps that are forecast where nobody says how many. None: as many as the step suggests.
        form: how `ds` is written in answers, see `dates.written`.
        spacing: the step in time, where `ds` are whole numbers and it is known all the same.
    """

    unique_id: str
    y: np.ndarray
    ds: pd.Index
    covariates: np.ndarray
    names: tuple = ()
    step: Step = 1
    first: int = 0
    scale: float | None = None
    season: int = 1
    horizon: int | None = None
    form: str | None = None
    spacing: Step | None = None


def spacing_of(item: Series) -> Step:
    """The step of a series in time, as far as it is known: a number where nobody knows."""
    return item.step if item.spacing is None else item.spacing


def times_of(item: Series, first: int, last: int) -> pd.Index:
    """The times of a series from step `first` up to and without step `last`, beyond its end too."""
    if not len(item.ds):
        return times_at(0, 1, np.arange(first, last))
    return times_at(item.ds[0], item.step, np.arange(first, last))


def never_negative(series: Sequence[Series]) -> bool:
    """Whether no value of any series is below 0."""
    return all(np.nanmin(item.y, initial=0) >= 0 for item in series)


def too_short(series: Sequence[Series], horizon: int) -> ValueError:
    """A ValueError for series none of which can be forecast and compared."""
    longest = max(len(item.y) for item in series)
    return ValueError(f"No series is longer than the horizon of {horizon} steps. The longest has {longest}.")
