"""Series: from the user's frames, files and arrays, and forecasts back into frames.

A table is in the long format: a row a series and time, columns `unique_id`, `ds` (times), `y`, and the covariates that
are named, numbers whose values are known ahead (a column that is constant in each series is a static one). Rows after
the last known `y` of a series are the steps to forecast, and give their covariates.
"""

import hashlib
import pathlib
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo import tables
from lstm_zoo.tasks.forecasting.dates import written
from lstm_zoo.tasks.forecasting.grid import Grid, fit, seasons_of, times_at
from lstm_zoo.tasks.forecasting.irregular import differing, stray
from lstm_zoo.tasks.forecasting.observations import KEYS, Observations, observations
from lstm_zoo.tasks.forecasting.quantiles import QUANTILES
from lstm_zoo.tasks.forecasting.series import Series, times_of

COLUMNS = ["mean", *(f"q{level}" for level in QUANTILES)]
LONGEST = 5  # series that the step of a lone row may come from


def read(
    source: Any,
    *,
    columns: tables.table.Columns = None,
    delimiter: str | None = None,
    covariates: Sequence[str] = (),
) -> list[Series]:
    """Series from whatever form the data has.

    Args:
        source: a table in the long format, see `tables.chunks`: a pandas frame, the path of a CSV or Parquet file...;
            without a column `unique_id` it is one series. A pandas Series with times as its index; a list or a dict of
            them. An array (series, steps) or (steps,); a dict or a list of arrays of any lengths; or a list of
            `Series`. NaN is a missing value, and so is a step that a table leaves out between others. Rows in any
            order.
        columns: what the columns of a table are called, {"y": "load"}; see `tables.chunks`.
        delimiter: of a CSV file.
        covariates: names of further columns that are read, also as a text with a comma between them; others are left
            out, which a warning says.

    Returns:
        List of `Series`. A series that cannot be read is left out with a warning that names it and the row.

    Raises:
        ValueError: another form, a missing column, a row without an id, a value that is no number, a time that is none
            or may be read in two ways, no series that can be read.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read("load.csv", columns={"ds": "time", "y": "load"}, covariates=["temperature"])
    """
    covariates = covariates.split(",") if isinstance(covariates, str) else covariates
    if not isinstance(covariates, (list, tuple)) or not all(isinstance(name, str) for name in covariates):
        raise ValueError(f"covariates is a list of names of columns. Received: {covariates!r}")
    covariates = list(dict.fromkeys(covariates))
    if _are_series(source):
        return list(source)
    table = _table_of(source, columns)
    if table is not None:
        return _series_of(observations(table, covariates, columns, delimiter), covariates)
    for option, value in (("columns", columns), ("delimiter", delimiter)):
        if value is not None:
            raise ValueError(f"{option} is for tables. Received: {value!r} with {type(source).__name__}")
    return _read_arrays(source)


def gives_arrays(source: Any) -> bool:
    """Whether forecasts of a source are an array: of an array, and of a list of arrays."""
    return isinstance(source, (np.ndarray, list, tuple)) and not _are_series(source) and _table_of(source, None) is None


def _are_series(source):
    return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(item, Series) for item in source)


def _table_of(source, columns):
    """A source that is a table, as `tables` takes it; None for arrays."""
    if isinstance(source, (list, tuple)) and len(source) == 1 and isinstance(source[0], (str, pathlib.Path)):
        return source[0]  # as the command line gives it
    title_of = tables.table.named(columns)[0]
    titles = [title_of.get(name, name) for name in KEYS]
    if isinstance(source, pd.DataFrame):
        return _with_index(source, titles)
    parts = _dated(source)
    if parts:
        return pd.concat([pd.DataFrame({"unique_id": name, "ds": part.index, "y": part.array}) for name, part in parts])
    if isinstance(source, Mapping):
        return source if set(titles[1:]) <= source.keys() else None
    return source if isinstance(source, (str, pathlib.Path)) or tables.is_table(source) else None


