"""audio_files.py: whole files, and those that were written into a pipe."""

import io
import struct

import numpy as np
import pytest
import soundfile

from lstm_zoo.tasks.speech.audio_files import read_audio


def contents(wave, **options):
    """An audio file."""
    file = io.BytesIO()
    soundfile.write(file, wave, 16_000, **{"format": "WAV", **options})
    return file.getvalue()


def with_lengths(file, riff, data):
    """A WAV file whose header tells of so many bytes."""
    place = file.index(b"data") + 4
    return file[:4] + struct.pack("<I", riff) + file[8:place] + struct.pack("<I", data) + file[place + 4 :]


@pytest.mark.parametrize("riff", [0, 36, None, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("data", [0, 0x7FFFFFDB, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("volume", [0, 1])
def test_a_header_without_a_length(tune, tmp_path, riff, data, volume):
    file = contents(volume * tune(0.1))
    streamed = with_lengths(file, len(file) - 8 if riff is None else riff, data)
    (tmp_path / "a.wav").write_bytes(streamed)
    for source in (streamed, tmp_path / "a.wav"):
        samples, rate = read_audio(source, "it")
        assert rate == 16_000
        np.testing.assert_allclose(samples[:, 0], volume * tune(0.1), atol=1e-4)


def test_an_empty_file(tune):
    file = contents(np.zeros(0))
    for empty in (file, file + b"LIST\4\0\0\0INFO"):
        assert read_audio(empty, "it")[0].shape == (0, 1)
    for format_ in ("OGG", "FLAC", "MP3"):
        with pytest.raises(ValueError, match="is cut off|is no audio file"):
            read_audio(contents(np.zeros(0), format=format_), "it")


@pytest.mark.parametrize("format_", ["WAV", "WAVEX", "AIFF", "NIST", "W64", "RF64", "AU", "FLAC", "OGG", "MP3"])
def test_a_file_that_is_cut_off(tune, format_):
    file = contents(tune(1.0), format=format_)
    assert len(read_audio(file, "it")[0]) == 16_000
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(ValueError, match="it is cut off.* Received: |it is no audio file"):
            read_audio(file[: int(share * len(file))], "it")
    if format_ == "WAV":
        for size in range(44):
            with pytest.raises(ValueError, match="it is cut off.* Received: |it is no audio file"):
                read_audio(file[:size], "it")


def test_a_name_for_bytes_without_a_header(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"\0" * 100)
    with pytest.raises(ValueError, match=r"a\.raw is no audio file"):
        read_audio(tmp_path / "a.raw", str(tmp_path / "a.raw"))
