"""irregular.py: the rows that break a grid, in words."""

import numpy as np
import pandas as pd
import pytest

from lstm_zoo.tasks.forecasting import grid, irregular


def words(number):
    return f"Row {number}"


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (
            pd.DatetimeIndex(["2026-01-01 00:00", "2026-01-01 01:00", "2026-01-01 02:00", "2026-01-01 02:30"]),
            r"usual one, 0 days 01:00:00: Row 3 \(2026-01-01 02:30:00\) is 0 days 00:30:00 after the time before it$",
        ),
        (
            pd.DatetimeIndex(
                np.array(["2026-01-01T01:30", "2026-01-01T02:30", "2026-01-01T03:30", "9999-12-31T00:00"], "M8[s]")
            ),
            r"usual one, 0 days 01:00:00: Row 3 \(9999-12-31 00:00:00\) is 2912441 days 20:30:00 after",
        ),
        (
            pd.DatetimeIndex(["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-02", "2026-05-01"]),
            r"a number of months: Row 3 \(2026-04-02 00:00:00\) is 32 days 00:00:00 after the time before it$",
        ),
        (
            pd.Index([0, 2, 4, 5, 8, 11, 14.0]).astype("int64"),
            r"usual one, 3: Row 1 \(2\) is 2 after .* \(5\) is 1 after",
        ),
        (pd.Index([0, 2, 4, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20]), r"Row 5 \(9\) is 1 .*, and 1 more$"),
        (
            pd.date_range("2026-03-27", periods=4, freq="D", tz="Europe/Berlin").append(
                pd.DatetimeIndex(["2026-03-31 05:00"]).tz_localize("Europe/Berlin")
            ),
            r"Row 4 \(2026-03-31 05:00:00\+02:00\) is .* after the time before it$",
        ),
    ],
)
def test_the_first_rows_that_break_the_grid_are_named(times, message):
    assert grid.fit(times) is None
    with pytest.raises(ValueError, match=message):
        raise ValueError(irregular.differing(times, words))


def test_a_stray_time_is_named_and_no_grid_is_made():
    seconds = pd.date_range("2026-01-01", periods=1000, freq="s")
    for times, steps in (
        (pd.DatetimeIndex(["1970-01-01"]).append(seconds), "1,767,226,600"),
        (pd.DatetimeIndex(["1970-01-01"]).append(pd.date_range("2026-01-01", periods=800)), "21,254"),
        (pd.Index([0, *range(10**9, 10**9 + 50)]), "1,000,000,050"),
    ):
        reason = irregular.stray(times, grid.fit(times), words)
        assert (
            f"rows would be {steps} steps, nearly all of them missing: between Row 0 ({times[0]}) and Row 1" in reason
        )


@pytest.mark.parametrize("kept", [np.arange(0, 9000, 7), np.r_[np.arange(600), 12_000 + np.arange(600)]])
def test_gaps_are_no_strays(kept):
    times = pd.date_range("2020-01-01", periods=20_000, freq="h")[kept]
    assert irregular.stray(times, grid.fit(times), words) is None


@pytest.mark.parametrize("weekday", range(7))
def test_a_calendar_of_four_and_five_weeks_is_named(weekday):
    days = pd.Timestamp("2026-01-05") + pd.to_timedelta(weekday + np.cumsum([28, 28, 35] * 8), unit="D")
    assert "as of a 4-4-5 calendar, have no one length: give whole numbers" in irregular.differing(days, words)


@pytest.mark.parametrize("freq", ["D", "MS", "B"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("naive", [True, False])
def test_midnights_in_utc_are_told_their_zone(freq, zone, naive):
    times = pd.date_range("2026-01-01", periods=300, freq=freq, tz=zone).tz_convert("UTC")
    ds = pd.Series(times.tz_localize(None) if naive else times)
    reason = irregular.differing(pd.DatetimeIndex(ds), words)
    hint = f"ds.dt{'.tz_localize(' + repr('UTC') + ').dt' if naive else ''}.tz_convert('{zone}')"
    assert f"In UTC they are the midnights of {zone}: {hint} are days there" in reason
    assert ": ." not in reason
    assert grid.fit(pd.DatetimeIndex(eval(hint, {"ds": ds}))) is not None


def test_other_times_are_told_no_zone():
    times = pd.DatetimeIndex(["2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 00:00", "2026-01-03 07:30"])
    assert "UTC" not in irregular.differing(times, words)
