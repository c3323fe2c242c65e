"""One reader for the tables that people have: files, frames, rows, columns, data sets.

Files are CSV, TSV, JSON Lines, JSON lists and Parquet, by their endings in any case, all but Parquet also with `.gz`
behind.
"""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo.tables import files, objects
from lstm_zoo.tables.table import Columns, Table, check_names, named

ROWS = 4096  # of a table that are in memory at once


def is_table(source: Any) -> bool:
    """Whether a source is a table with named columns: the path of one, a frame, dicts in a list, a mapping of columns.

    Example:

    >>> is_table("Reviews.CSV.gz"), is_table([{"text": "Good."}]), is_table(["Good."])
    (True, True, False)
    """
    if isinstance(source, (str, pathlib.Path)):
        return files.is_table(source)
    if isinstance(source, Mapping) or objects.is_frame(source):
        return True
    if isinstance(source, np.ndarray):
        return source.dtype.names is not None
    return isinstance(source, (list, tuple)) and bool(source) and isinstance(source[0], Mapping)


def read(source: Any, *, names: Sequence[str] = (), columns: Columns = None, delimiter: str | None = None) -> Table:
    """A whole table, its columns renamed to our names; see `chunks`."""
    return joined(list(chunks(source, names=names, columns=columns, delimiter=delimiter))).renamed()


def joined(parts: Sequence[Table]) -> Table:
    """The chunks of a table as one."""
    if len(parts) == 1:
        return parts[0]
    ends = list(itertools.accumulate(len(part.frame) for part in parts))

    def place(row):
        number = int(np.searchsorted(ends, row, side="right"))
        return parts[number].place(row - (ends[number - 1] if number else 0))

    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    return dataclasses.replace(parts[-1], frame=frame, place=place)


def chunks(
    source: Any,
    *,
    names: Sequence[str] = (),
    columns: Columns = None,
    delimiter: str | None = None,
    rows: int = ROWS,
    lines: str | None = None,
) -> Iterator[Table]:
    """A table, some rows at a time, one chunk at least; the memory is that of a chunk.

    Args:
        source: the path of a CSV, TSV, JSON Lines or Parquet file, or "-" for standard input; a frame (pandas,
            Polars, Arrow); a Hugging Face data set; an iterable of dicts or, in the order of `names`, of tuples; a
            mapping of columns.
        names: of the columns that are needed; the message of an error has them.
        columns: name -> title of columns that are called otherwise, also as a text, "text=review,label=stars"; or a
            list of the titles, "text,label", of a file whose first line is a row.
        delimiter: of a CSV or TSV file; None: `,`, `;` or tab, which the line of titles tells.
        rows: the most in a chunk.
        lines: the title under which the lines of any other file are rows of one column. None: only tables are read.

    Raises:
        ValueError: a malformed file, with the line; another encoding than UTF-8; a column that is missing; something
            that is no table.
        FileNotFoundError: a path that does not exist.
    """
    title_of, titles = named(columns)
    for chunk in _chunks(source, names, title_of, titles, delimiter, rows, lines):
        table = dataclasses.replace(chunk, title_of=title_of)
        table.check([*dict.fromkeys([*names, *title_of])])
        yield table


def records(
    source: Any,
    names: Sequence[str],
    optional: Sequence[str] = (),
    *,
    columns: Columns = None,
    delimiter: str | None = None,
) -> Iterator[tuple[str, tuple]]:
    """Pairs (place, cells) of every row of a table, the cells in the order of `names` and `optional`, None if missing.

    Args:
        source: see `chunks`; rows that are tuples may lack the optional cells.
        names, optional: of the columns that are needed, and of those that are read where there are any. Others are left
            out, which a warning says.
        columns, delimiter: see `chunks`.

    Raises:
        ValueError: see `chunks`; a row that is no tuple of so many cells.

    Example:

    >>> list(records([("Good.", "positive"), {"text": "Bad.", "label": "negative"}], ["text", "label"]))
    [('Item 0', ('Good.', 'positive')), ('Item 1', ('Bad.', 'negative'))]
    """
    wanted = [*names, *optional]
    check_names(named(columns)[0], wanted)
    if not isinstance(source, (str, pathlib.Path)) and not is_table(source):
        yield from objects.rows(source, names, wanted, columns, delimiter)
        return
    for number, table in enumerate(chunks(source, names=names, columns=columns, delimiter=delimiter)):
        if not number:
            _warn_left_out(table, wanted, source)
        count = len(table.frame)
        cells = [table.cells(name) if table.has(name) else itertools.repeat(None, count) for name in wanted]
        for row, values in enumerate(zip(*cells)):
            yield table.place(row), values


