"""Whole numbers in the column `ds`: dates of so many digits, seconds since 1970, or plain numbers."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.texts import CENTURY

DIGITS = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
# Other dates of so many digits, or units since 1970. They are less common, and read only where their steps tell.
OTHERS = {
    4: ("%y%m",),
    5: ("%Y%q",),
    6: ("%G%V", "%y%m%d"),
    7: ("%Y%j",),
    10: ("unix[s]",),
    13: ("unix[ms]",),
    16: ("unix[us]",),
}
IN_WORDS = {
    "%y%m": "months, YYMM",
    "%Y%q": "quarters, YYYYQ",
    "%G%V": "ISO weeks, YYYYWW",
    "%y%m%d": "dates, YYMMDD",
    "%Y%j": "days of a year, YYYYDDD",
    "unix[s]": "seconds since 1970",
    "unix[ms]": "milliseconds since 1970",
    "unix[us]": "microseconds since 1970",
    **{form: f"dates, {'YYYYMMDDhhmmss'[:digits]}" for digits, form in DIGITS.items()},
}
YEARS = (1900, 2100)  # of such dates,
UNIX_YEARS = (2001, 2100)  # of seconds, which have 10 digits from then on
MISTAKES = 0.1  # of dates may be broken, and the others are dates all the same
REGULAR = 0.5  # of the steps have a row, in a reading of OTHERS


def read_numbers(
    values: np.ndarray,
    missing: np.ndarray,
    place: Callable[[int], str],
    regularity: Callable[[pd.Index, np.ndarray], float],
) -> tuple[pd.Index, str | None]:
    """Times of whole numbers, and the form in which they are written, see `written`; None for plain numbers.

    Args:
        values: int64, one a row.
        missing: bool, one a row.
        place: number of a row -> the words for it.
        regularity: of a reading: (times of all rows, which are missing) -> the share of the steps that have a row.

    Raises:
        ValueError: a number that is no date, where the others are.
    """
    numbers = pd.Index(values, dtype="int64")
    seen = values[~missing]
    if not len(seen):
        return numbers, None
    usual = int(np.sort(seen)[len(seen) // 2])
    digits, example = len(str(usual)), int(seen[0])
    first, as_numbers = int(np.argmin(missing)), regularity(numbers, missing)
    form, broken = DIGITS.get(digits), np.arange(0)
    if form is not None and YEARS[0] <= usual // 10 ** (digits - 4) <= YEARS[1]:
        dates = _dates(values, missing, form)
        broken = np.flatnonzero(dates.isna() & ~missing)
        if not len(broken):
            as_dates = regularity(dates, missing)
            if as_dates == as_numbers:
                _warn_of_dates(form, example, dates[first])
            return (dates, form) if as_dates >= as_numbers else (numbers, None)
        if len(broken) <= MISTAKES * len(seen):
            raise _refusal(values, broken[0], example, place)
    readings = {other: _dates(values, missing, other) for other in OTHERS.get(digits, ())}
    readings = {other: dates for other, dates in readings.items() if not dates[~missing].hasnans}
    shares = {other: regularity(dates, missing) for other, dates in readings.items()}
    for other in sorted(shares, key=shares.get, reverse=True)[:1]:
        clear = shares[other] > as_numbers and shares[other] >= REGULAR
        if clear or (other.startswith("unix") and shares[other] == as_numbers):
            _warn_of_dates(other, example, readings[other][first])
            return readings[other], other
    if len(broken) and as_numbers < 1 and 2 * len(broken) <= len(seen):
        raise _refusal(values, broken[0], example, place)
    possible = [
        f"{IN_WORDS[other]}, {example} is {dates[first].date()}"
        for other, dates in readings.items()
        if other != "%y%m"  # 2001 is a year
    ]
    if possible:
        _warn_of_numbers(f"As {' or '.join(possible)}: give such dates")
    elif 0 < len(broken) < len(seen):
        _warn_of_numbers(f"As {IN_WORDS[form]}, {values[broken[0]]} is none: give dates like 2026-01-31")
    return numbers, None


def written(times: pd.DatetimeIndex, form: str) -> pd.Index:
    """Times as whole numbers of a form, "%Y%m" or "unix[s]" for two."""
    if form.startswith("unix"):
        return pd.Index(times.as_unit(form[5:-1]).asi8)
    if form == "%Y%q":
        return pd.Index(10 * times.year.to_numpy("int64") + times.quarter)
    return pd.Index(times.strftime(form).astype("int64"))


def _dates(values, missing, form):
    """The times of whole numbers, NaT for those that are none."""
    unique, rows = np.unique(values, return_inverse=True)
    if form.startswith("unix"):
        unit = form[5:-1]
        first, end = (np.datetime64(str(year), unit).astype("int64") for year in UNIX_YEARS)
        within = (unique >= first) & (unique < end)
        times = pd.DatetimeIndex(np.where(within, unique, first).astype(f"datetime64[{unit}]"))
        return times.where(within).take(rows).where(~missing)
    texts = pd.Index(unique.astype(str))
    if form == "%Y%q":
        months = texts.str[:4] + (3 * (unique % 10) - 2).astype(str)
        times = pd.to_datetime(months, format="%Y%m", errors="coerce")
    elif form == "%G%V":
        times = pd.to_datetime(texts + "1", format="%G%V%u", errors="coerce")
    else:
        times = pd.to_datetime(texts, format=form, errors="coerce")
    times = pd.DatetimeIndex(times)
    times = times.where((times.year >= YEARS[0]) & (times.year <= (CENTURY - 1 if "%y" in form else YEARS[1])))
    known = times.notna()
    # Digits that would be read in another way are no date.
    known[known] = written(times[known], form) == unique[known]
    return times.where(known).take(rows).where(~missing)


def _refusal(values, row, example, place):
    return ValueError(
        f"{place(int(row))} of the column ds is no date, as other rows are, {example} for one. Received: {values[row]}"
    )


def _warn_of_dates(form, example, time):
    warnings.warn(
        f"The whole numbers in the column ds are read as {IN_WORDS[form]}, and answered as such. "
        f"Received: {example}, which is {time}",
        stacklevel=2,
    )


def _warn_of_numbers(hint):
    warnings.warn(
        f"The whole numbers in the column ds are read as plain numbers, each step as long as the other. {hint}.",
        stacklevel=2,
    )
