"""Recordings with their labels: of data sets, and from the user's own files and objects."""

import collections
import dataclasses
import functools
import itertools
import pathlib
import warnings
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from lstm_zoo import classification
from lstm_zoo.classification import check_label
from lstm_zoo.datasets import Dataset
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.tables.folders import labelled_files
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword import an4
from lstm_zoo.tasks.speech.keyword.others import NONE
from lstm_zoo.tasks.speech.pairs import AN4, SUFFIXES, VALIDATION_SHARE, Example, read_examples

SPEAKERS = ("george", "jackson", "nicolas", "theo", "yweweler")  # of the digits
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
            examples.append(((example["audio"].astype("int16"), an4.DIGITS_RATE), digit, speaker))
    return examples


def _split_of(speaker, number, unseen):
    """Split that a speaker's recording of a digit belongs to."""
    if speaker in unseen:
        return "test"
    if number in TEST:
        return "train" if unseen else "test"
    return "validation" if number in VALIDATION else "train"


def load_with_an4(split: str, unseen: Collection[str] = ()) -> list[Example]:
    """Raw examples of `load_digits`, and the digits and other words of AN4, whose speakers are others."""
    return [*load_digits(split, unseen), *an4.load_digits(split), *an4.load_others(split)]


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


def _without(speaker):
    """The digits with one speaker for the test, whom nothing else has heard."""
    return dataclasses.replace(DIGITS, load=functools.partial(load_digits, unseen=(speaker,)))


DATASETS = {
    "spoken_digit": DIGITS,
    "spoken_digit/unseen": _without("theo"),
    **{f"spoken_digit/unseen_{speaker}": _without(speaker) for speaker in SPEAKERS},
    "spoken_digit/an4": dataclasses.replace(
        DIGITS,
        load=load_with_an4,
        license=f"{DIGITS.license}; {AN4.license}",
        limits=f"Single English digits; other words and noise are {NONE}, not always.",
    ),
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
            label; or a table with the columns `path` and `label` and, where it is known, `speaker`: a CSV, TSV, JSON
            Lines or Parquet file, a frame, rows. The label of what is none of the words is `[none]`.
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


def split(examples: Sequence[Example], seed: int = 0) -> tuple[list[Example], list[Example]]:
    """Set a tenth of the speakers aside for validation; where fewer than two are known, a tenth of each label.

    No label is lost: who alone says a word is learnt from. Recordings whose speaker is not known are split by their
    labels, see `classification.split`.

    Returns:
        Two lists: training and validation examples.

    Raises:
        ValueError: no speaker is known, and no label occurs twice.

    Example:

    >>> examples = [(None, word, speaker) for speaker in ("ada", "bob") for word in ("yes", "no")]
    >>> [speaker for *_, speaker in split(examples)[1]]
    ['bob', 'bob']
    """
    alone = [example for example in examples if not example[2]]
    held_out = _held_out_speakers(examples, seed)
    if not held_out:
        return classification.split(examples, seed)
    repeated = len({label for _, label, _ in alone}) < len(alone)
    training, validation = classification.split(alone, seed) if repeated else (alone, [])
    known = [example for example in examples if example[2]]
    training += [example for example in known if example[2] not in held_out]
    return training, validation + [example for example in known if example[2] in held_out]


def _held_out_speakers(examples, seed):
    """A tenth of the speakers, one at least, whose words others say too; with a warning none, where there are none."""
    words_of = collections.defaultdict(set)
    for row, (_, label, speaker) in enumerate(examples):
        words_of[speaker or row].add(label)
    left = collections.Counter(itertools.chain.from_iterable(words_of.values()))
    speakers, held_out = sorted({speaker for *_, speaker in examples if speaker}), set()
    if len(speakers) < 2:
        return held_out
    count = max(1, round(VALIDATION_SHARE * len(speakers)))
    for place in np.random.default_rng(seed).permutation(len(speakers)):
        words = words_of[speakers[place]]
        if len(held_out) < count and all(left[word] > 1 for word in words):
            held_out.add(speakers[place])
            left.subtract(words)
    if not held_out:
        warnings.warn(
            f"Each of {len(speakers)} speakers says a word that nobody else does: validation has the voices of the "
            "training, and tells less of others.",
            stacklevel=3,
        )
    return held_out
