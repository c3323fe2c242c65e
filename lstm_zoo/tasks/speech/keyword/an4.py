"""Keywords in the recordings of AN4: digits by many speakers, and what is no digit."""

import collections
import csv
import pathlib
from collections.abc import Iterator

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword.others import NONE, pieces
from lstm_zoo.tasks.speech.pairs import Example, an4_recordings, in_16_bits, load_an4, waveforms

DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
# How words begin that are a digit, or in which one is heard, like SIXTY; nobody says what else begins like them.
BEGINNINGS = (*DIGITS, "FORT")
# When each digit is said, as scripts/word_times.py measured it with a published transcriber.
TIMES = pathlib.Path(__file__).with_name("an4_digits.tsv")
DIGITS_RATE = 8_000  # samples a second of the spoken digits: what is heard above 4 kHz would tell these from them


def load_digits(split: str) -> Iterator[Example]:
    """Raw examples ((samples, rate), digit, speaker) of the digits that are said in AN4, among other words.

    Args:
        split: "train", "validation" or "test", of AN4: no speaker is in two of them.
    """
    spans = collections.defaultdict(list)
    with TIMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            spans[row["id"]].append((int(row["place"]), float(row["start"]), float(row["end"])))
    for recording in an4_recordings(split):
        words = recording["text"].split()
        for place, start, end in spans[recording["id"]]:
            samples = recording["speech"][round(start * RATE) : round(end * RATE)]
            yield _example(samples / 2**15, str(DIGITS.index(words[place])), recording["speaker_id"])


def load_others(split: str) -> Iterator[Example]:
    """Raw examples ((samples, rate), "[none]", speaker) of what is no digit: letters, names and commands of AN4, what
    is said between pauses of the recordings in which nobody says a digit.

    Args:
        split: see `load_digits`.
    """
    for example in load_an4(split):
        _, text, speaker = example
        if not any(word.startswith(BEGINNINGS) for word in text.split()):
            for piece in pieces(*waveforms([example])):
                yield _example(piece, NONE, speaker)


def _example(waveform, label, speaker):
    samples = need("soxr", "speech").resample(waveform, RATE, DIGITS_RATE)
    return (in_16_bits(samples), DIGITS_RATE), label, speaker
