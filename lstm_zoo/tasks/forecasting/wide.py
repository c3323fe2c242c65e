"""The values of a wide table, a column a series."""

from collections.abc import Sequence

import numpy as np

from lstm_zoo.tables.table import Table
from lstm_zoo.tasks.forecasting.columns import numbers
from lstm_zoo.tasks.forecasting.layout import Layout


def values(table: Table, layout: Layout, rejected: dict[str, str]) -> np.ndarray:
    """The columns of some rows that are series, float64 (rows, series), NaN where one is missing.

    Args:
        table: the rows, under our names.
        layout: of the table.
        rejected: of the columns that nobody named those with a cell that is no number, and why, are put here.

    Raises:
        ValueError: a cell of a column that was named that is no number; a column that no row before had.
    """
    if layout.titles is not None and (late := [title for title in table.frame if title not in layout.titles]):
        row = int(table.frame[late[0]].notna().to_numpy().argmax())
        raise ValueError(f"{table.place(row)} has {late[0]}, which none of the first rows has: give it to one of them.")
    found = np.full((len(table.frame), len(layout.series)), np.nan)
    for number, name in enumerate(layout.series):
        if name not in table.frame:  # rows of JSON leave out what is missing
            continue
        try:
            found[:, number] = numbers(table, name)
        except ValueError as error:
            if layout.titles is None:
                raise
            rejected.setdefault(name, str(error))
    return found


def empty(series: Sequence[str], y: np.ndarray) -> list[str]:
    """The columns of (rows, series) without a value."""
    return [name for name, is_empty in zip(series, np.isnan(y).all(axis=0)) if is_empty]
