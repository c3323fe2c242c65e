"""The column `ds`: which times its values stand for, and how the times of a forecast are written in the same way."""

import contextlib
import datetime
import numbers
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting import digits
from lstm_zoo.tasks.forecasting.texts import read_texts

Regularity = Callable[[pd.Index, np.ndarray], float]  # times, which of them are missing -> share of steps with a row

# What texts of a table may stand for a missing value or time; those that pandas takes for one.
MISSING = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"}
    | {"NULL", "NaN", "NaT", "None", "n/a", "nan", "null"}
)


class Stamps(NamedTuple):
    """The column `ds`, read."""

    times: pd.Index
    """One a row: a DatetimeIndex, with a time zone if the column has one, or whole numbers, int64."""
    missing: np.ndarray
    """bool, one a row: without a time."""
    form: str | None = None
    """How they were written, see `written`."""


def read_stamps(column: pd.Series, place: Callable[[int], str], regularity: Regularity) -> Stamps:
    """The times of a column: time stamps, dates, periods, whole numbers, or texts of one of the formats read.

    Whole numbers are dates if every one is a date, like 202601 or 20260131, and as regular ones, see `digits`.

    Args:
        column: of a table, texts as a categorical.
        place: number of a row -> the words for it.
        regularity: of a reading: (times of all rows, which are missing) -> the share of the steps that have a row.

    Raises:
        ValueError: a value that is no time; values that may be read in two ways.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if pd.api.types.infer_dtype(dtype.categories) == "string":
            return _texts(column.cat, place, regularity)
        return read_stamps(pd.Series(np.asarray(column)), place, regularity)
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind == "M"):
        times = pd.DatetimeIndex(column)
        return Stamps(times, times.isna())
    if isinstance(dtype, pd.PeriodDtype):
        periods = pd.PeriodIndex(column)
        return Stamps(periods.to_timestamp(), periods.isna(), form=str(dtype))
    if pd.api.types.is_integer_dtype(dtype):
        missing = column.isna().to_numpy()
        return _numbers(column.fillna(0).astype("int64").to_numpy(), missing, place, regularity)
    if pd.api.types.is_float_dtype(dtype):
        values = column.to_numpy("float64", na_value=np.nan)
        missing = np.isnan(values)
        if broken := np.flatnonzero(~missing & ((values != np.rint(values)) | (abs(values) > 2**53))).tolist():
            raise _refusal(column, broken[0], place)
        return _numbers(np.where(missing, 0, values).astype("int64"), missing, place, regularity)
    return _objects(column.astype(object), place, regularity)


def written(times: pd.Index, form: str | None) -> pd.Index:
    """Times as the column `ds` has them.

    Args:
        times: a DatetimeIndex, or whole numbers.
        form: None: as they are; "date": `datetime.date`; "period[M]" and the like: periods; "%Y%m", "unix[s]" and the
            like: whole numbers, see `digits.written`.
    """
    if form is None:
        return times
    if form == "date":
        return pd.Index(times.date, dtype=object)
    if form.startswith(("%", "unix")):
        return digits.written(times, form)
    return times.astype(form)


def wall_seconds(times: pd.DatetimeIndex) -> np.ndarray:
    """What local clocks show, in seconds since 1970, int64: features of the calendar follow people's days."""
    return pd.DatetimeIndex(times).tz_localize(None).as_unit("s").asi8


def _refusal(column, row, place):
    return ValueError(
        f"{place(row)} of the column ds is no time: time stamps, dates, periods, whole numbers or ISO 8601 texts are "
        f"expected. Received: {column.iloc[[row]].tolist()[0]!r}"
    )


def _objects(column, place, regularity):
    """Python's objects: dates, time stamps, periods or numbers, all of one kind, or some of them texts."""
    column = column.mask(column.isin(MISSING))
    missing = column.isna().to_numpy()
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string" or _has_texts(column[~missing]):
        return read_stamps(column.map(str, na_action="ignore").astype("category"), place, regularity)
    if kind == "integer":
        return read_stamps(column.astype("Int64"), place, regularity)
    if kind == "period":
        return read_stamps(pd.Series(pd.PeriodIndex(column)), place, regularity)
    if kind == "date":
        return Stamps(pd.DatetimeIndex(pd.to_datetime(column)), missing, form="date")
    if kind in ("datetime", "datetime64"):
        with contextlib.suppress(ValueError, TypeError):  # of several zones, or some without one
            return read_stamps(pd.Series(pd.DatetimeIndex(column.tolist())), place, regularity)
        stamps = [None if gap else pd.Timestamp(value).isoformat() for value, gap in zip(column, missing)]
        return read_stamps(pd.Series(stamps, dtype="category"), place, regularity)
    if missing.all():
        return Stamps(pd.DatetimeIndex(np.full(len(column), np.datetime64("NaT", "us"))), missing)
    first = int(np.argmin(missing))
    kinds = [type(value) for value in column]
    odd = [row for row, kind in enumerate(kinds) if not missing[row] and kind is not kinds[first]]
    raise _refusal(column, odd[0] if odd else first, place)


def _has_texts(cells):
    """Whether some of the cells are texts, beside dates, time stamps or numbers: all are read as a file has them."""
    return any(isinstance(cell, str) for cell in cells) and all(map(_is_told, cells))


def _is_told(cell):
    return isinstance(cell, (str, datetime.date, numbers.Real)) and not isinstance(cell, bool)


def _texts(column, place, regularity):
    """A categorical of texts: each text is read once."""
    texts, codes = column.categories, column.codes.to_numpy()
    known = ~texts.str.strip().isin(MISSING)
    used = np.unique(codes[codes >= 0], return_index=True)
    order = used[0][np.argsort(used[1])]  # the texts in the order of their first rows
    order = order[known[order]]
    number = np.full(len(texts) + 1, -1, "int32")
    number[order] = np.arange(len(order))
    rows = number[codes]  # a code of -1 takes the last, which is -1
    missing = rows < 0
    if missing.all():
        return Stamps(pd.DatetimeIndex(np.full(len(codes), np.datetime64("NaT", "us"))), missing)
    kept = texts.take(order)

    def place_of(number):
        return place(int(np.argmax(rows == number)))

    def spread(times):
        return times.take(rows) if times.dtype.kind == "i" else times.take(rows, fill_value=pd.NaT)

    if kept.str.strip().str.fullmatch(r"-?[0-9]{1,18}(\.0*)?").all():
        values = kept.str.strip().str.partition(".").get_level_values(0).astype("int64").to_numpy()
        return _numbers(np.where(missing, 0, values[rows]), missing, place, regularity)
    return Stamps(spread(read_texts(list(kept), place_of, lambda times: regularity(spread(times), missing))), missing)


def _numbers(values, missing, place, regularity):
    times, form = digits.read_numbers(values, missing, place, regularity)
    return Stamps(times, missing, form)
