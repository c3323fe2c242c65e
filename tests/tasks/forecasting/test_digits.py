"""digits.py: whole numbers that are dates, and those that are none."""

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import read_column as read

from lstm_zoo.tasks.forecasting import dates

DAYS = pd.date_range("2025-06-20", periods=300)
MONTHS = pd.date_range("2024-06-01", periods=40, freq="MS")
QUARTERS = pd.date_range("2024-04-01", periods=9, freq="QS")
WEEKS = pd.date_range("2024-12-16", periods=120, freq="7D")  # from a Monday on, over a year of 53 weeks


@pytest.mark.parametrize("form", ["%Y%m", "%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S"])
@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", str, object])
def test_digits_that_are_dates(form, kind):
    freq = {"%Y%m": "MS", "%Y%m%d": "D"}.get(form, "h")
    times = pd.date_range("2024-12-20", periods=60, freq=freq)
    numbers = times.strftime(form).astype("int64")
    stamps = read(pd.Series(numbers).astype(kind))
    assert stamps.times.equals(times)
    assert dates.written(stamps.times, stamps.form).equals(numbers)


def test_digits_that_may_be_dates_are_said_to_be():
    with pytest.warns(UserWarning, match="read as dates, YYYYMMDD, and .* 20260101, which is 2026-01-01"):
        assert read(range(20260101, 20260132)).form == "%Y%m%d"
    with pytest.warns(UserWarning, match="read as dates, YYYYMM,"):
        assert read(range(202601, 202613)).form == "%Y%m"


@pytest.mark.parametrize(
    "numbers",
    [
        range(5),
        range(2001, 2013),  # may be YYMM
        range(-3, 3),
        range(2001, 2027),
        range(20260101, 20260161),  # a 32nd of January is among them
        range(202601, 202641),
        range(99_999_998, 100_000_004),
        range(500_000, 500_040),
        range(5_000_000_000, 5_000_000_010),  # seconds of 2128
    ],
)
def test_other_numbers_are_numbers(numbers):
    for values in (list(numbers), [str(number) for number in numbers]):
        stamps = read(values)
        assert stamps.form is None
        assert stamps.times.tolist() == list(numbers)


@pytest.mark.parametrize("odd", [20260230, 99991231, 0, -1, 2026021, 202602280, 20261301])
def test_a_number_among_dates_that_is_none(odd):
    message = f"Row 3 of the column ds is no date, as other rows are, 20260101 for one. Received: {odd}"
    with pytest.raises(ValueError, match=message):
        read([20260101, 20260131, 20260201, odd, 20260301])


def test_one_broken_date_among_many_is_named_where_numbers_are_regular_too():
    with pytest.raises(ValueError, match="Row 31 of the column ds is no date, as other rows .* Received: 20260132"):
        read(range(20260101, 20260133))


@pytest.mark.parametrize(
    ("times", "form", "said"),
    [
        (MONTHS, "%y%m", "months, YYMM"),
        (QUARTERS, "%Y%q", "quarters, YYYYQ"),
        (WEEKS, "%G%V", "ISO weeks, YYYYWW"),
        (WEEKS.delete([3, 4, 60]), "%G%V", "ISO weeks, YYYYWW"),
        (DAYS, "%y%m%d", "dates, YYMMDD"),
        (DAYS, "%Y%j", "days of a year, YYYYDDD"),
        *((times, "unix[s]", "seconds since 1970") for times in (DAYS, MONTHS, DAYS[:3], DAYS + pd.Timedelta("90min"))),
        (MONTHS + pd.DateOffset(years=7), "unix[s]", "seconds since 1970"),  # of 2031, which begin with a year too
        (DAYS, "unix[ms]", "milliseconds since 1970"),
        (DAYS, "unix[us]", "microseconds since 1970"),
    ],
)
@pytest.mark.parametrize("kind", ["int64", str])
def test_other_digits_are_dates_where_their_steps_tell(times, form, said, kind):
    numbers = dates.written(times, form)
    with pytest.warns(UserWarning, match=f"are read as {said}, and answered as such. Received: {numbers[0]}"):
        stamps = read(pd.Series(numbers).astype(kind))
    assert stamps.form == form
    assert stamps.times.tolist() == times.tolist()
    assert dates.written(stamps.times, form).tolist() == numbers.tolist()


def test_how_they_are_written():
    assert dates.written(QUARTERS[:4], "%Y%q").tolist() == [20242, 20243, 20244, 20251]
    assert dates.written(WEEKS[1:4], "%G%V").tolist() == [202452, 202501, 202502]
    assert dates.written(DAYS[:1], "%Y%j").tolist() == [2025171]
    assert dates.written(DAYS[:1], "unix[ms]").tolist() == [1_750_377_600_000]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (range(202601, 202654), "As ISO weeks, YYYYWW, 202601 is 2025-12-29: give such dates"),
        (range(20261, 20265), "As quarters, YYYYQ, 20261 is 2026-01-01"),
        (range(2026001, 2026100), "As days of a year, YYYYDDD, 2026001 is 2026-01-01"),
        (range(200101, 200132), "As ISO weeks, YYYYWW, 200101 is 2001-01-01 or dates, YYMMDD, 200101 is 2020-01-01"),
        (range(20260101, 20260161), "As dates, YYYYMMDD, 20260132 is none: give dates like 2026-01-31"),
    ],
)
def test_numbers_that_may_be_dates_are_said_to_be_none(numbers, said):
    with pytest.warns(UserWarning, match=f"are read as plain numbers, each step as long as the other. {said}"):
        assert read(numbers).times.tolist() == list(numbers)


@pytest.mark.parametrize("numbers", [range(2001, 2013), range(500_000, 500_040), np.arange(99_998, 100_004)])
def test_numbers_that_are_no_dates_are_not_said_to_be(numbers, recwarn):
    assert read(numbers).form is None
    assert not recwarn.list
