"""dates.py: what the values of `ds` stand for, and how answers write them."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import read_column as read

from lstm_zoo.tasks.forecasting import dates, frames

DAYS = pd.date_range("2024-12-20", periods=60)


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
        ([datetime.date(2026, 1, 1), "02.01.2026"], "Row 1 of the column ds is no date. .*Received: '02.01.2026'"),
        (["2026-01-01", (1, 2)], r"Row 1 of the column ds is no time: .*Received: \(1, 2\)"),
        (["2026-01-01", True], "Row 1 of the column ds is no time: .*Received: True"),
        ([(1, 2), (3, 4)], r"Row 0 of the column ds is no time: .*Received: \(1, 2\)"),
        (pd.to_timedelta([1, 2]), "Row 0 of the column ds is no time"),
        ([datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)], "Row 1 of the column ds"),
    ],
)
def test_what_is_no_time_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        read(values)


@pytest.mark.parametrize(
    "values",
    [
        [*DAYS[:30].date, *map(str, DAYS[30:])],
        [*map(str, DAYS[:30].date), *map(pd.Timestamp.to_pydatetime, DAYS[30:])],
        [f"{day:%d.%m.%Y}" for day in DAYS],
        [20260101, "20260102", *range(20260103, 20260111)],
        [datetime.date(2026, 1, 1), "", "NA", datetime.date(2026, 1, 4)],
    ],
)
def test_objects_are_read_as_a_file_of_them(values, tmp_path, recwarn):
    table = pd.DataFrame({"ds": pd.Series(values, dtype=object), "y": 1.0, "unique_id": "a"})
    table.to_csv(tmp_path / "series.csv", index=False)
    assert told(table, "Row", recwarn) == told(tmp_path / "series.csv", "series.csv, line", recwarn)


def told(source, place, warned):
    """What is read of a source, or the error, and what is warned of, without the places of rows."""
    try:
        (series,) = frames.read(source)
        found = [list(series.ds), series.step]
    except ValueError as error:
        found = [str(error)]
    found += [str(warning.message) for warning in warned]
    warned.clear()
    return [re.sub(rf"\S*{place} \d+", "there", part) if isinstance(part, str) else part for part in found]


def test_local_clocks():
    times = pd.DatetimeIndex(["2026-07-01 12:00"]).tz_localize("Europe/Berlin")
    assert dates.wall_seconds(times).tolist() == [pd.Timestamp("2026-07-01 12:00").timestamp()]
