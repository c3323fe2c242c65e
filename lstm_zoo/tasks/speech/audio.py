"""Recordings as users give them, files, or samples and their rate, as the front end reads them: 16 kHz, one channel."""

import numbers
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np

from lstm_zoo.optional import need

RATE = 16_000  # samples a second
MIN_RATE, MAX_RATE = 4_000, 384_000  # samples a second of what is read

Source = str | pathlib.Path | tuple  # of a recording: the path of an audio file, or a pair (samples, rate)


def recording(source: Source) -> np.ndarray:
    """Samples float32 (samples,) at 16 kHz, full scale 1, channels averaged, of whatever a recording was given as.

    Args:
        source: path of an audio file (WAV, FLAC, OGG, MP3, AIFF, NIST SPHERE and what else libsndfile reads), or a pair
            of samples, (samples,) or (samples, channels), floats or integers of their full scale, and their rate.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a file that holds no audio, samples that are NaN or infinite, a rate outside of 4 to 384 kHz.
        ImportError: the extra `speech` is not installed.

    Example:

    >>> recording((np.zeros((8_000, 2), "int16"), 8_000)).shape  # (16000,)
    """
    if isinstance(source, (str, pathlib.Path)):
        samples, rate = _read_file(pathlib.Path(source))
        name = str(source)
    else:
        samples, rate = _check_pair(source)
        name = "The recording"
    if not np.isfinite(samples).all():
        raise ValueError(f"{name} holds samples that are NaN or infinite: {(~np.isfinite(samples)).sum()}.")
    if not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(f"{name} has a rate outside of {MIN_RATE} to {MAX_RATE} samples a second. Received: {rate}")
    mono = samples.mean(axis=1, dtype="float32")
    return mono if rate == RATE or not len(mono) else need("soxr", "speech").resample(mono, rate, RATE)


def _read_file(path):
    soundfile = need("soundfile", "speech")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; the path of an audio file is expected.")
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist.")
    try:
        return soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        formats = "WAV, FLAC, OGG, MP3, AIFF or NIST SPHERE"
        raise ValueError(f"{path} is no audio file that can be read ({formats}): {error}") from error


def _check_pair(source):
    if not is_pair(source):
        raise ValueError(f"The path of an audio file or a pair (samples, rate) is expected. Received: {source!r:.80}")
    samples, rate = np.asarray(source[0]), source[1]
    if samples.ndim == 0 or samples.ndim > 2 or samples.dtype.kind not in "iuf":
        received = f"{samples.dtype} {samples.shape}"
        raise ValueError(f"Samples are numbers, (samples,) or (samples, channels). Received: {received}")
    samples = samples[:, None] if samples.ndim == 1 else samples
    if samples.dtype.itemsize == 8 and samples.dtype.kind != "f":
        raise ValueError(f"{samples.dtype} samples have no full scale that is known; give int16, or floats up to 1.")
    if not samples.shape[1]:
        raise ValueError("A recording has at least one channel. Received: none")
    if samples.dtype.kind == "f":
        return samples.astype("float32"), rate
    full_scale, offset = 2.0 ** (8 * samples.dtype.itemsize - 1), samples.dtype.kind == "u"
    return (samples / full_scale - offset).astype("float32"), rate


def is_pair(source: object) -> bool:
    """Whether an item is a pair (samples, rate)."""
    pair = isinstance(source, (tuple, list)) and len(source) == 2
    return pair and isinstance(source[1], numbers.Real) and not isinstance(source[1], bool)


def prepare(raw: Source | Iterable[Source], place: object = None) -> list[np.ndarray | Exception]:
    """Recordings, float32 (samples,) at 16 kHz, of what a user gave: one, or a list of them, each as in `recording`.

    An item that cannot be read has its error in its place, so that the others are answered.

    Args:
        raw: what a user gave.
        place: nothing here: an error is of its item, and says so itself.
    """
    if isinstance(raw, (str, pathlib.Path)) or is_pair(raw):
        raw = [raw]
    if not hasattr(raw, "__iter__") or isinstance(raw, (bytes, dict)):
        raise ValueError(f"A recording or a list of recordings is expected. Received: {raw!r:.80}")
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


def decode(outputs: Sequence[dict], items: Sequence[np.ndarray | Exception], raw: object = None, *, key: str) -> list:
    """Plain Python answers from pipeline outputs: `[{"text": "YES", "score": -0.1}, ...]`, where `key` is "text".

    An item that could not be read has None for both, and an `error`.
    """
    return [
        {key: None, "score": None, "error": str(item)}
        if isinstance(item, Exception)
        else {key: row[key].decode("utf-8", "replace"), "score": float(row["score"])}
        for row, item in zip(outputs, items)
    ]
