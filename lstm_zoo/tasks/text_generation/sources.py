"""Texts: of data sets, from the user's own files and objects, and their split."""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from lstm_zoo.datasets import Dataset
from lstm_zoo.text.inputs import prepare

NUM_VALIDATION, NUM_TEST = 1000, 2500  # reviews of IMDb
VALIDATION_SHARE = 0.1  # of the user's own texts


def shakespeare(split: str) -> list[str]:
    """Tiny Shakespeare, one text: 1,003,854, 55,770 and 55,770 characters for training, validation and test."""
    import tensorflow_datasets as tfds

    return [example["text"].decode() for example in tfds.as_numpy(tfds.load("tiny_shakespeare", split=split))]


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
    examples = tfds.as_numpy(tfds.load("imdb_reviews", split=slices[split]))
    return [example["text"].decode().replace("<br />", " ") for example in examples]


SHAKESPEARE = {
    "tiny_shakespeare": Dataset(
        load=shakespeare,
        license="Tiny Shakespeare, plays in the public domain (Karpathy 2015)",
        limits="It writes what looks like Shakespeare's plays, without sense or plot.",
    )
}
IMDB = {
    "imdb_reviews": Dataset(
        load=reviews,
        license="IMDb reviews, free for research (Maas et al. 2011)",
        limits="It writes what looks like English film reviews; names and facts in them are made up.",
    )
}


def read(source: Any) -> list[str]:
    """Checked texts from whatever form the data has.

    Args:
        source: the path of a text file in UTF-8, or of a folder with `.txt` files, in it or below; an iterable of texts
            (str or UTF-8 bytes), which a `tf.data.Dataset` is too.

    Returns:
        List of `str`, those that are not empty.

    Raises:
        ValueError: no text, or only empty ones; a text in the place of a path; a file that is binary or in another
            encoding; an item that is no text.
        FileNotFoundError: a path that does not exist.
    """
    if isinstance(source, (str, pathlib.Path)):
        path = pathlib.Path(source)
        if len(path.name) > 255:  # which no file's name is
            raise ValueError(f"A path, or a list of texts, is expected. Received a text: {str(source)[:40]!r}...")
        files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
        if not files:
            raise ValueError(f"{path} has no .txt file in it.")
        texts = [_text_of(file) for file in files]
    else:
        if hasattr(source, "as_numpy_iterator"):
            source = source.as_numpy_iterator()
        if not hasattr(source, "__iter__") or hasattr(source, "keys"):  # of dicts and frames, the names would be read
            raise ValueError(f"Texts, or the path of a file or folder of them, are expected. Received: {source!r}")
        texts = prepare(source)
    texts = [text for text in texts if text.strip("\0").strip()]
    if not texts:
        raise ValueError(f"The data set is empty: it holds no text. Received: {_brief(source)}")
    return texts


def _text_of(path):
    content = path.read_bytes()
    if b"\0" in content:
        raise ValueError(f"{path} is no text: it holds the byte 0.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: {error}. Save it in UTF-8 first.") from error


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