def _with_index(frame, titles):
    """A frame whose index holds some of the columns, as columns."""
    levels = [title for title in titles if title in frame.index.names and title not in frame]
    if levels:
        return frame.reset_index(level=levels)
    if titles[1] not in frame and isinstance(frame.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return frame.rename_axis(titles[1]).reset_index()
    return frame


def _dated(source):
    """Pairs (name, pandas Series) of a source that is one with times as its index, or a list or dict of such."""
    if isinstance(source, pd.Series):
        parts = [(source.name, source)]
    elif isinstance(source, Mapping):
        parts = list(source.items())
    else:
        parts = [(getattr(part, "name", None), part) for part in source] if isinstance(source, (list, tuple)) else []
    if not parts or not all(isinstance(part, pd.Series) for _, part in parts):
        return []
    if all(isinstance(part.index, pd.RangeIndex) for _, part in parts):
        return []
    if wrong := [name for name, part in parts if isinstance(part.index, (pd.RangeIndex, pd.MultiIndex))]:
        raise ValueError(f"All series have an index of times, or none has. Received: one of steps, {wrong[0]!r}")
    names = [str(number) if name is None else str(name) for number, (name, _) in enumerate(parts)]
    if len(set(names)) < len(names):
        names = [str(number) for number in range(len(names))]
    return list(zip(names, (part for _, part in parts)))


def _read_arrays(source):
    if isinstance(source, Mapping):
        named = source
    else:
        array = source if isinstance(source, (list, tuple)) else np.asarray(source)
        if isinstance(array, np.ndarray) and array.ndim not in (1, 2):
            raise ValueError(f"An array (series, steps) or (steps,) is expected. Received: shape {array.shape}")
        flat = len(array) and np.ndim(array[0]) == 0
        named = {str(number): row for number, row in enumerate([array] if flat else array)}
    series = []
    for name, values in named.items():
        try:
            y = np.asarray(values, "float64")
        except (TypeError, ValueError) as error:
            raise ValueError(f"Series {name!r} is no array of numbers: {error}") from error
        if y.ndim != 1:
            raise ValueError(f"Series {name!r} is an array (steps,). Received: shape {y.shape}")
        if np.isinf(y).any():
            _reject(name, f"step {int(np.isinf(y).argmax())} is infinite")
            y = np.full_like(y, np.nan)
        series.append(Series(str(name), y, pd.RangeIndex(len(y)), np.zeros((len(y), 0), "float32")))
    if not series:
        raise ValueError("The data set is empty: it holds no series.")
    return series


def _reject(name, reason):
    warnings.warn(f"The series {name!r} is left out: {reason}.", stacklevel=2)


def _series_of(table: Observations, names: Sequence[str]) -> list[Series]:
    """The series of a table, in the order of their first rows."""
    times = table.stamps.times
    order = np.lexsort((times.asi8 if isinstance(times, pd.DatetimeIndex) else times.to_numpy(), table.codes))
    groups = np.split(order, np.flatnonzero(np.diff(table.codes[order])) + 1)
    usual = _usual_step(table, groups)
    series, reasons, grids = [], [], {}
    for name, rows in zip(table.ids, groups):
        reason = _broken(table, rows)
        mine = times.take(rows)
        if reason is None:
            key = hashlib.sha256(np.asarray(mine.to_numpy()).tobytes()).digest()
            if key not in grids:  # series of one table often have the same times
                grids[key] = _grid(mine, usual)
            grid, full = grids[key]
            reason = _off_the_grid(mine, grid, lambda number, rows=rows: table.place(int(rows[number])))
        if reason is not None:
            reasons.append((name, reason))
            _reject(name, reason)
            continue
        series.append(_regular(name, table, rows, grid, full, tuple(names)))
    if not series:
        name, reason = reasons[0]
        raise ValueError(f"The data set holds no series that can be read. The first, {name!r}: {reason}.")
    return series


def _usual_step(table, groups):
    """The step of the longest series that has one: what a lone row, or two, cannot tell; 1 for whole numbers."""
    for rows in sorted(groups, key=len, reverse=True)[:LONGEST]:
        if len(rows) > 1 and _broken(table, rows) is None and (grid := fit(table.stamps.times.take(rows))):
            return grid.step
    return None if isinstance(table.stamps.times, pd.DatetimeIndex) else 1


def _broken(table, rows):
    """What is wrong with one of the rows of a series; None: nothing."""
    times = table.stamps.times.take(rows)
    twice = times.duplicated() & ~table.stamps.missing[rows]
    for reason, wrong in (
        ("has no time", table.stamps.missing[rows]),
        ("has the time of another row" + ("" if table.named else "; a column unique_id tells series apart"), twice),
        ("is infinite", np.isinf(table.y[rows])),
        ("lacks a covariate", ~np.isfinite(table.covariates[rows]).all(axis=1)),
    ):
        if np.any(wrong):
            return f"{table.place(int(rows[np.argmax(wrong)]))} {reason}"
    return None


def _grid(times, usual):
    """The grid of times that rise, and all its times; None for those that lie on none."""
    grid = fit(times, usual if len(times) <= 2 else None)
    if isinstance(usual, pd.offsets.CustomBusinessDay) and grid is not None and grid.step == pd.DateOffset(days=1):
        grid = fit(times, usual)  # some days of a week may be too few to see that others are closed
    if grid is None or stray(times, grid, str):
        return grid, None
    return grid, times_at(grid.start, grid.step, np.arange(grid.place[-1] + 1))


def _off_the_grid(times, grid: Grid | None, words):
    if grid is not None:
        return stray(times, grid, words)
    if len(times) == 1:
        return f"it has one row, {words(0)}, and no other series tells how long a step is"
    return differing(times, words)


def _regular(name, table, rows, grid, full, names):
    """A `Series` from its rows, in the order of their times."""
    y = np.full(len(full), np.nan)
    y[grid.place] = table.y[rows]
    before = np.searchsorted(grid.place, np.arange(len(full)), side="right") - 1  # a missing step has the covariates
    known = np.flatnonzero(np.isfinite(y))  # of the one before
    steps = known[-1] + 1 if len(known) else len(y)
    season = (*seasons_of(grid.step), 1)[0]
    covariates = table.covariates[rows[before]]
    return Series(name, y[:steps], full, covariates, names, grid.step, season=season, form=table.stamps.form)


def table(series: Sequence[Series], forecasts: Sequence[np.ndarray]) -> pd.DataFrame:
    """Forecasts as a frame in the long format: `unique_id`, `ds`, `mean` and the quantiles `q0.1` to `q0.9`.

    Args:
        series: list of `Series`.
        forecasts: list of arrays (horizon, 10).
    """
    horizon = len(forecasts[0]) if len(forecasts) else 0
    ds = [written(times_of(item, len(item.y), len(item.y) + horizon), item.form) for item in series]
    columns = np.concatenate(forecasts) if len(forecasts) else np.zeros((0, len(COLUMNS)))
    names = np.repeat(np.array([item.unique_id for item in series], "object"), horizon)
    times = ds[0].append(ds[1:]) if ds else []
    return pd.DataFrame({"unique_id": names, "ds": times, **dict(zip(COLUMNS, columns.T))})
