"""timings.py: when each word was said."""

import numpy as np
import pytest
from tiny import network_for, prepared_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.registry import get_network
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import pipelines, timings
from lstm_zoo.tasks.speech.audio import RATE


def test_words_have_their_times(trained, tmp_path):
    wave = tones("ab", seed=3)  # 0.84 s, the tones from 0.12 s on
    (answer,) = lstm_zoo.predict(trained("speech/ctc"), (wave, RATE), alignment=True)
    (word,) = answer["alignment"]
    assert word["word"] == answer["text"]
    assert 0 <= word["start"] < 0.4 < word["end"] < 0.9
    path = speech.plot((wave, RATE), answer, tmp_path / "words.png")
    assert path.stat().st_size > 1000
    with pytest.raises(ValueError, match="alignment=True"):
        speech.plot((wave, RATE), {"text": "a"}, tmp_path / "b.png")


def test_what_could_not_be_read_has_no_times(trained, tmp_path):
    items = [(tones("ab", seed=3), RATE), tmp_path / "none.wav"]
    heard, missing = lstm_zoo.predict(trained("speech/ctc"), items, alignment=True)
    assert heard["alignment"]
    assert missing["alignment"] is None


def test_a_long_text_has_its_times():
    characters = [1, 2] * 200  # more states than a byte can count
    log_probs = np.log(np.full((400, 3), 0.1))
    log_probs[np.arange(400), characters] = np.log(0.8)
    assert timings.best_path(log_probs, characters)[:, 0].tolist() == list(range(400))


def test_alignment_is_compiled_once(monkeypatch):
    traces = []
    monkeypatch.setattr(timings, "logits_of", lambda *inputs: traces.append(inputs) or pipelines.logits_of(*inputs))
    network, preprocessing = network_for("speech/ctc"), prepared_for("speech/ctc")
    pipeline = get_network("speech/ctc").pipeline(network, preprocessing)
    for words, lexicon in ((["ab"], None), (["ab", "b"], ["a", "ab"]), (["a", "baab", "a"], ["b"])):
        lstm_zoo.predict(pipeline, [(tones(word), RATE) for word in words], alignment=True, lexicon=lexicon)
    assert len(traces) == 1
