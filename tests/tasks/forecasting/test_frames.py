"""frames.py: series from every form."""

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import HOURS, frame

from lstm_zoo.tasks.forecasting import frames
from lstm_zoo.tasks.forecasting.grid import seasons_of


def test_series_of_different_steps_are_told_of():
    months, days = pd.date_range("2024-01-01", periods=12, freq="MS"), pd.date_range("2024-01-01", periods=30)
    with pytest.warns(UserWarning, match="different steps: 'm' of 1 months, 'd' of 1 days"):
        assert len(frames.read({"m": pd.Series(range(12), months), "d": pd.Series(range(30), days)})) == 2


def test_forms_agree(tmp_path):
    table = frame()
    table.to_csv(tmp_path / "series.csv", index=False)
    table.to_parquet(tmp_path / "series.parquet")
    expected = frames.read(table)
    assert [item.unique_id for item in expected] == ["a", "b"]
    assert expected[0].step == pd.Timedelta(hours=1)
    assert expected[0].season == 24
    for source in (
        tmp_path / "series.csv",
        str(tmp_path / "series.parquet"),
        [str(tmp_path / "series.csv")],
        expected,
    ):
        for ours, theirs in zip(frames.read(source), expected, strict=True):
            np.testing.assert_array_equal(ours.y, theirs.y)
            np.testing.assert_array_equal(ours.ds, theirs.ds)


def test_rows_in_any_order_gaps_and_missing_values():
    table = frame().drop(index=[3, 4, 70])
    table.loc[7, "y"] = np.nan
    first, second = frames.read(table.sample(frac=1, random_state=0))
    first, second = (first, second) if first.unique_id == "a" else (second, first)
    assert np.flatnonzero(np.isnan(first.y)).tolist() == [3, 4, 7]
    assert np.flatnonzero(np.isnan(second.y)).tolist() == [10]
    np.testing.assert_array_equal(first.ds, HOURS)


def test_the_rows_after_the_last_y_are_the_future():
    table = frame(temperature=np.arange(120.0))
    table.loc[50:59, "y"] = np.nan
    series = frames.read(table, covariates=["temperature"])[0]
    assert len(series.y) == 50
    assert series.covariates[:, 0].tolist() == list(range(60))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: pd.concat([table, table.iloc[[5]]]), r"Row 120 \(index .*5.*\) has the time of another row"),
        (lambda table: table.assign(ds=table["ds"].mask(table.index == 7)), "Row 7 has no time"),
        (lambda table: table.assign(y=table["y"].mask(table.index == 9, np.inf)), "Row 9 is infinite"),
        (
            lambda table: table.assign(ds=table["ds"].mask(table.index == 59, HOURS[-1] + pd.Timedelta("90min"))),
            r"differ.* 1:00:00|differ.*Row 59 \(2026-01-03 12:30:00\) is 0 days 02:30:00 after the time before it",
        ),
        (lambda table: table.assign(y=table["y"].mask(table.index == 9, -1e101)), "Row 9 has a y beyond 1e[+]100"),
        (lambda table: table.assign(x=np.where(table.index == 3, np.nan, 1.0)), "Row 3 lacks a covariate"),
        (lambda table: table.assign(x=np.where(table.index == 3, 1e39, 1.0)), "Row 3 has a covariate that is inf"),
    ],
)
def test_a_bad_series_is_named_and_the_others_are_kept(change, reason):
    with pytest.warns(UserWarning, match=f"The series 'a' is left out: .*{reason}"):
        series = frames.read(change(frame(x=1.0)), covariates=["x"])
    assert [item.unique_id for item in series] == ["b"]
    broken = change(frame(x=1.0))[lambda table: table["unique_id"] == "a"]
    with (
        pytest.warns(UserWarning, match="is left out"),
        pytest.raises(ValueError, match="holds no series that can be read. The first, 'a': "),
    ):
        frames.read(broken, covariates=["x"])


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (pd.DataFrame({"unique_id": ["a"], "y": [1.0]}), ValueError, "lacks the column ds. Received: unique_id, y"),
        (frame().iloc[:0], ValueError, "the table has no row"),
        (frame().assign(y="many"), ValueError, "Row 0 of the column y is no number. Received: 'many'"),
        (frame().assign(ds=0.5), ValueError, "Row 0 of the column ds is no time: .* Received: 0.5"),
        (frame().assign(unique_id=None), ValueError, "Received: none in Row 0; Row 1; Row 2 and 117 more"),
        (__file__, ValueError, "A file .csv, .* is expected. Received: .*test_frames.py"),
        ("missing.csv", FileNotFoundError, "missing.csv does not exist"),
    ],
)
def test_what_is_no_data(source, error, message):
    with pytest.raises(error, match=message):
        frames.read(source)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"y": "load"}}, "no column 'load'"),
        ({"covariates": ["wind"]}, "lacks the column wind. Received: unique_id, ds, y, temperature"),
        ({"covariates": ["temperature"]}, "Row 3 of the column temperature is no number. Received: 'warm'"),
        ({"covariates": 3}, "covariates is a list of names of columns. Received: 3"),
    ],
)
def test_what_is_no_option(options, message):
    table = frame(temperature="1.5")
    table.loc[3, "temperature"] = "warm"
    with pytest.raises(ValueError, match=message):
        frames.read(table, **options)


