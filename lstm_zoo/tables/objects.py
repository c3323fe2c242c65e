"""Tables that are in memory: frames, data sets, mappings of columns, rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo.tables.table import Columns, Table, named
from lstm_zoo.text.inputs import check_text


def is_frame(source: Any) -> bool:
    """Whether an object is a frame, or one or a data set of another library: Polars, Arrow, Hugging Face."""
    if isinstance(source, pd.DataFrame):
        return True
    named = hasattr(source, "columns") or hasattr(source, "column_names")  # a Polars Series can become one of pandas
    return named and (hasattr(source, "to_pandas") or hasattr(source, "features"))


def is_dataset(source: Any) -> bool:
    """Whether an object is a data set of Hugging Face."""
    return hasattr(source, "features") and hasattr(source, "column_names")


def pandas_of(source: Any) -> pd.DataFrame:
    """A frame of another library as one of pandas, whose whole numbers stay whole beside a missing one."""
    if isinstance(source, pd.DataFrame):
        return source
    if hasattr(source, "to_arrow"):  # Polars
        source = source.to_arrow()
    return source.to_pandas(integer_object_nulls=True) if hasattr(source, "schema") else source.to_pandas()


def frame_chunks(frame: pd.DataFrame, rows: int) -> Iterator[Table]:
    """Chunks of a frame, with titles that are texts."""
    frame = frame.set_axis([str(title) for title in frame.columns], axis=1)
    if twice := set(frame.columns[frame.columns.duplicated()]):
        raise ValueError(f"The frame has columns of the same name: {', '.join(sorted(twice))}.")
    index = None if isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0 else frame.index
    for begin in range(0, max(1, len(frame)), rows):

        def place(row, begin=begin):
            return f"Row {begin + row}" + (
                "" if index is None or row >= len(index) else f" (index {index[begin + row]})"
            )

        yield Table(frame.iloc[begin : begin + rows], place)


def check_no_splits(source: Any) -> None:
    """Raise a ValueError for all splits of a Hugging Face data set, of which one is meant."""
    if isinstance(source, Mapping) and source and all(hasattr(part, "column_names") for part in source.values()):
        raise ValueError(
            f"One split of a data set is expected, like data[{next(iter(source))!r}]. Received: {list(source)}"
        )


def decoded_rows(dataset: Any) -> Iterator[Any]:
    """The elements of a `tf.data.Dataset`, whose strings are texts."""
    for row in dataset.as_numpy_iterator():
        yield {name: _decoded(cell) for name, cell in row.items()} if isinstance(row, Mapping) else row


def _decoded(cell):
    return check_text(cell) if isinstance(cell, bytes) else cell


def frame_of(columns: Mapping) -> pd.DataFrame:
    """A frame of a mapping of columns."""
    lengths = {name: len(cells) if hasattr(cells, "__len__") else None for name, cells in columns.items()}
    if len(set(lengths.values())) != 1 or None in lengths.values() or any(isinstance(c, str) for c in columns.values()):
        raise ValueError(f"A mapping of columns of one length is expected. Received the lengths: {lengths}")
    return pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()})


def labelled(dataset: Any) -> Iterator[dict]:
    """Rows of a Hugging Face data set, with the names of its labels in the place of their numbers."""
    names = {name: kind for name, kind in (dataset.features or {}).items() if hasattr(kind, "int2str")}
    for row in dataset:
        # A label of -1 is none.
        yield row | {
            name: names[name].int2str(row[name]) if row[name] >= 0 else None
            for name in names
            if isinstance(row[name], int)
        }


def row_chunks(source: Iterable, names: Sequence[str], rows: int) -> Iterator[Table]:
    """Chunks of an iterable of dicts, or of tuples in the order of `names`."""
    source, begin = iter(source), 0
    while (chunk := list(itertools.islice(source, rows))) or not begin:
        if len(names) == 1:
            chunk = [row if isinstance(row, (Mapping, tuple, list)) else (row,) for row in chunk]
        for place, row in enumerate(chunk, begin):
            if not isinstance(row, Mapping) and not _is_row(row, names, names):
                kinds = f"a tuple ({', '.join(names)})" if names else "a dict"
                raise ValueError(f"Item {place} is no row: {kinds} is expected. Received: {row!r:.160}")
        dicts = [row if isinstance(row, Mapping) else dict(zip(names, row)) for row in chunk]
        frame = of_dicts(dicts) if dicts else pd.DataFrame(columns=list(names), dtype=object)
        yield Table(frame, lambda row, begin=begin: f"Item {begin + row}")
        begin += max(1, len(chunk))


def of_dicts(dicts: Sequence[Mapping]) -> pd.DataFrame:
    """A frame of dicts, None where one of them lacks a title."""
    titles = dict.fromkeys(title for row in dicts for title in row)
    return pd.DataFrame({title: pd.Series([row.get(title) for row in dicts], dtype=object) for title in titles})


def rows(
    source: Any, names: Sequence[str], wanted: Sequence[str], columns: Columns, delimiter: str | None
) -> Iterator[tuple[str, tuple]]:
    """Records of an iterable of tuples or dicts."""
    title_of, titles = named(columns)
    kind = f"{'pair' if len(names) == 2 else 'row'} ({', '.join(names)})"
    if delimiter is not None or titles is not None or not hasattr(source, "__iter__") or isinstance(source, bytes):
        option = "" if delimiter is None and titles is None else " delimiter and a list of columns are for files."
        raise ValueError(f"A table, or an iterable of items {kind}, is expected. Received: {source!r:.160}.{option}")
    for number, row in enumerate(source.as_numpy_iterator() if hasattr(source, "as_numpy_iterator") else source):
        if isinstance(row, Mapping):
            if missing := [name for name in names if title_of.get(name, name) not in row]:
                raise ValueError(f"Item {number} lacks {', '.join(missing)}. Received: {', '.join(map(str, row))}")
            cells = tuple(row.get(title_of.get(name, name)) for name in wanted)
        elif _is_row(row, names, wanted):
            cells = tuple(row) + (None,) * (len(wanted) - len(row))
        else:
            raise ValueError(f"Item {number} is not a {kind}. Received: {row!r:.160}")
        yield f"Item {number}", cells


def _is_row(row, names, wanted):
    sequence = isinstance(row, (tuple, list)) or (isinstance(row, np.ndarray) and row.ndim == 1)
    return sequence and len(names) <= len(row) <= len(wanted)
