"""grid.py: steps, and times on them."""

import numpy as np
import pandas as pd
import pytest

from lstm_zoo.tasks.forecasting import grid

BERLIN = "Europe/Berlin"


def shown(start, count, freq):
    """Local days of Cairo, where clocks are set on at midnight: a day that begins at 1 o'clock."""
    return pd.date_range(start, periods=count, freq=freq).tz_localize("Africa/Cairo", nonexistent="shift_forward")


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("h", (24, 168)),
        ("15min", (96, 672)),
        ("1500ms", (57_600, 403_200)),
        ("250ms", (345_600, 2_419_200)),
        ("33us", ()),
        ("7min", ()),
        ("D", (7,)),
        ("2D", ()),
        ("W", (52,)),
        ("B", (5,)),
        ("MS", (12,)),
        ("ME", (12,)),
        ("BMS", (12,)),
        ("BME", (12,)),
        ("QS", (4,)),
        ("QE", (4,)),
        ("YS", ()),
        ("YE", ()),
        ("WOM-3FRI", (12,)),
        ("WOM-1TUE", (12,)),
        ("3WOM-2WED", (4,)),
        (pd.offsets.LastWeekOfMonth(weekday=6), (12,)),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"])
def test_every_frequency_goes_on_as_pandas_goes_on(freq, seasons, zone):
    times = pd.date_range("2026-02-01", periods=120, freq=freq, tz=zone)
    found = grid.fit(times[:60].delete([25, 26]))
    assert found.place.tolist() == [*range(25), *range(27, 60)]
    assert grid.seasons_of(found.step) == seasons
    ahead = grid.times_at(found.start, found.step, np.arange(60, 120))
    assert ahead.equals(times[60:])
    assert ahead.dtype == times.dtype


@pytest.mark.parametrize("times", [range(5, 50, 3), range(202_601, 202_700), [-4, -2, 0, 4]])
def test_whole_numbers(times):
    index = pd.Index(times, dtype="int64")
    found = grid.fit(index)
    assert grid.times_at(found.start, found.step, found.place).equals(index)
    assert grid.seasons_of(found.step) == ()


def test_a_day_on_which_clocks_leave_out_midnight():
    days = shown("2026-04-01", 60, "D")
    assert days[23].hour == 1
    found = grid.fit(days[:40])
    assert grid.times_at(found.start, found.step, np.arange(60)).equals(days)


def test_the_same_day_of_every_month():
    times = pd.DatetimeIndex(["2026-01-30", "2026-02-28", "2026-03-30", "2026-05-30"])
    found = grid.fit(times)
    assert found.place.tolist() == [0, 1, 2, 4]
    ahead = grid.times_at(found.start, found.step, np.arange(12, 15))
    assert ahead.strftime("%m-%d").tolist() == ["01-30", "02-28", "03-30"]


@pytest.mark.parametrize("freq", ["h", "D", "MS", "B", "15min", "10s", "1s"])
@pytest.mark.parametrize("zone", [None, BERLIN])
def test_stamps_that_are_off_by_microseconds_are_rounded(freq, zone):
    times = pd.date_range("2026-03-02", periods=60, freq=freq, tz=zone)
    jitter = np.random.default_rng(0).integers(-40, 41, 60)
    found = grid.fit(times + pd.to_timedelta(jitter, unit="us"))
    assert grid.times_at(found.start, found.step, found.place).equals(times)


@pytest.mark.parametrize("rate", [3, 60, 44.1])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_rates_that_no_unit_divides(rate, unit):
    exact = pd.Timestamp("2026-01-01").as_unit("ns") + pd.to_timedelta(np.arange(400) / rate, unit="s").as_unit("ns")
    found = grid.fit(exact.round(unit)[:300].delete([7, 8]))
    assert found.place.tolist() == [*range(7), *range(9, 300)]
    off = grid.times_at(found.start, found.step, np.arange(400)) - exact
    assert abs(off).max() < pd.Timedelta(1, unit) + pd.Timedelta(400, "ns")


@pytest.mark.parametrize(
    ("weekdays", "weeks", "step"),
    [
        ([0, 1, 2, 3, 4, 5], 8, "Mon Tue Wed Thu Fri Sat"),
        ([6, 0, 1, 2, 3], 8, "Mon Tue Wed Thu Sun"),
        ([0, 2, 4], 8, "Mon Wed Fri"),
        ([0, 1, 2, 3, 4], 2, "Mon Tue Wed Thu Fri"),
    ],
)
def test_closed_weekdays(weekdays, weeks, step):
    days = pd.date_range("2026-01-05", periods=7 * (weeks + 2))
    days = days[np.isin(days.day_of_week, weekdays)]
    found = grid.fit(days[: weeks * len(weekdays)])
    assert found.step.weekmask == step
    assert grid.times_at(found.start, found.step, np.arange(len(days))).equals(days)


def test_four_weeks_are_no_month():
    times = pd.date_range("2026-02-06", periods=4, freq="28D")  # each the first Friday of a month
    assert grid.fit(times).step == pd.DateOffset(days=28)


def test_one_day_of_a_week_is_no_working_week():
    fridays = pd.Timestamp("2026-01-02") + pd.to_timedelta(np.cumsum([28, 28, 35] * 12), unit="D")
    assert grid.fit(fridays) is None


@pytest.mark.parametrize("days", [range(5), [0, 1, 4, 5, 9, 10, 16, 17], [0, 1, 2, 3, 4, 6]])
def test_too_few_rows_close_no_weekday(days):
    found = grid.fit(pd.Timestamp("2026-01-05") + pd.to_timedelta(days, unit="D"))
    assert found.step == pd.DateOffset(days=1)


def test_business_days_with_holidays():
    days = pd.bdate_range("2026-01-01", periods=80)
    kept = days[np.random.default_rng(0).permutation(80)[:40]].sort_values()
    found = grid.fit(kept)
    assert grid.times_at(found.start, found.step, found.place).equals(kept)
    assert grid.seasons_of(found.step) == (5,)


@pytest.mark.parametrize(
    "times",
    [
        ["2026-01-01 00:00", "2026-01-01 01:00", "2026-01-01 02:00", "2026-01-01 02:30", "2026-01-01 04:00"],
        ["2026-01-01", "2026-02-01", "2026-03-02", "2026-04-01", "2026-06-01"],
        ["2026-01-01 00:00:00", "2026-01-01 00:00:10", "2026-01-01 00:00:20", "2026-01-01 00:00:30.7"],
    ],
)
def test_no_grid(times):
    assert grid.fit(pd.DatetimeIndex(pd.to_datetime(times, format="ISO8601"))) is None
    assert grid.fit(pd.DatetimeIndex(times[:1])) is None
    assert grid.fit(pd.Index([1, 3, 5, 6])) is None
