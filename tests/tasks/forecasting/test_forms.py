"""forms.py: tables and arrays in any form."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf
from tasks.forecasting.series import HOURS, frame, wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import forms, frames

MASKED = np.ma.masked_array([[1, 2, 3], [4, 5, 6]], mask=[[False, True, False]] * 2)


def test_arrays():
    for source in (np.ones((2, 5)), [[1, 1, 1, 1, 1], np.ones(5)], {"0": np.ones(5), "1": [1] * 5}):
        series = frames.read(source)
        assert [item.unique_id for item in series] == ["0", "1"]
        np.testing.assert_array_equal(series[1].y, np.ones(5))
    assert len(frames.read(np.ones(5))) == 1


def test_pandas_series_keep_their_dates():
    load = pd.Series(wave(), index=HOURS, name="load")
    for source, names in (
        (load, ["load"]),
        ([load, load.rename("gas")], ["load", "gas"]),
        ([load, load], ["0", "1"]),
        ({"x": load, "y": load}, ["x", "y"]),
        (frame().set_index(["unique_id", "ds"]), ["a", "b"]),
    ):
        series = frames.read(source)
        assert [item.unique_id for item in series] == names
        assert all(item.ds.equals(HOURS) for item in series)
    assert [item.ds[0] for item in frames.read([pd.Series(wave()), wave()])] == [0, 0]
    for others in ([load, pd.Series(wave())], [load, wave()], [load, list(wave())]):
        with pytest.raises(ValueError, match="an index of times, or none is. Received: '1', .* beside 'load'"):
            frames.read(others)
    with pytest.raises(ValueError, match="Received: 'gas', which has none, beside 'load'"):
        frames.read({"load": load, "gas": wave()})


@pytest.mark.parametrize("name", [None, "Date", "when"])
@pytest.mark.parametrize("kind", ["texts", "dates", "periods", "stamps"])
def test_an_index_of_times(name, kind):
    days = pd.date_range("2026-01-01", periods=60)
    index = {
        "texts": days.strftime("%d.%m.%Y"),
        "dates": pd.Index(days.date),
        "periods": days.to_period(),
        "stamps": days,
    }
    table = pd.DataFrame({"load": wave(), "gas": wave()}, index[kind].rename(name))
    for source, names in ((table, ["load", "gas"]), (table[["load"]], ["load"]), (table["load"], ["load"])):
        series = frames.read(source)
        assert [item.unique_id for item in series] == names
        assert series[0].ds.equals(days)


def test_an_index_that_is_none_of_times():
    table = frame().iloc[:60].rename(columns={"ds": "date"}).drop(columns="unique_id")
    for index in (pd.Index(HOURS.strftime("%Y-%m-%d %H:%M")), pd.Index([f"a{number}" for number in range(60)])):
        assert frames.read(table.set_axis(index))[0].ds.equals(HOURS)
        assert len(frames.read(table.set_axis(index.rename("time")))) == 1
    with pytest.raises(ValueError, match="lacks the column ds. Received: y"):
        frames.read(table[["y"]].set_axis([f"a{number}" for number in range(60)]))


def test_a_mapping_is_named_series_or_columns():
    assert [item.unique_id for item in frames.read({"y": [1, 2], "z": [1, 2, 3]})] == ["y", "z"]
    assert [item.unique_id for item in frames.read({"unique_id": ["b"] * 3, "ds": [1, 2, 3], "y": [1, 2, 3]})] == ["b"]
    for times in (HOURS, list(map(str, HOURS))):
        assert [item.unique_id for item in frames.read({"time": times, "load": wave(), "gas": wave()})] == [
            "load",
            "gas",
        ]
    assert [item.unique_id for item in frames.read({"day": [1, 2], "night": [1, 2, 3]})] == ["day", "night"]
    later = dict(frame().iloc[60:])  # columns whose index is not that of rows from 0 on
    assert [(item.unique_id, len(item.y)) for item in frames.read(later)] == [("b", 60)]


def test_an_infinite_array_is_named_and_keeps_its_place(pipeline):
    rows = [wave(), np.where(np.arange(60) == 3, np.inf, 1.0)]
    with pytest.warns(UserWarning, match="The series '1' is left out: step 3 is infinite"):
        answer = lstm_zoo.predict(pipeline, rows)
    assert np.isfinite(answer[0]).all()
    assert np.isnan(answer[1]).all()


@pytest.mark.parametrize(
    "source",
    [
        MASKED,
        MASKED.astype("float32"),
        list(MASKED),
        dict(enumerate(MASKED)),
        [pd.Series([1, None, 3], dtype="Int64"), [4, None, 6]],
    ],
)
def test_masked_values_are_missing(source):
    for item in frames.read(source):
        assert np.isnan(item.y).tolist() == [False, True, False]


@pytest.mark.parametrize("kind", ["mapping", "frame", "records"])
def test_masked_values_of_a_table_are_missing(kind):
    columns = {"unique_id": ["7"] * 3, "ds": np.arange(3), "y": MASKED[0]}
    records = np.ma.array(
        [("7", 0, 1), ("7", 1, 2), ("7", 2, 3)], dtype=[("unique_id", "U1"), ("ds", "i8"), ("y", "f8")]
    )
    records["y"].mask = MASKED[0].mask
    source = {"mapping": columns, "frame": pd.DataFrame(columns), "records": records}[kind]
    (item,) = frames.read(source)
    np.testing.assert_array_equal(item.y, [1, np.nan, 3])
    assert item.unique_id == "7"


def test_sequences_of_tensorflow():
    rows = [[1.0, 2.0], [3.0, 4.0, 5.0]]
    for source in (
        tf.data.Dataset.from_generator(lambda: rows, output_signature=tf.TensorSpec([None])),
        tf.ragged.constant(rows),
    ):
        assert [item.y.tolist() for item in frames.read(source)] == rows
        assert forms.gives_arrays(source)
    assert forms.gives_arrays(tf.ones((2, 3)))
    assert [item.y.tolist() for item in frames.read(tf.data.Dataset.from_tensor_slices([1.0, 2.0]))] == [[1, 2]]
    with pytest.raises(ValueError, match=r"A tf.data.Dataset of arrays \(steps,\) is expected. Received: {'y': "):
        frames.read(tf.data.Dataset.from_tensor_slices({"y": [1.0]}))


@pytest.mark.parametrize("names", [[None, None], ["unique_id", "ds"], ["unique_id", "Date"], ["meter", "time"]])
def test_a_series_of_several(names):
    source = pd.Series(wave(), pd.MultiIndex.from_product([["a", "b"], HOURS[:30]], names=names))
    columns = {"unique_id": "meter", "ds": "time"} if names[0] == "meter" else None
    for form in (source, source.to_frame("y")):
        assert [item.unique_id for item in frames.read(form, columns=columns)] == ["a", "b"]
    with pytest.raises(ValueError, match="has two, 'unique_id' and 'ds'. Received: \\['unique_id', 'when'\\]"):
        frames.read(source.rename_axis(["unique_id", "when"]))
    with pytest.raises(ValueError, match="expected in each of several Series. Received: levels, of '0'"):
        frames.read([source, source])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (["1", "2", "3"], r"The path of one table, .* Received a list with texts: \['1', '2', '3'\]"),
        (["a.csv", "b.csv"], r"Tables of several files are made one, pd.concat\(map\(pd.read_csv, paths\)\)"),
        ([1, "2"], "Received a list with texts"),
        (np.array(["1", "2"]), "Series '0' is no array of numbers: .* Received: <U1"),
        ([["a", "b"]], "Series '0' is no array of numbers"),
        ([["1", None]], "Series '0' is no array of numbers: .* Received: texts"),
        (np.array(["2026-01-01"], "M8[D]"), r"Received: datetime64\[D\]"),
        (np.ones(3, complex), "Received: complex128"),
        (np.ones((2, 2, 2)), r"Received: shape \(2, 2, 2\)"),
        (5, r"An array \(series, steps\) or \(steps,\) is expected. Received: int, 5"),
        (iter([1.0]), "Received: list_iterator"),
        (scipy.sparse.eye(3).tocsr(), "Dense arrays are expected, .* Received: .*csr_.*, whose toarray"),
        ([scipy.sparse.eye(3).tocsr()], "Dense arrays are expected"),
        ({}, "holds no series"),
    ],
)
def test_what_is_no_form(source, message):
    with pytest.raises(ValueError, match=message):
        frames.read(source)


def test_a_value_whose_square_is_no_number_is_left_out():
    with pytest.warns(UserWarning, match="The series '0' is left out: step 1 is beyond 1e[+]100: -1e[+]300"):
        series = frames.read([[1.0, -1e300], [1.0, 1e99]])
    assert np.isnan(series[0].y).all()
    assert series[1].y.tolist() == [1.0, 1e99]


def test_sequences_are_answered_by_arrays(pipeline):
    rows = [wave().astype("float32"), wave(40).astype("float32")]
    expected = lstm_zoo.predict(pipeline, rows)
    signature = tf.TensorSpec([None], "float32")
    for source in (tf.data.Dataset.from_generator(lambda: rows, output_signature=signature), tf.ragged.stack(rows)):
        np.testing.assert_array_equal(lstm_zoo.predict(pipeline, source), expected)
    with pytest.raises(ValueError, match="Dense arrays are expected"):
        lstm_zoo.predict(pipeline, scipy.sparse.eye(3).tocsr())
    with pytest.raises(ValueError, match="Received a list with texts"):
        lstm_zoo.predict(pipeline, ["1", "2", "3", "4"])
