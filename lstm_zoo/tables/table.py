"""What a table is: rows, where each of them stands, and what a user calls its columns."""

from __future__ import annotations

import collections
import dataclasses
import difflib
import json
import pathlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

JSON = ("{", '["')  # how it begins on a command line, for titles with commas in them
MAX_WORDS = 4  # of a title: a longer one is rather a cell

Columns = Mapping[str, str] | Sequence[str] | str | None  # how a user says what columns are called


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of a table, and where each of them stands."""

    frame: pd.DataFrame
    """The cells under the titles of the source; those of CSV and TSV are `str` as written, "" where empty."""
    place: Callable[[int], str]
    """Number of a row in the frame -> where it stands, for messages: "reviews.csv, line 12" or "Row 3"."""
    title_of: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Name of a column -> its title in the source, of those that are called otherwise."""
    share: float | None = None
    """Of the source that was read with this table, from 0 to 1; None where nobody knows."""
    folder: pathlib.Path | None = None
    """That paths in the table are relative to; None: none."""

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return self.title_of.get(name, name) in self.frame

    def cells(self, name: str) -> list[Any]:
        """The cells of a column, None where one is missing.

        Raises:
            ValueError: the table has no such column; the message suggests the nearest, and how to name it.
        """
        self.check([name])
        column = self.frame[self.title_of.get(name, name)]
        missing = column.isna()
        cells = column.tolist()
        return [None if gone else cell for cell, gone in zip(cells, missing)] if missing.any() else cells

    def check(self, names: Sequence[str]) -> None:
        """Raise a ValueError where one of the columns is missing."""
        missing = [name for name in names if not self.has(name)]
        if not missing:
            return
        if wrong := [self.title_of[name] for name in missing if name in self.title_of]:
            received = ", ".join(map(str, self.frame))
            raise ValueError(f"{self.name} has no column {wrong[0]!r}, as columns says. Received: {received}")
        titles = list(map(str, self.frame))
        raise ValueError(
            f"{self.name} lacks the column{'s' * (len(missing) > 1)} {' and '.join(missing)}. Received: "
            f"{', '.join(titles) or 'none'}. {hint(missing, [title for title in titles if title not in names])}"
        )

    @property
    def name(self) -> str:
        """What messages call the table: its file, or "The table"."""
        return self.place(0).rpartition(", ")[0] or "The table"

    def behind(self, rows: int) -> Table:
        """The table without its first rows."""
        if not rows:
            return self
        return dataclasses.replace(self, frame=self.frame.iloc[rows:], place=lambda row: self.place(rows + row))

    def renamed(self) -> Table:
        """The table with our names of the columns that are called otherwise."""
        others = [name for name in self.title_of if name in self.frame and name not in self.title_of.values()]
        ours = {title: name for name, title in self.title_of.items()}
        frame = self.frame.drop(columns=others).rename(columns=ours)
        return dataclasses.replace(self, frame=frame, title_of={})


def hint(missing: Sequence[str], titles: Sequence[str]) -> str:
    """How columns that are missing are named: those that are called otherwise, and, of a table without titles, all.

    Args:
        missing: names of columns.
        titles: of the others in the table, the nearest of which is suggested, each once. One of many words, or that is
            a number, is a cell of a first row that is no line of titles.

    Example:

    >>> hint(["text"], ["review"])
    "One that is called otherwise is named: columns={'text': 'review'}, on a command line --columns text=review."
    """
    if any(len(title.split()) > MAX_WORDS or title.replace(".", "", 1).isdecimal() for title in titles):
        listed = [*missing, "..."][: len(titles)] if len(titles) > len(missing) else list(missing)
        return (
            f"Where the first line is a row, columns lists the titles in their order: columns={listed!r}, on a command "
            f"line --columns {','.join(listed)}."
        )
    left, given = list(titles), {}
    for name in missing:
        nearest = difflib.get_close_matches(name, left, n=1) or left[:1]
        given[name] = nearest[0] if nearest else "..."
        left = [title for title in left if title not in nearest]
    word = shlex.quote(word_of(given))
    return f"One that is called otherwise is named: columns={given!r}, on a command line --columns {word}."


def word_of(title_of: Mapping[str, str]) -> str:
    """`columns` as a word of a command line.

    Example:

    >>> word_of({"text": "review", "label": "stars"})
    'text=review,label=stars'
    """
    if any(mark in f"{name}{title}" for name, title in title_of.items() for mark in ",="):
        return json.dumps(title_of, ensure_ascii=False)
    return ",".join(f"{name}={title}" for name, title in title_of.items())


def check_names(title_of: Mapping[str, str], known: Sequence[str]) -> None:
    """Raise a ValueError for a name in `columns` that is none of what is read."""
    if unknown := [name for name in title_of if name not in known]:
        raise ValueError(f"columns gives the titles of {', '.join(known)}. Received: {', '.join(unknown)}")


def named(columns: Columns) -> tuple[dict[str, str], list[str] | None]:
    """Name -> title of the columns that are called otherwise, and the titles of a file that has none, else None.

    Raises:
        ValueError: something else than `Columns`.

    Example:

    >>> named("text=review"), named("text,label")
    (({'text': 'review'}, None), ({}, ['text', 'label']))
    """
    if columns is None:
        return {}, None
    if isinstance(columns, str) and columns.startswith(JSON):
        columns = _loaded("columns", columns)
    if isinstance(columns, str):
        parts = [part.strip() for part in columns.split(",")]
        pairs = [part.partition("=") for part in parts]
        columns = {name.strip(): title.strip() for name, _, title in pairs} if "=" in columns else parts
    if isinstance(columns, Mapping):
        columns = {name: str(title) if isinstance(title, int) else title for name, title in columns.items()}
        if wrong := [name for pair in columns.items() for name in pair if not isinstance(name, str) or not name]:
            raise ValueError(f"columns are pairs of name and title, both texts. Received: {wrong[0]!r}")
        return dict(columns), None
    if not isinstance(columns, Sequence) or not all(isinstance(title, str) for title in columns):
        raise ValueError(f"columns is a dict, like {{'text': 'review'}}, or a list of titles. Received: {columns!r}")
    if twice := [title for title, count in collections.Counter(columns).items() if count > 1]:
        raise ValueError(f"columns are called differently, each. Received: {twice[0]!r} twice")
    return {}, list(columns)


def listed(option: str, titles: Any) -> list[str]:
    """Titles of columns, each once: of a list of them, or of a text with a comma between them or a JSON list in it.

    Raises:
        ValueError: something else; the message names the option that they were given by.

    Example:

    >>> listed("target", "load, gas"), listed("target", '["load, MW"]'), listed("target", ["load"])
    (['load', 'gas'], ['load, MW'], ['load'])
    """
    if isinstance(titles, str):
        found = _loaded(option, titles) if titles.startswith(JSON) else [title.strip() for title in titles.split(",")]
    else:
        found = titles
    if not isinstance(found, (list, tuple)) or any(not isinstance(title, (str, int)) or title == "" for title in found):
        raise ValueError(f"{option} is a list of names of columns. Received: {titles!r}")
    return list(dict.fromkeys(map(str, found)))


def _loaded(option, text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{option} is no JSON: {error}. Received: {text}") from error
