"""Files that tables are in: what their names say, and their lines, which are UTF-8."""

import contextlib
import gzip
import itertools
import json
import pathlib
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import pandas as pd

from lstm_zoo.tables import delimited

STANDARD_INPUT = "-"
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
NO_LINES = (".html", ".htm", ".xml", ".yaml", ".yml")  # text, but not a text a line
# How files that are no text begin, and what they are.
KINDS = {
    b"PK\x03\x04": "a ZIP file, as .xlsx, .ods, .docx and .npz are",
    b"\xd0\xcf\x11\xe0": "a file of an old office program, like .xls",
    b"\x1f\x8b": "packed by gzip: its name has to end in .gz",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"PAR1": "Parquet: its name has to end in .parquet",
    b"ARROW1": "an Arrow file, like .feather",
    b"\x93NUMPY": "an array of NumPy",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"SQLite format 3": "a database of SQLite",
    b"\x89HDF": "HDF5",
    b"%PDF": "a PDF",
    b"RIFF": "a recording",
}
# Of an encoding that is not UTF-8, how the file begins.
MARKS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}

Rows = Iterator[tuple[list[str], list[Any], list[int]]]  # titles, rows of them, and their line numbers


def suffix_of(path: str | pathlib.Path) -> str:
    """The ending of a path in small letters, without `.gz`: ".csv" of "Reviews.CSV.gz"."""
    name = pathlib.Path(path).name.lower().removesuffix(".gz")
    return pathlib.PurePath(name).suffix


def is_table(path: str | pathlib.Path) -> bool:
    """Whether the name of a file says that it holds a table."""
    return suffix_of(path) in SUFFIXES


def name_of(path: str | pathlib.Path) -> str:
    """How messages call a file."""
    return "Standard input" if str(path) == STANDARD_INPUT else str(path)


@contextlib.contextmanager
def opened(path: str | pathlib.Path) -> Iterator[tuple[BinaryIO, Callable[[], float | None]]]:
    """The bytes of a file, unpacked, or of standard input for "-"; and a function that tells the share that was read.

    Raises:
        FileNotFoundError: a path that does not exist, or a folder.
        ValueError: a file that is no whole gzip file though its name ends in `.gz`.
    """
    if str(path) == STANDARD_INPUT:
        yield sys.stdin.buffer, lambda: None
        return
    path = pathlib.Path(path)
    if not path.is_file() and not path.is_fifo():
        raise FileNotFoundError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; a file is expected.")
    with path.open("rb") as packed:
        size = path.stat().st_size if path.is_file() else 0
        file = gzip.GzipFile(fileobj=packed) if path.suffix.lower() == ".gz" else packed
        try:
            yield file, lambda: packed.tell() / size if size else None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path} is no whole gzip file: {error}") from error


def recognized(file: BinaryIO, titles: set[str], is_delimited: bool, lines: str | None) -> tuple[str, Iterable[bytes]]:
    """What standard input is - ".csv", ".jsonl", or "" for lines of text -, and its lines.

    Args:
        file: standard input.
        titles: of which a line of titles has one.
        is_delimited: whether the user said what only CSV has.
        lines: None where lines of text are no answer.
    """
    first = file.readline()
    fields = {field.strip(' "\r\n') for field in re.split(r"[,;\t]", first.decode("utf-8-sig", errors="replace"))}
    if first.lstrip().startswith((b"{", b"[{")) or first.strip() == b"[":
        suffix = ".json"
    else:
        suffix = ".csv" if is_delimited or lines is None or fields & titles else ""
    return suffix, itertools.chain([first], file) if first else []


def line_chunks(file: Iterable[bytes], path: str, size: int) -> Iterator[tuple[list[str], int]]:
    """Chunks of lines of text, without their line breaks, and the number of the first."""
    texts = (text.rstrip("\r\n") for _, text in lines(file, name_of(path)))
    begin = 1
    while (chunk := list(itertools.islice(texts, size))) or begin == 1:
        yield chunk, begin
        begin += max(1, len(chunk))


def lines(file: Iterable[bytes], name: str) -> Iterator[delimited.Line]:
    """Pairs (number, text) of the lines of a file, with their line breaks: `\\n`, `\\r\\n` or `\\r`.

    Raises:
        ValueError: bytes that are not UTF-8, or a NUL; the message names the line, and the encoding where it can.
    """
    number = 0
    for content in file:
        text = decoded(content, name, number + 1)
        alone = text.count("\r") > text.endswith(("\r", "\r\n"))  # of the Macintosh of 1984
        for part in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text) if alone else [text]:
            number += 1
            yield number, part


