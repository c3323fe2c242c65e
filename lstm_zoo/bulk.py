"""Answers for many: frames, rows, iterators and files, in chunks, with what they came with."""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo import outputs, tables
from lstm_zoo.answering import Answerer
from lstm_zoo.engines import engine_of
from lstm_zoo.progress import Bar
from lstm_zoo.reading import read_keywords
from lstm_zoo.registry import model_of
from lstm_zoo.tables.files import STANDARD_INPUT, text_of
from lstm_zoo.tables.folders import files_below
from lstm_zoo.tables.table import Columns, Table, named
from lstm_zoo.text.inputs import filled
from lstm_zoo.training.preparing import fingerprint

Target = str | Sequence[str] | None  # columns of a table that are series


def answer_items(
    answers: Answerer, raw: Any, columns: Columns = None, delimiter: str | None = None, target: Target = None
) -> Any:
    """Answers for what is in memory, see `lstm_zoo.predict`."""
    if answers.task.column is None:
        if hasattr(raw, "__next__") and columns is None and delimiter is None and target is None:
            return _answered_items(answers, raw)
        return answers.answer(answers.task.prepare(raw, **_reading(answers, columns, delimiter, target)), raw)
    title = _title(columns, answers.task.column)
    tables.objects.check_no_splits(raw)
    if hasattr(raw, "as_numpy_iterator") and isinstance(raw.element_spec, Mapping):
        raw = list(tables.objects.decoded_rows(raw))
    is_row = _is_row(raw, title)
    if is_row and (isinstance(raw[title], (str, bytes, os.PathLike)) or np.ndim(raw[title]) == 0):  # a lone row
        raw = [raw]
    elif tables.objects.is_frame(raw) or is_row or (isinstance(raw, np.ndarray) and raw.dtype.names is not None):
        return answer_frame(answers, raw, columns, delimiter)
    if isinstance(raw, (list, tuple)) and raw and _is_row(raw[0], title):
        titles = {key for row in raw if isinstance(row, Mapping) for key in row}
        return list(_answered_rows(answers, iter(raw), title, titles))
    if hasattr(raw, "__next__") and not hasattr(raw, "read"):  # an open file is one recording
        return _answered_rows(answers, raw, title)
    if columns is not None or delimiter is not None:
        raise ValueError(f"columns and delimiter are for tables. Received: {raw!r:.160}")
    items = answers.task.prepare(raw)
    if items and all(isinstance(item, Exception) for item in items):
        raise items[0]
    return answers.answer(items, raw)


def _answered_items(answers, things):
    """Forecasts of an iterator of series, one each: an array, or a frame of what has times."""
    while chunk := list(itertools.islice(things, answers.task.chunk)):
        items = [item for thing in chunk for item in answers.task.prepare([thing])]
        found = answers.answer(items, chunk)
        steps = len(found) // len(items)  # of a frame; an array has a row an item
        yield from (
            found
            if isinstance(found, np.ndarray)
            else (found[begin : begin + steps].reset_index(drop=True) for begin in range(0, len(found), steps))
        )


def _is_row(content, title):
    """Whether something is a dict with the column, and not a recording of a Hugging Face data set, which has a path."""
    return isinstance(content, Mapping) and title in content and not content.keys() & {"array", "bytes"}


def _answered_rows(answers, rows, title, titles=None):
    """Rows with their answers, of an iterator of dicts; of one of items the answers alone.

    `titles` are the keys of all rows; None: those of the first rows, and a later key cannot be called like an answer.
    """
    begin = 0
    while chunk := list(itertools.islice(rows, answers.task.chunk)):

        def place(row, begin=begin):
            return f"Item {begin + row}"

        if _is_row(chunk[0], title):
            for row, content in enumerate(chunk):
                if not _is_row(content, title):
                    raise ValueError(f"{place(row)} is no dict with {title!r}. Received: {content!r:.160}")
            titles = {key for content in chunk for key in content} if titles is None else titles
            found = answers(_filled(answers, [content[title] for content in chunk], place), place=place)
            for row, (content, answer) in enumerate(zip(chunk, found)):
                named_answer = {_free(key, titles): value for key, value in answer.items()}
                if taken := named_answer.keys() & content.keys():
                    raise ValueError(f"{place(row)} has {', '.join(taken)}, which no row before it had: rename it.")
                yield {**content, **named_answer}
        else:
            yield from answers(chunk, place=place)
        begin += len(chunk)


def answer_frame(
    answers: Answerer, source: Any, columns: Columns = None, delimiter: str | None = None, target: Target = None
) -> pd.DataFrame:
    """A whole table with its answers, see `lstm_zoo.predict`."""
    if answers.task.column is None:
        return answers.answer(answers.task.prepare(source, **_reading(answers, columns, delimiter, target)), source)
    # What is in memory is sorted by length as a whole.
    rows = max(1, len(source)) if tables.objects.is_frame(source) and hasattr(source, "__len__") else None
    return _answered(answers, tables.joined(list(_tables(answers, source, columns, delimiter, rows))))


