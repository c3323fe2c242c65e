"""Tables of series, long and wide ones: their columns, read in chunks, of which series are made."""

import dataclasses
import itertools
import pathlib
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo import tables
from lstm_zoo.tasks.forecasting import wide
from lstm_zoo.tasks.forecasting.columns import check_columns, like_thousands, numbers
from lstm_zoo.tasks.forecasting.dates import Regularity, Stamps, read_stamps
from lstm_zoo.tasks.forecasting.grid import fit
from lstm_zoo.tasks.forecasting.irregular import rows_in_words
from lstm_zoo.tasks.forecasting.layout import layout_of

ROWS = 2**16  # of a table that are in memory as it has them,
CELLS = 2**19  # or so many cells of them, if they are texts
TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson")
LARGEST = 1e100  # of a value: its square, and the sum of many, is a number too
ONE_SERIES = "0"  # the name of the series of a table without ids, as of an array
SAMPLE = 50  # series by which a reading of dates is judged


class Observations(NamedTuple):
    """The columns of a table, compact; of a wide one as of the long one with the same series."""

    ids: list[str]
    codes: np.ndarray
    """int32 (rows,): the number of each row's id."""
    stamps: Stamps
    y: np.ndarray
    """float64 (rows,), NaN where nothing was observed."""
    covariates: np.ndarray
    """float32 (rows, columns)."""
    place: Callable[[int], str]
    """Number of a row -> where it stands, for messages."""
    named: bool
    """Whether the table has ids."""
    rejected: dict[str, str]
    """Columns of a wide table that are no series -> why."""


def observations(
    source: Any,
    covariates: Sequence[str],
    columns: tables.table.Columns = None,
    delimiter: str | None = None,
    targets: Sequence[str] = (),
    usual_targets: Sequence[str] = (),
) -> Observations:
    """The ids, times, values and covariates of a table; other columns are left out, which a warning says.

    Args:
        source: see `tables.chunks`.
        covariates: names of columns.
        columns, delimiter: see `tables.chunks`.
        targets, usual_targets: names of the columns of values, see `layout.layout_of`.

    Raises:
        ValueError: no row, a column that is missing, a row without an id, a value of `y`, of a target or of a covariate
            that is no number, a value of `ds` that is no time; what `layout.layout_of` refuses.
    """
    rows = _rows(source, columns, delimiter)
    places, codes, times, y, known, rejected = [], [], [], [], [], {}
    ids, texts = _Vocabulary(), _Vocabulary()
    begin, named, layout = 0, False, None
    for chunk in tables.chunks(source, columns=columns, delimiter=delimiter, rows=rows):
        layout = layout or layout_of(chunk, targets, covariates, usual_targets)
        values = layout.series or ["y"]
        table = dataclasses.replace(chunk, title_of=layout.title_of).renamed()
        check_columns(table, ["ds", *(["y"] if layout.series is None else []), *covariates])
        if not places:
            named = "unique_id" in table.frame
            used = {layout.title_of.get(name, name) for name in ("unique_id", "ds", *values, *covariates)}
            _warn_left_out([title for title in chunk.frame if title not in used], source)
            _warn_of_thousands(table.frame, values, source, delimiter)
        places.append((begin, None if _is_file(source) else table.place))
        begin += len(table.frame)
        codes.append(_ids(table, ids) if named else np.zeros(len(table.frame), "int32"))
        times.append(_texts_once(table.frame["ds"], texts))
        y.append(numbers(table, "y") if layout.series is None else wide.values(table, layout, rejected))
        with np.errstate(over="ignore"):  # what is beyond float32 is infinite, and its series is left out
            columns_known = [numbers(table, name).astype("float32") for name in covariates]
        known.append(np.stack(columns_known, 1) if covariates else np.zeros((len(table.frame), 0), "float32"))
    if not begin:
        raise ValueError("The data set is empty: the table has no row.")

    def place(row):
        first, within = next((first, within) for first, within in reversed(places) if first <= row)
        return within(row - first) if within else _place_in_file(source, row, columns, delimiter, rows)

    codes, y, known = map(np.concatenate, (codes, y, known))
    stamps = read_stamps(_column(times, texts), place, regularity(codes))
    if layout.series is None:
        return Observations(list(ids.numbers) if named else [ONE_SERIES], codes, stamps, y, known, place, named, {})
    if layout.titles is not None:
        rejected |= {name: "it has no value" for name in wide.empty(layout.series, y) if name not in rejected}
    kept = [number for number, name in enumerate(layout.series) if name not in rejected]
    row = np.repeat(np.arange(begin), len(kept))
    return Observations(
        [layout.series[number] for number in kept],
        np.tile(np.arange(len(kept), dtype="int32"), begin),
        Stamps(stamps.times.take(row), stamps.missing[row], stamps.form),
        y[:, kept].ravel(),
        known[row],
        lambda number: place(int(row[number])),
        False,
        rejected,
    )


