"""Recordings with their transcripts: of data sets, from the user's own files and objects, and their split."""

import dataclasses
import functools
import pathlib
import reprlib
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lstm_zoo import datasets, tables
from lstm_zoo.datasets import Dataset
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.progress import track
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.speech.audio import FRAME, RATE, is_pair, recording
from lstm_zoo.text.inputs import check_text

# Of AN4's 74 speakers for training, those that validate: 103 recordings.
VALIDATION_SPEAKERS = ("fbbh", "fejs", "flmm2", "mblb", "mkdb", "mmal", "mrmg", "mwhw")
LIBRISPEECH_SPLITS = {"train": "train_clean100", "validation": "dev_clean", "test": "test_clean"}
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".sph")  # of recordings in a folder
VALIDATION_SHARE, MAX_VALIDATION = 0.1, 1000  # of the user's own speakers or recordings

Example = tuple[tuple[np.ndarray, int], str, str]  # (samples, rate); transcript, or label; speaker


def load_an4(split: str, held_out: Collection[str] = VALIDATION_SPEAKERS) -> list[Example]:
    """Raw examples ((samples, rate), transcript, speaker) of AN4.

    Args:
        split: "train", "validation" or "test": 845 recordings, 103 of eight other speakers, 130 of ten others.
        held_out: speakers that are not trained on. None of them: training has the recordings that validate as well,
            948, and their validation is no measure of anything.

    Returns:
        List of examples; samples int16 (samples,), transcript and speaker `str`.
    """
    recordings = an4_recordings(split, held_out)
    return [((recording["speech"], RATE), recording["text"], recording["speaker_id"]) for recording in recordings]


def an4_recordings(split: str, held_out: Collection[str] = VALIDATION_SPEAKERS) -> list[dict[str, Any]]:
    """What AN4 has of each recording of a split, see `load_an4`: `speech`, `text`, `speaker_id` and `id`."""
    recordings = list(datasets.load("an4", "test" if split == "test" else "train"))
    if split == "train":
        return [recording for recording in recordings if recording["speaker_id"] not in held_out]
    if split == "validation":
        return [recording for recording in recordings if recording["speaker_id"] in VALIDATION_SPEAKERS]
    return recordings


def load_librispeech(split: str) -> Iterator[Example]:
    """Raw examples of LibriSpeech: train_clean100, dev_clean and test_clean of the catalogue, which needs a network and
    12 GB of memory.

    Args:
        split: "train", "validation" or "test".

    Returns:
        Iterator of examples; samples int16 (samples,), transcript and speaker `str`.
    """
    import tensorflow_datasets as tfds

    for example in tfds.as_numpy(load_catalogued("librispeech", split=LIBRISPEECH_SPLITS[split])):
        yield (example["speech"].astype("int16"), RATE), example["text"].decode(), str(example["speaker_id"])


AN4 = Dataset(
    load=load_an4,
    license="AN4, free for any use (Carnegie Mellon University 1991)",
    limits="Names, addresses, numbers and dates in American English, spelled or spoken, 100 words in all; close to "
    "the microphone, in a quiet room. Other words come out as letters, or as words that are like them; telephones, "
    "rooms and noise cost words.",
    languages=("en",),
)
DATASETS = {
    "an4": AN4,
    "an4/all": dataclasses.replace(AN4, load=functools.partial(load_an4, held_out=())),
    "librispeech": Dataset(
        load=load_librispeech,
        license="LibriSpeech, CC BY 4.0 (Panayotov et al. 2015)",
        limits="English novels, read aloud, in a quiet room; talk, telephones and noise cost words.",
        languages=("en",),
    ),
}


