"""What the check of speech does to recordings on their way from a mouth to a file.

No training draws from this: what training does is in `lstm_zoo.tasks.speech.augmentation`, with draws of its own. Its
telephones cut a band, its MP3 files have 16 kHz, its rooms are noise that dies away, its babble is further below.
"""

import functools
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import soundfile
import soxr
from scipy import signal

from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation.noises import loudness, mixed

TELEPHONE_RATE = 8_000  # samples a second
COMPRESSION = 0.8  # of libsndfile: at 8 kHz 16 kbit/s
# A furnished living room, in m: its length, width and height, where somebody speaks, and the microphone on a table.
ROOM, MOUTH, MICROPHONE = (6.0, 4.5, 2.7), (4.1, 2.9, 1.5), (1.7, 1.9, 0.8)
SOUND = 343.0  # m/s
REVERBERATION = 0.5  # seconds, in which a sound falls by 60 dB
LOWEST = 50.0  # Hz, below which no microphone for speech hears: images of one sign pile up there
VOICES = 6  # of a babble

# (samples float32 (samples,) at 16 kHz; a numpy.random.Generator; recordings of other speakers) -> samples, their rate
Change = Callable[[np.ndarray, np.random.Generator, Sequence[np.ndarray]], tuple[np.ndarray, int]]


def as_they_are(samples: np.ndarray, *_: Any) -> tuple[np.ndarray, int]:
    """Not changed at all."""
    return samples, RATE


def louder(factor: float) -> Change:
    """In a file of 16 bits, which cuts what is louder than full scale."""
    return lambda samples, *_: (np.clip(samples * np.float32(factor), -1, 1), RATE)


def white_noise(decibels: float) -> Change:
    """With white noise, this far below the recording."""

    def change(samples, random, _):
        return mixed(samples, random.standard_normal(len(samples)), decibels).astype("float32"), RATE

    return change


def narrow(samples: np.ndarray, *_: Any) -> tuple[np.ndarray, int]:
    """At 8 kHz."""
    return soxr.resample(samples, RATE, TELEPHONE_RATE), TELEPHONE_RATE


def call(samples: np.ndarray, *_: Any) -> tuple[np.ndarray, int]:
    """A call that somebody kept: 8 kHz, the codec of European telephones (ITU-T G.711, A-law), and an MP3 file of 16
    kbit/s."""
    narrowed, rate = narrow(np.clip(samples, -1, 1))
    for options in (
        {"format": "WAV", "subtype": "ALAW"},
        {"format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": COMPRESSION},
    ):
        file = io.BytesIO()
        soundfile.write(file, narrowed, rate, **options)
        file.seek(0)
        narrowed, rate = soundfile.read(file, dtype="float32")
    return narrowed, rate


def room(samples: np.ndarray, *_: Any) -> tuple[np.ndarray, int]:
    """From the other side of a living room."""
    return signal.oaconvolve(samples, impulse_response())[: len(samples)].astype("float32"), RATE


def babble(samples: np.ndarray, random: np.random.Generator, others: Sequence[np.ndarray]) -> tuple[np.ndarray, int]:
    """While six others talk, 10 dB below all together."""
    chosen = random.choice(len(others), VOICES, replace=False)
    voices = [np.resize(others[place], len(samples)) for place in chosen]
    return mixed(samples, sum(voice / max(loudness(voice), 1e-9) for voice in voices), 10).astype("float32"), RATE


@functools.cache
def impulse_response(
    size: tuple[float, ...] = ROOM,
    mouth: tuple[float, ...] = MOUTH,
    microphone: tuple[float, ...] = MICROPHONE,
    seconds: float = REVERBERATION,
) -> np.ndarray:
    """What a microphone hears of an impulse in a room, by image sources (Allen and Berkley 1979,
    https://doi.org/10.1121/1.382599): float32 (samples,), from the sound that comes straight, which is 1.

    Args:
        size: of the room, in m, along three axes.
        mouth, microphone: where they are, in m.
        seconds: in which a sound falls by 60 dB; what the walls swallow follows by Sabine's formula.
    """
    surface = 2 * sum(np.prod(size) / length for length in size)
    reflected = np.sqrt(1 - 0.161 * np.prod(size) / (surface * seconds))
    offsets, bounces = [], []
    for length, source, ear in zip(size, mouth, microphone):
        reach = np.ceil(seconds * SOUND / (2 * length))
        rooms = 2 * np.arange(-reach, reach + 1)
        offsets.append(np.concatenate([rooms * length + source, rooms * length - source]) - ear)
        bounces.append(np.concatenate([np.abs(rooms), np.abs(rooms - 1)]))
    distances = np.sqrt(sum(np.square(axis) for axis in np.ix_(*offsets)))
    strengths = reflected ** sum(np.ix_(*bounces)) / distances
    delays = np.round((distances - distances.min()) / SOUND * RATE).astype(int)
    heard = delays < seconds * RATE
    response = np.bincount(delays[heard], strengths[heard] * distances.min())
    high_pass = signal.butter(2, LOWEST, "highpass", fs=RATE, output="sos")
    return signal.sosfilt(high_pass, response).astype("float32")


# What is done, as the table calls it.
DISTURBANCES: dict[str, Change] = {
    "as they are": as_they_are,
    "a tenth as loud": louder(0.1),
    "ten times as loud and clipped": louder(10),
    "white noise at 20 dB": white_noise(20),
    "white noise at 10 dB": white_noise(10),
    "8 kHz": narrow,
    "G.711 and MP3": call,
    "room": room,
    "babble at 10 dB": babble,
}