def decoded(content: bytes, name: str, line: int = 1) -> str:
    """The text of bytes in UTF-8, without a byte-order mark.

    Args:
        content: a line of a file, or all of it.
        name: of the file, for messages.
        line: the number of the line that `content` begins with.

    Raises:
        ValueError: another encoding; the message names it where it can, and the line.
    """
    if line == 1:
        for mark, kind in KINDS.items():
            if content.startswith(mark):
                accepted = "Text in UTF-8 is expected, CSV for one"
                raise ValueError(f"{name} is {kind}. {accepted}: save it as that first.")
        for mark, encoding in MARKS.items():
            if content.startswith(mark):
                raise ValueError(f"{name} is in {encoding}. UTF-8 is expected: save it in UTF-8 first.")
    try:
        text = content.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        wrong = content[error.start : error.start + 1]
        place = line + content.count(b"\n", 0, error.start)
        shown = wrong.decode("cp1252", errors="replace")
        guess = "" if shown == "\ufffd" else f", which is {shown!r} in cp1252 (Windows)"
        raise ValueError(
            f"{name}, line {place}, is not UTF-8: it holds the byte 0x{wrong.hex()}{guess}. Save it in UTF-8 first."
        ) from error
    if "\0" in text:
        place = line + content.count(b"\n", 0, content.index(b"\0"))
        kind = "it may be in UTF-16" if content.count(b"\0") * 3 > len(content) else "it is no text"
        raise ValueError(f"{name}, line {place}, holds the byte 0: {kind}. Text in UTF-8 is expected.")
    return text


def text_of(path: pathlib.Path) -> str:
    """The whole text of a file, with `\\n` for line breaks.

    Raises:
        ValueError: another encoding than UTF-8.
        FileNotFoundError: a path that does not exist.
    """
    with opened(path) as (file, _):
        return decoded(file.read(), str(path)).replace("\r\n", "\n")


def delimited_chunks(
    file: Iterable[bytes], path: str, size: int, given: list[str] | None, delimiter: str | None
) -> Rows:
    """Chunks of a CSV or TSV; `given` are the titles of a file whose first line is a row."""
    titles = given
    name = name_of(path)
    rows = delimited.rows(lines(file, name), name, delimiter, tabs=suffix_of(path) == ".tsv")
    if given is None:
        _, titles = next(rows, (0, []))
        titles = [title.strip() or f"Unnamed: {place}" for place, title in enumerate(titles)]
        if not titles:
            raise ValueError(f"{name} is empty: a line of titles and rows are expected.")
        if twice := {title for title in titles if titles.count(title) > 1}:
            raise ValueError(f"{name} has columns of the same name: {', '.join(sorted(twice))}.")
    cells, numbers, empty = [], [], True
    for number, fields in rows:
        if not numbers and empty and fields == given:  # the titles are there all the same
            continue
        if len(fields) != len(titles):
            raise ValueError(f"{name}, line {number}: {len(titles)} fields are expected. Received: {fields!r:.160}")
        cells.append(fields)
        numbers.append(number)
        if len(cells) == size:
            yield titles, cells, numbers
            cells, numbers, empty = [], [], False
    if cells or empty:
        yield titles, cells, numbers


def json_chunks(file: Iterable[bytes], path: str, size: int) -> Iterator[tuple[list[dict], list[int]]]:
    """Chunks of JSON Lines, or of a JSON list: objects, and the numbers of their lines, or in the list."""
    name, objects, numbers = name_of(path), [], []
    for place, number, content in _contents(lines(file, name), name):
        if not isinstance(content, dict):
            raise ValueError(f"{name}, {place} {number}: a JSON object is expected. Received: {content!r:.160}")
        if content and all(isinstance(cell, dict) for cell in content.values()) and not objects:
            raise ValueError(
                f"{name} is a table of columns. A list of objects, or an object a line, is expected; pandas writes the "
                'former with orient="records".'
            )
        objects.append(content)
        numbers.append(number)
        if len(objects) == size:
            yield objects, numbers
            objects, numbers = [], []
    if objects:
        yield objects, numbers


def _contents(texts, name):
    """Triples ("line", its number, its content) of JSON Lines; ("item", ...) of a list, which is read as a whole."""
    for number, text in texts:
        if not text.strip():
            continue
        if number == 1 and text.lstrip().startswith("["):
            whole = _parsed("".join([text, *(more for _, more in texts)]), f"{name}")
            yield from (("item", item, content) for item, content in enumerate(whole))
        else:
            yield "line", number, _parsed(text, f"{name}, line {number},")


def _parsed(text, place):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place} is no JSON: {error}. Received: {text!r:.160}") from error


def parquet_chunks(path: str | pathlib.Path, size: int) -> Iterator[tuple[pd.DataFrame, int]]:
    """Chunks of a Parquet file as frames, and the number of all rows.

    Raises:
        ValueError: a file that is no Parquet.
    """
    import pyarrow
    import pyarrow.parquet

    with opened(path):  # the errors of a path
        pass
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(size):
                # Without pandas' own notes, by which columns become an index.
                plain = batch.replace_schema_metadata(None)
                yield plain.to_pandas(integer_object_nulls=True), file.metadata.num_rows
            if not file.metadata.num_rows:
                yield file.schema_arrow.empty_table().to_pandas(), 0
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"{path} cannot be read as Parquet: {error}") from error