def read(source: Any, *, columns: Columns = None, delimiter: str | None = None) -> list[Example]:
    """Checked examples (recording, transcript, speaker) from whatever form the data has.

    Args:
        source: an iterable of (recording, transcript) or (recording, transcript, speaker), where a recording is
            whatever `predict` takes for one, see `audio.recording`; or a table with the columns `path` and `text` and,
            where it is known, `speaker`: a CSV, TSV, JSON Lines or Parquet file, a frame, rows. Paths in a file are
            relative to its folder; in the place of a path a table in memory may have any other recording.
        columns, delimiter: of a table, see `lstm_zoo.tables.chunks`.

    Returns:
        List of triples: recording, which is int16 (samples,) and 16,000, their rate; transcript with one space between
        its words; speaker, "" where it is not known. An hour takes 115 MB of memory. Recordings of less than 25 ms, of
        which nothing can be heard, are left out, with a warning that counts them.

    Raises:
        ValueError: no examples, a malformed manifest, a file that holds no audio, an empty transcript; the message
            names the file, line or item at fault.
        FileNotFoundError: a path that does not exist.

    Example:

    >>> read([((np.zeros(8_000, "int16"), 8_000), "GO  ON")])  # [((int16 (16000,), 16000), 'GO ON', '')]
    """
    return read_examples(source, "text", "transcript", _check_transcript, columns, delimiter)


def read_examples(
    source: Any,
    column: str,
    answer: str,
    check: Callable[[Any, str], str],
    columns: Columns = None,
    delimiter: str | None = None,
) -> list[Example]:
    """What `read` reads, with answers of any kind.

    Args:
        source: see `read`.
        column: of a table, that has the answers.
        answer: what an answer is, for people: "transcript".
        check: (answer, place) -> checked answer; raises ValueError.
        columns, delimiter: see `read`.
    """
    if isinstance(source, (str, pathlib.Path)) and pathlib.Path(source).is_dir():
        raise ValueError(f"{source} is a folder; a table with the columns path and {column} is expected.")
    folder = pathlib.Path(source).parent if isinstance(source, (str, pathlib.Path)) else pathlib.Path()
    rows = tables.records(source, ("path", column), ("speaker",), columns=columns, delimiter=delimiter)
    examples, unheard = [], 0
    for place, (heard, said, speaker) in track(rows, "reading recordings"):
        if speaker is None and is_pair((heard, said)):
            raise ValueError(f"{place} is not a pair (recording, {answer}). Received: {reprlib.repr((heard, said))}")
        try:
            samples = recording(folder / heard if isinstance(heard, str) else heard)
        except (ValueError, FileNotFoundError) as error:
            raise type(error)(f"{place}: {error}") from error
        speaker = "" if speaker is None else check_text(speaker, place)
        example = ((in_16_bits(samples), RATE), check(said, place), speaker)
        if len(samples) < FRAME:
            unheard += 1
        else:
            examples.append(example)
    if unheard:
        warnings.warn(f"{unheard} recordings of less than 25 ms are left out.", stacklevel=3)
    if not examples:
        raise ValueError(f"The data set is empty: it holds no pair (recording, {answer}).")
    return examples


def in_16_bits(samples):
    """Samples int16 of floats, quieter where they are louder than full scale: clipped they would be another sound."""
    loudest = np.abs(samples).max(initial=1)
    return np.clip(np.round(samples / loudest * 32768), -32768, 32767).astype("int16")


def waveforms(examples: Iterable[Example]) -> list[np.ndarray]:
    """Samples float32 (samples,) of the recordings of checked examples."""
    return [samples.astype("float32") / 32768 for (samples, _), *_ in examples]


def _check_transcript(text, place):
    text = " ".join(check_text(text, place).split())
    if not text:
        raise ValueError(f"{place} has an empty transcript.")
    return text


def split(examples: Sequence[Example], seed: int = 0) -> tuple[list[Example], list[Example]]:
    """Set a tenth of the speakers aside for validation, or of the recordings where fewer than two speakers are known.

    Returns:
        Two lists: training and validation examples.

    Raises:
        ValueError: fewer than two examples.
    """
    if len(examples) < 2:
        raise ValueError("No validation split: one recording only. Add recordings, or pass `validation`.")
    speakers = [speaker for _, _, speaker in examples]
    groups = speakers if "" not in speakers and len(set(speakers)) > 1 else list(range(len(examples)))
    names = sorted(set(groups))
    count = min(MAX_VALIDATION, max(1, round(VALIDATION_SHARE * len(names))))
    held_out = {names[place] for place in np.random.default_rng(seed).choice(len(names), count, replace=False)}
    return (
        [example for group, example in zip(groups, examples) if group not in held_out],
        [example for group, example in zip(groups, examples) if group in held_out],
    )
