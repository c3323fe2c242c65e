"""Samples as arrays of all libraries hold them, in one form: which of their axes the channels are, and what is loud.

librosa gives floats (samples,), soundfile (samples, channels), torchaudio (channels, samples); SciPy integers of what
the file had, and whoever casts or averages these floats of their range. What an array does not tell is refused.
"""

from typing import Any

import numpy as np

# Of samples with two axes: 7.1 channels; and of several channels more samples than any array has microphones.
MAX_CHANNELS, MIN_SAMPLES = 8, 65
# Floats above full scale are loud, up to 24 dB; from 256 on they are of the range of 16-bit integers, which resampling
# leaves by a quarter at most. Those between, of no whole numbers, are either.
MAX_PEAK, MIN_16_BIT_PEAK, MAX_16_BIT_PEAK = 16, 256, 1.25 * 2**15


def as_array(samples: Any) -> np.ndarray:
    """Finite numbers with one or two axes, of an array, a tensor of any library or nested lists.

    Raises:
        ValueError: something else.
    """
    if hasattr(samples, "detach"):  # a tensor of PyTorch, that of a GPU or of a gradient too
        samples = samples.detach().cpu()
    try:
        array = np.asarray(samples)
    except (TypeError, ValueError, RuntimeError) as error:  # channels of unequal length, and what libraries refuse
        raise ValueError(f"Samples are numbers, (samples,) or (samples, channels). Received: {error}") from error
    if array.ndim not in (1, 2) or array.dtype.kind not in "iuf":
        raise ValueError(f"Samples are numbers, (samples,) or (samples, channels). Received: {named(array)}")
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        raise ValueError(f"Samples are finite. Received: NaN or infinite: {(~finite).sum()}")
    return array


def named(array: np.ndarray) -> str:
    """Type and shape of an array, for people: "int16 (16000, 2)"."""
    return f"{array.dtype} {array.shape}"


def channel_axis(array: np.ndarray, known: int | None = None) -> int | None:
    """The axis of `as_array` that has the channels; None of samples with one axis.

    Args:
        array: samples.
        known: the axis in the blocks before, which a short one cannot tell.

    Raises:
        ValueError: both could be, or neither.

    Example:

    >>> channel_axis(np.zeros((2, 16_000))), channel_axis(np.zeros((16_000, 2)))
    (0, 1)
    """
    if array.ndim == 1:
        return None
    if array.size < 2 and max(array.shape) <= MAX_CHANNELS:  # either way the same
        return known if known is not None else int(array.size == 1 or array.shape[0] == 0)
    told = [
        axis
        for axis, (channels, samples) in enumerate((array.shape, array.shape[::-1]))
        if 1 <= channels <= MAX_CHANNELS and samples >= (MIN_SAMPLES if channels > 1 else MAX_CHANNELS + 1)
    ]
    if known is not None and array.shape[known] <= MAX_CHANNELS and array.size and told in ([], [known]):
        return known
    if not told or known is not None:
        raise ValueError(
            f"Samples with two axes are (samples, channels) or (channels, samples), 1 to {MAX_CHANNELS} channels of "
            f"{MIN_SAMPLES} samples or more. Received: {named(array)}"
        )
    return told[0]


def mono(array: np.ndarray, axis: int | None, of_stream: bool = False) -> np.ndarray:
    """Samples float32 (samples,) of full scale 1, the channels averaged.

    Args:
        array: see `as_array`.
        axis: see `channel_axis`.
        of_stream: a block of a recording, whose type has to tell the scale: the loudest block is not known.

    Raises:
        ValueError: a full scale that is not known.
    """
    if array.size == 0:
        return np.zeros(0, "float32")
    scaled = (array / full_scale(array, of_stream) - (array.dtype.kind == "u")).astype("float32")
    return scaled if axis is None else scaled.mean(axis=axis, dtype="float32")


def full_scale(array: np.ndarray, of_stream: bool = False) -> float:
    """The value of the loudest sample that can be, told by the type of an array, or by its values.

    Integers of 8 and 16 bits, unsigned ones of 32 and floats up to 1 have that of their type. 32-bit integers have it
    if they are loud enough for it; floats, 32- and 64-bit integers of the range of 16-bit integers have that of these.

    Raises:
        ValueError: neither tells it.

    Example:

    >>> full_scale(np.array([0.5, -0.25])), full_scale(np.array([9000.0, -8000.0])), full_scale(np.int16([1, -1]))
    (1.0, 32768.0, 32768.0)
    """
    low, high = float(array.min()), float(array.max())
    peak, kind, size = max(-low, high), array.dtype.kind, array.dtype.itemsize
    if kind != "f" and (size < 4 or array.dtype == "uint32"):
        return 2.0 ** (8 * size - 1)
    if (peak == 0 and kind != "u") or (kind == "f" and peak <= 1):
        return 1.0
    whole = kind != "f" or bool((array == np.round(array)).all())
    if kind == "f" and peak <= MAX_PEAK and not whole:
        return 1.0
    # Quiet 24-bit converters give multiples of 256, those of 16 bits of 65536.
    padded = size == 4 and kind == "i" and not (array & 255).any()
    if size == 4 and kind == "i" and (peak > 2**23 or (of_stream and padded)):
        return 2.0**31
    in_16_bits = peak <= MAX_16_BIT_PEAK if kind == "f" else 1 < peak <= 2**15
    if in_16_bits and low < 0 < high and (whole or peak >= MIN_16_BIT_PEAK) and not (padded or of_stream):
        return 2.0**15
    raise ValueError(
        "Floats up to 1, or integers that are as loud as their type lets them be, are expected; divide by the full "
        f"scale. Received: {array.dtype} samples from {low:g} to {high:g}"
    )
