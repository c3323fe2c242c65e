"""outputs.py: what is written is whole, goes on after a kill, and comes back as it was."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest

from lstm_zoo import outputs, tables

FRAME = pd.DataFrame(
    {
        "text": ['He said "hi", twice', "zwei\nZeilen\tgrößer", "a\rb", ""],
        "score": [0.1, 1 / 3, float("nan"), 1e-300],
        "count": pd.Series([1, 2**60, None, 0], dtype=object),
        "words": [[("a", 0.5)], [], None, {"b": 1.0}],
    }
)
NAMES = ["a.csv", "a.TSV", "a.jsonl", "a.ndjson.gz", "a.csv.gz"]


def pieces(output, number=2):
    """Written in pieces of so many rows, behind those that are there."""
    for begin in range(output.units, len(FRAME), number):
        output.add(FRAME[begin : begin + number], len(FRAME[begin : begin + number]))


@pytest.mark.parametrize("name", NAMES)
def test_pieces_are_the_whole(tmp_path, name):
    outputs.write(FRAME, tmp_path / f"whole-{name}")
    output = outputs.Output(tmp_path / name, {})
    pieces(output)
    assert output.finish() == tmp_path / name
    whole, joined = (tables.read(tmp_path / path) for path in (f"whole-{name}", name))
    assert joined.frame.equals(whole.frame)
    assert joined.cells("text") == FRAME["text"].tolist()
    assert [float(cell) for cell in joined.cells("score") if cell] == [0.1, 1 / 3, 1e-300]
    assert [int(cell) for cell in joined.cells("count") if cell not in (None, "")] == [1, 2**60, 0]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"whole-{name}"])


def test_parquet(tmp_path):
    frame = FRAME[["text", "score", "count"]].assign(error=[None, None, None, "no audio"])
    output = outputs.Output(tmp_path / "a.parquet", {})
    for row in range(len(frame)):
        output.add(frame[row : row + 1], 1)
    output.finish()
    table = tables.read(tmp_path / "a.parquet")
    assert [table.cells(title) for title in ("text", "count")] == [FRAME[title].tolist() for title in ("text", "count")]
    assert table.cells("error") == [None, None, None, "no audio"]


@pytest.mark.parametrize("name", [*NAMES, "a.parquet"])
def test_after_a_kill(tmp_path, name):
    frame = FRAME.drop(columns="words") if name == "a.parquet" else FRAME
    path = tmp_path / name
    outputs.Output(path, {"a": 1}).add(frame[:2], 2)
    part = tmp_path / f"{name}.part"
    if not part.is_dir():
        part.write_bytes(part.read_bytes() + b"half a row, cut of")  # written, and not counted before the kill
    with pytest.raises(FileExistsError, match="is of a run that was stopped. resume=True goes on with it"):
        outputs.Output(path, {"a": 1})
    with pytest.raises(ValueError, match="another run, which cannot go on with these settings: a was 1, is 2"):
        outputs.Output(path, {"a": 2}, resume=True)
    output = outputs.Output(path, {"a": 1}, resume=True)
    assert output.units == 2
    output.add(frame[2:], 2)
    output.finish()
    texts = pd.read_parquet(path)["text"].tolist() if name == "a.parquet" else tables.read(path).cells("text")
    assert texts == FRAME["text"].tolist()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    with pytest.warns(UserWarning, match="is whole already, and stays as it is"):
        assert outputs.Output(path, {"a": 1}, resume=True).finished


def test_columns_are_those_of_the_first_rows(tmp_path):
    output = outputs.Output(tmp_path / "a.csv", {})
    output.add(FRAME[["text", "count"]], 4)
    output = outputs.Output(tmp_path / "a.csv", {}, resume=True)
    output.add(FRAME[["count"]].assign(text="x")[:1], 1)
    with pytest.raises(ValueError, match="a.csv has no column late, since none of its first rows had it"):
        output.add(FRAME[["text"]].assign(late=1), 4)
    assert tables.read(output.finish()).frame.iloc[-1].tolist() == ["x", "1"]


def test_a_part_without_a_journal_does_not_count(tmp_path):
    (tmp_path / "a.csv.part").write_text("killed before the first rows counted")
    output = outputs.Output(tmp_path / "a.csv", {}, resume=True)
    output.add(FRAME[:1], 1)
    assert tables.read(output.finish()).cells("text") == FRAME["text"].tolist()[:1]


def test_parquet_of_mixed_cells(tmp_path):
    for column in ([1, "a"], [[1], 2]):
        with pytest.raises(ValueError, match=r"Parquet has cells of one type in a column; .jsonl holds any"):
            outputs.write(pd.DataFrame({"x": pd.Series(column, dtype=object)}), tmp_path / "a.parquet")
    output = outputs.Output(tmp_path / "a.parquet", {})
    for cell in ([1], ["a"]):
        output.add(pd.DataFrame({"x": cell}), 1)
    with pytest.raises(ValueError, match="Parquet has cells of one type"):
        output.finish()


def test_paths(tmp_path):
    (tmp_path / "a.csv").touch()
    with pytest.raises(FileExistsError, match="a.csv exists already"):
        outputs.write(FRAME, tmp_path / "a.csv")
    for name in ("a.xlsx", "a", "a.parquet.gz"):
        with pytest.raises(ValueError, match=r"ends in .csv, .tsv, .jsonl"):
            outputs.Output(tmp_path / name, {})
    assert outputs.beside("errors.csv.gz", "confusion.png").name == "errors.confusion.png"


def test_json_holds_what_json_can():
    day = pd.Timestamp("2026-01-31 12:00", tz="Europe/Berlin")
    frame = pd.DataFrame(
        {
            "value": [np.float32(0.5), float("inf"), None, np.int64(3), day, datetime.date(2026, 1, 31), pd.NaT],
            "list": [np.arange(2), ("a", float("nan")), {"b": np.float64(1)}, None, True, b"x", [[1]]],
        },
        dtype=object,
    )
    rows = list(outputs.plain_rows(frame))
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    values = [0.5, None, None, 3, "2026-01-31T12:00:00+01:00", "2026-01-31", None]
    assert [row["value"] for row in rows] == values
    assert [row["list"] for row in rows] == [[0, 1], ["a", None], {"b": 1.0}, None, True, "b'x'", [[1]]]
