"""Tables that are written bit by bit: after a kill they go on where they stopped, and they are whole or not there."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import math
import os
import pathlib
import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd

from lstm_zoo import files
from lstm_zoo.tables.files import suffix_of

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


def check_path(path: str | os.PathLike) -> pathlib.Path:
    """The path of a table that is to be written.

    Raises:
        ValueError: an ending of no format.
        FileExistsError: it exists.
    """
    path = pathlib.Path(path)
    packed = path.suffix.lower() == ".gz"
    if suffix_of(path) not in SUFFIXES or (packed and suffix_of(path) == ".parquet"):
        raise ValueError(f"The path of an output ends in {', '.join(SUFFIXES)}, or .gz behind. Received: {path}")
    return files.check_new(path)


def write(frame: pd.DataFrame, path: str | os.PathLike) -> None:
    """Write a whole frame as a new file, in the format that its name says."""
    path = check_path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as part:
        if suffix_of(path) == ".parquet":
            _write_parquet(frame, part)
        else:
            part.write_bytes(_encoded(frame, path, first=True))


def beside(path: str | os.PathLike, ending: str) -> pathlib.Path:
    """The path beside a table's with another ending.

    Example:

    >>> beside("errors.csv.gz", "confusion.png")
    PosixPath('errors.confusion.png')
    """
    path = pathlib.Path(path)
    name = path.name[: -len(".gz")] if path.suffix.lower() == ".gz" else path.name
    return path.with_name(f"{pathlib.PurePath(name).stem}.{ending}")


class Output:
    """A table in the making: `OUTPUT.part`, and beside it `OUTPUT.part.json`, which says how much of it counts.

    The second is replaced in one step after the rows that it counts are written, so that whatever a kill left behind
    them is cut off.

    Args:
        path: of the table.
        settings: what was asked for, as JSON has it: a run goes on with that alone.
        resume: go on with what is there.

    Raises:
        ValueError: see `check_path`; parts of a run with other settings.
        FileExistsError: the table exists, or parts of it, without `resume`.
    """

    def __init__(self, path: str | os.PathLike, settings: dict[str, Any], resume: bool = False):
        path = pathlib.Path(path)
        self.part, self.journal = (path.with_name(path.name + ending) for ending in (".part", ".part.json"))
        self.finished = resume and path.exists()
        if self.finished:
            self.path, self.units = path, 0
            self._clear()
            warnings.warn(f"{path} is whole already, and stays as it is.", stacklevel=4)
            return
        self.path, self.settings = check_path(path), json.loads(json.dumps(settings))
        self.units = self.size = self.chunks = 0
        self.titles = None
        if self.journal.exists() and not resume:
            raise FileExistsError(f"{self.part} is of a run that was stopped. resume=True goes on with it.")
        if self.journal.exists():
            self._go_on()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._clear()

    def _go_on(self):
        state = json.loads(self.journal.read_text(encoding="utf-8"))
        before = state["settings"]
        if before != self.settings:
            names = [name for name in self.settings if before.get(name) != self.settings[name]]
            changed = ", ".join(
                f"{name} was {before.get(name)!r:.80}, is {self.settings[name]!r:.80}" for name in names
            )
            raise ValueError(f"{self.part} is of another run, which cannot go on with these settings: {changed}")
        self.units, self.size, self.chunks = state["units"], state["size"], state["chunks"]
        self.titles = state["titles"]
        if not self._is_parquet:
            with self.part.open("r+b") as file:
                file.truncate(self.size)

    @property
    def _is_parquet(self):
        return suffix_of(self.path) == ".parquet"

    def add(self, frame: pd.DataFrame, units: int) -> None:
        """Write further rows, which answer so many units of the input, with the columns of the first.

        Raises:
            ValueError: a column that the first rows did not have; cells that the format cannot hold.
        """
        self.titles = list(frame) if self.titles is None else self.titles
        if late := [title for title in frame if title not in self.titles]:
            raise ValueError(f"{self.path} has no column {', '.join(late)}, since none of its first rows had it.")
        frame = frame.reindex(columns=self.titles) if list(frame) != self.titles else frame
        if self._is_parquet:
            self.part.mkdir(exist_ok=True)
            _write_parquet(frame, self.part / f"{self.chunks:06}.parquet")
        else:
            with self.part.open("ab") as file:
                file.write(_encoded(frame, self.path, first=not self.chunks))
                file.flush()
                os.fsync(file.fileno())
                self.size = file.tell()
        self.units, self.chunks = self.units + units, self.chunks + 1
        counts = {"units": self.units, "size": self.size, "chunks": self.chunks}
        files.write_text(self.journal, json.dumps({"settings": self.settings, "titles": self.titles, **counts}))

    def finish(self) -> pathlib.Path:
        """Put the table in its place."""
        if self._is_parquet:
            with files.replacing(self.path) as whole:
                _join([self.part / f"{number:06}.parquet" for number in range(self.chunks)], whole)
        else:
            self.part.replace(self.path)
        self._clear()
        return self.path

    def _clear(self):
        if self.part.is_dir():
            shutil.rmtree(self.part)
        self.part.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)


def _write_parquet(frame, path):
    with _of_one_type():
        frame.to_parquet(path, index=False)


@contextlib.contextmanager
def _of_one_type():
    """Turns what Arrow says of columns with cells of several types into a ValueError."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, TypeError) as error:
        raise ValueError(
            f"Parquet has cells of one type in a column; .jsonl holds any. Received: {'; '.join(map(str, error.args))}"
        ) from error


