"""The script that measures when the digits of AN4 are said."""

import csv

import pytest

from lstm_zoo.tasks.speech.keyword.an4 import DIGITS, TIMES
from lstm_zoo.tasks.speech.pairs import an4_recordings
from scripts.word_times import MARGIN, times


def test_words_reach_half_way_to_their_neighbours():
    said = [{"start": 0.06, "end": 0.4}, {"start": 0.5, "end": 0.8}, {"start": 0.8, "end": 1.2}]
    spans = times(said, seconds=3.0)
    assert [start for start, _ in spans] == pytest.approx([0.03, 0.45, 0.8])
    assert [end for _, end in spans] == pytest.approx([0.45, 0.8, 1.2 + MARGIN])


def test_the_table_has_every_digit(prepared):
    prepared("an4")
    said = {
        (recording["id"], str(place))
        for split in ("train", "validation", "test")
        for recording in an4_recordings(split)
        for place, word in enumerate(recording["text"].split())
        if word in DIGITS
    }
    with TIMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {(row["id"], row["place"]) for row in rows} == said
    assert len(rows) == len(said)
    assert all(0 <= float(row["start"]) < float(row["end"]) for row in rows)
