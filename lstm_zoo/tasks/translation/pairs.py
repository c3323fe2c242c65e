"""Pairs (sentence, translation): of data sets, from the user's own files and objects, and their split."""

import csv
import functools
import gzip
import itertools
import pathlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lstm_zoo import datasets
from lstm_zoo.datasets import Dataset, multi30k
from lstm_zoo.text.inputs import check_text

# Of the TED talks in TensorFlow Datasets (Qi et al. 2018, https://aclanthology.org/N18-2084), source and target.
TED = ["az-en", "be-en", "es-pt", "fr-pt", "gl-en", "he-pt", "it-pt", "pt-en", "ru-en", "ru-pt", "tr-en"]
VALIDATION_SHARE, MAX_VALIDATION_PAIRS = 0.1, 1000  # of the user's own pairs
COLUMNS = ["source", "target"]

Pair = tuple[str, str]  # a sentence and its translation


def load_multi30k(source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of Multi30k from one language into another.

    Args:
        source, target: two of "de", "en" and "fr".
        split: "train" (29,000 pairs), "validation" (1,014) or "test" (1,000, those of test_2016_flickr).
    """
    return [(pair[source], pair[target]) for pair in datasets.load(f"multi30k/{source}-{target}", split)]


def load_ted(source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of TED talks, `ted_hrlr_translate` of the catalogue, which needs a network.

    Args:
        source, target: two languages of `TED`.
        split: "train", "validation" or "test".
    """
    import tensorflow_datasets as tfds

    pairs = tfds.as_numpy(tfds.load(f"ted_hrlr_translate/{source}_to_{target}", split=split))
    return [(pair[source].decode(), pair[target].decode()) for pair in pairs]


DATASETS = {
    f"multi30k/{source}-{target}": Dataset(
        load=functools.partial(load_multi30k, source, target), license=multi30k.LICENSE, limits=multi30k.LIMITS
    )
    for source, target in itertools.permutations(multi30k.LANGUAGES, 2)
} | {
    f"ted/{languages}": Dataset(
        load=functools.partial(load_ted, *languages.split("-")),
        license="TED talks, CC BY-NC-ND 4.0 (Qi et al. 2018)",
        limits="Transcripts of talks, sentence by sentence.",
    )
    for languages in TED
}


def read(source: Any) -> list[Pair]:
    """Checked pairs (sentence, translation) from whatever form the data has.

    Args:
        source: an iterable of pairs, which a `tf.data.Dataset` is too; the paths of two files with a sentence a line,
            as a tuple or with a comma between them, ".gz" too; the path of a TSV file with a sentence and its
            translation a line, with or without the line of titles `source` and `target`; or of a CSV file with these
            columns.

    Returns:
        List of pairs of `str` without spaces around them. Pairs of which a side is empty are left out, with a warning
        that counts them.

    Raises:
        ValueError: no pairs, files of unequal length, a malformed file, an item that is not a pair of texts; the
            message counts, or names the line or item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([("Ein Hund rennt.", "A dog runs. ")])
    [('Ein Hund rennt.', 'A dog runs.')]
    """
    if isinstance(source, str) and not pathlib.Path(source).exists() and "," in source:
        source = tuple(source.split(","))
    if _are_two_paths(source):
        source = _read_lines(*map(pathlib.Path, source))
    elif isinstance(source, (str, pathlib.Path)):
        source = _read_table(pathlib.Path(source))
    elif hasattr(source, "as_numpy_iterator"):
        source = source.as_numpy_iterator()
    elif not hasattr(source, "__iter__"):
        raise ValueError(f"Pairs (sentence, translation) or paths of files are expected. Received: {source!r}")
    pairs = []
    for row, pair in enumerate(source):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"Item {row} is not a pair (sentence, translation). Received: {pair!r}")
        pairs.append(tuple(check_text(text, row).strip() for text in pair))
    complete = [pair for pair in pairs if all(pair)]
    if not complete:
        raise ValueError(f"The data set is empty: of {len(pairs)} pairs none has text on both sides.")
    if len(complete) < len(pairs):
        message = f"{len(pairs) - len(complete)} of {len(pairs)} pairs are left out: a side of each is empty."
        warnings.warn(message, stacklevel=2)
    return complete


def _are_two_paths(source):
    is_two = isinstance(source, (tuple, list)) and len(source) == 2
    return is_two and all(isinstance(path, (str, pathlib.Path)) for path in source)


def _opened(path):
    return (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="\n")


def _read_lines(*paths):
    texts = []
    for path in paths:
        with _opened(path) as file:
            try:
                texts.append(list(file))
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not UTF-8: {error}") from error
    counts = [len(lines) for lines in texts]
    if counts[0] != counts[1]:
        received = " and ".join(f"{count} lines in {path}" for count, path in zip(counts, paths))
        raise ValueError(
            f"Two files with as many lines are expected, a sentence and its translation. Received: {received}"
        )
    return list(zip(*texts))


def _read_table(path):
    tabs = path.suffix == ".tsv"
    options = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if tabs else {"strict": True}
    with path.open(newline="", encoding="utf-8-sig") as file:
        csv.field_size_limit(2**30)  # a long text is more than the 128 KiB that Python allows by default
        rows = csv.reader(file, **options)
        try:
            table = [(rows.line_num, row) for row in rows if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path}, near line {rows.line_num + 1}: {error}") from error
    titles = table[0][1] if table else []
    if not tabs:
        if missing := set(COLUMNS) - set(titles):
            raise ValueError(f"{path} lacks the column {' and '.join(sorted(missing))}. Received: {titles}")
        columns = [titles.index(column) for column in COLUMNS]
        table = [(line, [row[column] for column in columns if column < len(row)]) for line, row in table[1:]]
    elif titles == COLUMNS:
        table = table[1:]
    for line, row in table:
        if len(row) != 2:
            raise ValueError(f"{path}, line {line}: a sentence and its translation are expected. Received: {row}")
    return [row for _, row in table]


def split(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Set a tenth of the pairs aside for validation, at least one and at most 1,000.

    Returns:
        Two lists: training and validation pairs.

    Raises:
        ValueError: fewer than two pairs.

    Example:

    >>> training, validating = split([("eins", "one"), ("zwei", "two"), ("drei", "three")])
    >>> len(training), len(validating)
    (2, 1)
    """
    if len(pairs) < 2:
        raise ValueError("No validation split: one pair only. Add pairs, or pass `validation`.")
    count = min(MAX_VALIDATION_PAIRS, max(1, round(VALIDATION_SHARE * len(pairs))))
    held_out = set(np.random.default_rng(seed).choice(len(pairs), count, replace=False).tolist())
    return (
        [pair for row, pair in enumerate(pairs) if row not in held_out],
        [pair for row, pair in enumerate(pairs) if row in held_out],
    )
