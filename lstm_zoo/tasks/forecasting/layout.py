"""What the columns of a table are: times, ids, values, covariates, and in a wide table a series each."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lstm_zoo.contract import did_you_mean
from lstm_zoo.tables.table import Table
from lstm_zoo.tasks.forecasting.columns import is_number
from lstm_zoo.tasks.forecasting.dates import MISSING

# Titles of a column of times where none is called ds, in small letters, without spaces, _ and -.
TIMES = ("date", "datetime", "timestamp", "time", "day", "week", "month", "quarter", "year")
# What pandas, and Arrow, call an index without a name once it is a column.
INDEXES = ("Unnamed: 0", "index", "__index_level_0__")
DIGITS = re.compile(r"[-+]?[.,]?\d[\d.,'’\s]*")  # also of numbers that are refused, like 1,037


class Layout(NamedTuple):
    """What the columns of a table are."""

    title_of: dict[str, str]
    """Our name of a column -> its title, of those that are called otherwise."""
    series: list[str] | None = None
    """The columns of a wide table that are series; None: the table is long."""
    titles: frozenset[str] | None = None
    """Of a wide table whose series nobody named: those that there are. None: any other."""


def names_times(title: Any) -> bool:
    """Whether a title says that a column holds times, like "Date" or "time_stamp"."""
    return re.sub(r"[\s_-]", "", str(title)).lower() in TIMES


def layout_of(
    table: Table, targets: Sequence[str], covariates: Sequence[str], usual_targets: Sequence[str] = ()
) -> Layout:
    """What the columns of a table are, by its titles and, where it is wide, its first rows.

    A table is long if it has ids, or a column `y` and no other target; else it is wide: its targets are series, and
    without any all columns of numbers that are neither times nor covariates.

    Args:
        table: its first rows, under the titles of the source.
        targets, covariates: names of columns.
        usual_targets: the targets where there are none, nor a column that is named as `y`: those that the table has.

    Raises:
        ValueError: several columns that may be the times; a target that is no column, or something else than a series;
            several of a long table; a wide table without a column of numbers.
    """
    title_of, titles = dict(table.title_of), list(table.frame)

    def title(name):
        return title_of.get(name, name)

    ids, y = title("unique_id"), title("y")
    if not targets and "y" not in title_of:
        targets = [name for name in usual_targets if title(name) in titles]
    if title("ds") not in titles:
        found = _times(table.name, titles, {ids, y, *map(title, (*targets, *covariates))})
        title_of |= {} if found is None else {"ds": found}
    _check_targets(table, targets, covariates, title_of)
    if ids in titles or (y in titles and [title(name) for name in targets] in ([], [y])):
        if len(targets) > 1:
            raise ValueError(
                f"{table.name} is long, with the column {ids if ids in titles else y}: its target is one column. "
                f"Received: {', '.join(targets)}"
            )
        return Layout(title_of | ({"y": title(targets[0])} if targets else {}))
    renamed = Table(table.frame, table.place, title_of).renamed()
    others = [name for name in renamed.frame if name not in ("ds", *covariates)]
    if targets or not others or "ds" not in renamed.frame:
        return Layout(title_of, list(targets) or others or None)
    series = [name for name in others if _may_be_series(name, renamed.frame[name])]
    if not series:
        raise ValueError(
            f"{table.name} has no column of numbers, which would be a series. Received: {', '.join(map(str, titles))}"
        )
    return Layout(title_of, series, frozenset(renamed.frame))


def _times(name: str, titles: Iterable[str], used: set[str]) -> str | None:
    """The title of the times, where no column is called `ds`; None: there is none."""
    found = [title for title in titles if names_times(title)]
    found = [title for title in found if title not in used] or found
    if len(found) > 1:
        raise ValueError(
            f"{name} has several columns that may be the times: {', '.join(found)}. columns={{'ds': {found[0]!r}}} "
            "names the one that is."
        )
    return next(iter(found or [title for title in INDEXES if title in titles and title not in used]), None)


def _check_targets(table, targets, covariates, title_of):
    titles = list(map(str, table.frame))
    roles = {title_of.get(name, name): name for name in ("unique_id", "ds")}
    others = [title for title in titles if title not in roles]
    for name in targets:
        title = title_of.get(name, name)
        if title not in titles:
            raise ValueError(
                f"{table.name} has no column {title!r}, as target says.{did_you_mean(title, others)} "
                f"Received: {', '.join(titles) or 'none'}"
            )
        if title in roles:
            kind = {"unique_id": "ids", "ds": "times"}[roles[title]]
            raise ValueError(f"target names columns of numbers. Received: {name}, which holds the {kind}")
        if name in covariates:
            raise ValueError(f"A column is a target or a covariate. Received: {name} as both")
    if targets and "y" in title_of and [title_of.get(name, name) for name in targets] != [title_of["y"]]:
        raise ValueError(
            f"columns and target name different columns of values. Received: {title_of['y']} and {', '.join(targets)}"
        )
    if wrong := [name for name in covariates if name != "ds" and roles.get(title_of.get(name, name)) == "ds"]:
        raise ValueError(f"covariates names columns of numbers. Received: {wrong[0]}, which holds the times")


def _may_be_series(name, column):
    """Whether a column of a wide table that nobody named holds numbers, by its first known cell."""
    if names_times(name) or name in INDEXES or pd.api.types.is_bool_dtype(column.dtype):
        return False
    known = (cell for cell in column[column.notna()] if not isinstance(cell, str) or cell not in MISSING)
    cell = next(known, None)
    if cell is None:
        return True  # its numbers may come in later rows
    if isinstance(cell, str) and DIGITS.fullmatch(cell.strip()):
        return True
    return is_number(cell) and not isinstance(cell, (bool, np.bool_))
