"""layout.py: which columns are the times, and which are series."""

import numpy as np
import pandas as pd
import pyarrow
import pytest
from tasks.forecasting.series import HOURS, frame, wave

from lstm_zoo.tasks.forecasting import frames, layout

WIDE = pd.DataFrame({"Date": HOURS, "load": wave(), "gas": wave(level=20.0), "note": "x"})
LONG = frame(load=2.0).rename(columns={"ds": "date"})


@pytest.mark.parametrize(
    "title", ["date", "Date", "DATETIME", "date_time", "Time Stamp", "time", "day", "week", "month", "quarter", "year"]
)
def test_a_title_that_says_times(title):
    assert layout.names_times(title)
    (series,) = frames.read(pd.DataFrame({title: HOURS, "y": wave()}))
    assert series.ds.equals(HOURS)


@pytest.mark.parametrize("title", ["dates", "weekday", "hour", None, "datum", "y", 0])
def test_a_title_that_does_not(title):
    assert not layout.names_times(title)


def test_ds_goes_before_other_titles(recwarn):
    (series,) = frames.read(pd.DataFrame({"date": range(60), "ds": HOURS, "y": wave()}))
    assert series.ds.equals(HOURS)
    assert "left out: date." in str(recwarn[0].message)


def test_several_times():
    table = WIDE.assign(Month=1)
    with pytest.raises(ValueError, match="times: Date, Month. columns={'ds': 'Date'} names the one"):
        frames.read(table)
    with pytest.warns(UserWarning, match="left out: note, Month"):
        series = frames.read(table, columns={"ds": "Date"})
    assert [item.unique_id for item in series] == ["load", "gas"]
    with pytest.warns(UserWarning, match="left out: note"):
        series = frames.read(table, covariates=["Month"])
    assert series[0].names == ("Month",)


@pytest.mark.filterwarnings("ignore:Columns of:UserWarning")
def test_an_index_that_became_a_column(tmp_path):
    indexed = WIDE.set_index("Date").rename_axis(None)
    indexed.to_csv(tmp_path / "wide.csv")
    indexed.to_parquet(tmp_path / "wide.parquet")
    sources = [tmp_path / "wide.csv", tmp_path / "wide.parquet", pd.read_csv(tmp_path / "wide.csv")]
    for source in (*sources, indexed.reset_index(), pyarrow.Table.from_pandas(indexed)):
        series = frames.read(source)
        assert [item.unique_id for item in series] == ["load", "gas"]
        assert series[0].ds.equals(HOURS)
    with pytest.warns(UserWarning, match="left out: Unnamed: 0, note"):  # numbers of rows beside times
        frames.read(WIDE.reset_index(names="Unnamed: 0"))


@pytest.mark.parametrize(
    ("table", "options", "ids"),
    [
        (WIDE, {}, ["load", "gas"]),
        (WIDE[["Date", "gas"]], {}, ["gas"]),
        (WIDE, {"covariates": ["gas"]}, ["load"]),
        (WIDE, {"target": "gas"}, ["gas"]),
        (WIDE, {"target": "gas, load"}, ["gas", "load"]),
        (WIDE, {"target": '["gas"]'}, ["gas"]),
        (WIDE, {"target": ["kW"], "columns": {"kW": "load"}}, ["kW"]),
        (WIDE, {"target": "load", "columns": {"y": "load"}}, ["0"]),
        (WIDE.assign(y=1.0), {"target": "load"}, ["load"]),
        (WIDE.assign(y=1.0), {"target": "y"}, ["0"]),
        (WIDE.assign(flag=True, when=HOURS, rows=[[1]] * 60), {}, ["load", "gas"]),
        (LONG, {"target": "load"}, ["a", "b"]),
        (LONG, {"target": "load", "columns": {"y": "load"}}, ["a", "b"]),
    ],
)
@pytest.mark.filterwarnings("ignore:Columns of:UserWarning")
def test_which_columns_are_series(table, options, ids):
    series = frames.read(table, **options)
    assert [item.unique_id for item in series] == ids
    assert series[0].ds.equals(HOURS)


def test_the_target_of_a_long_table():
    with pytest.warns(UserWarning, match="left out: y. "):
        series = frames.read(LONG, target="load")
    assert [item.y.tolist() for item in series] == [[2.0] * 60] * 2


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (WIDE, {"target": "lod"}, "no column 'lod', as target says. Did you mean 'load'. Received: Date, load, gas"),
        (WIDE, {"target": "Date"}, "target names columns of numbers. Received: Date, which holds the times"),
        (WIDE, {"target": "note"}, "Row 0 of the column note is no number. Received: 'x'"),
        (WIDE, {"target": []}, r"target names one column or several. Received: \[\]"),
        (WIDE, {"target": ""}, "target is a list of names of columns. Received: ''"),
        (WIDE, {"target": '["gas"'}, "target is no JSON"),
        (WIDE, {"target": 5}, "target is a list of names of columns. Received: 5"),
        (WIDE, {"target": "gas", "covariates": ["gas"]}, "A column is a target or a covariate. Received: gas as both"),
        (WIDE, {"covariates": ["Date"]}, "covariates names columns of numbers. Received: Date, which holds the times"),
        (WIDE, {"target": "gas", "columns": {"y": "load"}}, "different columns of values. Received: load and gas"),
        (WIDE[["Date", "note"]], {}, "has no column of numbers, which would be a series. Received: Date, note"),
        (WIDE[["Date"]], {}, "The table lacks the column y. Received: ds"),
        (WIDE[["load", "gas"]], {}, "lacks the column ds. Received: load, gas. .* columns={'ds': 'load'}"),
        (WIDE.set_axis(["Date", "1", 1, "2"], axis=1), {}, "columns of the same name: 1"),
        (LONG, {"target": "unique_id"}, "Received: unique_id, which holds the ids"),
        (LONG, {"target": ["load", "y"]}, "long, with the column unique_id: its target is one column. Received: load,"),
        (np.ones(9), {"target": "a"}, "target is for tables. Received: 'a' with ndarray"),
        (
            frames.read(LONG[["unique_id", "date", "y"]]),
            {"target": "a"},
            "target is for tables. Received: 'a' with list",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Columns of:UserWarning")
def test_what_is_no_layout(table, options, message):
    with pytest.raises(ValueError, match=message):
        frames.read(table, **options)
