"""dates.py: what the values of `ds` stand for, and how answers write them."""

import datetime

import numpy as np
import pandas as pd
import pytest

from lstm_zoo.tasks.forecasting import dates
from lstm_zoo.tasks.forecasting.observations import regularity

DAYS = pd.date_range("2024-12-20", periods=60)


def read(values):
    """Of one series, a row a value."""
    column = pd.Series(values)
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        column = column.astype("category" if isinstance(column.iloc[0], str) else object)
    return dates.read_stamps(column, "Row {}".format, regularity(np.zeros(len(column), "int32")))


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
        range(-3, 3),
        range(2001, 2027),
        range(20260101, 20260161),  # a 32nd of January is among them
        range(202601, 202641),
        range(99_999_998, 100_000_004),
        range(1_767_225_600, 1_767_225_600 + 36_000, 3600),  # seconds since 1970
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


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (DAYS, None),
        (DAYS.tz_localize("Asia/Tokyo"), None),
        (DAYS.as_unit("s"), None),
        (list(DAYS.date), "date"),
        (DAYS.to_period("D"), "period[D]"),
        (DAYS.to_period("h"), "period[h]"),
        (pd.period_range("2026Q1", periods=9, freq="Q"), "period[Q-DEC]"),
        (list(pd.period_range("2026-01", periods=9, freq="M")), "period[M]"),
        ([time.to_pydatetime() for time in DAYS.tz_localize("Europe/Berlin")], None),
        (pd.Series(DAYS.astype("timestamp[us][pyarrow]")), None),
    ],
)
def test_every_kind_comes_back(values, form):
    stamps = read(values)
    assert stamps.form == form
    assert list(dates.written(stamps.times, stamps.form)) == list(values)
    assert str(getattr(stamps.times, "tz", None)) == str(getattr(values[0], "tzinfo", None))


@pytest.mark.parametrize(
    "values",
    [[1.0, np.nan, 3.0], ["2026-01-01", "NA", "2026-01-03"], [DAYS[0], pd.NaT], [datetime.date(2026, 1, 1), None]],
)
def test_missing_times(values):
    assert read(values).missing.tolist() == [False, True, False][: len(values)]
    assert read([None, None]).missing.tolist() == [True, True]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.5], "Row 1 of the column ds is no time: .*Received: 2.5"),
        ([1.0, np.inf], "Row 1 of the column ds is no time: .*Received: inf"),
        ([True, False], "Row 0 of the column ds is no time: .*Received: True"),
        ([datetime.date(2026, 1, 1), "2026-01-02"], "Row 1 of the column ds is no time: .*Received: '2026-01-02'"),
        ([(1, 2), (3, 4)], r"Row 0 of the column ds is no time: .*Received: \(1, 2\)"),
        (pd.to_timedelta([1, 2]), "Row 0 of the column ds is no time"),
        ([datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)], "Row 1 of the column ds"),
    ],
)
def test_what_is_no_time_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        read(values)


def test_local_clocks():
    times = pd.DatetimeIndex(["2026-07-01 12:00"]).tz_localize("Europe/Berlin")
    assert dates.wall_seconds(times).tolist() == [pd.Timestamp("2026-07-01 12:00").timestamp()]
