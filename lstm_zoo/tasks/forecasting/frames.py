"""Series: from the user's frames, files and arrays, and forecasts back into frames.

A table is long, a row a series and time, with the columns `unique_id`, `ds` (times) and `y`, or wide, a row a time and
a column a series. Covariates are columns that are named, numbers whose values are known ahead (one that is constant in
each series is a static one). Rows after the last known value of a series are the steps to forecast, and give their
covariates.
"""

import functools
import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo import tables
from lstm_zoo.tables.table import listed
from lstm_zoo.tasks.forecasting.columns import KEYS
from lstm_zoo.tasks.forecasting.dates import written
from lstm_zoo.tasks.forecasting.forms import are_series, read_arrays, reject, table_of
from lstm_zoo.tasks.forecasting.grid import Grid, fit, seasons_of, times_at
from lstm_zoo.tasks.forecasting.irregular import differing, gaps_in_words, is_sparse, step_in_words, stray
from lstm_zoo.tasks.forecasting.observations import LARGEST, Observations, observations
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
    target: str | Sequence[str] | None = None,
    usual_target: Sequence[str] = (),
) -> list[Series]:
    """Series from whatever form the data has.

    Args:
        source: a table, see `tables.chunks`: a pandas frame, the path of a CSV or Parquet file... It is long, with `y`
            and, for several series, `unique_id`; or wide, a column of numbers a series. Where it has no column `ds`,
            one with a title like "Date" holds the times (see `layout.TIMES`), or the index. A pandas Series with times
            as its index, or with the levels `unique_id` and `ds`; a list or a dict of those with times. An array or a
            tensor (series, steps) or (steps,); a dict, a list or a tf.data.Dataset of arrays of any lengths, a
            tf.RaggedTensor; or a list of `Series`. NaN is a missing value, and so are one that is masked and a step
            that a table leaves out between others. Rows in any order.
        columns: what the columns of a table are called, {"y": "load"}; see `tables.chunks`.
        delimiter: of a CSV file.
        covariates: names of further columns that are read, also as a text with a comma between them; others are left
            out, which a warning says.
        target: the columns of a wide table that are series, or the column `y` of a long one; a name, or several, also
            as a text with a comma between them. None: `y`, and of a wide table all columns of numbers that are neither
            times nor covariates; one of them that has a cell that is no number, or none, is left out with a warning.
        usual_target: the target where there is none and `columns` names no `y`: those of these columns that the table
            has. None of them: as without.

    Returns:
        List of `Series`. A series that cannot be read is left out with a warning that names it and the row.

    Raises:
        ValueError: another form, a missing column, a row without an id, a value that is no number, a time that is none
            or may be read in two ways, no series that can be read.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read("load.csv", columns={"ds": "measured"}, target="load", covariates=["temperature"])
    """
    covariates = listed("covariates", covariates)
    targets = [] if target is None else listed("target", target)
    if target is not None and not targets:
        raise ValueError(f"target names one column or several. Received: {target!r}")
    tables.table.check_names(tables.table.named(columns)[0], [*KEYS, *covariates, *targets])
    table = None if are_series(source) else table_of(source, columns)
    if table is not None:
        return _series_of(observations(table, covariates, columns, delimiter, targets, usual_target), covariates)
    for option, value in (("columns", columns), ("delimiter", delimiter), ("target", target)):
        if value is not None:
            raise ValueError(f"{option} is for tables. Received: {value!r} with {type(source).__name__}")
    return list(source) if are_series(source) else read_arrays(source)


def _series_of(table: Observations, names: Sequence[str]) -> list[Series]:
    """The series of a table, in the order of their first rows."""
    times = table.stamps.times
    order = np.lexsort((times.asi8 if isinstance(times, pd.DatetimeIndex) else times.to_numpy(), table.codes))
    groups = np.split(order, np.flatnonzero(np.diff(table.codes[order])) + 1)
    usual = _usual_step(table, groups)
    series, reasons, grids, gapped = [], list(table.rejected.items()), {}, []
    for name, reason in reasons:
        reject(name, reason)
    for name, rows in zip(table.ids, groups):
        reason = _broken(table, rows)
        mine = times.take(rows)
        if reason is None:
            key = hashlib.sha256(np.asarray(mine.to_numpy()).tobytes()).digest()
            if key not in grids:  # series of one table often have the same times
                grids[key] = _grid(mine, usual)
            grid, full = grids[key]
            words = functools.partial(_place, table, rows)
            reason = _off_the_grid(mine, grid, words)
        if reason is not None:
            reasons.append((name, reason))
            reject(name, reason)
            continue
        series.append(_regular(name, table, rows, grid, full, tuple(names)))
        if is_sparse(grid):
            gapped.append((name, functools.partial(gaps_in_words, mine, grid, words)))
    if gapped:
        _warn_of_gaps(gapped)
    _warn_of_steps(series)
    if not series:
        name, reason = reasons[0]
        raise ValueError(f"The data set holds no series that can be read. The first, {name!r}: {reason}.")
    return series


def _place(table, rows, number):
    """Where a row of a series stands."""
    return table.place(int(rows[number]))


def _warn_of_gaps(gapped):
    (name, in_words), *others = gapped
    warnings.warn(
        f"The series {name!r}{f' and {len(others)} more' if others else ''} lacks most of its steps, {in_words()}. "
        "A step without a row is a missing value; where that means 0, give rows of 0.",
        stacklevel=2,
    )


def _warn_of_steps(series):
    """Say that series of one table have different steps, as of months and days: a network learns one."""
    steps = {}
    for item in series:
        steps.setdefault(step_in_words(item.step), item.unique_id)
    if len(steps) > 1:
        (usual, one), (step, other) = list(steps.items())[:2]
        warnings.warn(
            f"Series of one table have different steps: {one!r} of {usual}, {other!r} of {step}. A network learns one: "
            "give each step a table of its own.",
            stacklevel=2,
        )


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
        (f"has a y beyond {LARGEST:g}", abs(table.y[rows]) > LARGEST),
        ("has a covariate that is infinite, or beyond 3e38", np.isinf(table.covariates[rows]).any(axis=1)),
        ("lacks a covariate", np.isnan(table.covariates[rows]).any(axis=1)),
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
