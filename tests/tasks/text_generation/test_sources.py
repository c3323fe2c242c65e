"""sources.py: what `train` reads."""

import pathlib

import pandas as pd
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation import awd, sources


def test_files_folders_lists_and_datasets(tmp_path):
    (tmp_path / "b.txt").write_text("zwei\n", encoding="utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.txt").write_bytes("\ufeffdrei, größer\r\n".encode())
    assert sources.read(tmp_path) == ["drei, größer\n", "zwei\n"]
    assert sources.read(str(tmp_path / "b.txt")) == ["zwei\n"]
    assert sources.read(tf.data.Dataset.from_tensor_slices(["ä", " ", "b"])) == ["ä", "b"]
    assert sources.read(iter([b"one", "two"])) == ["one", "two"]
    assert sources.read(tf.constant(["one", "two"])) == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The data set is empty: it holds no text. Received: .*text.txt"),
        (b" \n\t", "holds no text"),
        (b"PK\x03\x04\x00\x00", "text.txt is a ZIP file"),
        (b"a\nb\x00", "text.txt, line 2, holds the byte 0: it is no text"),
        (
            "größer".encode("latin-1"),
            "text.txt, line 1, is not UTF-8: it holds the byte 0xf6, which is 'ö' in cp1252.*Save it in UTF-8 first",
        ),
        ("größer".encode("utf-16"), "text.txt is in UTF-16"),
    ],
)
def test_files_that_hold_no_text(tmp_path, content, message):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        lstm_zoo.train("text_generation", path, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (7, "Texts, or the path of a file or folder of them, are expected. Received: 7"),
        ([], "The data set is empty: it holds no text. Received: list of empty texts"),
        ({"review": ["a"]}, "The table lacks the column text. Received: review"),
        (pd.DataFrame({"text": ["a", None]}), "Row 1 is not a text: .* Received: None"),
        (["a", 3], "Item 1 is not a text"),
        (["\0"], "The data set is empty: it holds no text"),
        ("To be, or not to be. " * 20, "A path, or a list of texts, is expected. Received a text: 'To be, or"),
        (pathlib.Path("To be. " * 50), "A path, or a list of texts, is expected. Received a text: 'To be. To"),
    ],
)
def test_what_is_no_text(source, message):
    with pytest.raises(ValueError, match=message):
        sources.read(source)


def test_paths_that_lead_nowhere(tmp_path):
    with pytest.raises(FileNotFoundError):
        sources.read(tmp_path / "missing.txt")
    with pytest.raises(ValueError, match="has no file that ends in .txt"):
        sources.read(tmp_path)


def test_split_of_one_text_is_its_end_and_of_many_some_of_them():
    assert sources.split(["0123456789" * 2]) == (["0123456789" + "01234567"], ["89"])
    texts = [str(number) for number in range(40)]
    training, validation = sources.split(texts, seed=1)
    assert len(validation) == 4
    assert sorted(training + validation) == sorted(texts)
    assert sources.split(texts, seed=1) == (training, validation)
    assert sources.split(texts, seed=2) != (training, validation)
    with pytest.raises(ValueError, match="No validation split: one character only, 'a'"):
        sources.split(["a"])


def test_other_data_sets_and_splits():
    with pytest.raises(ValueError, match="Unknown split: 'all'. .*Known: train, validation, test"):
        text_generation.TASK.data("all", "tiny_shakespeare")
    with pytest.raises(ValueError, match="Unknown data set: 'x'. Known: tiny_shakespeare, imdb_reviews"):
        text_generation.TASK.data("train", "x")
    assert list(awd.TASK.datasets) == ["imdb_reviews", "tiny_shakespeare"]


def test_data_sets_are_those_of_the_catalogue(prepared):
    prepared("tiny_shakespeare")
    for split, characters in {"train": 1_003_854, "validation": 55_770, "test": 55_770}.items():
        assert len(text_generation.TASK.data(split, "tiny_shakespeare")[0]) == characters


def test_imdb_validates_on_reviews_that_it_does_not_train_on(prepared):
    prepared("imdb_reviews")
    validation, test = (awd.TASK.data(split, "imdb_reviews") for split in ("validation", "test"))
    assert (len(validation), len(test)) == (1000, 2500)
    assert not any("<br />" in text for text in validation + test)
