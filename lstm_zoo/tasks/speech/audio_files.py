"""Audio files, by path or contents, as libsndfile reads them, but whole, and WAV files whose header has no length."""

import io
import os
import pathlib
import re
import struct

import numpy as np

from lstm_zoo.optional import need

FORMATS = "WAV, FLAC, OGG, MP3, AIFF or NIST SPHERE"
COMPRESSED = ("FLAC", "OGG", "MP3")  # one of these without samples is broken
# What programs that write into a pipe put for the length of a WAV file, which they do not know: this or more, or 0.
UNKNOWN_LENGTH = 0x7FFF0000
MIN_SHARE = 0.99  # of the samples that a header counts: that of an MP3 file is about right
# How libsndfile's log says that a header counts more bytes than there are: WAV and CAF, AIFF, AU, RF64 and W64.
SHORT = re.compile(r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*: (\w+) \(should be (\w+)\)", re.MULTILINE)
CUT_OGG, CUT_HEADER = "Junk after the last page", re.compile(r"^(?:RIFF|FORM) : \w+ \(should be", re.MULTILINE)


def read_audio(source: pathlib.Path | bytes, name: str) -> tuple[np.ndarray, int]:
    """Samples float32 (samples, channels) of an audio file, and their rate.

    Args:
        source: its path, or its contents.
        name: of it, for people.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a folder, no audio, or a file that is cut off.
    """
    soundfile = need("soundfile", "speech")
    if isinstance(source, pathlib.Path):
        if source.is_dir():
            raise ValueError(f"{name} is a folder; the path of an audio file is expected.")
        if not source.exists():
            raise FileNotFoundError(f"{name} does not exist.")
    try:
        with soundfile.SoundFile(_with_length(source)) as file:
            samples = _samples_of(file)
            _check_whole(name, len(samples), file, _counted(source))
            return samples, file.samplerate
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: of a name that ends in .raw
        raise ValueError(f"{name} is no audio file that can be read ({FORMATS}): {error}") from error


def _samples_of(file):
    try:
        return file.read(dtype="float32", always_2d=True)
    except ValueError as error:  # of formats whose length soundfile does not know, like GSM 6.10
        raise TypeError(f"{file.format} {file.subtype}: {error}") from error


def _check_whole(name, count, file, counted):
    """Raise a ValueError where libsndfile found fewer samples than the header tells, which it says in its log alone."""
    log = file.extra_info
    short = [(int(told, 0), int(found, 0)) for told, found in SHORT.findall(log)]
    for told, found in short:
        if found < told < UNKNOWN_LENGTH:
            raise ValueError(f"{name} is cut off: its header tells of {told} bytes. Received: {found}")
    broken = not count and (file.format in COMPRESSED or CUT_HEADER.search(log))
    if broken or CUT_OGG in log or count < MIN_SHARE * max(file.frames, counted):
        raise ValueError(f"{name} is cut off. Received: {count} samples")


def _opened(source):
    return source.open("rb") if isinstance(source, pathlib.Path) else io.BytesIO(source)


def _counted(source):
    """The samples that the header of a NIST SPHERE file counts, of which libsndfile says nothing; 0 of any other."""
    with _opened(source) as file:
        head = file.read(1024)
    counted = re.search(rb"^sample_count -i (\d+)", head, re.MULTILINE) if head.startswith(b"NIST_1A") else None
    return int(counted[1]) if counted else 0


def _with_length(source):
    """What libsndfile opens: the source, or a mended copy of a WAV file that tells of no bytes and has some."""
    with _opened(source) as file:
        begin = _samples_of_no_length(file)
        if begin is None:
            return source if isinstance(source, pathlib.Path) else io.BytesIO(source)
        file.seek(0)
        mended = bytearray(file.read())
    mended[begin - 4 : begin] = struct.pack("<I", len(mended) - begin)
    return io.BytesIO(mended)


def _samples_of_no_length(file):
    """Where the samples of a WAV file begin that tells of 0 bytes of them; None of any other, and of an empty one."""
    if (head := file.read(12))[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    for chunk, size, begin in _chunks(file):
        if chunk == b"data":
            behind = list(_chunks(file))
            end = file.seek(0, os.SEEK_END)
            whole = not behind or behind[-1][2] + behind[-1][1] in (end, end - 1)
            known = all(name.isascii() and name.decode().isprintable() for name, _, _ in behind)
            return None if size or end == begin or (behind and whole and known) else begin
    return None


def _chunks(file):
    """Name, bytes and place of the chunks of a WAV file from here on."""
    while len(head := file.read(8)) == 8:
        size, begin = struct.unpack("<I", head[4:])[0], file.tell()
        yield head[:4], size, begin
        file.seek(begin + size + size % 2)  # chunks begin at even places
