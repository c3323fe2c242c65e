"""Series: from the user's frames, files and arrays, from the task's data sets, and forecasts back into frames.

A frame is in the long format: a row a series and time, columns `unique_id`, `ds` (time stamps, or whole numbers), `y`,
and any further numeric columns as covariates, whose values are known ahead (a column that is constant in each series is
a static one). Rows after the last known `y` of a series are the steps to forecast, and give their covariates.
"""

import pathlib
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.quantiles import QUANTILES

COLUMNS = ["mean", *(f"q{level}" for level in QUANTILES)]
Step = int | pd.Timedelta | pd.DateOffset  # from one time to the next


class Series(NamedTuple):
    """One series: regular steps, from its first observation to its last.

    Fields:
        unique_id: its name.
        y: float64 (steps,), NaN where nothing was observed.
        ds: (steps + ahead,): datetime64[s] or int64, regular; the steps ahead are those that covariates are known for.
        covariates: float32 (steps + ahead, columns), the columns in the order of `names`.
        names: tuple of the covariates' names.
        step: from one time to the next: a number, or a pandas offset.
        first: the first step that is forecast in scoring; training reads steps before it too. 0: any.
        scale: an error of this size counts 1 in the loss and in the metrics `mse` and `mae`. None: the standard
            deviation of what lies before `first`.
        season: steps of the season that MASE and the seasonal naive forecast compare with.
    """

    unique_id: str
    y: np.ndarray
    ds: np.ndarray
    covariates: np.ndarray
    names: tuple = ()
    step: Step = 1
    first: int = 0
    scale: float | None = None
    season: int = 1


def read(source: Any) -> list[Series]:
    """Series from whatever form the data has.

    Args:
        source: a pandas frame in the long format; the path of a CSV or Parquet file of one; an array (series, steps) or
            (steps,); a dict of arrays or a list of arrays of any lengths; or a list of `Series`. NaN is a missing
            value, and so is a step that a frame leaves out between others. Rows in any order.

    Returns:
        List of `Series`. A series that cannot be read is left out with a warning that names it and the row.

    Raises:
        ValueError: another form, a missing column, a covariate that is no number, no series that can be read.
        FileNotFoundError: a path that does not exist.
    """
    if isinstance(source, (list, tuple)) and source and all(isinstance(series, Series) for series in source):
        return list(source)
    if isinstance(source, (list, tuple)) and len(source) == 1 and isinstance(source[0], (str, pathlib.Path)):
        source = source[0]  # as the command line gives it
    if isinstance(source, (str, pathlib.Path)):
        source = _read_path(pathlib.Path(source))
    if isinstance(source, pd.DataFrame):
        return _read_frame(source)
    return _read_arrays(source)


def _read_path(path):
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    if path.suffix not in readers:
        raise ValueError(f"A file .csv or .parquet is expected. Received: {path}")
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist.")
    try:
        frame = readers[path.suffix](path)
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        raise ValueError(f"{path} cannot be read: {error}") from error
    if "ds" in frame and not pd.api.types.is_numeric_dtype(frame["ds"]):
        try:
            frame["ds"] = pd.to_datetime(frame["ds"])
        except ValueError as error:
            raise ValueError(f"{path}: the column ds holds no time stamps: {error}") from error
    return frame


def _read_arrays(source):
    if isinstance(source, dict):
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
            y = _reject(name, f"step {int(np.isinf(y).argmax())} is infinite") or np.full_like(y, np.nan)
        series.append(Series(str(name), y, np.arange(len(y)), np.zeros((len(y), 0), "float32")))
    if not series:
        raise ValueError("The data set is empty: it holds no series.")
    return series


def _reject(name, reason):
    warnings.warn(f"The series {name!r} is left out: {reason}.", stacklevel=2)


def _read_frame(frame):
    if missing := [column for column in ("unique_id", "ds", "y") if column not in frame]:
        raise ValueError(
            f"The frame lacks the column {', '.join(missing)}; unique_id, ds and y are expected. "
            f"Received: {', '.join(map(str, frame.columns))}"
        )
    if frame.empty:
        raise ValueError("The data set is empty: the frame has no row.")
    names = tuple(str(column) for column in frame if column not in ("unique_id", "ds", "y"))
    for name in names:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise ValueError(f"A covariate is a column of numbers. Received: {name!r} of {frame[name].dtype}")
    y = pd.to_numeric(frame["y"], errors="coerce")
    broken = frame.index[y.isna() & frame["y"].notna()]
    if len(broken):
        raise ValueError(f"Row {broken[0]} of the column y is no number. Received: {frame['y'][broken[0]]!r}")
    ds = frame["ds"]
    if not (pd.api.types.is_datetime64_any_dtype(ds) or pd.api.types.is_integer_dtype(ds)):
        raise ValueError(f"The column ds holds time stamps or whole numbers. Received: {ds.dtype}")
    if getattr(ds.dtype, "tz", None) is not None:
        ds = ds.dt.tz_convert("UTC").dt.tz_localize(None)
    frame = frame.assign(y=y.astype("float64"), ds=ds, unique_id=frame["unique_id"].astype(str))
    groups = list(frame.groupby("unique_id", sort=False))
    steps = [frequency(np.sort(rows["ds"].to_numpy())) for _, rows in groups]
    usual = next((step for step in steps if step is not None), None if ds.dtype.kind == "M" else 1)  # for a lone row
    series = [
        _regular(name, rows, names, usual if len(rows) == 1 else step) for (name, rows), step in zip(groups, steps)
    ]
    series = [item for item in series if item is not None]
    if not series:
        raise ValueError("The data set holds no series that can be read; the warnings name what is wrong with each.")
    return series


