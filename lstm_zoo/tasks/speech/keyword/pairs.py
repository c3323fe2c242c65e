"""Recordings with their labels: of data sets, and from the user's own files and objects."""

import dataclasses
import functools
import pathlib
from collections.abc import Collection, Iterator
from typing import Any

from lstm_zoo.classification import check_label
from lstm_zoo.datasets import Dataset
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.tables.folders import labelled_files
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.pairs import SUFFIXES, Example, read_examples

DIGITS_RATE = 8_000  # samples a second
# Of each speaker's 50 recordings of a digit, numbered from 0: the data set's rule for the test, and ours for
# validation, a tenth from all over, since neighbours sound alike.
TEST, VALIDATION = range(5), range(5, 50, 9)


def load_digits(split: str, unseen: Collection[str] = ()) -> list[Example]:
    """Raw examples ((samples, rate), label, speaker) of the spoken digits.

    Args:
        split: "train", "validation" or "test". Recordings 0 to 4 of each speaker and digit are the test, which is the
            data set's own rule, and every ninth from 5 on validates.
        unseen: speakers that are neither trained on nor validated with: the test is all their recordings, 500 each,
            and the others have none.

    Returns:
        List of examples; samples int16 (samples,), label and speaker `str`.
    """
    import tensorflow_datasets as tfds

    examples = []
    for example in tfds.as_numpy(load_catalogued("spoken_digit", split="train")):
        digit, speaker, number = example["audio/filename"].decode().removesuffix(".wav").split("_")
        if _split_of(speaker, int(number), unseen) == split:
            examples.append(((example["audio"].astype("int16"), DIGITS_RATE), digit, speaker))
    return examples


def _split_of(speaker, number, unseen):
    """Split that a speaker's recording of a digit belongs to."""
    if speaker in unseen:
        return "test"
    if number in TEST:
        return "train" if unseen else "test"
    return "validation" if number in VALIDATION else "train"


def load_commands(split: str) -> Iterator[Example]:
    """Raw examples of the Speech Commands, whose speakers are not known; by the catalogue, which needs a network.

    Args:
        split: "train", "validation" or "test".
    """
    import tensorflow_datasets as tfds

    commands, info = load_catalogued("speech_commands", split=split, with_info=True)
    name_of = info.features["label"].int2str
    for example in tfds.as_numpy(commands):
        yield (example["audio"].astype("int16"), RATE), name_of(example["label"]), ""


DIGITS = Dataset(
    load=load_digits,
    license="Free Spoken Digit Dataset, CC BY-SA 4.0 (Jackson et al. 2018)",
    limits="Single English digits by a handful of speakers; other words are taken for one of them.",
    languages=("en",),
)
DATASETS = {
    "spoken_digit": DIGITS,
    "spoken_digit/unseen": dataclasses.replace(DIGITS, load=functools.partial(load_digits, unseen=("theo",))),
    "speech_commands": Dataset(
        load=load_commands,
        license="Speech Commands, CC BY 4.0 (Warden 2018)",
        limits="Ten commands of a second each, by many speakers; other words and silence are labels of their own.",
        languages=("en",),
    ),
}


def read(source: Any, *, columns: Columns = None, delimiter: str | None = None) -> list[Example]:
    """Checked examples (recording, label, speaker) from whatever form the data has.

    Args:
        source: an iterable of (recording, label) or (recording, label, speaker), where a recording is whatever
            `predict` takes for one, see `audio.recording`; the path of a folder with one sub-folder of audio files a
            label; or a table with the columns `path` and `label`: a CSV, TSV, JSON Lines or Parquet file, a frame,
            rows.
        columns, delimiter: of a table, see `lstm_zoo.tables.chunks`.

    Returns:
        List of triples: recording, which is int16 (samples,) and 16,000, their rate; label; speaker, "" where it is not
        known. Recordings of less than 25 ms are left out, with a warning that counts them.

    Raises:
        ValueError: no examples, a malformed manifest, a file that holds no audio, a label that is neither a name nor a
            whole number; the message names the file, line or item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([((np.zeros(8_000, "int16"), 8_000), 7)])  # [((int16 (16000,), 16000), '7', '')]
    """
    if isinstance(source, (str, pathlib.Path)) and pathlib.Path(source).is_dir():
        source = [(path.absolute(), label) for path, label in labelled_files(pathlib.Path(source), SUFFIXES)]
    return read_examples(source, "label", "label", check_label, columns, delimiter)
