"""streams.py: text while somebody speaks."""

import numpy as np
import pytest
import tensorflow as tf
from tiny import pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import streams
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


def test_a_stream_is_compiled_once(monkeypatch):
    traces, call = [], streams.Stream.call
    monkeypatch.setattr(streams.Stream, "call", lambda *inputs: traces.append(inputs) or call(*inputs))
    pipeline = speech.with_beams(pipeline_for("speech/streaming"), 1)  # that no other test has streamed with
    for size in (1000, 3200):
        list(speech.stream(pipeline, np.split(tones("ab").astype("float32"), [size])))
    assert len(traces) == 1


def test_other_rates_and_nothing_at_all(trained):
    pipeline = trained("speech/streaming")
    wave = tones("ba", 48_000, seed=2)
    assert "".join(speech.stream(pipeline, np.array_split(wave, 7), rate=48_000)) == "ba"
    assert list(speech.stream(pipeline, [])) == [""]


def test_bad_input(trained, tune):
    for model in ("speech/ctc", "speech/keyword"):
        with pytest.raises(ValueError, match="speech/streaming is expected"):
            next(speech.stream(trained(model), [tune(0.1)]))
    wave = tune(0.1)
    for chunks, rate, message in (
        ([np.full(100, np.nan)], RATE, "NaN"),
        ([wave], 16, "samples a second. Received: 16"),
        ([np.zeros((2, 2))], RATE, r"Received: float64 \(2, 2\)"),
        ([wave[None], wave[:, None]], RATE, r"Received: float32 \(1600, 1\)"),
        ([wave, 20_000 * wave], RATE, "Received: float32 samples from -2"),
        ([(9_000 * wave).astype("int32")], RATE, "Received: int32 samples from -9"),
        (["a"], RATE, "Samples are numbers"),
        ([wave], "16000", "samples a second. Received: '16000'"),
        ("a.wav", RATE, "Blocks of samples are expected.* Received: 'a.wav'"),
        (wave, RATE, r"Blocks of samples are expected.* Received: array\("),
        (None, RATE, "Blocks of samples are expected.* Received: None"),
    ):
        with pytest.raises(ValueError, match=message):
            list(speech.stream(trained("speech/streaming"), chunks, rate))


@pytest.mark.parametrize("first", [True, False])
def test_blocks_of_two_channels_and_a_short_last_one(trained, first):
    wave = np.round(tones("ab", seed=4) * 2**15).astype("int16")
    both = np.stack([wave, wave])[:, : len(wave) // 3200 * 3200 + 2]
    chunks = np.split(both, range(3200, both.shape[1], 3200), 1)
    assert chunks[-1].shape == (2, 2)
    whole = lstm_zoo.predict(trained("speech/streaming"), (both, RATE))[0]["text"]
    chunks = chunks if first else [np.ascontiguousarray(chunk.T) for chunk in chunks]
    assert "".join(speech.stream(trained("speech/streaming"), chunks)) == whole == "ab"


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
