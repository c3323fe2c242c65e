"""Pairs (text, label): from IMDb, and from the user's own files and objects."""

import pathlib
from typing import Any

import tensorflow as tf

from lstm_zoo import tables
from lstm_zoo.classification import check_label
from lstm_zoo.datasets import Dataset
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.multilabel import check_label_cells
from lstm_zoo.tables.files import text_of
from lstm_zoo.tables.folders import labelled_files
from lstm_zoo.tables.table import Columns
from lstm_zoo.text.inputs import check_text, filled

CLASSES = ("negative", "positive")  # of the IMDb reviews, in the order of TFDS
SPLITS = {"train": "train[:90%]", "validation": "train[90%:]", "test": "test"}  # of ours -> slice of those of TFDS

Pair = tuple[str, str | tuple[str, ...]]  # a text and its label, or its labels


def load_reviews(split: str) -> tf.data.Dataset:
    """Raw pairs (text, label) of the IMDb reviews.

    Args:
        split: "train" (22,500 reviews), "validation" (2,500: the last tenth of the TFDS train split, whose order is a
            fixed shuffle) or "test" (25,000).

    Returns:
        tf.data.Dataset of pairs of scalar strings; the labels are "negative" and "positive".
    """
    reviews = load_catalogued("imdb_reviews", split=SPLITS[split], as_supervised=True)
    return reviews.map(lambda text, label: (text, tf.gather(CLASSES, label)))


DATASETS = {
    "imdb_reviews": Dataset(
        load=load_reviews,
        license="IMDb reviews, free for research (Maas et al. 2011)",
        limits="English film reviews; irony, mixed verdicts and other kinds of text lower the accuracy.",
        languages=("en",),
    )
}


def read(
    source: Any, *, columns: Columns = None, delimiter: str | None = None, label_separator: str | None = None
) -> list[Pair]:
    """Checked pairs (text, label) from whatever form the data has.

    Args:
        source: a table with the columns `text` and `label`: a CSV, TSV, JSON Lines or Parquet file, a frame, rows; or
            an iterable of pairs (text, label), which a `tf.data.Dataset` is too; or the path of a folder with one
            sub-folder of `.txt` files a label. A label is a text, a whole number or a bool. Where texts have several
            labels, each of them has a list of them, or a tuple or a set, which may be empty. A text that is missing is
            an empty one; a warning names both.
        columns, delimiter: of a table, see `lstm_zoo.tables.chunks`.
        label_separator: between several labels in a cell. None: a cell is one label.

    Returns:
        List of pairs of `str`; of several labels the second is a tuple, see `lstm_zoo.multilabel`.

    Raises:
        ValueError: no pairs, a malformed file, another encoding than UTF-8, an item that is not a pair, a text that is
            not a string, a missing label; the message names the line or the first item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([("A moving film.", "positive"), (b"Dull.", "negative"), ("So so.", 3)])
    [('A moving film.', 'positive'), ('Dull.', 'negative'), ('So so.', '3')]
    """
    if isinstance(source, (str, pathlib.Path)) and pathlib.Path(source).is_dir():
        if label_separator is not None:
            raise ValueError(f"label_separator is for tables. Received: {label_separator!r} with the folder {source}")
        files = labelled_files(pathlib.Path(source), [".txt"])
        return [(text_of(path), check_label(label, str(path))) for path, label in files]
    places, raw, labels = [], [], []
    for place, (text, label) in tables.records(source, ("text", "label"), columns=columns, delimiter=delimiter):
        places.append(place)
        raw.append(text)
        labels.append(label)
    if not places:
        raise ValueError("The data set is empty: it holds no pair (text, label).")
    texts = map(check_text, filled(raw, places.__getitem__), places)
    return list(zip(texts, check_label_cells(list(zip(places, labels)), label_separator)))