def _join(parts, whole):
    """One Parquet file of several, whose columns without a value take the type of the others."""
    import pyarrow
    import pyarrow.parquet

    schemas = [pyarrow.parquet.read_schema(part) for part in parts]
    with _of_one_type():
        schema = pyarrow.unify_schemas(schemas, promote_options="permissive")
    with pyarrow.parquet.ParquetWriter(whole, schema) as writer:
        for part in parts:
            writer.write_table(pyarrow.parquet.read_table(part).cast(schema))


def _encoded(frame, path, first):
    """Bytes of rows in the format of a path; with the titles, where they are the first."""
    suffix = suffix_of(path)
    if suffix in (".csv", ".tsv"):
        text = csv_of(frame, titles=first, delimiter="\t" if suffix == ".tsv" else ",")
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain_rows(frame))
    content = text.encode("utf-8", errors="replace")
    return gzip.compress(content, mtime=0) if path.suffix.lower() == ".gz" else content


def csv_of(frame: pd.DataFrame, titles: bool = True, delimiter: str = ",") -> str:
    """A frame as CSV by RFC 4180; lists and dicts in its cells are JSON."""
    nested = [title for title in frame if frame[title].dtype == object]
    cells = {title: [_as_text(cell) for cell in frame[title]] for title in nested}
    # As objects: whole numbers beside a missing one would become floats.
    frame = frame.assign(**{title: pd.Series(column, frame.index, dtype=object) for title, column in cells.items()})
    options = {"index": False, "header": titles, "sep": delimiter, "lineterminator": "\n"}
    text = frame.to_csv(**options)
    # Python's writer puts no quotes around a `\r`, which readers take for the end of a line.
    return frame.to_csv(**options, quoting=csv.QUOTE_NONNUMERIC) if "\r" in text else text


def _as_text(cell):
    nested = isinstance(cell, (list, dict, tuple)) or getattr(cell, "ndim", 0)
    return json.dumps(plain(cell), ensure_ascii=False) if nested else cell


def plain_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a frame as JSON has them: null where a value is missing or infinite, times by ISO 8601."""
    for row in frame.to_dict("records"):
        yield {title: plain(value) for title, value in row.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it: null for what is missing or infinite, times by ISO 8601, arrays and sets as lists."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, (set, frozenset)):
        return plain(sorted(value, key=str))
    return value if value is None or isinstance(value, (str, int, float)) else plain(_plain(value))


def _plain(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
