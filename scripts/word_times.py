"""Measure when each digit is said in the recordings of AN4: `lstm_zoo/tasks/speech/keyword/an4_digits.tsv`.

    python scripts/word_times.py [NAME]

A published transcriber, by its name, is held to the transcripts. The table has the recording's `id`, the `place` of the
word in its transcript, and where the word `start`s and `end`s, in seconds; what is said stays in AN4.
"""

import argparse
import csv

import numpy as np

import lstm_zoo
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword.an4 import DIGITS, TIMES
from lstm_zoo.tasks.speech.pairs import an4_recordings
from lstm_zoo.tasks.speech.searches import with_lexicon
from lstm_zoo.tasks.speech.timings import align

MARGIN = 0.1  # s before and behind a word's letters, where no other word is nearer: CTC is sure of it within the word


def times(words, seconds):
    """Start and end of each word of a recording of so many seconds, with half the gaps around it, at most `MARGIN`."""
    edges = [0.0, *(edge for word in words for edge in (word["start"], word["end"])), seconds]
    around = np.minimum(np.diff(edges)[::2] / 2, MARGIN)  # before each word, and behind the last
    return [(word["start"] - before, word["end"] + behind) for word, before, behind in zip(words, around, around[1:])]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("name", nargs="?", default="speech", help="of a file of speech/ctc (default: the first)")
    pipeline = with_lexicon(lstm_zoo.load(options.parse_args().name), None)
    recordings = [*an4_recordings("train", held_out=()), *an4_recordings("test")]
    recordings = [example for example in recordings if not {*example["text"].split()}.isdisjoint(DIGITS)]
    heard = [example["speech"].astype("float32") / 2**15 for example in recordings]
    with TIMES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["id", "place", "start", "end"])
        said = align(pipeline, heard, [example["text"] for example in recordings])
        for example, waveform, words in zip(recordings, heard, said):
            for place, (word, (start, end)) in enumerate(zip(words, times(words, len(waveform) / RATE))):
                if word["word"] in DIGITS:
                    writer.writerow([example["id"], place, round(start, 2), round(end, 2)])


if __name__ == "__main__":
    main()
