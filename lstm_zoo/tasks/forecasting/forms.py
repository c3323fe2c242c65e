"""Which form a source of series has: a table, or arrays, and series from the latter."""

import datetime
import pathlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo import tables
from lstm_zoo.tasks.forecasting.columns import KEYS
from lstm_zoo.tasks.forecasting.layout import names_times
from lstm_zoo.tasks.forecasting.observations import LARGEST
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.texts import is_date

KINDS = (str, datetime.date, np.datetime64, pd.Period)  # of times, which numbers may be too


def gives_arrays(source: Any) -> bool:
    """Whether forecasts of a source are an array: of an array, a tensor, and of a list of arrays."""
    named = isinstance(source, (Mapping, pd.Series)) or are_series(source)
    return not named and table_of(source, None) is None


def are_series(source: Any) -> bool:
    """Whether a source is a list of `Series`."""
    return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(item, Series) for item in source)


def table_of(source: Any, columns: tables.table.Columns) -> Any:
    """A source that is a table, as `tables` takes it; None for arrays.

    Raises:
        ValueError: several texts; series of which some have times and others have none.
    """
    if isinstance(source, (list, tuple)) and any(isinstance(item, (str, pathlib.Path)) for item in source):
        if len(source) == 1:
            return source[0]  # as the command line gives it
        raise ValueError(
            f"The path of one table, or arrays of numbers, are expected. Received a list with texts: {source!r:.160}. "
            "Tables of several files are made one, pd.concat(map(pd.read_csv, paths))."
        )
    if isinstance(source, (list, tuple)) and any(isinstance(item, pd.DataFrame) for item in source):
        raise ValueError(
            "One table, or arrays of numbers, are expected. Received several: pd.concat(frames) makes them one."
        )
    title_of = tables.table.named(columns)[0]
    titles = [title_of.get(name, name) for name in KEYS]
    if tables.objects.is_frame(source) and not tables.objects.is_dataset(source):
        return _with_index(tables.objects.pandas_of(source), titles)
    if isinstance(source, np.ma.MaskedArray) and source.dtype.names is not None:
        source = {name: source[name] for name in source.dtype.names}
    if isinstance(source, Mapping) and _has_times(source, titles[1]):
        return {
            name: np.where(np.ma.getmaskarray(cells), None, cells.data)
            if isinstance(cells, np.ma.MaskedArray)
            else cells
            for name, cells in source.items()
        }
    if isinstance(source, pd.Series) and isinstance(source.index, pd.MultiIndex):
        return _with_levels(source, titles)
    parts = _dated(source)
    if parts:
        return pd.concat(
            [pd.DataFrame(dict(zip(titles, (name, part.index, part.array), strict=True))) for name, part in parts]
        )
    if isinstance(source, Mapping):
        return None
    return source if isinstance(source, (str, pathlib.Path)) or tables.is_table(source) else None


def _has_times(columns, ds):
    """Whether a mapping has columns, and no arrays of series: a column of times, by its title and what it holds."""
    return ds in columns or any(
        names_times(title) and hasattr(cells, "__iter__") and isinstance(next(iter(cells), None), KINDS)
        for title, cells in columns.items()
    )


def _with_index(frame, titles):
    """A frame whose index holds some of the columns, as columns."""
    if list(frame.index.names) == [None, None]:
        frame = frame.rename_axis(titles[:2])
    if levels := [title for title in titles if title in frame.index.names and title not in frame]:
        frame = frame.reset_index(level=levels)
    if titles[1] not in frame and _holds_times(frame.index, frame):
        return frame.rename_axis(titles[1]).reset_index()
    return frame


def _holds_times(index, frame):
    """Whether an index holds the times of a frame: by its type, its name, or its first value where no column does."""
    if isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return True
    if isinstance(index, pd.MultiIndex) or any(map(names_times, frame)):
        return False
    first = next(iter(index[index.notna()]), None)
    return names_times(index.name) or (is_date(first) if isinstance(first, str) else isinstance(first, KINDS))


def _with_levels(series, titles):
    """A pandas Series of several series as a table; levels without names are those of ids and of times."""
    levels = list(series.index.names)
    if levels == [None, None]:
        levels = titles[:2]
    if titles[1] not in levels:
        levels = [titles[1] if names_times(level) else level for level in levels]
    if sorted(map(str, levels)) != sorted(titles[:2]):
        raise ValueError(
            f"A Series whose index has levels has two, {titles[0]!r} and {titles[1]!r}. "
            f"Received: {list(series.index.names)}"
        )
    return series.rename(titles[2]).rename_axis(levels).reset_index()


