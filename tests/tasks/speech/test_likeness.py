"""likeness.py: `predict` warns of recordings that are unlike those that a pipeline learnt from."""

import json
import re
import warnings

import numpy as np
import pytest
import soxr

import lstm_zoo
from lstm_zoo.exporting import saved_model
from lstm_zoo.serving.watching import Watch
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import likeness
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.text.profiles import FEW
from lstm_zoo.weights import archive
from lstm_zoo.weights.checks import is_profile


def said(seed, seconds=2.0, noise=-60.0, band=8.0, volume=0.1):
    """Four sounds of all frequencies up to `band` kHz, with pauses between them and noise of so many dB below."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / seconds / RATE
    loud = np.where(time * 4 % 1 < 0.7, 1.0, 0.0) + 10 ** (noise / 20)
    samples = (volume * loud * random.standard_normal(len(time))).astype("float32")
    return samples if band == 8.0 else soxr.resample(soxr.resample(samples, RATE, 2000 * band), 2000 * band, RATE)


USUAL = [said(seed, seconds=1 + seed / 10) for seed in range(20)]
CHANGES = {
    "telephone": ({"band": 4.0}, "no sound above 4 kHz, as on a telephone, those that it learnt from up to 8 kHz"),
    "noise": (
        {"noise": -12.0},
        "noise 1. dB below the voice or nearer, those that it learnt from 6. dB or further",
    ),
    "long": ({"seconds": 9.0}, "9.0 s or more, those that it learnt from 1.0 to 2.9 s"),
    "short": ({"seconds": 0.3}, "0.3 s or less, those that it learnt from 1.0 to 2.9 s"),
    "quiet": ({"volume": 0.001}, "a voice of -5. dB or quieter, those that it learnt from of -20 to -19 dB"),
    "like the others": ({"volume": 0.07, "seconds": 3.5, "noise": -58.0}, None),
}


@pytest.fixture(scope="module")
def profile():
    examples = [((np.int16(samples.clip(-1, 1) * 32767), RATE), "a", "") for samples in USUAL]
    return likeness.profile(None, examples, [])


def test_profile(profile):
    assert is_profile(json.loads(json.dumps(profile)))
    assert profile["band"] == {"least": 8.0, "most": 8.0}
    assert profile["seconds"]["least"] == pytest.approx(1.0, abs=0.05)
    assert not is_profile({**profile, "band": {"least": 8.0}})
    assert not is_profile({**profile, "level": {"least": "quiet", "most": 0}})
    assert likeness.profile(None, [((np.zeros(RATE, "int16"), RATE), "a", "")], []) is None


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_unlike(profile, name):
    change, told = CHANGES[name]
    items = [said(seed, **change) for seed in range(30, 33)]
    sentence = likeness.unlike([*items, ValueError("no audio")], profile, hears_level=True)
    if told is None:
        assert sentence is None
    else:
        assert re.search(f"^half of these recordings have {told}: its answers mean less here", sentence)
    assert likeness.unlike([*items, *USUAL], profile, hears_level=True) is None  # some among others are normal


def test_what_nothing_is_said_of(profile):
    quiet = [said(1, volume=0.001)]
    assert likeness.unlike(quiet, profile, hears_level=False) is None
    assert likeness.unlike([said(1, band=4.0)], None, hears_level=True) is None
    click = np.append(np.zeros(512), np.ones(99)).astype("float32")  # behind all windows of a spectrum
    for nothing in ([], [np.zeros(0, "float32")], [np.zeros(RATE, "float32")], [click], [ValueError()]):
        assert likeness.unlike(nothing, profile, hears_level=True) is None
    narrow = {**profile, "band": {"least": 4.0, "most": 4.0}}
    assert likeness.unlike(USUAL[:1], narrow, hears_level=True).startswith("this recording has sound up to 8 kHz")


def warned(pipeline, items):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lstm_zoo.predict(pipeline, items)
    return [str(each.message) for each in caught if "has not learnt" in str(each.message)]


def test_predict_and_a_server_warn(trained, profile, tmp_path):
    telephone = (said(1, band=4.0), RATE)
    pipeline = speech.with_beams(trained("speech/streaming"), 1)
    assert warned(pipeline, telephone) == []  # as files of before there were profiles
    archive.set_record(pipeline, {"profile": profile})
    try:
        lstm_zoo.save(speech.with_lexicon(pipeline, ["ab"]), tmp_path / "held.keras")
        for each in (pipeline, speech.with_lexicon(pipeline, ["ab"]), lstm_zoo.load(tmp_path / "held.keras")):
            [message] = warned(each, telephone)
            assert message.startswith("speech-streaming is asked what it has not learnt: this recording has no sound")
            assert warned(each, (USUAL[0], RATE)) == []
        unlike = saved_model.unlike_in(lstm_zoo.export(pipeline, tmp_path / "saved_model"))
        instance = {"waveform": np.append(telephone[0], np.zeros(RATE, "float32")), "samples": len(telephone[0])}
        with pytest.warns(UserWarning, match="no sound above 4 kHz"):
            Watch("speech", unlike).look_at([instance] * FEW)
    finally:
        archive.set_record(pipeline, {})