def _regular(name, rows, names, step):
    """A `Series` from the rows of one, or None, with a warning, where they are not regular."""
    rows = rows.sort_values("ds", kind="stable")
    for reason, wrong in (
        ("has no time", rows["ds"].isna()),
        ("has the time of another row", rows["ds"].duplicated()),
        ("is infinite", np.isinf(rows["y"])),
        ("lacks a covariate", ~np.isfinite(rows[list(names)].to_numpy("float64")).all(axis=1)),
    ):
        if np.any(wrong):
            return _reject(name, f"row {rows.index[np.argmax(wrong)]} {reason}")
    times = _plain(rows["ds"].to_numpy())
    if step is None and len(times) == 1:
        return _reject(name, "it has one row, and no other series tells how long a step is")
    if step is None:
        return _reject(name, "the steps from one time to the next differ, and are not multiples of the usual one")
    full = times_from(times[0], step, end=times[-1])
    place = np.searchsorted(full, times)
    y = np.full(len(full), np.nan)
    y[place] = rows["y"].to_numpy()
    before = np.searchsorted(times, full, side="right") - 1  # a step left out has the covariates of the one before
    covariates = rows[list(names)].to_numpy("float32")[before]
    known = np.flatnonzero(np.isfinite(y))
    steps = known[-1] + 1 if len(known) else len(y)
    return Series(str(name), y[:steps], full, covariates, names, step, season=(*seasons_of(step), 1)[0])


def _plain(times):
    return times.astype("int64") if times.dtype.kind in "iu" else times.astype("datetime64[s]")


def frequency(times: np.ndarray) -> Step | None:
    """The regular step of sorted times, or None: a whole number, a pandas Timedelta, or months as a pandas offset.

    The step is the most common one, of which all are multiples: what lies between is a missing step.
    """
    times = _plain(times)
    if len(times) < 2:
        return None
    if times.dtype.kind == "M":
        days = times.astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        day = (days - months).astype("int64")
        month_end = (months + 1).astype("datetime64[D]") - 1
        ends = np.all(days == month_end)
        clock = times - days
        if (
            np.diff(months.astype("int64")).min() > 0
            and (ends or np.ptp(day) == 0)
            and np.ptp(clock.astype("int64")) == 0
        ):
            step = _usual(np.diff(months.astype("int64")))
            offset = pd.offsets.MonthEnd if ends else lambda months: pd.DateOffset(months=months)
            return None if step is None else offset(step)
    step = _usual(np.diff(times).astype("int64"))
    if step is None or times.dtype.kind == "i":
        return step
    return pd.Timedelta(seconds=step)


def _usual(steps):
    """The most common step if all are multiples of it, else None."""
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[counts.argmax()])
    return usual if usual > 0 and not np.any(steps % usual) else None


def times_from(start: Any, step: Step, *, end: Any = None, count: int | None = None) -> np.ndarray:
    """Times from `start` on, up to `end` or `count` of them."""
    if isinstance(step, (int, np.integer)):
        return np.arange(start, end + 1 if count is None else start + count * step, step, dtype="int64")
    return pd.date_range(start, end, periods=count, freq=step).to_numpy().astype("datetime64[s]")


def seasons_of(step: Step) -> tuple[int, ...]:
    """Lengths in steps of the seasons that a step suggests: a day and a week of hours, a week of days, a year of
    months.

    The short one is what MASE is scaled by (Makridakis et al. 2020, M4).
    """
    if isinstance(step, pd.Timedelta):
        day = pd.Timedelta(days=1) / step
        if day == 1:
            return (7,)
        return (int(day), 7 * int(day)) if day > 1 and day == int(day) else ()
    months = getattr(step, "n", 0) if isinstance(step, pd.offsets.MonthEnd) else getattr(step, "months", 0)
    return (12 // months,) if months and months < 12 and 12 % months == 0 else ()


def too_short(series: Sequence[Series], horizon: int) -> ValueError:
    """A ValueError for series none of which can be forecast and compared."""
    longest = max(len(item.y) for item in series)
    return ValueError(f"No series is longer than the horizon of {horizon} steps. The longest has {longest}.")


def table(series: Sequence[Series], forecasts: Sequence[np.ndarray]) -> pd.DataFrame:
    """Forecasts as a frame in the long format: `unique_id`, `ds`, `mean` and the quantiles `q0.1` to `q0.9`.

    Args:
        series: list of `Series`.
        forecasts: list of arrays (horizon, 10).
    """
    horizon = len(forecasts[0]) if len(forecasts) else 0
    ds = [times_from(item.ds[0], item.step, count=len(item.y) + horizon)[len(item.y) :] for item in series]
    columns = np.concatenate(forecasts) if len(forecasts) else np.zeros((0, len(COLUMNS)))
    names = np.repeat(np.array([item.unique_id for item in series], "object"), horizon)
    times = np.concatenate(ds) if ds else []
    return pd.DataFrame({"unique_id": names, "ds": times, **dict(zip(COLUMNS, columns.T))})
