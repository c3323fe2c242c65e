"""Time stamps in texts: which formats are read, and which of two possible readings is meant."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from lstm_zoo.tasks.forecasting.zones import zone_of

EXPECTED = "ISO 8601 is expected, like 2026-01-31, 2026-01-31T12:30 or 2026-01-31T12:30+01:00"
CENTURY = 2050  # years of two digits are from 1969 on, and from this one on not clear: 65 may be 1965
CLEARLY = 0.5  # another reading may be at most so regular, against the best one

OFFSET = r"Z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
ISO = re.compile(
    r"\d{4}-\d{1,2}(?:-\d{1,2}(?:[T ]\d{1,2}(?::\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?)?)?(?P<offset> ?(?:" + OFFSET + r"))?"
    r"|\d{8}T\d\d(?:\d\d(?:\d\d(?:[.,]\d{1,9})?)?)?(?P<compact>" + OFFSET + r")?",
    re.ASCII,
)
CLOCK = (
    r"(?P<gap>T|,? +)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?P<second>:\d\d)?(?P<fraction>[.,]\d{1,9})?"
    r"(?P<half> ?[AaPp][Mm])?"
)
NUMERIC = re.compile(
    rf"(?P<one>\d{{1,4}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark)(?P<three>\d{{1,4}})(?:{CLOCK})?", re.ASCII
)
MONTH = re.compile(r"(?:(?P<month>\d{1,2})[-/.](?P<year>\d{4})|\d{4}(?:[/.]|[ -]?M)\d{1,2})", re.ASCII)
NAMED = re.compile(rf"(?=.*\d)(?P<date>[^:]*[A-Za-z]{{3}}[^:]*?)(?:{CLOCK})?", re.ASCII)
QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])|[Qq]([1-4])[- /]?(\d{4})", re.ASCII)
WEEK = re.compile(r"\d{4}-W\d\d(?P<day>-[1-7])?", re.ASCII)
YEARS = re.compile(r"(\d\d(\d\d))[-/](\d\d)", re.ASCII)  # 2001-02, which is a month too
NAMES = [
    form.format(name)
    for name in ("%b", "%B")
    for form in (
        *("%d {} %Y", "%d-{}-%Y", "%d-{}-%y", "%d. {} %Y", "{} %d, %Y", "{} %d %Y"),
        *("{} %Y", "{}-%Y", "{}-%y", "%Y {}", "%Y-{}", "%Y-{}-%d"),
    )
]

Place = Callable[[int], str]  # number of a text -> where it stands, for messages
Regularity = Callable[[pd.Index], float]  # a reading of the texts -> share of the steps that have a row


def read_texts(texts: Sequence[str], place: Place, regularity: Regularity) -> pd.DatetimeIndex:
    """Times that texts stand for: one format, that of the first, holds for all.

    Where two readings are possible, days or months first, the one is taken, and said, whose steps are regular.

    Args:
        texts: different ones, in the order of their first rows.
        place: where a text stands.
        regularity: of a reading.

    Raises:
        ValueError: a text that is no date of the first one's format; two readings that are as good.
    """
    texts = [text.strip() for text in texts]
    _check_years(texts)
    pattern, read = next(both for both in READERS if both[0].fullmatch(texts[0]) or both[0] is NAMED)
    matches = [pattern.fullmatch(text) for text in texts]
    if None in matches:
        raise _refusal(texts, matches.index(None), place)
    readings = list(read(texts, matches, place))
    valid = [(said, times) for said, times in readings if not times.hasnans]
    if not valid:
        best = min((times for _, times in readings), key=lambda times: times.isna().sum(), default=None)
        raise _refusal(texts, 0 if best is None else int(best.isna().argmax()), place)
    return _chosen(texts, valid, regularity)


def is_date(text: str) -> bool:
    """Whether a text looks like a date of one of the formats that are read."""
    for pattern, read in READERS:
        if match := pattern.fullmatch(text.strip()):
            return any(not times.hasnans for _, times in read([text.strip()], [match], str))
    return False


def _chosen(texts, valid, regularity):
    """The reading that is regular, where they differ."""
    (said, times), *others = valid
    if all(times.equals(other) for _, other in others):
        return times
    scores = [regularity(reading) for _, reading in valid]
    best = int(np.argmax(scores))
    said, times = valid[best]
    rest = [name for number, (name, _) in enumerate(valid) if number != best]
    if max(score for number, score in enumerate(scores) if number != best) > CLEARLY * scores[best]:
        raise ValueError(
            f"The column ds can be read as {' or '.join(name for name, _ in valid)}. {EXPECTED}. Received: {texts[0]!r}"
        )
    warnings.warn(
        f"The column ds is read as {said}, whose steps are regular; {' and '.join(rest)} would leave gaps. "
        f"Received: {texts[0]!r}",
        stacklevel=2,
    )
    return times


def _check_years(texts):
    """Raise a ValueError for years that go from one into the next: 2001-02, 2002-03."""
    years = [YEARS.fullmatch(text) for text in texts]
    if len(texts) > 1 and all(year and (int(year[2]) + 1) % 100 == int(year[3]) for year in years):
        raise ValueError(
            f"The column ds can be read as years, {years[0][1]} to {years[0][3]}, or as months, a year and a month "
            f"apart. The year in which each begins, {years[0][1]}, or the date is expected. "
            f"Received: {texts[0]!r}, {texts[1]!r}"
        )


def _refusal(texts, number, place):
    like = f", and the same format in all rows; the first is {texts[0]!r}" if number else ""
    return ValueError(f"{place(number)} of the column ds is no date. {EXPECTED}{like}. Received: {texts[number]!r}")


def _parsed(texts, form):
    times = pd.DatetimeIndex(pd.to_datetime(list(texts), format=form, errors="coerce"))
    return times.where(times.year < CENTURY) if "%y" in form else times


def _iso(texts, matches, place):
    offsets = [(match["offset"] or match["compact"] or "").strip() for match in matches]
    if not any(offsets):
        yield "ISO 8601", _parsed([text.replace(",", ".") for text in texts], "ISO8601")
        if numeric := NUMERIC.fullmatch(texts[0]):  # "2026-1-5 7:30" is nearly ISO
            yield from _numeric(texts, [numeric], place)
        return
    if "" in offsets:
        number = offsets.index("") if offsets[0] else next(number for number, text in enumerate(offsets) if text)
        raise ValueError(
            f"{place(number)} of the column ds: all time stamps have an offset from UTC, or none. "
            f"Received: {texts[number]!r}, the first is {texts[0]!r}"
        )
    plain = [re.sub(" ?(UTC|GMT)$", "Z", text).replace(",", ".") for text in texts]
    utc = pd.DatetimeIndex(pd.to_datetime(plain, format="ISO8601", errors="coerce", utc=True))
    if utc.hasnans:
        yield "ISO 8601", utc
        return
    seconds = {text: _seconds(text) for text in set(offsets)}
    zone = zone_of(utc, np.array([seconds[text] for text in offsets], "int64"))
    if zone is None:
        warnings.warn(
            "The offsets in the column ds are those of no one time zone: the times are read and answered in UTC, where "
            "a day has 24 hours.",
            stacklevel=2,
        )
    elif len(set(seconds.values())) > 1:
        warnings.warn(f"The offsets in the column ds are read as those of the time zone {zone}.", stacklevel=2)
    yield "ISO 8601", utc if zone is None else utc.tz_convert(zone)


def _seconds(offset):
    if offset in ("Z", "UTC", "GMT"):
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return (1 if offset[0] == "+" else -1) * (3600 * int(digits[:2]) + 60 * int(digits[2:]))


def _clock(match):
    """The format of the time of day behind a date; "" for none."""
    if match["hour"] is None:
        return ""
    seconds = "" if match["second"] is None else ":%S"
    fraction = "" if match["fraction"] is None else f"{match['fraction'][0]}%f"
    half = "" if match["half"] is None else match["half"][:-2] + "%p"
    return f"{match['gap']}{'%I' if half else '%H'}:%M{seconds}{fraction}{half}"


def _numeric(texts, matches, place):
    first = matches[0]
    mark = first["mark"]
    if len(first["one"]) == 4:
        orders = {"year, month, day": "%Y{0}%m{0}%d"}
    elif len(first["three"]) == 4:
        orders = {"day, month, year": "%d{0}%m{0}%Y", "month, day, year": "%m{0}%d{0}%Y"}
        if mark == ".":  # nobody writes months first with dots
            del orders["month, day, year"]
    else:
        orders = {"day, month, year": "%d{0}%m{0}%y", "month, day, year": "%m{0}%d{0}%y"}
        orders["year, month, day"] = "%y{0}%m{0}%d"
    for said, form in orders.items():
        yield said, _parsed(texts, form.format(mark) + _clock(first))


def _month(texts, matches, place):
    mark = re.search(r"\D+", texts[0]).group()
    yield "months", _parsed(texts, f"%m{mark}%Y" if matches[0]["month"] else f"%Y{mark}%m")


def _named(texts, matches, place) -> Iterator[tuple[str, pd.DatetimeIndex]]:
    for form in NAMES:
        form += _clock(matches[0])
        if not _parsed(texts[:1], form).hasnans:
            yield form, _parsed(texts, form)


def _quarter(texts, matches, place):
    quarters = [f"{match[1] or match[4]}Q{match[2] or match[3]}" for match in matches]
    yield "quarters", pd.PeriodIndex(quarters, freq="Q").to_timestamp()


def _week(texts, matches, place):
    days = [text if match["day"] else f"{text}-1" for text, match in zip(texts, matches)]
    yield "weeks", _parsed(days, "%G-W%V-%u")


# What a column may look like -> its readings; the first that the first text looks like, or names of months.
READERS = ((ISO, _iso), (NUMERIC, _numeric), (MONTH, _month), (QUARTER, _quarter), (WEEK, _week), (NAMED, _named))