def test_columns_by_another_name(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("meter;time;load\n007;2026-01-01;1.5\n007;2026-01-02;2.5\n")
    (series,) = frames.read(path, columns={"unique_id": "meter", "ds": "time", "y": "load"}, delimiter=";")
    assert (series.unique_id, series.y.tolist()) == ("007", [1.5, 2.5])
    with pytest.raises(ValueError, match="columns is for tables. Received: {'y': 'load'} with list"):
        frames.read([[1, 2, 3]], columns={"y": "load"})


def test_a_table_without_ids_is_one_series():
    table = frame().iloc[:60].drop(columns="unique_id")
    indexed = table.set_index("ds")
    for source in (table, indexed, indexed.rename_axis(None), table.to_dict("list"), indexed["y"].rename(None)):
        (series,) = frames.read(source)
        assert (series.unique_id, len(series.y), series.ds[0]) == ("0", 60, HOURS[0])
    with (
        pytest.warns(UserWarning, match="Row 60 .*the time of another row; a column unique_id tells series apart"),
        pytest.raises(ValueError, match="no series that can be read"),
    ):
        frames.read(frame().drop(columns="unique_id"))


def test_short_series_have_the_step_of_the_others():
    days = pd.bdate_range("2026-01-01", periods=60)
    short = pd.DataFrame({"unique_id": "b", "ds": days[5:8], "y": 1.0})
    pair = pd.DataFrame({"unique_id": "c", "ds": days[[5, 9]], "y": 1.0})
    table = pd.concat([pd.DataFrame({"unique_id": "a", "ds": days, "y": 1.0}), short, pair])
    assert [seasons_of(item.step) for item in frames.read(table)] == [(5,)] * 3
    assert [len(item.y) for item in frames.read(table)] == [60, 3, 5]


def test_a_lone_row():
    table = frame().iloc[:61]  # all of a, and one row of b
    assert [len(item.y) for item in frames.read(table)] == [60, 1]
    with (
        pytest.warns(UserWarning, match="'b' is left out: it has one row"),
        pytest.raises(ValueError, match="no series"),
    ):
        frames.read(table.iloc[60:])


def test_a_grid_on_which_nearly_all_steps_are_missing_is_said():
    days = pd.date_range("2026-01-01", periods=200)[[0, 1, 2, 60, 61, 199]]
    with pytest.warns(UserWarning, match=r"'a' and 1 more lacks .* 6 rows on 200 steps of 1 days: Row 3 .* is 58,"):
        frames.read(pd.DataFrame({"unique_id": ["a"] * 6 + ["b"] * 6, "ds": [*days, *days], "y": 1.0}))


@pytest.mark.parametrize("rows", [np.arange(60), np.arange(0, 60, 3), np.r_[0, 59], np.r_[:20, 40:60]])
def test_a_grid_with_some_missing_steps_is_not(rows, recwarn):
    frames.read(frame().iloc[rows])
    assert not recwarn.list
