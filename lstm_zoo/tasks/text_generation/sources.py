"""Texts: of data sets, from the user's own files and objects, and their split."""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from lstm_zoo import tables
from lstm_zoo.datasets import Dataset
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.tables.files import text_of
from lstm_zoo.tables.folders import files_below
from lstm_zoo.tables.table import Columns
from lstm_zoo.text.inputs import check_text, prepare

NUM_VALIDATION, NUM_TEST = 1000, 2500  # reviews of IMDb
VALIDATION_SHARE = 0.1  # of the user's own texts


def shakespeare(split: str) -> list[str]:
    """Tiny Shakespeare, one text: 1,003,854, 55,770 and 55,770 characters for training, validation and test."""
    import tensorflow_datasets as tfds

    return [example["text"].decode() for example in tfds.as_numpy(load_catalogued("tiny_shakespeare", split=split))]


def reviews(split: str) -> list[str]:
    """Reviews of IMDb without their labels: 74,000 for training, those with labels and those without; 1,000 for
    validation, the last of those without, in the fixed order of TFDS; 2,500 for testing, the first of the test split.
    """
    import tensorflow_datasets as tfds

    slices = {
        "train": f"train+unsupervised[:-{NUM_VALIDATION}]",
        "validation": f"unsupervised[-{NUM_VALIDATION}:]",
        "test": f"test[:{NUM_TEST}]",
    }
    examples = tfds.as_numpy(load_catalogued("imdb_reviews", split=slices[split]))
    return [example["text"].decode().replace("<br />", " ") for example in examples]


SHAKESPEARE = {
    "tiny_shakespeare": Dataset(
        load=shakespeare,
        license="Tiny Shakespeare, plays in the public domain (Karpathy 2015)",
        limits="It writes what looks like Shakespeare's plays, without sense or plot.",
        languages=("en",),
    )
}
IMDB = {
    "imdb_reviews": Dataset(
        load=reviews,
        license="IMDb reviews, free for research (Maas et al. 2011)",
        limits="It writes what looks like English film reviews; names and facts in them are made up.",
        languages=("en",),
    )
}


def read(source: Any, *, columns: Columns = None, delimiter: str | None = None) -> list[str]:
    """Checked texts from whatever form the data has.

    Args:
        source: the path of a text file in UTF-8, or of a folder with `.txt` files, in it or below; an iterable of texts
            (str or UTF-8 bytes), which a `tf.data.Dataset` is too; or a table with the column `text`: a CSV, TSV, JSON
            Lines or Parquet file, a frame, rows that are dicts.
        columns, delimiter: of a table, see `lstm_zoo.tables.chunks`.

    Returns:
        List of `str`, those that are not empty.

    Raises:
        ValueError: no text, or only empty ones; a text in the place of a path; a file that is binary or in another
            encoding; an item that is no text.
        FileNotFoundError: a path that does not exist.
    """
    is_path = isinstance(source, (str, pathlib.Path))
    if tables.is_table(source) or columns is not None or delimiter is not None:
        rows = tables.records(source, ("text",), columns=columns, delimiter=delimiter)
        texts = [check_text(text, place) for place, (text,) in rows]
    elif is_path:
        path = pathlib.Path(source)
        if len(path.name) > 255:  # which no file's name is
            raise ValueError(f"A path, or a list of texts, is expected. Received a text: {str(source)[:40]!r}...")
        texts = [text_of(file) for file in (files_below(path, [".txt"]) if path.is_dir() else [path])]
    else:
        if hasattr(source, "as_numpy_iterator"):
            source = source.as_numpy_iterator()
        if not hasattr(source, "__iter__"):
            raise ValueError(f"Texts, or the path of a file or folder of them, are expected. Received: {source!r}")
        texts = prepare(source)
    texts = [text for text in texts if text.strip("\0").strip()]
    if not texts:
        raise ValueError(f"The data set is empty: it holds no text. Received: {_brief(source)}")
    return texts


def _brief(source):
    return str(source) if isinstance(source, (str, pathlib.Path)) else f"{type(source).__name__} of empty texts"


def split(texts: Sequence[str], seed: int = 0) -> tuple[list[str], list[str]]:
    """Set a tenth aside for validation: of several texts a tenth of them, of a single one its end.

    Returns:
        Two lists of `str`: training and validation texts.

    Raises:
        ValueError: a single text of one character.
    """
    if len(texts) == 1:
        end = len(texts[0]) - max(1, round(VALIDATION_SHARE * len(texts[0])))
        if not end:
            raise ValueError(f"No validation split: one character only, {texts[0]!r}. Add text, or pass `validation`.")
        return [texts[0][:end]], [texts[0][end:]]
    count = max(1, round(VALIDATION_SHARE * len(texts)))
    held_out = set(np.random.default_rng(seed).choice(len(texts), count, replace=False).tolist())
    return (
        [text for row, text in enumerate(texts) if row not in held_out],
        [text for row, text in enumerate(texts) if row in held_out],
    )
