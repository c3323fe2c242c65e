"""Tables of all kinds: the same rows whatever they come in, and what columns are called."""

import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tensorflow as tf

from lstm_zoo import tables

NAMES = ("text", "label")
EXPECTED = [("a", "x"), ("b", "y")]


class HuggingFace(list):
    """What the reader knows a Hugging Face data set by, whose labels are numbers."""

    column_names = ["text", "label"]  # noqa: RUF012 - as the original has it
    features = {"text": None, "label": types.SimpleNamespace(int2str=["x", "y"].__getitem__)}  # noqa: RUF012


SOURCES = {
    "frame": pd.DataFrame({"id": [1, 2], "label": ["x", "y"], "text": ["a", "b"]}, index=[7, 8]),
    "categories": pd.DataFrame({"text": ["a", "b"], "label": pd.Categorical(["x", "y"])}),
    "dicts": [{"text": "a", "label": "x"}, {"label": "y", "text": "b"}],
    "generator": ({"text": text, "label": label} for text, label in EXPECTED),
    "columns": {"text": np.array(["a", "b"]), "label": ("x", "y")},
    "pairs": EXPECTED,
    "array": np.array(EXPECTED),
    "structured": np.array(EXPECTED, dtype=[("text", "U9"), ("label", "U9")]),
    "Hugging Face": HuggingFace([{"text": "a", "label": 0}, {"text": "b", "label": 1}]),
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.filterwarnings("ignore:Columns of the table")
def test_kinds(kind):
    assert [cells for _, cells in tables.records(SOURCES[kind], NAMES)] == EXPECTED


def test_frames_of_other_libraries():
    other = types.SimpleNamespace(to_pandas=lambda: SOURCES["categories"], columns=NAMES)  # cuDF
    assert [cells for _, cells in tables.records(other, NAMES)] == EXPECTED
    arrow = pa.table({"text": ["a", "b"], "label": [2**53 + 1, None]})
    polars = types.SimpleNamespace(to_arrow=lambda: arrow, to_pandas=None, columns=NAMES)
    for source in (arrow, polars):
        assert [cells for _, cells in tables.records(source, NAMES)] == [("a", 2**53 + 1), ("b", None)]


def test_labels_of_hugging_face_that_are_none():
    dataset = HuggingFace([{"text": "a", "label": -1}])
    assert list(tables.records(dataset, NAMES)) == [("Item 0", ("a", None))]


def test_data_sets_of_tensorflow():
    for source in ((["a", "b"], ["x", "y"]), {"text": ["a", "b"], "label": ["x", "y"]}):
        rows = list(tables.records(tf.data.Dataset.from_tensor_slices(source), NAMES))
        assert rows == [("Item 0", (b"a", b"x")), ("Item 1", (b"b", b"y"))]


def test_places():
    assert [place for place, _ in tables.records(SOURCES["categories"], NAMES)] == ["Row 0", "Row 1"]
    with pytest.warns(UserWarning, match="Columns of the table that are left out: id"):
        places = [place for place, _ in tables.records(SOURCES["frame"], NAMES)]
    assert places == ["Row 0 (index 7)", "Row 1 (index 8)"]


def test_missing_cells_are_none():
    frame = pd.DataFrame({"text": ["a", None, np.nan], "n": pd.array([1, None, 3], dtype="Int64")})
    assert tables.read(frame).cells("text") == ["a", None, None]
    assert tables.read(frame).cells("n") == [1, None, 3]


def test_columns_by_number_and_with_commas():
    assert list(tables.records(pd.DataFrame([["a", 5]]), NAMES, columns={"text": 0, "label": 1})) == [
        ("Row 0", ("a", 5))
    ]
    frame = pd.DataFrame({"a, b": ["a"], "label": [5]})
    assert list(tables.records(frame, NAMES, columns='{"text": "a, b"}')) == [("Row 0", ("a", 5))]


@pytest.mark.parametrize("columns", [{"text": "review", "label": "stars"}, "text=review,label=stars"])
def test_columns_that_are_called_otherwise(columns):
    frame = pd.DataFrame({"review": ["a"], "stars": [5], "text": ["not this"]})
    with pytest.warns(UserWarning, match="left out: text"):
        assert list(tables.records(frame, NAMES, columns=columns)) == [("Row 0", ("a", 5))]
    assert list(tables.read(frame, columns=columns).frame) == ["text", "label"]


def test_files_without_titles(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,x\nb,y\n")
    for columns in (["text", "label"], "text,label"):
        assert [cells for _, cells in tables.records(path, NAMES, columns=columns)] == EXPECTED
    path.write_text("text,label\na,x\nb,y\n")
    assert [cells for _, cells in tables.records(path, NAMES, columns="text,label")] == EXPECTED
    path.write_text("a,x\nb,y,z\n")
    with pytest.raises(ValueError, match="line 2: 2 fields are expected"):
        list(tables.records(path, NAMES, columns="text,label"))


def test_chunks_are_the_table(tmp_path):
    frame = pd.DataFrame({"text": [f"{number}\nx" for number in range(10)]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    for source in (frame, tmp_path / "a.csv", frame.to_dict("records")):
        parts = list(tables.chunks(source, names=("text",), rows=3))
        assert [len(part.frame) for part in parts] == [3, 3, 3, 1]
        assert [cell for part in parts for cell in part.cells("text")] == frame["text"].tolist()
        assert parts[-1].share in (None, 1.0)
    assert parts[2].behind(2).place(0) == "Item 8"
    whole = tables.read(tmp_path / "a.csv")
    assert [whole.place(row).rpartition(" ")[2] for row in (0, 4, 9)] == ["2", "10", "20"]


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (pd.DataFrame({"review": ["a"], "label": [1]}), {}, r"lacks the column text. .*columns={'text': 'review'}"),
        (pd.DataFrame({"a": [1]}), {"columns": {"text": "b"}}, "has no column 'b', as columns says. Received: a"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), {}, "columns of the same name: text"),
        ({"text": ["a"], "label": ["x", "y"]}, {}, "A mapping of columns of one length"),
        ([{"text": "a"}], {}, "lacks the column label"),
        ({"a": ["x"]}, {}, r"lacks the columns text and label. Received: a. .*{'text': 'a', 'label': '...'}"),
        ({"txt": ["x"], "lable": [1]}, {}, "on a command line --columns text=txt,label=lable"),
        ({"My colleague cannot log in.": ["x"], "1": [1]}, {}, r"\['text', 'label'\], .*--columns text,label"),
        (iter([{"text": "a", "label": 1}, {"text": "a"}]), {}, "Item 1 lacks label"),
        ([("a", "x"), "bc"], {}, r"Item 1 is not a pair \(text, label\). Received: 'bc'"),
        (5, {}, "A table, or an iterable of items pair .* Received: 5"),
        (b"abc", {}, "A table, or an iterable"),
        ([("a", "x")], {"delimiter": ";"}, "delimiter and a list of columns are for files"),
        (pd.DataFrame({"text": ["a"]}), {"columns": ["text"]}, "columns as a list is for files"),
        (pd.DataFrame({"text": ["a"]}), {"columns": {"txt": "text"}}, "gives the titles of text, label. Received: txt"),
        ({"train": pa.table({"text": ["a"]})}, {}, r"One split of a data set is expected, like data\['train'\]"),
        (pd.DataFrame({"text": ["a"]}), {"columns": {"text": None}}, "columns are pairs of name and title"),
        (pd.DataFrame({"text": ["a"]}), {"columns": "{text"}, "columns is no JSON: "),
        (pd.DataFrame({"text": ["a"]}), {"columns": 3}, "columns is a dict, .* or a list of titles"),
        (pd.DataFrame({"text": ["a"]}), {"columns": "a,a"}, "columns are called differently"),
    ],
)
def test_what_is_no_table(source, options, message):
    with pytest.raises(ValueError, match=message):
        list(tables.records(source, NAMES, **options))


def test_titles(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(" text , label,\na,b,c\n")
    assert list(tables.read(path).frame) == ["text", "label", "Unnamed: 2"]
    path.write_text("text,text\na,b\n")
    with pytest.raises(ValueError, match="has columns of the same name: text"):
        tables.read(path)
    path.write_text("\n")
    with pytest.raises(ValueError, match="a.csv is empty"):
        tables.read(path)
