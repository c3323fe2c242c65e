"""files.py: endings, encodings, packed files, standard input."""

import gzip
import io
import json
import sys
import types

import pandas as pd
import pytest

from lstm_zoo import tables
from lstm_zoo.tables import files


def rows_of(source, **options):
    return tables.read(source, **options).frame.to_numpy().tolist()


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.Csv.GZ", "a.tsv", "a.TSV.gz"])
def test_endings_in_any_case(file, name):
    tab = "\t" if "tsv" in name.lower() else ","
    content = f"text{tab}label\r\ngrößer{tab}1\r\n".encode("utf-8-sig")
    path = file(name, gzip.compress(content) if name.lower().endswith("gz") else content)
    assert rows_of(path) == [["größer", "1"]]
    assert tables.is_table(path)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("utf-16", "a.csv is in UTF-16. UTF-8 is expected"),
        ("utf-32", "a.csv is in UTF-32"),
        ("utf-16-le", "a.csv, line 1, holds the byte 0: it may be in UTF-16"),
        ("cp1252", "a.csv, line 3, is not UTF-8: it holds the byte 0xf6, which is 'ö' in cp1252"),
    ],
)
def test_other_encodings_are_named(file, encoding, message):
    with pytest.raises(ValueError, match=message):
        tables.read(file("a.csv", "text\na\ngrößer\n", encoding))


def test_line_breaks_of_all_systems():
    def lines(content):
        return [text for _, text in files.lines(io.BytesIO(content), "x")]

    assert lines(b"a\nb\r\nc\rd\r\re") == ["a\n", "b\r\n", "c\r", "d\r", "\r", "e"]
    assert lines("a\u2028b\x85\n".encode()) == ["a\u2028b\x85\n"]


def test_json_lines(file):
    path = file("a.jsonl", '{"text": "a", "label": true}\n\n{"label": 2, "more": [1]}\n')
    table = tables.read(path)
    assert table.cells("text") == ["a", None]
    assert table.cells("label") == [True, 2]
    assert table.place(1) == f"{path}, line 3"
    for content, message in [
        ("{", "line 1, is no JSON"),
        ("[1]", "item 0: a JSON object is expected. Received: 1"),
        ('{"text": 1}\n[1]', "line 2: a JSON object is expected"),
        ("[" * 10**5, "is no JSON"),
        ('[{"text": 1}', "is no JSON"),
        ('{"text": {"0": "a"}}', 'is a table of columns. .* orient="records"'),
    ]:
        with pytest.raises(ValueError, match=message):
            tables.read(file("b.jsonl", content))


def test_a_json_list(file):
    for name, indent in (("a.json", 1), ("a.jsonl", None)):
        path = file(name, json.dumps([{"text": "a"}, {"text": "b"}], indent=indent))
        assert tables.read(path).cells("text") == ["a", "b"]


def test_what_is_no_text_is_named(file):
    for content, kind in [
        (b"PK\x03\x04\x14", "a ZIP file, as .xlsx, .ods, .docx and .npz are"),
        (gzip.compress(b"text\na\n"), "packed by gzip: its name has to end in .gz"),
        (b"PAR1\x15", "Parquet: its name has to end in .parquet"),
    ]:
        with pytest.raises(ValueError, match=f"a.csv is {kind}"):
            tables.read(file("a.csv", content))
        with pytest.raises(ValueError, match=kind):
            list(tables.chunks(file("a.xlsx", content), lines="text"))
    with pytest.raises(ValueError, match=r"A file .csv, .* is expected. Received: .*a.html"):
        list(tables.chunks(file("a.html", "<p>"), lines="text"))


def test_the_index_of_a_parquet_file_is_a_column(tmp_path):
    pd.DataFrame({"text": ["a"]}, index=pd.Index([5], name="id")).to_parquet(tmp_path / "a.parquet")
    assert tables.read(tmp_path / "a.parquet").cells("id") == [5]


def test_parquet(file, tmp_path):
    pd.DataFrame({"text": ["a", None], "label": [1, 2]}).to_parquet(tmp_path / "a.parquet")
    table = tables.read(tmp_path / "a.parquet", names=("text",))
    assert (table.cells("text"), table.cells("label")) == (["a", None], [1, 2])
    assert table.place(1).endswith("a.parquet, row 1")
    pd.DataFrame({"text": []}).to_parquet(tmp_path / "b.parquet")
    assert tables.read(tmp_path / "b.parquet").cells("text") == []
    with pytest.raises(ValueError, match="cannot be read as Parquet"):
        tables.read(file("c.parquet", b"PAR1" * 10))


def test_broken_gzip(file):
    packed = gzip.compress(b"text\n" + b"a\n" * 1000)
    for content in (b"text\n", packed[:-20], packed[:15] + b"xx" + packed[17:]):
        with pytest.raises(ValueError, match="is no whole gzip file"):
            tables.read(file("a.csv.gz", content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,label\na,b\n", ["a"]),
        ('"text";label\na;b\n', ["a"]),
        ('{"text": "a"}\n', ["a"]),
        ('[{"text": "a"}]\n', ["a"]),
        ('[\n{"text": "a"}]\n', ["a"]),
        ("[music] Good.\n", ["[music] Good."]),
        ("Good, really.\n\nBad.", ["Good, really.", "", "Bad."]),
        ("", []),
    ],
)
def test_standard_input_is_recognized(monkeypatch, content, expected):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content.encode())))
    chunks = list(tables.chunks("-", names=("text",), lines="text"))
    assert [cell for chunk in chunks for cell in chunk.cells("text")] == expected


def test_lines_of_text(file):
    first, second = tables.chunks(file("a.txt", "a, b\n\n  c"), names=("text",), lines="text", rows=2)
    assert first.cells("text") == ["a, b", ""]
    assert (second.cells("text"), second.place(0)) == (["  c"], f"{file('a.txt', '')}, line 3")
    with pytest.raises(ValueError, match=r"A file .csv, .tsv, .* is expected. Received: .*a.txt"):
        list(tables.chunks(file("a.txt", "a"), names=("text",)))


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="x.csv does not exist"):
        tables.read(tmp_path / "x.csv")
    (tmp_path / "y.csv").mkdir()
    with pytest.raises(FileNotFoundError, match="y.csv is a folder"):
        tables.read(tmp_path / "y.csv")
