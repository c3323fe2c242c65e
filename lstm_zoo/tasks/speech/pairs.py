"""Recordings with their transcripts: of data sets, from the user's own files and objects, and their split."""

import csv
import pathlib

import numpy as np
from rich.progress import track

from lstm_zoo import datasets
from lstm_zoo.datasets import Dataset
from lstm_zoo.tasks.speech.audio import RATE, is_pair, recording
from lstm_zoo.text.inputs import check_text

AN4 = Dataset(
    license="AN4, free for any use (Carnegie Mellon University 1991)",
    limits="Names, addresses, numbers and dates in American English, spelled or spoken, 100 words in all; close to "
    "the microphone, in a quiet room.",
)
DATASETS = {
    "an4": AN4,
    "an4/all": AN4,
    "librispeech": Dataset(
        license="LibriSpeech, CC BY 4.0 (Panayotov et al. 2015)", limits="English novels, read aloud, in a quiet room."
    ),
}
# Of AN4's 74 speakers for training, those that validate: 103 recordings.
VALIDATION_SPEAKERS = ("fbbh", "fejs", "flmm2", "mblb", "mkdb", "mmal", "mrmg", "mwhw")
LIBRISPEECH = {"train": "train_clean100", "validation": "dev_clean", "test": "test_clean"}
VALIDATION_SHARE, MOST_VALIDATION = 0.1, 1000  # of the user's own speakers or recordings


def data(split, dataset="an4"):
    """Raw examples ((samples, rate), transcript, speaker) of a data set of the task.

    Args:
        split: "train", "validation" or "test" (AN4: 845 recordings, 103 of eight other speakers, 130 of ten others).
        dataset: "an4"; "an4/all", which trains on the recordings that validate as well: its validation is no measure
            of anything, and its test that of "an4"; or "librispeech" (train_clean100, dev_clean and test_clean of the
            catalogue, which needs a network and 12 GB of memory).

    Returns:
        Iterable of examples; samples int16 (samples,), transcript and speaker `str`.

    Raises:
        ValueError: another split or data set.
    """
    datasets.check(dataset, split, DATASETS)
    if dataset in ("an4", "an4/all"):
        found = datasets.load("an4", "test" if split == "test" else "train")
        if split == "validation":
            found = [one for one in found if one["speaker_id"] in VALIDATION_SPEAKERS]
        elif split == "train" and dataset == "an4":
            found = [one for one in found if one["speaker_id"] not in VALIDATION_SPEAKERS]
        return [((one["speech"], RATE), one["text"], one["speaker_id"]) for one in found]
    import tensorflow_datasets as tfds

    found = tfds.as_numpy(tfds.load("librispeech", split=LIBRISPEECH[split]))
    return (((one["speech"].astype("int16"), RATE), one["text"].decode(), str(one["speaker_id"])) for one in found)


def read(source):
    """Checked examples (recording, transcript, speaker) from whatever form the data has.

    Args:
        source: an iterable of (recording, transcript) or (recording, transcript, speaker), where a recording is the
            path of an audio file or a pair (samples, rate); or the path of a manifest, a CSV or TSV file with the
            columns `path` and `text` and, where it is known, `speaker`. Paths in it are relative to its folder.

    Returns:
        List of triples: recording, which is int16 (samples,) and 16,000, their rate; transcript with one space between
        its words; speaker, "" where it is not known. An hour takes 115 MB of memory.

    Raises:
        ValueError: no examples, a malformed manifest, a file that holds no audio, an empty transcript; the message
            names the file, line or item at fault.
        FileNotFoundError: a path that does not exist.
    """
    return read_labelled(source, "text", "transcript", _check_transcript)


def read_labelled(source, column, kind, check):
    """What `read` reads, for answers of any kind: `check(answer, row)` gives them, `column` has them in a manifest."""
    if isinstance(source, (str, pathlib.Path)):
        source = read_manifest(pathlib.Path(source), column)
    elif not hasattr(source, "__iter__"):
        raise ValueError(f"Pairs (recording, {kind}) or the path of a manifest are expected. Received: {source!r:.80}")
    examples = []
    for row, example in enumerate(track(source, "reading recordings", transient=True)):
        if not isinstance(example, (tuple, list)) or len(example) not in (2, 3) or is_pair(example):
            raise ValueError(f"Item {row} is not a pair (recording, {kind}). Received: {example!r:.80}")
        try:
            samples = recording(example[0])
        except ValueError as error:
            raise ValueError(f"Item {row}: {error}") from error
        speaker = check_text(example[2], row) if len(example) == 3 else ""
        whole = np.clip(np.round(samples * 32768), -32768, 32767).astype("int16")
        examples.append(((whole, RATE), check(example[1], row), speaker))
    if not examples:
        raise ValueError(f"The data set is empty: it holds no pair (recording, {kind}).")
    return examples


def waveforms(examples):
    """Samples float32 (samples,) of the recordings of checked examples."""
    return [samples.astype("float32") / 32768 for (samples, _), *_ in examples]


def _check_transcript(text, row):
    text = " ".join(check_text(text, row).split())
    if not text:
        raise ValueError(f"The transcript of item {row} is empty.")
    return text


def read_manifest(path, column):
    """Triples (path, value of the column, speaker) of a CSV or TSV file."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder; a manifest, a CSV file with the columns path and {column}, is expected.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
        try:
            if missing := {"path", column} - set(rows.fieldnames or ()):
                lacks = " and ".join(sorted(missing))
                raise ValueError(f"{path} lacks the column {lacks}. Received: {rows.fieldnames}")
            return [(str(path.parent / row["path"]), row[column], row.get("speaker") or "") for row in rows]
        except (csv.Error, UnicodeDecodeError, TypeError) as error:
            raise ValueError(f"{path}, near line {rows.line_num + 1}: {error}") from error


def split(pairs, seed=0):
    """Set a tenth of the speakers aside for validation, or of the recordings where fewer than two speakers are known.

    Returns:
        Two lists: training and validation examples.

    Raises:
        ValueError: fewer than two examples.
    """
    if len(pairs) < 2:
        raise ValueError("No validation split: one recording only. Add recordings, or pass `validation`.")
    speakers = [speaker for _, _, speaker in pairs]
    groups = speakers if "" not in speakers and len(set(speakers)) > 1 else list(range(len(pairs)))
    names = sorted(set(groups))
    count = min(MOST_VALIDATION, max(1, round(VALIDATION_SHARE * len(names))))
    held_out = {names[place] for place in np.random.default_rng(seed).choice(len(names), count, replace=False)}
    return (
        [pair for group, pair in zip(groups, pairs) if group not in held_out],
        [pair for group, pair in zip(groups, pairs) if group in held_out],
    )
