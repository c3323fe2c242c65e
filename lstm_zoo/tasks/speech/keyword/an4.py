"""Keywords in the recordings of AN4: digits by many speakers, and what is no digit."""

import functools
from collections.abc import Iterator

import numpy as np

from lstm_zoo import weights
from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword.others import NONE, pieces
from lstm_zoo.tasks.speech.pairs import Example, in_16_bits, load_an4, waveforms
from lstm_zoo.tasks.speech.searches import with_lexicon
from lstm_zoo.tasks.speech.timings import align

NAMES = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
# How words begin that are a digit, or in which one is heard, like SIXTY; nobody says what else begins like them.
BEGINNINGS = (*NAMES, "FORT")
TRANSCRIBER = "speech-ctc-an4_all"  # which tells when a digit is said
MARGIN = (
    0.1  # s before and behind the letters of a word, where no other word is nearer: CTC is sure of a word within it
)
DIGITS_RATE = 8_000  # samples a second of the spoken digits: what is heard above 4 kHz would tell these from them


@functools.cache
def load_digits(split: str) -> list[Example]:
    """Raw examples ((samples, rate), digit, speaker) of the digits that are said in AN4, within what else is said.

    Each is cut out where a published transcriber hears it, which is given the transcript.

    Args:
        split: "train", "validation" or "test", of AN4: no speaker is in two of them.
    """
    recordings = [example for example in load_an4(split) if not {*example[1].split()}.isdisjoint(NAMES)]
    pipeline, heard = with_lexicon(weights.load(TRANSCRIBER), None), waveforms(recordings)
    said = align(pipeline, heard, [text for _, text, _ in recordings])
    examples = []
    for waveform, words, (*_, speaker) in zip(heard, said, recordings):
        edges = [0.0, *(edge for word in words for edge in (word["start"], word["end"])), len(waveform) / RATE]
        gaps = np.diff(edges)[::2]  # before each word, and behind the last
        for word, before, behind in zip(words, gaps, gaps[1:]):
            if word["word"] in NAMES:
                start, end = word["start"] - min(MARGIN, before / 2), word["end"] + min(MARGIN, behind / 2)
                samples = waveform[round(start * RATE) : round(end * RATE)]
                examples.append(_example(samples, str(NAMES.index(word["word"])), speaker))
    return examples


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
