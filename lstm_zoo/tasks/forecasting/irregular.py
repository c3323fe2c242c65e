"""Why the rows of a series are on no grid, in words that name the rows."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.grid import Grid

NAMED = 3  # rows that a message names
MAX_GAPS = 20  # steps of a grid for each row of it, in one of more than
MAX_STEPS = 10_000
MONTH = pd.Timedelta(days=28)


def differing(times: pd.Index, words: Callable[[int], str]) -> str:
    """Why rising times are on no grid.

    Args:
        times: of the rows, in their order.
        words: number of a time -> the words for its row.
    """
    stamps = isinstance(times, pd.DatetimeIndex)
    ways = [times]
    if stamps and times.tz is not None:  # of instants, and of local clocks
        ways = [times.tz_convert("UTC").tz_localize(None), times.tz_localize(None)]
    steps, odd = min((_odd_steps(way) for way in ways), key=lambda both: len(both[1]))
    values, counts = np.unique(steps, return_counts=True)
    usual = pd.Timedelta(values[counts.argmax()]) if stamps else values[counts.argmax()]
    if stamps and usual >= MONTH and len(days := _odd_days(times)) < len(odd):
        odd = days - 1
        usual = "a number of months"
    rows = [
        f"{words(number + 1)} ({times[number + 1]}) is {steps[number] if not stamps else pd.Timedelta(steps[number])} "
        "after the time before it"
        for number in odd[:NAMED]
    ]
    more = f", and {len(odd) - NAMED} more" if len(odd) > NAMED else ""
    return (
        "the steps from one time to the next differ, and are not multiples of the usual one, "
        f"{usual}: {'; '.join(rows)}{more}"
    )


def _odd_steps(times):
    """The steps, and which of them are no multiple of the usual one; where all are, those that are another."""
    steps = np.diff(times.to_numpy())
    sizes = steps.astype("int64")
    values, counts = np.unique(sizes, return_counts=True)
    usual = values[counts.argmax()]
    odd = np.flatnonzero(sizes % usual) if usual else np.arange(0)
    return steps, odd if len(odd) else np.flatnonzero(sizes != usual)


def _odd_days(times):
    """Which of monthly times have another day of the month than most; the first never is."""
    days = times.day.to_numpy()
    usual = np.bincount(days).argmax()
    odd = np.flatnonzero((days != usual) & ~(times.is_month_end & (days < usual)))
    return odd[odd > 0]


def stray(times: pd.Index, grid: Grid, words: Callable[[int], str]) -> str | None:
    """Why a grid is too long for its rows, as a time of another century makes it; None: it is not."""
    steps = int(grid.place[-1]) + 1
    if steps <= MAX_STEPS or steps <= MAX_GAPS * len(times):
        return None
    widest = int(np.diff(grid.place).argmax())
    return (
        f"its {len(times)} rows would be {steps:,} steps, nearly all of them missing: between "
        f"{words(widest)} ({times[widest]}) and {words(widest + 1)} ({times[widest + 1]}) lie "
        f"{int(grid.place[widest + 1] - grid.place[widest]):,}"
    )


def rows_in_words(rows: Sequence[int], place: Callable[[int], str]) -> str:
    """The first of some rows, in words."""
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{'; '.join(place(int(row)) for row in rows[:NAMED])}{more}"