def _chunks(source, names, title_of, titles, delimiter, rows, lines):
    if isinstance(source, (str, pathlib.Path)):
        wanted = {title_of.get(name, name) for name in names}
        return _file_chunks(source, wanted, titles, delimiter, rows, lines)
    objects.check_no_splits(source)
    for option, value in (("delimiter", delimiter), ("columns as a list", titles)):
        if value is not None:
            raise ValueError(f"{option} is for files. Received: {value!r} with {type(source).__name__}")
    if objects.is_dataset(source):
        return objects.row_chunks(objects.labelled(source), names, rows)
    if objects.is_frame(source):
        source = objects.pandas_of(source)
    elif isinstance(source, Mapping):
        source = objects.frame_of(source)
    elif isinstance(source, np.ndarray) and source.dtype.names is not None:
        source = pd.DataFrame(source)
    if isinstance(source, pd.DataFrame):
        return objects.frame_chunks(source, rows)
    if hasattr(source, "as_numpy_iterator"):
        source = objects.decoded_rows(source)
    if not hasattr(source, "__iter__") or isinstance(source, bytes):
        raise ValueError(f"A table is expected: a file, a frame, rows or columns. Received: {source!r:.160}")
    return objects.row_chunks(source, names, rows)


def _file_chunks(path, wanted, titles, delimiter, rows, lines):
    suffix, name = files.suffix_of(path), files.name_of(path)
    folder = pathlib.Path(path).parent
    if suffix in files.NO_LINES:
        lines = None
    if suffix == ".parquet":
        begin = 0
        for frame, count in files.parquet_chunks(path, rows):
            share = (begin + len(frame)) / count if count else None
            yield Table(frame, lambda row, begin=begin: f"{name}, row {begin + row}", share=share, folder=folder)
            begin += len(frame)
        return
    with files.opened(path) as (file, share):
        if str(path) == files.STANDARD_INPUT:
            suffix, file = files.recognized(file, wanted, titles is not None or delimiter is not None, lines)
        if delimiter is not None and suffix not in (".csv", ".tsv"):
            raise ValueError(f"delimiter is for CSV and TSV. Received: {delimiter!r} with {path}")
        if suffix in (".csv", ".tsv"):
            for header, cells, numbers in files.delimited_chunks(file, path, rows, titles, delimiter):
                frame = pd.DataFrame(cells, columns=header, dtype=object)
                yield Table(frame, _lines_of(name, numbers), share=share(), folder=folder)
        elif suffix in (".jsonl", ".ndjson", ".json"):
            for dicts, numbers in files.json_chunks(file, path, rows):
                yield Table(objects.of_dicts(dicts), _lines_of(name, numbers), share=share(), folder=folder)
        elif lines is not None:
            for texts, begin in files.line_chunks(file, path, rows):
                frame = pd.DataFrame({lines: pd.Series(texts, dtype=object)})
                yield Table(frame, lambda row, begin=begin: f"{name}, line {begin + row}", share=share(), folder=folder)
        else:
            raise ValueError(f"A file {', '.join(files.SUFFIXES)} is expected. Received: {path}")


def _lines_of(name, numbers):
    return lambda row: f"{name}, line {numbers[row] if numbers else 1}"


def _warn_left_out(table: Table, used: Sequence[str], source: Any) -> None:
    """Say once which columns of a table are not used."""
    titles = {table.title_of.get(name, name) for name in used}
    if left := [str(title) for title in table.frame if title not in titles]:
        name = source if isinstance(source, (str, pathlib.Path)) else "the table"
        warnings.warn(f"Columns of {name} that are left out: {', '.join(left)}.", stacklevel=3)
