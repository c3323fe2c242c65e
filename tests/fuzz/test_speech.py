"""Recordings that something happened to: each is heard as it is, or refused with what was received."""

import io
import os
import wave

import numpy as np
import pytest
import soundfile

from lstm_zoo.tasks.speech import audio

MUTATIONS = int(os.environ.get("LSTM_ZOO_MUTATIONS", 200))
RATE = audio.RATE


@pytest.fixture(scope="module")
def speech():
    """Samples int16 of half a second, of all levels."""
    random = np.random.default_rng(0)
    return (np.cumsum(random.standard_normal(RATE // 2)) % 2 - 1).clip(-1, 1) * np.linspace(0, 32_000, RATE // 2)


def file_of(samples, channels, subtype):
    """A WAV file."""
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples / 2**15] * channels, 1), RATE, format="WAV", subtype=subtype)
    return file.getvalue()


def told(contents):
    """The samples that the header of a WAV file tells of, by Python's own reader; None where it reads none."""
    try:
        with wave.open(io.BytesIO(contents)) as file:
            channels, width, rate, count, *_ = file.getparams()
            frames = file.readframes(count)
    except (wave.Error, EOFError, ZeroDivisionError, ValueError, RuntimeError):
        return None
    if width != 2 or rate != RATE or len(frames) != 2 * channels * count:
        return None
    return (np.frombuffer(frames, "<i2").reshape(-1, channels) / 2**15).mean(1)


def flipped(contents, random):
    """A few bytes of it are others, most of them in the header."""
    mutated = bytearray(contents)
    for _ in range(random.integers(1, 4)):
        mutated[random.integers(48 if random.random() < 0.7 else len(mutated))] = random.integers(256)
    return bytes(mutated)


def heard(source):
    """The samples of a recording, or the error that says what is wrong with it."""
    try:
        samples = audio.recording(source)
    except (ValueError, OSError) as error:
        assert len(str(error)) > 20  # noqa: PT017 - of any kind of damage, which has no message of its own
        return error
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.isfinite(samples).all()
    return samples


def test_files(speech):
    changed = 0
    for number in range(MUTATIONS):
        random = np.random.default_rng(number)
        subtype = random.choice(["PCM_16", "PCM_U8", "PCM_24", "FLOAT"])
        contents = file_of(speech[: random.integers(400, 2000)], random.integers(1, 4), subtype)
        whole = heard(contents)
        found = heard(contents[: random.integers(len(contents))])  # the last byte may be one behind the samples
        assert isinstance(found, Exception) or np.array_equal(found, whole), f"mutation {number}: half a recording"
        mutated = flipped(contents, random)
        found, expected = heard(mutated), told(mutated)
        if mutated[:48] == contents[:48] and not isinstance(found, Exception):
            assert len(found) == len(whole), f"mutation {number}: other samples than the header tells of"
        if expected is not None and len(expected) and not isinstance(found, Exception):
            np.testing.assert_allclose(found, expected, atol=1e-6, err_msg=f"mutation {number}")
            changed += 1
    assert changed


def test_arrays(speech):
    answered = 0
    for number in range(MUTATIONS):
        random = np.random.default_rng(number)
        begin = random.integers(len(speech) - 2000)
        mono = speech[begin : begin + random.integers(2000)].astype("int16")
        array, channels = mono.astype(random.choice(["int16", "int32", "int64", "float32", "float64"])), 0
        if random.random() < 0.7:
            channels = int(random.integers(0, 12))
            array = np.stack([array] * channels, random.integers(2)) if channels else array[:, None][:, :0]
        array = array / 2**15 if random.random() < 0.2 else array
        damaged = random.random() < 0.2 and array.size and array.dtype.kind == "f"
        if damaged:
            array.flat[random.integers(array.size)] = random.choice([np.nan, np.inf, -np.inf, 1e30])
        source = [(array, RATE), (RATE, array), {"array": array, "sampling_rate": RATE}][random.integers(3)]
        found = heard(source)
        if isinstance(found, Exception):
            assert "Received: " in str(found)
            continue
        assert not damaged
        if np.abs(mono.astype(int)).max(initial=0) > 1:
            expected = mono / 2**15 if array.size else []
            np.testing.assert_allclose(found, expected, atol=1e-6, err_msg=f"mutation {number}")
            answered += 1
    assert answered > MUTATIONS / 4
