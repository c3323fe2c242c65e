"""Pairs (sentence, translation): of data sets, from the user's own files and objects, and their split."""

import functools
import itertools
import pathlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lstm_zoo import datasets, tables
from lstm_zoo.datasets import Dataset, debian, multi30k
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.tables.files import decoded, opened, suffix_of
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.translation import names, sentences
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.text.inputs import check_text

# Of the TED talks in TensorFlow Datasets (Qi et al. 2018, https://aclanthology.org/N18-2084), source and target.
TED = ["az-en", "be-en", "es-pt", "fr-pt", "gl-en", "he-pt", "it-pt", "pt-en", "ru-en", "ru-pt", "tr-en"]
VALIDATION_SHARE, MAX_VALIDATION_PAIRS = 0.1, 1000  # of the user's own pairs
COLUMNS = ["source", "target"]
EXAMPLES = {"en": '"A dog runs through the grass."', "fr": '"Un chien court dans l\'herbe."'}  # by source

MAX_LETTERS = 12  # of a word alone that is trained on
RENAMED = 2  # pairs with other names, of one with names
LOWER_CASE, CAPITALS = 25, 50  # of so many pairs one is typed like that


def load_multi30k(source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of Multi30k from one language into another.

    Args:
        source, target: two of "de", "en" and "fr".
        split: "train" (29,000 pairs), "validation" (1,014) or "test" (1,000, those of test_2016_flickr).
    """
    return [(pair[source], pair[target]) for pair in datasets.load(f"multi30k/{source}-{target}", split)]


def load_debian(kind: str, source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of texts in packages of Debian, see `lstm_zoo.datasets.debian`.

    Texts of as many sentences on both sides are cut into them.

    Args:
        kind: "phrases", "help" or "dialogues".
        source, target: "de" and "en", in any order.
        split: "train", "validation" or "test".
    """
    pairs = []
    for text in datasets.load(f"debian/{kind}", split):
        pair = (text[source], text[target])
        cut = [[sentence for sentence, _ in sentences.split(side)] for side in pair] if " " in pair[0] else [pair]
        pairs.extend(zip(*cut) if len(cut) == 2 and len(cut[0]) == len(cut[1]) else [pair])
    return pairs


def load_general(source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of all kinds: captions, phrases, help pages and dialogues.

    For training captions come twice; single words of more than 12 letters are left out, which German makes as it needs
    them; to each pair with names and numbers there are two with others, see `names.renamed`; and as people type, of
    some pairs there is one with the sentence in lower case, or all of it in capitals.

    Args:
        source, target, split: see `load_debian`.
    """
    captions = load_multi30k(source, target, split)
    others = [pair for kind in debian.KINDS for pair in load_debian(kind, source, target, split)]
    if split != "train":
        return captions + others
    pairs = captions + [
        pair for pair in others if max(len(text.split()) for text in pair) > 2 or max(map(len, pair)) <= MAX_LETTERS
    ]
    pairs += [pair for seed in range(RENAMED) for pair in names.renamed(pairs, seed)]
    in_lower_case = [(text.lower(), translation) for text, translation in pairs[::LOWER_CASE]]
    in_capitals = [(text.upper(), translation.upper()) for text, translation in pairs[::CAPITALS]]
    return pairs + in_lower_case + in_capitals + captions


def load_ted(source: str, target: str, split: str) -> list[Pair]:
    """Raw pairs (sentence, translation) of TED talks, `ted_hrlr_translate` of the catalogue, which needs a network.

    Args:
        source, target: two languages of `TED`.
        split: "train", "validation" or "test".
    """
    import tensorflow_datasets as tfds

    pairs = tfds.as_numpy(load_catalogued(f"ted_hrlr_translate/{source}_to_{target}", split=split))
    return [(pair[source].decode(), pair[target].decode()) for pair in pairs]


GENERAL = {
    f"{name}/{source}-{target}": Dataset(
        load=functools.partial(*load, source, target),
        license=license_,
        limits=limits,
        languages=(source, target),
        example=EXAMPLES.get(source),
    )
    for name, load, license_, limits in [
        (
            "general",
            (load_general,),
            "; ".join([multi30k.LICENSE, *debian.LICENSES.values()]),
            "Sentences of every day, captions, help pages and dialogues, one sentence at a time; rare words, and long "
            "and bookish sentences, are translated badly.",
        ),
        *((kind, (load_debian, kind), debian.LICENSES[kind], debian.LIMITS[kind]) for kind in debian.KINDS),
    ]
    for source, target in (("de", "en"), ("en", "de"))
}
DATASETS = (
    {
        f"multi30k/{source}-{target}": Dataset(
            load=functools.partial(load_multi30k, source, target),
            license=multi30k.LICENSE,
            limits=multi30k.LIMITS,
            languages=(source, target),
            example=EXAMPLES.get(source),
        )
        for source, target in itertools.permutations(multi30k.LANGUAGES, 2)
    }
    | GENERAL
    | {
        f"ted/{languages}": Dataset(
            load=functools.partial(load_ted, *languages.split("-")),
            license="TED talks, CC BY-NC-ND 4.0 (Qi et al. 2018)",
            limits="Transcripts of talks, sentence by sentence.",
            languages=tuple(languages.split("-")),
        )
        for languages in TED
    }
)


def read(source: Any, *, columns: Columns = None, delimiter: str | None = None) -> list[Pair]:
    """Checked pairs (sentence, translation) from whatever form the data has.

    Args:
        source: a table with the columns `source` and `target`: a CSV, TSV, JSON Lines or Parquet file, a frame, rows; a
            TSV file of two columns may lack the line of titles, which a warning says; an iterable of pairs, which a
            `tf.data.Dataset` is too; or the paths of two files with a sentence a line, as a tuple or with a comma
            between them, `.gz` too.
        columns, delimiter: of a table, see `lstm_zoo.tables.chunks`.

    Returns:
        List of pairs of `str` without spaces around them. Pairs of which a side is empty or missing are left out, with
        a warning that counts them.

    Raises:
        ValueError: no pairs, files of unequal length, a malformed file, another encoding than UTF-8, an item that is
            not a pair of texts; the message counts, or names the line or item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([("Ein Hund rennt.", "A dog runs. ")])
    [('Ein Hund rennt.', 'A dog runs.')]
    """
    if isinstance(source, str) and not pathlib.Path(source).exists() and "," in source:
        source = tuple(source.split(","))
    if _are_two_paths(source):
        source = _read_lines(*map(pathlib.Path, source))
    elif isinstance(source, (str, pathlib.Path)) and columns is None and suffix_of(source) == ".tsv":
        columns = _titles_of(source, delimiter)
    rows = tables.records(source, COLUMNS, columns=columns, delimiter=delimiter)
    pairs = [tuple("" if text is None else check_text(text, place).strip() for text in pair) for place, pair in rows]
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


def _read_lines(*paths):
    texts = []
    for path in paths:
        with opened(path) as (file, _):
            texts.append([decoded(line, str(path), number) for number, line in enumerate(file, 1)])
    counts = [len(lines) for lines in texts]
    if counts[0] != counts[1]:
        received = " and ".join(f"{count} lines in {path}" for count, path in zip(counts, paths))
        raise ValueError(
            f"Two files with as many lines are expected, a sentence and its translation. Received: {received}"
        )
    return list(zip(*texts))


def _titles_of(path, delimiter):
    """The titles to read a TSV file with where its first line is none of titles; None where it is."""
    titles = list(next(tables.chunks(path, delimiter=delimiter, rows=1)).frame)
    if len(titles) != len(COLUMNS) or set(titles) & set(COLUMNS):
        return None
    warnings.warn(
        f"{path} has no line of titles, {' and '.join(COLUMNS)}: its first line is read as a pair, {titles!r:.160}. "
        f"columns={COLUMNS} says so.",
        stacklevel=3,
    )
    return COLUMNS


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
