"""observations.py: the columns of a table."""

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import frame

from lstm_zoo.tasks.forecasting import frames, observations


def test_columns_that_were_not_asked_for_are_left_out(tmp_path):
    table = frame(temperature=2.0)
    table.to_csv(tmp_path / "series.csv")  # with its index
    with pytest.warns(UserWarning, match="series.csv that are left out: Unnamed: 0, temperature") as caught:
        series = frames.read(tmp_path / "series.csv")
    assert (len(caught), series[0].names) == (1, ())
    with pytest.warns(UserWarning, match="left out: Unnamed: 0. "):
        series = frames.read(tmp_path / "series.csv", covariates=["temperature"])
    assert (series[0].names, series[0].covariates.shape) == (("temperature",), (60, 1))


def test_ids_are_texts_as_written(tmp_path):
    names = ["NA", "001", "1e5", "nan", " x", "null"]
    table = pd.DataFrame({"unique_id": np.repeat(names, 2), "ds": [1, 2] * 6, "y": 1.0})
    table.to_csv(tmp_path / "series.csv", index=False)
    table.to_parquet(tmp_path / "series.parquet")
    for source in (table, tmp_path / "series.csv", tmp_path / "series.parquet", table.to_dict("records")):
        assert [item.unique_id for item in frames.read(source)] == names
    assert [item.unique_id for item in frames.read(table.assign(unique_id=np.repeat(range(6), 2)))] == list("012345")
    (tmp_path / "gap.csv").write_text("unique_id,ds,y\na,1,1\n,2,1\n")
    with pytest.raises(ValueError, match=r"Each row has a unique_id. Received: none in .*gap.csv, line 3"):
        frames.read(tmp_path / "gap.csv")


@pytest.mark.parametrize("value", ["1,5", "1_000", "٣", "1e", "0x1A", "True", "1 000"])
def test_a_value_that_is_no_number_is_named(tmp_path, value):
    path = tmp_path / "series.csv"
    path.write_text(f'unique_id,ds,y\na,1,NA\na,2,"{value}"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"series.csv, line 3 of the column y is no number. Received: "):
        frames.read(path)


def test_values_are_read_exactly(tmp_path):
    path = tmp_path / "series.csv"
    values = np.random.default_rng(0).normal(size=200) * 10.0 ** np.arange(-100, 100)
    pd.DataFrame({"unique_id": "a", "ds": range(200), "y": values}).to_csv(path, index=False)
    np.testing.assert_array_equal(frames.read(path)[0].y, values)


def test_places_beyond_a_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(observations, "ROWS", 7)
    path = tmp_path / "series.csv"
    frame().to_csv(path, index=False)
    for ours, theirs in zip(frames.read(path), frames.read(frame()), strict=True):
        assert (ours.unique_id, ours.y.tolist()) == (theirs.unique_id, theirs.y.tolist())
        assert ours.ds.equals(theirs.ds)
    path.write_text(path.read_text() + "b,2026-01-01,1.0\n")
    with pytest.warns(UserWarning, match="'b' is left out: .*series.csv, line 122 has the time of another row"):
        frames.read(path)
    path.write_text(path.read_text() + "b,2026-01-32,1.0\n")
    with pytest.raises(ValueError, match="series.csv, line 123 of the column ds is no date"):
        frames.read(path)


def test_a_million_rows():
    table = pd.DataFrame({"unique_id": np.repeat(np.arange(500), 2000), "ds": np.tile(np.arange(2000), 500), "y": 1.0})
    assert sum(len(item.y) for item in frames.read(table)) == 1_000_000
