"""frames.py: series from every form."""

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import HOURS, frame, wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import frames


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


def test_arrays():
    for source in (np.ones((2, 5)), [[1, 1, 1, 1, 1], np.ones(5)], {"0": np.ones(5), "1": [1] * 5}):
        series = frames.read(source)
        assert [item.unique_id for item in series] == ["0", "1"]
        np.testing.assert_array_equal(series[1].y, np.ones(5))
    assert len(frames.read(np.ones(5))) == 1


def test_rows_in_any_order_gaps_and_missing_values():
    table = frame().drop(index=[3, 4, 70])
    table.loc[7, "y"] = np.nan
    first, second = frames.read(table.sample(frac=1, random_state=0))
    first, second = (first, second) if first.unique_id == "a" else (second, first)
    assert np.flatnonzero(np.isnan(first.y)).tolist() == [3, 4, 7]
    assert np.flatnonzero(np.isnan(second.y)).tolist() == [10]
    np.testing.assert_array_equal(first.ds, HOURS.to_numpy().astype("datetime64[s]"))


def test_the_rows_after_the_last_y_are_the_future():
    table = frame(temperature=np.arange(120.0))
    table.loc[50:59, "y"] = np.nan
    series = frames.read(table)[0]
    assert len(series.y) == 50
    assert series.covariates[:, 0].tolist() == list(range(60))


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("h", (24, 168)),
        ("15min", (96, 672)),
        ("D", (7,)),
        ("MS", (12,)),
        ("ME", (12,)),
        ("QS", (4,)),
        ("YS", ()),
        ("W", ()),
    ],
)
def test_calendar_steps(freq, seasons):
    times = pd.date_range("2020-01-01", periods=40, freq=freq)
    series = frames.read(pd.DataFrame({"unique_id": "a", "ds": times.delete([5, 6]), "y": 1.0}))[0]
    np.testing.assert_array_equal(series.ds, times.to_numpy().astype("datetime64[s]"))
    assert frames.seasons_of(series.step) == seasons
    future = frames.times_from(series.ds[0], series.step, count=42)[40:]
    np.testing.assert_array_equal(future, pd.date_range("2020-01-01", periods=42, freq=freq)[40:].to_numpy())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: pd.concat([table, table.iloc[[5]]]), "row 5 has the time of another row"),
        (lambda table: table.assign(ds=table["ds"].mask(table.index == 7)), "row 7 has no time"),
        (lambda table: table.assign(y=table["y"].mask(table.index == 9, np.inf)), "row 9 is infinite"),
        (
            lambda table: table.assign(ds=table["ds"].mask(table.index == 59, HOURS[-1] + pd.Timedelta("90min"))),
            "differ",
        ),
        (lambda table: table.assign(x=np.where(table.index == 3, np.nan, 1.0)), "row 3 lacks a covariate"),
    ],
)
def test_a_bad_series_is_named_and_the_others_are_kept(change, reason):
    with pytest.warns(UserWarning, match=f"The series 'a' is left out: .*{reason}"):
        series = frames.read(change(frame()))
    assert [item.unique_id for item in series] == ["b"]
    broken = change(frame())[lambda table: table["unique_id"] == "a"]
    with (
        pytest.warns(UserWarning, match="is left out"),
        pytest.raises(ValueError, match="holds no series that can be read"),
    ):
        frames.read(broken)


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (pd.DataFrame({"ds": [1], "y": [1.0]}), ValueError, "lacks the column unique_id.*Received: ds, y"),
        (frame().iloc[:0], ValueError, "the frame has no row"),
        (frame().assign(y="many"), ValueError, "Row 0 of the column y is no number. Received: 'many'"),
        (frame().assign(kind="x"), ValueError, "A covariate is a column of numbers. Received: 'kind'"),
        (frame().assign(ds=0.5), ValueError, "The column ds holds time stamps or whole numbers. Received: float64"),
        (np.ones((2, 2, 2)), ValueError, r"Received: shape \(2, 2, 2\)"),
        ([["a", "b"]], ValueError, "Series '0' is no array of numbers"),
        ({}, ValueError, "holds no series"),
        ("series.txt", ValueError, "A file .csv or .parquet is expected. Received: series.txt"),
        ("missing.csv", FileNotFoundError, "missing.csv does not exist"),
    ],
)
def test_what_is_no_data(source, error, message):
    with pytest.raises(error, match=message):
        frames.read(source)


def test_an_infinite_array_is_named_and_keeps_its_place(pipeline):
    rows = [wave(), np.where(np.arange(60) == 3, np.inf, 1.0)]
    with pytest.warns(UserWarning, match="The series '1' is left out: step 3 is infinite"):
        answer = lstm_zoo.predict(pipeline, rows)
    assert np.isfinite(answer[0]).all()
    assert np.isnan(answer[1]).all()


def test_a_lone_row():
    table = frame().iloc[:61]  # all of a, and one row of b
    assert [len(item.y) for item in frames.read(table)] == [60, 1]
    with (
        pytest.warns(UserWarning, match="'b' is left out: it has one row"),
        pytest.raises(ValueError, match="no series"),
    ):
        frames.read(table.iloc[60:])


def test_a_million_rows():
    table = pd.DataFrame({"unique_id": np.repeat(np.arange(500), 2000), "ds": np.tile(np.arange(2000), 500), "y": 1.0})
    assert sum(len(item.y) for item in frames.read(table)) == 1_000_000
