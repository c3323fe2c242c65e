"""pauses.py: long recordings are cut where nobody speaks."""

import itertools

import numpy as np
import pytest
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import pauses
from lstm_zoo.tasks.speech.audio import RATE

PAUSES = np.arange(7, 95, 9)  # seconds, at which half a second is quiet


def spoken(noise):
    """A loud noise with pauses, in which a quieter one is left."""
    random = np.random.default_rng(0)
    wave = 0.1 * random.standard_normal(95 * RATE)
    for second in PAUSES:
        wave[second * RATE : second * RATE + RATE // 2] = noise * random.standard_normal(RATE // 2)
    return wave.astype("float32")


def check(waveform):
    """Where a recording is cut, in seconds; its pieces fill it, and are no shorter or longer than they may be."""
    spans = pauses.pieces(waveform)
    assert [begin for begin, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(waveform)
    seconds = [(end - begin) / RATE for begin, end in spans]
    assert len(spans) == 1 or min(seconds) >= 2
    assert max(seconds) <= 30
    return [end / RATE for _, end in spans[:-1]]


@pytest.mark.parametrize("noise", [0, 0.001, 0.03])
@pytest.mark.parametrize("volume", [0.01, 1])
def test_pieces_end_in_pauses(noise, volume):
    ends = check(volume * spoken(noise) + 0.2)  # and what is constant does not matter
    assert ends == pytest.approx(PAUSES + 0.25, abs=0.1)


@pytest.mark.parametrize("seconds", [0, 1, 30, 30.1, 61])
def test_silence_and_noise_have_pieces_too(seconds):
    silence = np.zeros(int(seconds * RATE), "float32")
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(silence)).astype("float32")
    tone = np.sin(np.arange(len(silence)) / 9).astype("float32")
    for waveform in (silence, noise, tone, silence + 0.5):
        assert bool(check(waveform)) == (seconds > 30)


def test_a_long_silence_is_not_cut_to_bits():
    wave = spoken(0.1)
    wave[20 * RATE : 45 * RATE] = 0
    assert check(wave)[:2] == pytest.approx([25, 45], abs=0.5)


def test_where_nobody_pauses_it_is_cut_where_it_is_quiet():
    wave = spoken(0.1)
    wave[25 * RATE : 25 * RATE + RATE // 5] *= 0.5  # too short for a pause
    assert check(wave)[0] == pytest.approx(25.1, abs=0.2)


def test_texts_and_times_are_those_of_the_whole():
    pipeline, wave = pipeline_for("speech/ctc"), spoken(0.001)[: 65 * RATE]
    (answer,) = lstm_zoo.predict(pipeline, (wave, RATE), alignment=True)
    spans = pauses.pieces(wave)
    assert len(spans) > 2
    parts = lstm_zoo.predict(pipeline, [(wave[begin:end], RATE) for begin, end in spans], alignment=True)
    assert answer["text"] == " ".join(filter(None, (part["text"] for part in parts)))
    assert answer["score"] == pytest.approx(sum(part["score"] for part in parts), rel=1e-3)
    shifted = [word["start"] + begin / RATE for part, (begin, _) in zip(parts, spans) for word in part["alignment"]]
    assert [word["start"] for word in answer["alignment"]] == pytest.approx(shifted, abs=0.011)
    assert all(before["end"] <= after["start"] for before, after in itertools.pairwise(answer["alignment"]))
    score = speech.TASK.score(pipeline, speech.TASK.read([((wave, RATE), "a", "")]))
    assert score["cer"] >= 0
