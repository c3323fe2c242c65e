"""Why the rows of a series are on no grid, in words that name the rows."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.grid import Grid, Step, fit
from lstm_zoo.tasks.forecasting.zones import MAX_CHANGES, all_zones

NAMED = 3  # rows that a message names
MAX_GAPS = 20  # steps of a grid for each row of it, in one of more than
MAX_STEPS = 10_000
MONTH = pd.Timedelta(days=28)
FEW = 5  # rows, which may be far apart
SPARSE = 0.25  # of the steps have a row: perhaps another step was meant
WEEKS = pd.to_timedelta([28, 35, 42], unit="D")  # of the periods of a 4-4-5 calendar; six in a year of 53 weeks


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
    if stamps and usual >= MONTH and 0 < len(days := _odd_days(times)) < len(odd):
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
        f"{usual}: {'; '.join(rows)}{more}{_hint(times, steps) if stamps else ''}"
    )


def _hint(times, steps):
    """What may have been meant; "" where nobody knows."""
    if np.isin(steps, WEEKS).all() and len(set(steps)) > 1:
        return ". Periods of 4 and 5 weeks, as of a 4-4-5 calendar, have no one length: give whole numbers, 1, 2, 3"
    zone = _zone_of_midnights(times.tz_convert("UTC") if times.tz else times.tz_localize("UTC"))
    if zone is None:
        return ""
    kind = "ds.dt" if times.tz else "ds.dt.tz_localize('UTC').dt"
    return f". In UTC they are the midnights of {zone}: {kind}.tz_convert('{zone}') are days there"


def _zone_of_midnights(utc):
    """The time zone in which all times are midnights and lie on a grid; None: there is none."""
    clock = (utc - utc.normalize()).asi8
    changes = np.flatnonzero(np.diff(clock))
    some = utc[np.unique(np.concatenate([[0], changes, changes + 1]))[:MAX_CHANGES]]
    for zone in all_zones():
        if _are_midnights(some.tz_convert(zone)) and _are_midnights(local := utc.tz_convert(zone)) and fit(local):
            return zone
    return None


def _are_midnights(times):
    wall = times.tz_localize(None)
    return wall.equals(wall.normalize())


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


def is_sparse(grid: Grid) -> bool:
    """Whether nearly all steps of a grid lack a row."""
    return FEW < len(grid.place) < SPARSE * (int(grid.place[-1]) + 1)


def gaps_in_words(times: pd.Index, grid: Grid, words: Callable[[int], str]) -> str:
    """How many steps of a grid have a row, and the first that are missing."""
    gaps = np.diff(grid.place)
    rows = [f"{words(row + 1)} ({times[row + 1]}) is {gaps[row]}" for row in np.flatnonzero(gaps > 1)[:NAMED]]
    return (
        f"{len(times)} rows on {int(grid.place[-1]) + 1:,} steps of {step_in_words(grid.step)}: {', '.join(rows)} "
        "steps after the row before it"
    )


def step_in_words(step: Step) -> str:
    """A step, for messages."""
    if isinstance(step, pd.offsets.CustomBusinessDay):
        return f"a day of {step.weekmask}"
    if type(step) is pd.DateOffset:
        return ", ".join(f"{step.kwds[unit]} {unit}" for unit in ("months", "days") if unit in step.kwds)
    return str(step)


def rows_in_words(rows: Sequence[int], place: Callable[[int], str]) -> str:
    """The first of some rows, in words."""
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{'; '.join(place(int(row)) for row in rows[:NAMED])}{more}"
