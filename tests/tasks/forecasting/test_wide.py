"""wide.py: a column a series."""

import json

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import HOURS, wave

from lstm_zoo.tasks.forecasting import frames, observations

WIDE = pd.DataFrame({"ds": HOURS, "load": wave(), "gas": wave(level=20.0), "heat": np.arange(60.0)})
WIDE.loc[[3, 4, 59], "gas"] = np.nan


def check_equal(ours, theirs):
    """Raise an AssertionError where two lists of series differ."""
    for one, other in zip(ours, theirs, strict=True):
        assert (one.unique_id, one.step, one.names) == (other.unique_id, other.step, other.names)
        np.testing.assert_array_equal(one.y, other.y)
        np.testing.assert_array_equal(one.covariates, other.covariates)
        assert one.ds.equals(other.ds)


@pytest.mark.parametrize("covariates", [[], ["heat"]])
def test_a_wide_table_is_the_long_one(covariates):
    series = [name for name in ("load", "gas", "heat") if name not in covariates]
    long = WIDE.melt(["ds", *covariates], series, var_name="unique_id", value_name="y")
    check_equal(frames.read(WIDE, covariates=covariates), frames.read(long, covariates=covariates))
    check_equal(frames.read(WIDE, target=series, covariates=covariates), frames.read(long, covariates=covariates))


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv", "jsonl", "json", "parquet", ";"])
def test_files_in_chunks(tmp_path, monkeypatch, kind):
    path = tmp_path / f"wide.{'csv' if kind == ';' else kind}"
    if kind == "parquet":
        WIDE.to_parquet(path)
    elif "json" in kind:
        rows = [
            {name: cell for name, cell in row.items() if cell == cell}
            for row in WIDE.astype({"ds": str}).to_dict("records")
        ]
        lines = "\n".join(map(json.dumps, rows))
        path.write_text(json.dumps(rows) if kind == "json" else lines)
    else:
        WIDE.to_csv(path, index=False, sep={"tsv": "\t", ";": ";"}.get(kind, ","))
    monkeypatch.setattr(observations, "ROWS", 7)
    check_equal(frames.read(path), frames.read(WIDE))


def test_a_wide_file_is_read_in_fewer_rows(tmp_path, monkeypatch):
    path = tmp_path / "wide.csv"
    WIDE.to_csv(path, index=False)
    sizes = []
    read = observations.tables.chunks
    monkeypatch.setattr(
        observations.tables,
        "chunks",
        lambda *given, rows, **named: sizes.append(rows) or read(*given, rows=rows, **named),
    )
    monkeypatch.setattr(observations, "CELLS", 44)
    check_equal(frames.read(path), frames.read(WIDE))
    assert sizes[:2] == [1, 11]
    path.write_text(path.read_text() + "2026-01-01 00:00:00,1,1,1\n")
    with (
        pytest.warns(UserWarning, match=r"'heat' is left out: .*wide.csv, line 62 has the time of another row\."),
        pytest.raises(ValueError, match="no series that can be read. The first, 'load': "),
    ):
        frames.read(path)


@pytest.mark.parametrize("cell", ["1,037", "1 037", "many", "1_000"])
@pytest.mark.parametrize("row", [0, 40])
def test_a_column_with_a_cell_that_is_no_number(tmp_path, monkeypatch, cell, row):
    monkeypatch.setattr(observations, "ROWS", 7)
    table = WIDE.astype({"load": object})
    table.loc[row, "load"] = cell
    table.to_csv(tmp_path / "wide.csv", index=False)
    for source, place in ((table, f"Row {row}"), (tmp_path / "wide.csv", f".*wide.csv, line {row + 2}")):
        said = f"left out: {place} of the column load is no number. Received: '{cell}'"
        is_text = row == 0 and cell in ("many", "1_000")  # by its first cell no column of numbers
        with pytest.warns(UserWarning, match="left out: load. " if is_text else said):
            assert [item.unique_id for item in frames.read(source)] == ["gas", "heat"]
        with (
            pytest.warns(UserWarning, match="left out: gas, heat"),
            pytest.raises(ValueError, match=f"{place} of the column load is no number"),
        ):
            frames.read(source, target="load")


def test_a_column_without_a_value():
    table = WIDE.assign(empty=np.nan, late=WIDE["load"].where(WIDE.index > 50))
    with pytest.warns(UserWarning, match="'empty' is left out: it has no value"):
        assert [item.unique_id for item in frames.read(table)] == ["load", "gas", "heat", "late"]
    with (
        pytest.warns(UserWarning, match="'empty' is left out: it has no value"),
        pytest.raises(ValueError, match="no series that can be read. The first, 'empty': it has no value"),
    ):
        frames.read(table[["ds", "empty"]])
    with pytest.warns(UserWarning, match="left out: load, gas, heat, late"):
        (series,) = frames.read(table, target="empty")
    assert np.isnan(series.y).all()


def test_a_column_that_comes_late(tmp_path, monkeypatch):
    monkeypatch.setattr(observations, "ROWS", 7)
    rows = [{"ds": number, "load": 1.0} | ({"gas": 1.0} if number == 9 else {}) for number in range(12)]
    (tmp_path / "wide.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ValueError, match="wide.jsonl, line 10 has gas, which none of the first rows has: give it to"):
        frames.read(tmp_path / "wide.jsonl")
    with pytest.raises(ValueError, match="no column 'gas', as target says. Received: ds, load"):
        frames.read(tmp_path / "wide.jsonl", target="load,gas")


def test_points_between_thousands_are_said(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("date;load;gas;heat\n01.01.2026;1.037;2.500;1.5\n02.01.2026;987;2.000;2.5\n")
    with pytest.warns(
        UserWarning, match="The point in the columns load, gas is read as a decimal one: '1.037' is 1.037"
    ):
        series = frames.read(path)
    assert series[0].y.tolist() == [1.037, 987]
