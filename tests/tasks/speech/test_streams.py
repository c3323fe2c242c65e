"""streams.py: text while somebody speaks."""

import numpy as np
import pytest
import tensorflow as tf
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech.audio import RATE


@pytest.mark.parametrize("size", [1, 100, 3200, 40_000])
def test_chunks_give_the_text_of_one_go(trained, size):
    pipeline = trained("speech/streaming")
    wave = np.concatenate([tones(word, seed=4) for word in ("ab", "a", "ba")]).astype("float32")
    wave = wave[: 2 * size * 400]  # chunks of a sample are slow
    whole = lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"]
    chunks = [wave[start : start + size] for start in range(0, len(wave), size)]
    assert "".join(speech.stream(pipeline, chunks)) == whole


def test_text_comes_while_somebody_speaks(trained):
    wave = tones("abab", seed=4).astype("float32")
    texts = list(speech.stream(trained("speech/streaming"), np.array_split(wave, 10)))
    assert len(texts) == 11
    assert any(texts[:6])


def test_other_rates_and_nothing_at_all(trained):
    pipeline = trained("speech/streaming")
    wave = tones("ba", 48_000, seed=2)
    assert "".join(speech.stream(pipeline, np.array_split(wave, 7), rate=48_000)) == "ba"
    assert list(speech.stream(pipeline, [])) == [""]


def test_bad_input(trained, tune):
    for model in ("speech/ctc", "speech/keyword"):
        with pytest.raises(ValueError, match="speech/streaming is expected"):
            next(speech.stream(trained(model), [tune(0.1)]))
    with pytest.raises(ValueError, match="NaN"):
        next(speech.stream(trained("speech/streaming"), [np.full(100, np.nan)]))


def test_a_saved_model_streams(trained, tmp_path):
    pipeline = trained("speech/streaming")
    lstm_zoo.export(pipeline, tmp_path / "saved_model")
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    state, text = served.signatures["start"](), ""
    wave = tones("ab", seed=6).astype("float32")
    for start in range(0, len(wave), 3200):
        chunk, last = wave[None, start : start + 3200], start + 3200 >= len(wave)
        state = served.signatures["stream"](chunk=tf.constant(chunk), last=tf.constant(last), **state)
        text += state.pop("text").numpy()[0].decode()
    assert text == lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"] == "ab"
