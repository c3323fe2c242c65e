"""The grid of a series: which step leads from one time to the next, and which times lie on it.

Times are a pandas index: whole numbers, or a DatetimeIndex. Steps of a day and longer go by the calendar, in the time
zone of the index, so that a day has 23 or 25 hours where clocks change; shorter ones have one length.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

Step = int | pd.Timedelta | pd.DateOffset  # from one time to the next
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ROUNDINGS = {"us": 1_000, "ms": 1_000_000}  # nanoseconds that jitter is rounded to
JITTER = 1_000  # a step is at least so many times as long as the rounding
NEARLY_ALL = 0.8  # of the steps have a row: evidence that a weekday is closed
MANY_DAYS = 20  # rows, none of them on a weekend: evidence without the above,
SOME = 0.25  # if so many of the steps have a row, or most steps are of one day; a day of each month is no working day


class Grid(NamedTuple):
    """Regular times, and where the rows of a series are among them."""

    start: int | pd.Timestamp
    step: Step
    place: np.ndarray
    """int64, the step of each row; rising from 0."""


def fit(times: pd.Index, usual: Step | None = None) -> Grid | None:
    """The grid on which times lie; what lies between is a missing step.

    The step is the most common one, of which all are multiples: months, business days, days, or any length. Stamps that
    are off by less than a millisecond, and by little against the step, are rounded.

    Args:
        times: rising, without repetition.
        usual: the step of other series, for a series too short to tell its own.

    Returns:
        Grid, or None where there is none.
    """
    if usual is not None and (grid := _placed(times, usual)) is not None:
        return grid
    if len(times) < 2:
        return None
    try:
        return _found(times)
    except pd.errors.OutOfBoundsTimedelta:  # a stray time: 292 years, the most that nanoseconds hold
        return None


def _found(times):
    for stamps, shortest in _rounded(times):
        for step in _candidates(stamps):
            if isinstance(step, pd.Timedelta) and step.as_unit("ns").value < shortest:
                continue
            if (grid := _placed(stamps, step)) is not None:
                return grid
    return _uneven(times) if isinstance(times, pd.DatetimeIndex) else None


def times_at(start: int | pd.Timestamp, step: Step, places: np.ndarray) -> pd.Index:
    """The times that lie `places` steps after `start`.

    A local time that the clocks leave out is the first one after it; of one that they show twice it is the first.

    Args:
        start: the time of step 0.
        step: from one time to the next.
        places: rising whole numbers from 0.
    """
    places = np.asarray(places, "int64")
    if isinstance(step, (int, np.integer)):
        return pd.Index(int(start) + int(step) * places, dtype="int64")
    start = pd.Timestamp(start)
    if isinstance(step, pd.Timedelta):
        unit = pd.Timedelta(1, start.unit).as_unit("ns").value
        ticks = (places * step.as_unit("ns").value + unit // 2) // unit
        utc = start.tz_convert("UTC").tz_localize(None) if start.tz else start
        index = pd.DatetimeIndex(utc.to_datetime64() + ticks.astype(f"timedelta64[{start.unit}]"))
        return index.tz_localize("UTC").tz_convert(start.tz) if start.tz else index
    wall = start.tz_localize(None)
    first = wall.to_datetime64().astype("datetime64[D]")
    if _is_days(step):
        days = first + places * step.kwds["days"]
    elif "months" in step.kwds:
        months = first.astype("datetime64[M]") + places * step.kwds["months"]
        last = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype("int64")
        days = months.astype("datetime64[D]") + np.minimum(step.kwds.get("day", wall.day), last) - 1
    elif isinstance(step, pd.offsets.CustomBusinessDay):
        days = np.busday_offset(first, places * step.n, roll="forward", weekmask=step.weekmask)
    else:  # an offset that only pandas knows
        count = int(places[-1]) + 1 if len(places) else 0
        days = pd.date_range(wall, periods=count, freq=step)[places].to_numpy().astype("datetime64[D]")
    clock = wall.to_datetime64() - first
    index = pd.DatetimeIndex((days + clock).astype(f"datetime64[{start.unit}]"))
    return index.tz_localize(start.tz, ambiguous=np.ones(len(index), bool), nonexistent="shift_forward")


def seasons_of(step: Step) -> tuple[int, ...]:
    """Lengths in steps of the seasons that a step suggests: a day and a week of hours, a week of days, a year of
    weeks or months.

    The short one is what MASE is scaled by (Makridakis et al. 2020, M4).
    """
    if isinstance(step, (int, np.integer)):
        return ()
    if isinstance(step, pd.Timedelta):
        day = pd.Timedelta(days=1) / step
        return (int(day), 7 * int(day)) if day > 1 and day == int(day) else (7,) if day == 1 else ()
    if isinstance(step, pd.offsets.CustomBusinessDay):
        return (len(step.weekmask.split()),)
    if _is_days(step):
        return {1: (7,), 7: (52,)}.get(step.kwds["days"], ())
    months = step.kwds.get("months", step.n if "Month" in type(step).__name__ else 0)
    return (12 // months,) if months and months < 12 and 12 % months == 0 else ()


def _is_days(step):
    return "days" in step.kwds


def _placed(times, step):
    """The grid of a step from the first time on, or None where not all times lie on it."""
    if isinstance(step, int) != (not isinstance(times, pd.DatetimeIndex)):
        return None
    if isinstance(step, int):
        place = (times.to_numpy() - times[0]) // step
    elif isinstance(step, pd.Timedelta):
        place = _elapsed(times) // step.as_unit("ns").value
    else:
        days, _ = _days_and_clock(times)
        if _is_days(step):
            place = (days - days[0]) // step.kwds["days"]
        elif isinstance(step, pd.offsets.CustomBusinessDay):
            dates = days.astype("datetime64[D]")
            place = np.busday_count(dates[0], dates, weekmask=step.weekmask) // step.n
        else:
            months = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
            place = (months - months[0]) // step.kwds.get("months", step.n)
    if np.any(np.diff(place) < 1):
        return None
    grid, full = Grid(times[0], step, place), times_at(times[0], step, place)
    if not isinstance(step, (int, pd.Timedelta)):  # two instants may have one local time, where clocks are set back
        full, times = full.tz_localize(None), times.tz_localize(None)
    return grid if full.equals(times) else None


def _elapsed(times):
    """Nanoseconds since the first time."""
    return (times - times[0]).as_unit("ns").asi8


def _days_and_clock(times):
    """Of local times the days since 1970, and the nanoseconds since midnight; int64."""
    wall = times.tz_localize(None)
    midnight = wall.normalize()
    return midnight.to_numpy().astype("datetime64[D]").astype("int64"), (wall - midnight).as_unit("ns").asi8


def _rounded(times) -> Iterator[tuple[pd.Index, int]]:
    """Times as they are and rounded, each with the shortest step, in nanoseconds, that may be read from them."""
    yield times, 0
    if isinstance(times, pd.DatetimeIndex):
        for unit, size in ROUNDINGS.items():
            if times.tz is None:
                yield times.round(unit), JITTER * size
            else:
                yield times.tz_convert("UTC").round(unit).tz_convert(times.tz), JITTER * size


def _candidates(times) -> Iterator[Step]:
    if not isinstance(times, pd.DatetimeIndex):
        step = _usual(np.diff(times.to_numpy()))
        if step is not None:
            yield step
        return
    days, clock = _days_and_clock(times)
    values, counts = np.unique(clock, return_counts=True)
    # Clocks that are set on leave out the local time of some days, and their stamps have the next one.
    if len(values) == 1 or (times.tz is not None and counts.max() > NEARLY_ALL * len(times)):
        yield from _months(days)
        yield from _days(days)
    if len(values) > 1:
        step = _usual(np.diff(_elapsed(times)))
        if step is not None:
            yield pd.Timedelta(step, "ns")


def _usual(steps):
    """The most common step if all are multiples of it, else None."""
    if not len(steps) or steps.min() < 1:
        return None
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[counts.argmax()])
    return None if np.any(steps % usual) else usual


def _months(days):
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    count = _usual(np.diff(months.astype("int64")))
    if count is None:
        return
    day = (dates - months).astype("int64") + 1
    last = ((months + 1).astype("datetime64[D]") - months).astype("int64")
    yield pd.DateOffset(months=count, day=31 if np.all(day == last) else int(day.max()))  # 31: the month's last day
    if len(days) > 2:
        yield pd.offsets.BMonthBegin(count)
        yield pd.offsets.BMonthEnd(count)
        yield from _weekdays_of_months(days, day, last, count)


def _weekdays_of_months(days, day, last, count):
    """Steps like from one third Friday to the next, and from one last; four weeks each, they are days."""
    weekday, week = (days + 3) % 7, (day - 1) // 7  # 1970 began on a Thursday
    if np.ptp(weekday) or _usual(np.diff(days)) is not None:
        return
    if np.all(day > last - 7):
        yield pd.offsets.LastWeekOfMonth(count, weekday=int(weekday[0]))
    if not np.ptp(week) and week[0] < 4:
        yield pd.offsets.WeekOfMonth(count, week=int(week[0]), weekday=int(weekday[0]))


def _days(days):
    count = _usual(np.diff(days))
    closed = _closed(days, count)
    if closed.any() and count in (None, 1):
        yield pd.offsets.CustomBusinessDay(weekmask=" ".join(np.array(WEEKDAYS)[~closed]))
    if count is not None:
        yield pd.DateOffset(days=count)


def _closed(days, count):
    """Which weekdays, Monday first, never have a row because nothing happens on them; bool (7,).

    Args:
        days: of the rows, since 1970.
        count: days of the usual step, None where not all are multiples of it.
    """
    weekday = (days + 3) % 7  # 1970 began on a Thursday
    span = int(days[-1] - days[0]) + 1
    passed = (span + 6 - (np.arange(7) - weekday[0]) % 7) // 7  # how often each weekday came by
    absent = np.bincount(weekday, minlength=7) == 0
    weekend = absent[5] and absent[6] and passed[5] > 0 and passed[6] > 0
    closed = absent & (passed > 2)
    closed[5:] |= weekend
    rows_expected = passed[~closed].sum()
    if len(days) >= NEARLY_ALL * rows_expected:
        return closed
    many = weekend and len(days) >= MANY_DAYS and (count == 1 or len(days) >= SOME * rows_expected)
    return np.isin(np.arange(7), (5, 6)) if many else np.zeros(7, bool)


def _uneven(times):
    """The grid of stamps that are rounded themselves, like thirds of a second in milliseconds."""
    elapsed = _elapsed(times)
    resolution = next(size for size in (10**9, *reversed(ROUNDINGS.values()), 1) if not np.any(elapsed % size))
    steps = np.diff(elapsed)
    if len(steps) < 3 or resolution == 10**9 or np.median(steps) < 10 * resolution:
        return None
    place = np.concatenate([[0], np.cumsum(np.rint(steps / np.median(steps)).astype("int64"))])
    if np.any(np.diff(place) < 1):
        return None
    step = round(np.polyfit(place, elapsed, 1)[0])
    if np.any(abs(elapsed - place * step) > resolution + place):  # a nanosecond a step, which the step is rounded to
        return None
    return Grid(times[0], pd.Timedelta(step, "ns"), place)
