"""texts.py: formats of time stamps, and which reading is meant."""

import datetime

import numpy as np
import pandas as pd
import pytest

from lstm_zoo.tasks.forecasting import texts
from lstm_zoo.tasks.forecasting.observations import regularity


def read(stamps):
    """Of one series, a row a text."""
    share = regularity(np.zeros(len(stamps), "int32"))
    return texts.read_texts(stamps, "Row {}".format, lambda times: share(times, np.zeros(len(times), bool)))


DAYS = pd.date_range("2024-12-20", periods=100)
HOURS = pd.date_range("2024-12-20", periods=100, freq="h")
MONTHS = pd.date_range("2024-11-01", periods=100, freq="MS")


@pytest.mark.parametrize(
    ("times", "form"),
    [
        *(
            (DAYS, form)
            for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%dT")
        ),
        *((DAYS, form) for form in ("%d %b %Y", "%d-%b-%y", "%B %d, %Y", "%d. %B %Y", "%Y-%b-%d")),
        *((MONTHS, form) for form in ("%Y-%m", "%m/%Y", "%Y/%m", "%YM%m", "%Y-M%m", "%Y M%m", "%b-%y", "%B %Y")),
        *((HOURS, form) for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y%m%dT%H%M%S")),
        *((HOURS, form) for form in ("%Y-%m-%d %H:%M:%S,%f", "%Y%m%dT%H%M%S,%f", "%d.%m.%Y %H:%M:%S,%f")),
        *((HOURS, form) for form in ("%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y, %H:%M:%S.%f", "%d %b %Y %H:%M")),
        (pd.date_range("2024-12-30", periods=60, freq="7D"), "%G-W%V"),
        (DAYS, "%G-W%V-%u"),
    ],
)
def test_formats(times, form):
    assert read(list(times.strftime(form).str.removesuffix("T"))).equals(times)


def test_stamps_without_leading_zeros():
    assert read([f"{time.year}-{time.month}-{time.day} {time.hour}:00" for time in HOURS]).equals(HOURS)
    assert read([f"{time.month}/{time.day}/{time.year}" for time in DAYS]).equals(DAYS)


@pytest.mark.parametrize("form", ["{0}Q{1}", "{0}-Q{1}", "{0} q{1}", "Q{1} {0}"])
def test_quarters(form):
    stamps = [form.format(year, quarter) for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
    assert read(stamps).equals(pd.date_range("2024-01-01", periods=8, freq="QS"))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d/%m/%Y", "day, month, year"),
        ("%m-%d-%Y", "month, day, year"),
        ("%d/%m/%y", "day, month, year"),
        ("%y-%m-%d", "year, month, day"),
    ],
)
def test_the_regular_reading_is_taken_and_said(form, said):
    months = pd.date_range("2021-01-01", periods=24, freq="MS")
    with pytest.warns(UserWarning, match=f"The column ds is read as {said}, whose steps are regular; .* leave gaps"):
        assert read(list(months.strftime(form))).equals(months)


@pytest.mark.parametrize("stamps", [[f"01/{month:02}/2021" for month in range(1, 13)], ["01/02/2021", "02/02/2021"]])
def test_two_readings_that_are_as_good_are_refused(stamps):
    with pytest.raises(ValueError, match="day, month, year or month, day, year. ISO 8601 is expected, like 2026-01-31"):
        read(stamps)


def test_readings_that_are_the_same():
    assert read(["01/01/2021", "02/02/2021", "03/03/2021"]).month.tolist() == [1, 2, 3]
    assert read([f"01.{month:02}.2021" for month in range(1, 13)]).month.tolist() == list(range(1, 13))


@pytest.mark.parametrize(
    ("stamps", "message"),
    [
        (["2026-01-31", "2026-02-30"], "Row 1 of the column ds is no date.*Received: '2026-02-30'"),
        (["2026-01-31", "31/01/2026"], "Row 1 of .* the first is '2026-01-31'. Received: '31/01/2026'"),
        (["01/02/2026", "41/02/2026"], "Row 1 of the column ds is no date"),
        (["1/2/2026 5:00", "1/2/2026 17:00:30"], "Row 1 of the column ds is no date"),
        (["2026-01-01 00:00 UTC", "2026-02-30 00:00 UTC"], "Row 1 .* Received: '2026-02-30 00:00 UTC'"),
        (
            ["2001-02", "2002-03"],
            "as years, 2001 to 02, .* each begins, 2001, .* Received: '2001-02', '2002-03'",
        ),
        ([f"{year}-{year - 1999:02}" for year in range(2008, 2020)], "can be read as years, 2008 to 09, or as months"),
        (["1998/99", "1999/00", "2000/01"], "can be read as years, 1998 to 99"),
        (["now", "today"], "Row 0 of the column ds is no date. ISO 8601 is expected.*Received: 'now'"),
        (["31-Jan-49", "31-Jan-65"], "Row 1 of the column ds is no date.*Received: '31-Jan-65'"),
        (["soon"], "Row 0 of the column ds is no date"),
        (["??"], "Row 0 of the column ds is no date"),
        (["20260131T1200", "20260131T2500"], "Row 1 of the column ds is no date"),
        (["2026-01-01T00:00Z", "2026-01-02T00:00"], "Row 1 of the column ds: all time stamps have an offset"),
        (["2026-01-01T00:00", "2026-01-02T00:00+01:00"], "Row 1 of the column ds: all time stamps have an offset"),
        (["2026-01-01T00:00Z", "2026-02-30T00:00Z"], "Row 1 of the column ds is no date"),
    ],
)
def test_what_is_no_date_is_named(stamps, message):
    with pytest.raises(ValueError, match=message):
        read(stamps)


@pytest.mark.parametrize("freq", ["h", "D", "MS"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_offsets_across_a_change_of_clocks(freq, zone):
    times = pd.date_range("2026-02-20", periods=1000, freq=freq, tz=zone)
    with pytest.warns(UserWarning, match=f"are read as those of the time zone {zone}"):
        assert read([time.isoformat() for time in times]).equals(times)


def test_one_offset():
    assert read(["2026-01-01T00:00Z", "2026-01-02 00:00+00"]).tz == datetime.UTC
    assert str(read(["2026-01-01T00:00+0530"])[0]) == "2026-01-01 00:00:00+05:30"


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S.%f UTC", "%Y-%m-%dT%H:%M:%S,%f GMT"])
def test_names_of_utc(form):
    times = read(list(HOURS.strftime(form)))
    assert times.equals(HOURS.tz_localize(times.tz))
    assert times.tz == datetime.UTC


def test_months_that_are_no_years():
    assert read(["2001-02", "2002-03", "2002-04"]).equals(pd.DatetimeIndex(["2001-02-01", "2002-03-01", "2002-04-01"]))


def test_offsets_of_several_zones_are_read_in_utc():
    with pytest.warns(UserWarning, match="those of no one time zone: .* answered in UTC"):
        times = read(["2026-01-01T00:00+01:00", "2026-01-01T00:00-05:00", "2026-01-02T00:00+01:00"])
    assert times.tz == datetime.UTC
