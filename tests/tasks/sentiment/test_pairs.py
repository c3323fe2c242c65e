"""pairs.py: the forms that data comes in."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.tasks import sentiment

TASK = sentiment.TASK


class TestRead:
    """The user's own pairs."""

    def test_pairs(self):
        assert TASK.read([("a", "x"), (b"caf\xc3\xa9", 3), ["c", np.int64(4)]]) == [
            ("a", "x"),
            ("café", "3"),
            ("c", "4"),
        ]

    def test_tf_data(self):
        pairs = tf.data.Dataset.from_tensor_slices((["a", "b"], [0, 1]))
        assert TASK.read(pairs) == [("a", "0"), ("b", "1")]

    @pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
    def test_file(self, tmp_path, suffix, delimiter):
        path = tmp_path / f"data.{suffix}"
        rows = [["label", "text", "id"], ["good", '"fine, ""really"""', "1"], ["bad", "dull", "2"]]
        path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8-sig")
        assert TASK.read(path) == [('fine, "really"', "good"), ("dull", "bad")]

    def test_folder(self, tmp_path):
        for label, text in (("good", "fine"), ("bad", "dull")):
            (tmp_path / label).mkdir()
            (tmp_path / label / "1.txt").write_text(text)
        assert sorted(TASK.read(str(tmp_path))) == [("dull", "bad"), ("fine", "good")]

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ([], "The data set is empty"),
            ([("a", "x"), "b"], "Item 1 is not a pair .* Received: 'b'"),
            ([("a", "x", "y")], "Item 0 is not a pair"),
            ([(3, "x")], "Item 0 is not a text"),
            ([("a", 0.5)], "Item 0 has no label: a name, a whole number or a bool is expected. Received: 0.5"),
            ([("a", None)], "Item 0 has no label"),
            ([("a", float("nan"))], "Item 0 has no label"),
            ([("a", " ")], "Item 0 has no label"),
            (5, r"A table, or an iterable of items pair \(text, label\), is expected. Received: 5"),
        ],
    )
    def test_bad_data(self, source, message):
        with pytest.raises(ValueError, match=message):
            TASK.read(source)

    def test_long_texts_and_broken_quotes(self, tmp_path):
        path = tmp_path / "data.csv"
        path.write_text("text,label\n" + "word " * 50_000 + ",good\n")
        assert len(TASK.read(path)[0][0]) == 250_000
        path.write_text('text,label\n"never closed,good\nfine,good\n')
        with pytest.raises(ValueError, match="data.csv, line 2: its quote is never closed"):
            TASK.read(path)

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            TASK.read(tmp_path / "none.csv")

    def test_missing_column(self, tmp_path):
        (tmp_path / "data.csv").write_text("review,label\na,b\n")
        assert TASK.read(tmp_path / "data.csv", columns={"text": "review"}) == [("a", "b")]
        with pytest.raises(
            ValueError, match=r"data.csv lacks the column text. Received: review, label. .* columns={'text': 'review'}"
        ):
            TASK.read(tmp_path / "data.csv")

    def test_empty_folder(self, tmp_path):
        with pytest.raises(ValueError, match="has no file LABEL"):
            TASK.read(tmp_path)


def test_imdb_splits(prepared):
    prepared("imdb_reviews")
    sizes = {split: len(TASK.data(split)) for split in ("train", "validation", "test")}
    assert sizes == {"train": 22_500, "validation": 2_500, "test": 25_000}
    pairs = TASK.read(TASK.data("validation"))
    assert 0.45 < np.mean([label == "positive" for _, label in pairs]) < 0.55
    assert {label for _, label in pairs} == set(sentiment.CLASSES)
    assert all(len(text) > 20 for text, _ in pairs)


def test_unknown_split():
    with pytest.raises(ValueError, match="Unknown split: 'dev'.* Known: train, validation, test"):
        TASK.data("dev")


def test_missing_texts_are_empty_ones_and_told(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("text,label\ngood,a\n,b\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="1 of 2 texts are empty or missing, and tell nothing: .*data.csv, line 3"):
        assert sentiment.read(path) == [("good", "a"), ("", "b")]
    with pytest.warns(UserWarning, match="nothing: Item 1"):
        assert sentiment.read([("good", "a"), (None, "b")]) == [("good", "a"), ("", "b")]
