"""Recordings as users give them, files, or samples and their rate, as the front end reads them: 16 kHz, one channel."""

import numbers
import os
import pathlib
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio_files import read_audio
from lstm_zoo.tasks.speech.samples import as_array, channel_axis, mono

RATE = 16_000  # samples a second
MIN_RATE, MAX_RATE = 4_000, 384_000  # samples a second of what is read
FRAME = RATE * 25 // 1000  # samples of a frame of the front end: of fewer nothing is heard

# Of a recording: the path, the contents or the open file of an audio file; a pair of samples and rate, either first; a
# dict or a decoder of Hugging Face's data sets.
Source = Any


def recording(source: Source) -> np.ndarray:
    """Samples float32 (samples,) at 16 kHz, full scale 1, channels averaged, of whatever a recording was given as.

    Args:
        source: an audio file (WAV, FLAC, OGG, MP3, AIFF, NIST SPHERE and what else libsndfile reads), as its path, its
            contents or a binary file object, which is read from its beginning; or a pair (samples, rate), or (rate,
            samples) as SciPy gives it. Samples are an array, a tensor or a list, (samples,), (samples, channels) or
            (channels, samples), floats or integers of any range that `samples.full_scale` knows; or a dict with
            `array` and `sampling_rate`, or with `bytes` or `path`, or a decoder, as Hugging Face's data sets have them.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a file that holds no audio or is cut off; samples that are NaN or infinite, whose channels or full
            scale are not known; a rate outside of 4 to 384 kHz.
        ImportError: the extra `speech` is not installed.

    Example:

    >>> recording((np.zeros((8_000, 2), "int16"), 8_000)).shape  # (16000,)
    """
    source, name = _opened(source)
    in_file = isinstance(source, (pathlib.Path, bytes))
    samples, rate = read_audio(source, name) if in_file else _pair(source)
    check_rate(rate, name)
    try:
        array = as_array(samples)
        waveform = mono(array, 1 if in_file else channel_axis(array))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return waveform if rate == RATE or not len(waveform) else need("soxr", "speech").resample(waveform, rate, RATE)


def check_rate(rate: float, name: str = "The recording") -> None:
    """Raise a ValueError for a rate that no recording has."""
    if not isinstance(rate, numbers.Real) or not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(f"{name} has a rate outside of {MIN_RATE} to {MAX_RATE} samples a second. Received: {rate!r}")


def _opened(source):
    """The path or the contents of a file, or anything else as it is; and its name for people."""
    name = "The recording"
    if isinstance(source, Mapping) and source.get("bytes") is not None:
        source, name = source["bytes"], str(source.get("path") or name)
    elif isinstance(source, Mapping) and "array" not in source and isinstance(source.get("path"), (str, os.PathLike)):
        source = source["path"]
    if hasattr(source, "read"):
        if getattr(source, "seekable", bool)():
            source.seek(0)
        source, name = source.read(), str(getattr(source, "name", name))
        if not isinstance(source, bytes):
            raise ValueError(f"{name} is to be opened as a binary file. Received: {reprlib.repr(source)}")
    if isinstance(source, (str, os.PathLike)):
        return pathlib.Path(source), str(source)
    return bytes(source) if isinstance(source, (bytearray, memoryview)) else source, name


def _pair(source):
    """Samples as they are, and their rate."""
    if hasattr(source, "get_all_samples"):  # a decoder of torchcodec
        decoded = source.get_all_samples()
        return decoded.data, decoded.sample_rate
    if isinstance(source, Mapping) and {"array", "sampling_rate"} <= source.keys():
        source = (source["array"], source["sampling_rate"])
    if not is_pair(source):
        raise ValueError(
            "A pair (samples, rate) is expected, or an audio file, as its path, bytes or file object, or a dict with "
            f"array and sampling_rate, or with bytes, or with path. Received: {_named(source)}"
        )
    samples, rate = source[::-1] if _is_number(source[0]) else source
    return samples, rate if isinstance(rate, numbers.Real) else float(as_array([rate])[0])


def _named(source):
    """What was received, for people."""
    if isinstance(source, Mapping):
        return f"a dict of {', '.join(map(str, source))}"
    return f"{source.dtype} {source.shape}" if hasattr(source, "dtype") else reprlib.repr(source)


def _is_number(value):
    """Whether something is one number, an array or a tensor without axes too."""
    if isinstance(value, (str, bytes, bool, np.bool_)):
        return False
    return isinstance(value, numbers.Real) or len(getattr(value, "shape", [None])) == 0


def is_pair(source: object) -> bool:
    """Whether an item is a pair of samples and their rate, either first, and not a recording with a label."""
    if not isinstance(source, (tuple, list)) or len(source) != 2 or _is_number(source[0]) == _is_number(source[1]):
        return False
    return not is_recording(source[1] if _is_number(source[0]) else source[0])


def is_recording(source: object) -> bool:
    """Whether something is one recording, and not samples without their rate or a list of recordings."""
    whole = isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview, Mapping))
    return whole or hasattr(source, "read") or hasattr(source, "get_all_samples") or is_pair(source)


def prepare(raw: Source | Iterable[Source], place: object = None) -> list[np.ndarray | Exception]:
    """Recordings, float32 (samples,) at 16 kHz, of what a user gave: one, or a list of them, each as in `recording`.

    An item that cannot be read has its error in its place, so that the others are answered.

    Args:
        raw: what a user gave.
        place: nothing here: an error is of its item, and says so itself.
    """
    if is_recording(raw):
        raw = [raw]
    of_numbers = hasattr(raw, "dtype") and getattr(raw.dtype, "kind", "f") not in "OSU"
    if not hasattr(raw, "__iter__") or of_numbers:
        raise ValueError(f"A recording, with its rate, or a list of recordings is expected. Received: {_named(raw)}")
    items = []
    for source in raw:
        try:
            items.append(recording(source))
        except (ValueError, OSError) as error:
            items.append(error)
    return items


def length(item: np.ndarray | Exception) -> int:
    """Samples of an item of `prepare`."""
    return 0 if isinstance(item, Exception) else len(item)


def encode(_, items: Sequence[np.ndarray | Exception]) -> dict:
    """What a pipeline takes of items: `waveform` float32 (batch, samples), padded with 0, and `samples` int32 (batch,).

    An item that could not be read is an empty recording.
    """
    import tensorflow as tf

    lengths = [length(item) for item in items]
    waveform = np.zeros((len(items), max(lengths, default=0)), "float32")
    for row, (item, samples) in enumerate(zip(items, lengths)):
        waveform[row, :samples] = item if samples else 0
    return {"waveform": tf.constant(waveform), "samples": tf.constant(lengths, "int32", [len(items)])}


def decode(
    outputs: Sequence[dict],
    items: Sequence[np.ndarray | Exception],
    raw: object = None,
    *,
    key: str,
    unheard: str | None = None,
) -> list:
    """Plain Python answers from pipeline outputs: `[{"text": "YES", "score": -0.1}, ...]`, where `key` is "text".

    An item that could not be read has None for both, and an `error`. One that is shorter than a frame has `unheard`,
    and None for the score: no network has heard anything of it.
    """
    return [_answer(row, item, key, unheard) for row, item in zip(outputs, items)]


def _answer(row, item, key, unheard):
    if isinstance(item, Exception):
        return {key: None, "score": None, "error": str(item)}
    if len(item) < FRAME:
        return {key: unheard, "score": None}
    return {key: row[key].decode("utf-8", "replace"), "score": float(row["score"])}
