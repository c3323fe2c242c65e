"""`lstm-zoo listen`: what somebody says into the microphone of this machine."""

from __future__ import annotations

import pathlib
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_zoo import progress
from lstm_zoo.answering import answerer
from lstm_zoo.optional import need
from lstm_zoo.registry import model_of
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.pauses import LEVEL, MIN_PAUSE, ROOM, levels_of

if TYPE_CHECKING:
    import keras

BLOCKS = 10  # a second
# Of a word, in levels of 10 ms: how many are loud, what is kept before and behind, and the room that is remembered.
MIN_LOUD, MARGIN, MAX_LEVELS, MEMORY = 10, 15, 300, 1000
LOUD, QUIET = 12.0, -70.0  # dB above the room; dB of full scale, below which no room is
METER, FAINTEST = 20, -60.0  # characters, dB of full scale


def listen(
    name: str | pathlib.Path | keras.Model | None = None, *, keyword: bool = False, device: str | int | None = None
) -> None:
    """Write what somebody says into the microphone, as soon as it is certain, until Ctrl-C.

    On a terminal a meter shows how loud it is.

    Args:
        name: a pipeline of `speech/streaming`, or with `keyword` of `speech/keyword`, like that of `predict`. None: the
            first published one.
        keyword: tell which of a few words was said, and how sure that is, a line a word. Words have pauses of 0.3 s
            between them.
        device: number or a part of the name of a microphone, as `python -m sounddevice` lists them. None: the system's.

    Raises:
        ValueError: a pipeline of another network.
        OSError: no such microphone, or none at all.
        ImportError: the extra `microphone`, or PortAudio, is not installed.

    Example:

    >>> listen(keyword=True)
    7 0.99
    """
    _sounddevice()  # what is missing is said before anything is loaded
    expected = "speech/keyword" if keyword else "speech/streaming"
    answers = answerer(expected if name is None else name, {})
    if (model := model_of(answers.pipeline)) != expected:
        raise ValueError(
            f"A pipeline of {expected} is expected{'' if keyword else ', or --keyword'}. Received: {model}"
        )
    heard = _metered(blocks(device))
    try:
        # Silence first, so that everything is compiled before the microphone hears: what it waits for is lost.
        if keyword:
            for seconds in (1, 2):  # of the second length on, a recording may have any
                answers((np.zeros(seconds * RATE, "float32"), RATE))
            _write_words(heard, answers)
        else:
            list(speech.stream(answers.pipeline, [np.zeros(RATE, "float32")]))
            _write_text(speech.stream(answers.pipeline, heard))
    except KeyboardInterrupt:
        pass
    finally:
        _draw("\x1b[K")


def blocks(device: str | int | None = None) -> Iterator[np.ndarray]:
    """What a microphone hears until Ctrl-C: float32 (samples,) at 16 kHz, ten times a second, about.

    Args:
        device: see `listen`.

    Raises:
        OSError: no such microphone, or none at all.
        ImportError: the extra `microphone`, or PortAudio, is not installed.
    """
    sounddevice = _sounddevice()
    device = int(device) if str(device).isdigit() else device
    try:
        about = sounddevice.query_devices(device, "input")
        rate = int(about["default_samplerate"])
        resampler = need("soxr", "speech").ResampleStream(rate, RATE, 1, "float32")
        with sounddevice.InputStream(samplerate=rate, channels=1, dtype="float32", device=device) as microphone:
            progress.say(f"Listening to {about['name']}, until Ctrl-C.")
            while True:
                samples, overflowed = microphone.read(rate // BLOCKS)
                if overflowed:
                    warnings.warn("This machine is too slow to hear everything: something was lost.", stacklevel=2)
                yield resampler.resample_chunk(samples[:, 0])
    except KeyboardInterrupt:  # what was heard before it is still written
        return
    except (sounddevice.PortAudioError, ValueError) as error:
        raise OSError(f"No microphone ({error}): `python -m sounddevice` lists those that can be --device.") from error


def words(heard: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Recordings of single words, float32 (samples,) at 16 kHz: what is louder than the room between two pauses.

    Args:
        heard: blocks of a recording, like those of `blocks`.

    Example:

    >>> [len(word) for word in words([np.zeros(16_000), np.sin(np.arange(8_000)), np.zeros(16_000)])]
    [12800]
    """
    since, room = np.zeros(0, "float32"), np.zeros(0)
    for block in heard:
        since, room = np.append(since, block), np.append(room, levels_of(block))[-MEMORY:]
        levels = levels_of(since)
        loud = _loud(levels, room)
        if len(loud) < MIN_LOUD:
            since = since[-(MIN_PAUSE + MIN_LOUD) * LEVEL :]
        elif len(levels) - loud[-1] > MIN_PAUSE or len(levels) > MAX_LEVELS:
            yield _around(since, loud)
            since = since[:0]
    loud = _loud(levels_of(since), room)
    if len(loud) >= MIN_LOUD:
        yield _around(since, loud)


def _loud(levels, room):
    """The places of the levels that are louder than the room."""
    return np.flatnonzero(levels > LOUD + (max(QUIET, np.percentile(room, ROOM)) if len(room) else QUIET))


def _around(samples, loud):
    return samples[max(0, loud[0] - MARGIN) * LEVEL : (loud[-1] + 1 + MARGIN) * LEVEL]


def _sounddevice() -> Any:
    try:
        return need("sounddevice", "microphone", "listen")
    except OSError as error:  # its wheel for Linux comes without
        raise ImportError("listen needs PortAudio, on Debian and Ubuntu: apt install libportaudio2") from error


def _write_words(heard, answers):
    for word in words(heard):
        (answer,) = answers((word, RATE))
        _draw("\x1b[K")
        print(f"{answer['label']} {answer['score']:.2f}", flush=True)


def _write_text(texts):
    """Print text while it comes, on a terminal in lines that leave room for the meter."""
    width = shutil.get_terminal_size().columns - METER - 20 if sys.stdout.isatty() else sys.maxsize
    column = 0
    try:
        for text in texts:
            if column > width and " " in text:
                text, column = text.replace(" ", "\n", 1), 0
            column += len(text)
            print(text, end="", flush=True)
    finally:
        print(flush=True)


def _metered(heard):
    """The blocks, with a meter of how loud each is behind what is written."""
    for block in heard:
        level = float(levels_of(block).max(initial=FAINTEST))
        filled = round(METER * min(1, 1 - level / FAINTEST))
        _draw(f"\x1b7  [{'#' * filled}{' ' * (METER - filled)}]\x1b[K\x1b8")  # the cursor stays where it is
        yield block


def _draw(text):
    if progress.on_terminal():
        print(text, end="", file=sys.stderr, flush=True)
