"""What the check of speech plays: test parts as they are and disturbed, synthetic voices, digits, and what is none.

Every set is a list of checked examples (recording, what is said, speaker), the same every time.
"""

import functools

import numpy as np
from scipy import fft

from benchmarks.strangers.disturbances import DISTURBANCES
from benchmarks.strangers.voices import VOICES, read_aloud
from lstm_zoo import microphone, registry
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation.noises import loudness
from lstm_zoo.tasks.speech.keyword.an4 import BEGINNINGS, DIGITS
from lstm_zoo.tasks.speech.pairs import Example, waveforms

SEED = 0
WORDS, KEYWORDS = "speech", "speech/keyword"  # the tasks
AN4, SPOKEN_DIGITS = "an4", "spoken_digit"
LABELS = tuple(map(str, range(len(DIGITS))))  # as the data sets of digits call them
NO_DIGIT = "no digit"  # the label of any other word, and of none
# The words of the Speech Commands (Warden 2018, https://arxiv.org/abs/1804.03209) that are no digits.
OTHER_WORDS = (
    *("BACKWARD", "BED", "BIRD", "CAT", "DOG", "DOWN", "FOLLOW", "FORWARD", "GO", "HAPPY", "HOUSE", "LEARN", "LEFT"),
    *("MARVIN", "NO", "OFF", "ON", "RIGHT", "SHEILA", "STOP", "TREE", "UP", "VISUAL", "WOW", "YES"),
)
SPEEDS = (0.8, 1.0, 1.25)  # times as fast as usual, of single words
BLOCK = RATE // 10  # samples that come from a microphone at once
SECONDS = (0.5, 1.0, 2.0, 3.0, 5.0)  # of silence and noise
LEVELS = (-50.0, -20.0)  # dB of full scale
FALLS = (0.0, 1.0, 2.0)  # exponents with which the power falls: white, pink and brown noise
HUM = 50.0  # Hz, of mains in most of the world

READ_BY = {f"read by {program}": program for program in VOICES}
DIGITS_BY = {f"digits read by {program}": program for program in VOICES}
OTHERS_BY = {f"other words read by {program}": program for program in VOICES}
DIGITS_SAID, OTHERS_SAID, NOISES = "spoken digits", "AN4 without digits", "silence and noise"
# Names of the sets, for transcribers and for keywords.
TRANSCRIBED = (*DISTURBANCES, *READ_BY, DIGITS_SAID, *DIGITS_BY)
OF_NO_DIGIT = (OTHERS_SAID, *OTHERS_BY, NOISES)
SPOTTED = (*DISTURBANCES, *DIGITS_BY, *OF_NO_DIGIT)
SYNTHETIC = {**READ_BY, **DIGITS_BY, **OTHERS_BY}


@functools.cache
def examples(task: str, split: str, data: str) -> list[Example]:
    """Checked examples of a data set."""
    record = registry.get_task(task)
    return record.read(record.data(split, data))


@functools.cache
def transcribed(name: str, most: int | None) -> list[Example]:
    """The set of a name for transcribers: recordings, and what is said.

    Args:
        name: of `TRANSCRIBED`.
        most: so many recordings, or texts for every voice, the first ones. None: all.
    """
    if name in DISTURBANCES:
        return disturbed(WORDS, examples(WORDS, "test", AN4)[:most], name)
    if name in READ_BY:
        texts = [text for _, text, _ in examples(WORDS, "test", AN4)[:most]]
        return read_by(WORDS, READ_BY[name], [(text, text) for text in texts])
    numbered = digits(SPOKEN_DIGITS, most) if name == DIGITS_SAID else spotted(name, SPOKEN_DIGITS, most)
    return [(recording, DIGITS[int(label)], speaker) for recording, label, speaker in numbered]


@functools.cache
def spotted(name: str, data: str, most: int | None) -> list[Example]:
    """The set of a name for keywords: recordings, and which digit is said, or `NO_DIGIT`.

    Args:
        name: of `SPOTTED`.
        data: data set whose test part is disturbed.
        most: see `transcribed`.
    """
    if name in DISTURBANCES:
        return disturbed(KEYWORDS, digits(data, most), name)
    if name == NOISES:
        return registry.get_task(KEYWORDS).read([((noise, RATE), NO_DIGIT) for noise in noises()[:most]])
    if name == OTHERS_SAID:
        return without_digits(most)
    said = zip(DIGITS, LABELS) if name in DIGITS_BY else ((word, NO_DIGIT) for word in OTHER_WORDS)
    return read_by(KEYWORDS, SYNTHETIC[name], list(said)[:most], SPEEDS)


def digits(data: str, most: int | None) -> list[Example]:
    """Digits of the test part of a data set, which may have recordings of something else."""
    return [example for example in examples(KEYWORDS, "test", data) if example[1] in LABELS][:most]


def disturbed(task: str, originals: list[Example], name: str) -> list[Example]:
    """Examples after a disturbance; who babbles are other speakers of AN4's test part."""
    pool, changed = examples(WORDS, "test", AN4), []
    voices = waveforms(pool)
    for number, (samples, (_, said, speaker)) in enumerate(zip(waveforms(originals), originals)):
        others = [voice for voice, (*_, talker) in zip(voices, pool) if talker != speaker]
        random = np.random.default_rng([SEED, number])
        changed.append((DISTURBANCES[name](samples, random, others), said, speaker))
    return registry.get_task(task).read(changed)


def read_by(task: str, program: str, texts: list[tuple[str, str]], speeds: tuple[float, ...] = (1.0,)) -> list[Example]:
    """Texts, each with what is to be answered, read by all voices of a program, at all speeds."""
    read = [
        (read_aloud(program, voice, text, speed), said, voice)
        for voice in VOICES[program]
        for text, said in texts
        for speed in speeds
    ]
    return registry.get_task(task).read(read)


def without_digits(most: int | None) -> list[Example]:
    """What `lstm-zoo listen --keyword` would take for words in AN4's test recordings in which nobody says a digit,
    nor what begins with one, like SIXTY."""
    found = []
    recordings = examples(WORDS, "test", AN4)
    for samples, (_, text, speaker) in zip(waveforms(recordings), recordings):
        if not any(word.startswith((*BEGINNINGS, "OH")) for word in text.split()):
            blocks = np.split(samples, range(BLOCK, len(samples), BLOCK))
            found += [((word, RATE), NO_DIGIT, speaker) for word in microphone.words(blocks)]
    return registry.get_task(KEYWORDS).read(found[:most])


def noises() -> list[np.ndarray]:
    """Exact zeros, noise of three colours, and mains hum with its overtones, of several lengths and levels."""
    random = np.random.default_rng(SEED)
    found = [np.zeros(round(seconds * RATE), "float32") for seconds in SECONDS]
    for seconds in SECONDS:
        time = np.arange(round(seconds * RATE)) / RATE
        frequencies = np.maximum(fft.rfftfreq(len(time), 1 / RATE), HUM)
        coloured = [
            fft.irfft(fft.rfft(random.standard_normal(len(time))) * frequencies ** (-fall / 2), len(time))
            for fall in FALLS
        ]
        hum = sum(np.sin(2 * np.pi * HUM * overtone * time) / overtone for overtone in (1, 2, 3))
        for sound in (*coloured, hum):
            found += [(sound / loudness(sound) * 10 ** (level / 20)).astype("float32") for level in LEVELS]
    return found