def _rows(source, columns, delimiter):
    """Rows of a chunk: of a file whose cells are texts fewer where it is wide."""
    if not _is_file(source) or not pathlib.Path(source).is_file() or tables.files.suffix_of(source) not in TEXTS:
        return ROWS
    first = next(tables.chunks(source, columns=columns, delimiter=delimiter, rows=1))
    return max(1, min(ROWS, CELLS // max(1, len(first.frame.columns))))


class _Vocabulary:
    """Texts, numbered in the order in which they come."""

    def __init__(self):
        self.numbers = {}

    def codes(self, column: pd.Series) -> np.ndarray:
        """The number of each text of a column, int32; -1 for a missing one."""
        codes, texts = pd.factorize(column)
        numbers = [self.numbers.setdefault(str(text), len(self.numbers)) for text in texts]
        return np.array([*numbers, -1], "int32")[codes]


def _ids(table, ids):
    column = table.frame["unique_id"]
    missing = np.flatnonzero(column.isna() | (column == ""))
    if len(missing):
        raise ValueError(f"Each row has a unique_id. Received: none in {rows_in_words(missing, table.place)}")
    return ids.codes(column)


def _texts_once(column, texts):
    """Numbers of the texts of a column `ds`; another column as it is."""
    objects = pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)
    return texts.codes(column) if objects and pd.api.types.infer_dtype(column, skipna=True) == "string" else column


def _column(parts, texts):
    """The chunks of a column `ds` as one."""
    kept = list(texts.numbers)
    if all(isinstance(part, np.ndarray) for part in parts):
        return pd.Series(pd.Categorical.from_codes(np.concatenate(parts), categories=kept))
    words = np.array([*kept, None], object)
    return pd.concat(
        [pd.Series(words[part]) if isinstance(part, np.ndarray) else part for part in parts], ignore_index=True
    )


def _warn_of_thousands(frame, names, source, delimiter):
    """Say how numbers like 1.037 are read in a file that is separated by semicolons, as where a comma is decimal."""
    if not _is_file(source) or tables.files.suffix_of(source) not in (".csv", ".tsv"):
        return
    cells = {name: cell for name in names if (cell := like_thousands(frame[name])) is not None}
    if not cells:
        return
    if delimiter is None:
        with tables.files.opened(source) as (file, _):
            delimiter = ";" if b";" in file.readline() else None
    if delimiter == ";":
        cell = next(iter(cells.values()))
        warnings.warn(
            f"The point in the column{'s' if len(cells) > 1 else ''} {', '.join(cells)} is read as a decimal one: "
            f"{cell!r} is {float(cell)}. Between thousands there is none: 1037.",
            stacklevel=2,
        )


def _warn_left_out(left, source):
    if left:
        name = source if _is_file(source) else "the table"
        warnings.warn(
            f"Columns of {name} that are left out: {', '.join(left)}. "
            "Covariates, whose values are known for the steps ahead too, are those that are named: covariates=[...].",
            stacklevel=2,
        )


def _is_file(source):
    return isinstance(source, (str, pathlib.Path)) and str(source) != tables.files.STANDARD_INPUT


def _place_in_file(source, row, columns, delimiter, rows):
    """Where a row of a file stands: read again, instead of keeping the line of each of millions of rows."""
    number, offset = divmod(row, rows)
    chunks = tables.chunks(source, columns=columns, delimiter=delimiter, rows=rows)
    return next(itertools.islice(chunks, number, None)).place(offset)


def regularity(codes: np.ndarray) -> Regularity:
    """Judges readings of `ds`: which share of the steps, of the first series, has a row.

    Args:
        codes: the number of each row's series.
    """
    rows = np.flatnonzero(codes < SAMPLE)

    def share(times, missing):
        kept = rows[~missing[rows]]
        series, all_times = codes[kept], times.take(kept)
        have, steps = 0, 0
        for number in np.unique(series):
            mine = all_times[series == number].sort_values()
            if len(mine) < 2:
                continue
            grid = fit(mine) if mine.is_unique else None
            have += len(mine)
            steps += len(mine) ** 2 if grid is None else int(grid.place[-1]) + 1
        return have / steps if steps else 1.0

    return share
