"""The columns of a table of series: whether they are there, and their numbers."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo.tables.table import Table
from lstm_zoo.tasks.forecasting.dates import MISSING

KEYS = ("unique_id", "ds", "y")
THOUSANDS = re.compile(r"-?(?:[1-9]\d{0,2}(?P<point>\.\d{3})|\d{1,3})", re.ASCII)  # 1.037 in German, and 987

POINT = (
    ". A decimal point is expected, and nothing between thousands: of a file with decimal commas "
    'pd.read_csv(path, sep=";", decimal=",") is such a table, which every verb takes'
)


def check_columns(table: Table, names: Sequence[str]) -> None:
    """Raise a ValueError where one of the columns is missing; its message says how to give it."""
    titles = list(map(str, table.frame))
    missing = [name for name in names if name not in titles]
    if not missing:
        return
    others = [title for title in titles if title not in (*KEYS, *names)]
    nearest = difflib.get_close_matches(missing[0], others, n=1)
    if missing[0] in KEYS:
        nearest = nearest or others[:1] or ["..."]
    parts = [f"{table.name} lacks the column {' and '.join(missing)}. Received: {', '.join(titles) or 'none'}."]
    if nearest:
        parts.append(f"One that is called otherwise is named: columns={{{missing[0]!r}: {nearest[0]!r}}}.")
    raise ValueError(" ".join(parts))


def numbers(table: Table, name: str) -> np.ndarray:
    """A column of numbers, float64, NaN where one is missing.

    Raises:
        ValueError: a cell that is no number; the message names its row.
    """
    column = table.frame[name]
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.to_numpy("float64", na_value=np.nan)
    cells = np.where(column.isna() | column.isin(MISSING), "nan", column.to_numpy(object))
    try:
        values = cells.astype("float64")
        strange = np.array([isinstance(cell, str) and ("_" in cell or not cell.isascii()) for cell in cells], bool)
    except (TypeError, ValueError):
        values, strange = None, np.array([not is_number(cell) for cell in cells], bool)
    if strange.any():
        row = int(strange.argmax())
        cell = column.iloc[[row]].tolist()[0]
        point = POINT if "," in str(cell) else ""
        raise ValueError(f"{table.place(row)} of the column {name} is no number. Received: {cell!r}{point}")
    return values


def is_number(cell: Any) -> bool:
    """Whether a cell is a number, or a text that is read as one."""
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return not isinstance(cell, str) or ("_" not in cell and cell.isascii())


def like_thousands(column: pd.Series) -> str | None:
    """A number of a column of texts whose points may all stand between thousands, 1.037 for one; None: it has none."""
    found = None
    for cell in column:
        match = THOUSANDS.fullmatch(cell) if isinstance(cell, str) and cell not in MISSING else None
        if match is None and cell not in MISSING:
            return None
        if match is not None and match["point"] and found is None:
            found = cell
    return found