def _dated(source):
    """Pairs (name, pandas Series) of a source that is one with times as its index, or a list or dict of such."""
    if isinstance(source, pd.Series):
        parts = [(source.name, source)]
    elif isinstance(source, Mapping):
        parts = list(source.items())
    else:
        parts = [(getattr(part, "name", None), part) for part in source] if isinstance(source, (list, tuple)) else []
    names = [str(number) if name is None else str(name) for number, (name, _) in enumerate(parts)]
    dated = [isinstance(part, pd.Series) and not isinstance(part.index, pd.RangeIndex) for _, part in parts]
    if not any(dated):
        return []
    if not all(dated):
        raise ValueError(
            "All series are pandas Series with an index of times, or none is. Received: "
            f"{names[dated.index(False)]!r}, which has none, beside {names[dated.index(True)]!r}"
        )
    if levels := [name for name, (_, part) in zip(names, parts) if isinstance(part.index, pd.MultiIndex)]:
        raise ValueError(f"An index of times is expected in each of several Series. Received: levels, of {levels[0]!r}")
    if len(set(names)) < len(names):
        names = [str(number) for number in range(len(names))]
    return list(zip(names, (part for _, part in parts)))


def read_arrays(source: Any) -> list[Series]:
    """Series from arrays and tensors, or from a list, a dict or a tf.data.Dataset of them.

    Raises:
        ValueError: another form; a series that is no array (steps,) of numbers; no series.
    """
    named = source if isinstance(source, Mapping) else dict(_numbered(source))
    series = []
    for name, values in named.items():
        y = _numbers(name, values)
        if np.any(beyond := abs(y) > LARGEST):
            row = int(beyond.argmax())
            reject(name, f"step {row} is {'infinite' if np.isinf(y[row]) else f'beyond {LARGEST:g}: {y[row]:g}'}")
            y = np.full_like(y, np.nan)
        series.append(Series(str(name), y, pd.RangeIndex(len(y)), np.zeros((len(y), 0), "float32")))
    if not series:
        raise ValueError("The data set is empty: it holds no series.")
    return series


def _numbered(source):
    """Pairs (number, series) of the rows of an array, a tensor or a list; the only one of one row."""
    if hasattr(source, "as_numpy_iterator"):  # of a tf.data.Dataset
        if isinstance(source.element_spec, (dict, tuple)):
            raise ValueError(f"A tf.data.Dataset of arrays (steps,) is expected. Received: {source.element_spec}")
        rows = list(source.as_numpy_iterator())
    elif hasattr(source, "row_splits"):  # of a tf.RaggedTensor
        rows = source.to_list()
    elif isinstance(source, (list, tuple)):
        rows = source
    else:
        _check_dense(source)
        rows = source if isinstance(source, np.ma.MaskedArray) else np.asarray(source)
        if rows.ndim not in (1, 2):
            received = f"shape {rows.shape}" if rows.ndim else f"{type(source).__name__}, {source!r:.80}"
            raise ValueError(f"An array (series, steps) or (steps,) is expected. Received: {received}")
    flat = len(rows) and not hasattr(rows[0], "toarray") and np.ndim(rows[0]) == 0
    return ((str(number), row) for number, row in enumerate([rows] if flat else rows))


def _numbers(name, values):
    """A series, float64, NaN where a value is missing."""
    _check_dense(values)
    try:
        values = np.asarray(_filled(values))
        texts = values.dtype.kind == "O" and any(isinstance(value, str) for value in values.flat)
        if texts or values.dtype.kind not in "biufO":
            raise TypeError(f"numbers are expected. Received: {'texts' if texts else values.dtype}")
        y = values.astype("float64")
    except (TypeError, ValueError) as error:
        raise ValueError(f"Series {name!r} is no array of numbers: {error}") from error
    if y.ndim != 1:
        raise ValueError(f"Series {name!r} is an array (steps,). Received: shape {y.shape}")
    return y


def _filled(values):
    """Numbers with NaN where a mask, or pandas' NA, says that they are missing; others as they are."""
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "biuf":
        return values.astype("float64").filled(np.nan)
    if isinstance(values, pd.Series) and pd.api.types.is_any_real_numeric_dtype(values.dtype):
        return values.to_numpy("float64", na_value=np.nan)
    return values


def _check_dense(values):
    if hasattr(values, "toarray"):
        raise ValueError(
            "Dense arrays are expected, in which a missing value is NaN and 0 is a value. Received: "
            f"{type(values).__name__}, whose toarray() is one"
        )


def reject(name: str, reason: str) -> None:
    """Say that a series is left out, and why."""
    warnings.warn(f"The series {name!r} is left out: {reason}.", stacklevel=2)