def answer_file(
    answers: Answerer,
    source: Any,
    output: str | os.PathLike,
    *,
    resume: bool = False,
    columns: Columns = None,
    delimiter: str | None = None,
    target: Target = None,
) -> pathlib.Path:
    """Write a table with its answers, see `lstm_zoo.predict`; a kill loses the chunk in the making.

    Returns:
        pathlib.Path of the output.
    """
    settings = {
        "model": model_of(answers.pipeline),
        "weights": fingerprint([tuple(answers.pipeline.get_weights())], ()),
        "engine": engine_of(answers.pipeline),
        "options": {} if answers.options is None else outputs.plain(dataclasses.asdict(answers.options)),
        "data": _identity(source),
        "columns": columns if columns is None or isinstance(columns, str) else repr(columns),
        "delimiter": delimiter,
        "target": target if target is None or isinstance(target, str) else repr(target),
    }
    written = outputs.Output(output, settings, resume)
    if written.finished:
        return written.path
    kind = "series" if answers.task.column is None else "rows"
    behind = written.units
    with Bar(desc=answers.pipeline.name, unit=f" {kind}", initial=behind) as bar:
        for units, share, answer in _parts(answers, source, columns, delimiter, target, behind):
            if answer is not None:
                written.add(answer(), units)
                bar.total = round(written.units / share) if share else None
                bar.update(units)
        return written.finish()


def _parts(answers, source, columns, delimiter, target, behind):
    """Triples (units, share of the source so far, function that gives the answers), behind those that are written."""
    chunk = answers.task.chunk
    if answers.task.column is None:
        items = answers.task.prepare(source, **_reading(answers, columns, delimiter, target))
        for begin in range(behind, max(len(items), 1), chunk):
            part = items[begin : begin + chunk]
            yield len(part), (begin + len(part)) / max(len(items), 1), lambda part=part: answers.answer(part, part)
        return
    titles = None
    for table in _tables(answers, source, columns, delimiter):
        titles = list(table.frame) if titles is None else titles
        table = _aligned(table, titles)
        rows = len(table.frame)
        if behind >= rows > 0:
            behind -= rows
            continue
        table, behind = table.behind(behind), 0
        yield len(table.frame), table.share, lambda table=table: _answered(answers, table)


def _aligned(table, titles):
    """A chunk with the columns of the first, in their order: a file has one line of titles."""
    if late := [title for title in table.frame if title not in titles]:
        row = int(table.frame[late[0]].notna().to_numpy().argmax())
        raise ValueError(f"{table.place(row)} has {late[0]}, which none of the first rows has: give it to one of them.")
    return (
        table if list(table.frame) == titles else dataclasses.replace(table, frame=table.frame.reindex(columns=titles))
    )


def _tables(answers, source, columns, delimiter, rows=None):
    """The chunks of what is to be answered."""
    column, rows = answers.task.column, rows or answers.task.chunk
    _title(columns, column)  # what is wrong with it is said before a file is opened
    if isinstance(source, (str, pathlib.Path)) and pathlib.Path(source).is_dir():
        for option, value in (("columns", columns), ("delimiter", delimiter)):
            if value is not None:
                raise ValueError(f"{option} is for tables. Received: {value!r} with the folder {source}")
        paths = files_below(pathlib.Path(source), answers.task.suffixes)
        return _folder_tables(paths, column, rows)
    return tables.chunks(source, names=(column,), columns=columns, delimiter=delimiter, rows=rows, lines=column)


def _reading(answers, columns, delimiter, target):
    """Keywords by which a task reads a whole table."""
    return read_keywords(answers.task, answers.pipeline, columns=columns, delimiter=delimiter, target=target)


def _title(columns, column):
    """The title of the column that is read; a ValueError where `columns` names others alone: a slip of the pen."""
    title_of, _ = named(columns)
    if title_of and column not in title_of:
        raise ValueError(f"columns gives the title of {column}, which is read. Received: {', '.join(title_of)}")
    return title_of.get(column, column)


def _folder_tables(paths, column, rows):
    for begin in range(0, len(paths), rows):
        part = paths[begin : begin + rows]
        frame = pd.DataFrame({"path": list(map(str, part))}, dtype=object)
        if column != "path":
            frame[column] = [text_of(path) for path in part]
        share = (begin + len(part)) / len(paths)
        yield Table(frame, lambda row, part=part: str(part[row]), share=share)


def _answered(answers: Answerer, table: Table) -> pd.DataFrame:
    """The rows of a table with their answers."""
    cells = table.cells(answers.task.column)
    if answers.task.column == "path" and table.folder is not None:
        cells = [table.folder / cell if isinstance(cell, str) else cell for cell in cells]
    found = [_flat(answer) for answer in answers(_filled(answers, cells, table.place), place=table.place)]
    keys = dict.fromkeys(key for answer in found for key in answer)
    if answers.task.items_fail:
        keys.setdefault("error")  # as the first chunk is, so is the file
    titles = set(table.frame)
    return table.frame.assign(**{_free(key, titles): [answer.get(key) for answer in found] for key in keys})


def _filled(answers, cells, place):
    """Cells, empty texts in the place of missing ones; what is no text may fail by itself."""
    return cells if answers.task.items_fail else filled(cells, place)


def _flat(answer):
    """An answer whose parts that are dicts are keys of their own, like "scores.positive"."""
    if not any(isinstance(value, dict) for value in answer.values()):
        return answer
    flat = {}
    for key, value in answer.items():
        flat.update(
            {f"{key}.{part}": cell for part, cell in value.items()} if isinstance(value, dict) else {key: value}
        )
    return flat


def _free(key, titles):
    """What a part of an answer is called beside these titles."""
    if key not in titles:
        return key
    if f"predicted_{key}" in titles:
        raise ValueError(f"The table has the columns {key} and predicted_{key} already: rename one of them.")
    return f"predicted_{key}"


def _identity(source):
    """What tells one source from another: a run does not go on with other data."""
    if (
        not isinstance(source, (str, pathlib.Path))
        or str(source) == STANDARD_INPUT
        or not pathlib.Path(source).exists()
    ):
        return type(source).__name__ if not isinstance(source, str) else source
    about = pathlib.Path(source).stat()
    return [str(pathlib.Path(source).resolve()), about.st_size, about.st_mtime_ns]
