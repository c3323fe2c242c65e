"""Pairs (text, label): from IMDb, and from the user's own files and objects."""

import csv
import pathlib
from typing import Any

import tensorflow as tf

from lstm_zoo.classification import check_label
from lstm_zoo.datasets import Dataset
from lstm_zoo.text.inputs import check_text

CLASSES = ("negative", "positive")  # of the IMDb reviews, in the order of TFDS
SPLITS = {"train": "train[:90%]", "validation": "train[90%:]", "test": "test"}  # of ours -> slice of those of TFDS

Pair = tuple[str, str]  # a text and its label


def load_reviews(split: str) -> tf.data.Dataset:
    """Raw pairs (text, label) of the IMDb reviews.

    Args:
        split: "train" (22,500 reviews), "validation" (2,500: the last tenth of the TFDS train split, whose order is a
            fixed shuffle) or "test" (25,000).

    Returns:
        tf.data.Dataset of pairs of scalar strings; the labels are "negative" and "positive".
    """
    import tensorflow_datasets as tfds

    reviews = tfds.load("imdb_reviews", split=SPLITS[split], as_supervised=True)
    return reviews.map(lambda text, label: (text, tf.gather(CLASSES, label)))


DATASETS = {
    "imdb_reviews": Dataset(
        load=load_reviews,
        license="IMDb reviews, free for research (Maas et al. 2011)",
        limits="English film reviews; irony, mixed verdicts and other kinds of text lower the accuracy.",
    )
}


def read(source: Any) -> list[Pair]:
    """Checked pairs (text, label) from whatever form the data has.

    Args:
        source: an iterable of pairs (text, label), which a `tf.data.Dataset` is too; or the path of a CSV or TSV file
            with the columns `text` and `label`; or the path of a folder with one sub-folder of `.txt` files a label.
            A label is a string or a whole number.

    Returns:
        List of pairs of `str`.

    Raises:
        ValueError: no pairs, a malformed file, an item that is not a pair, a text that is not a string, a label that
            is neither a string nor a whole number; the message names the line or the first item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([("A moving film.", "positive"), (b"Dull.", "negative"), ("So so.", 3)])
    [('A moving film.', 'positive'), ('Dull.', 'negative'), ('So so.', '3')]
    """
    if isinstance(source, (str, pathlib.Path)):
        source = _read_path(pathlib.Path(source))
    elif hasattr(source, "as_numpy_iterator"):
        source = source.as_numpy_iterator()
    elif not hasattr(source, "__iter__"):
        raise ValueError(f"Pairs (text, label) or the path of a file or folder are expected. Received: {source!r}")
    pairs = []
    for row, pair in enumerate(source):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"Item {row} is not a pair (text, label). Received: {pair!r}")
        pairs.append((check_text(pair[0], row), check_label(pair[1], row)))
    if not pairs:
        raise ValueError("The data set is empty: it holds no pair (text, label).")
    return pairs


def _read_path(path):
    """Raw pairs of a folder, a CSV or a TSV file."""
    if path.is_dir():
        files = sorted(path.glob("*/*.txt"))
        if not files:
            raise ValueError(
                f"{path} has no file LABEL/*.txt: one sub-folder a label, one .txt file a text is expected."
            )
        return [(file.read_text(encoding="utf-8", errors="replace"), file.parent.name) for file in files]
    with path.open(newline="", encoding="utf-8-sig") as file:
        csv.field_size_limit(2**30)  # a long text is more than the 128 KiB that Python allows by default
        rows = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
        try:
            missing = {"text", "label"} - set(rows.fieldnames or ())
            if missing:
                raise ValueError(
                    f"{path} lacks the column {' and '.join(sorted(missing))}. Received: {rows.fieldnames}"
                )
            return [(row["text"], row["label"]) for row in rows]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path}, near line {rows.line_num + 1}: {error}") from error
