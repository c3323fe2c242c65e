"""The time zone of stamps that tell their offset from UTC, but not its name."""

import datetime
import zoneinfo
from collections.abc import Iterator

import numpy as np
import pandas as pd

# Asked first: of zones with the same clocks, the one that most people know.
COMMON = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Sydney",
)
MAX_CHANGES = 500  # of offset; more are the mixed stamps of several zones


def zone_of(utc: pd.DatetimeIndex, offsets: np.ndarray) -> datetime.tzinfo | None:
    """The time zone whose clocks show these offsets at these times; a fixed one where there is one offset.

    Args:
        utc: times in UTC.
        offsets: seconds that local time is ahead of UTC, int64, one a time.

    Returns:
        A time zone, or None where no zone has them all.
    """
    if np.ptp(offsets) == 0:
        return datetime.timezone(datetime.timedelta(seconds=int(offsets[0]))) if offsets[0] else datetime.UTC
    order = np.argsort(utc.asi8)
    changes = np.flatnonzero(np.diff(offsets[order]))
    if len(changes) > MAX_CHANGES:
        return None
    around = order[np.unique(np.concatenate([[0], changes, changes + 1, [len(order) - 1]]))]
    instants = [(utc[number].to_pydatetime(warn=False), int(offsets[number])) for number in around]
    for zone in all_zones():
        if all(instant.astimezone(zone).utcoffset().total_seconds() == offset for instant, offset in instants):
            local = utc.tz_convert(zone)
            ahead = (local.tz_localize(None) - utc.tz_localize(None)) // pd.Timedelta(seconds=1)
            if np.array_equal(ahead, offsets):
                return zone
    return None


def all_zones() -> Iterator[zoneinfo.ZoneInfo]:
    """Every time zone, those that most people know first."""
    for name in (*COMMON, *sorted(zoneinfo.available_timezones())):
        yield zoneinfo.ZoneInfo(name)
