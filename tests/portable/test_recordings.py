"""portable/recordings.py: frames and texts are those of the graph; which recordings are refused."""

import wave

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.portable import recordings
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.graphs import feature_parameters
from lstm_zoo.tasks.speech.pipelines import greedy

TOLD = {"features": feature_parameters(), "labels": ["no", "yes"], "max_seconds": 1}


def test_frames_are_those_of_the_graph():
    random = np.random.default_rng(0)
    samples = np.array([0, 1, 399, 400, 559, 560, *random.integers(0, 6_000, 300)])
    waveforms = (random.normal(size=(len(samples), 6_000)) * random.choice([1e-3, 0.1, 1], (len(samples), 1))).astype(
        "f"
    )
    waveforms[::9] = 0
    frames, lengths = (np.asarray(each) for each in LogMel()(waveforms, samples))
    errors = []
    for waveform, size, expected, length in zip(waveforms, samples, frames, lengths, strict=True):
        found = recordings.log_mel(waveform[:size], feature_parameters())
        assert found.shape == (length, 80)
        errors.append(np.abs(found - expected[:length]).ravel())
    errors = np.concatenate(errors)
    assert np.quantile(errors, 0.9995) < 1e-4
    assert errors.max() < 1e-2  # the graph's own rounding, where a band is all but silent


def test_texts_are_those_of_the_graph():
    random = np.random.default_rng(0)
    log_probs = np.array(tf.nn.log_softmax(random.normal(size=(60, 15, 5)) * np.linspace(0.5, 6, 60)[:, None, None]))
    texts, scores = greedy(tf.constant(log_probs))
    for row, text, score in zip(log_probs, texts.numpy(), scores.numpy(), strict=True):
        found = recordings.search(row, beams=1)
        assert found == (text[text > 0].tolist(), pytest.approx(score, abs=1e-4))
    time_major = tf.transpose(tf.roll(tf.constant(log_probs, "float32"), -1, 2), [1, 0, 2])
    [texts], scores = tf.nn.ctc_beam_search_decoder(time_major, [15] * 60, beam_width=6, top_paths=1)
    for row, text, [score] in zip(log_probs, tf.sparse.to_dense(texts, -1).numpy() + 1, scores.numpy(), strict=True):
        assert recordings.search(row, beams=6) == (text[text > 0].tolist(), pytest.approx(score, abs=1e-4))


def test_what_a_recording_is(tmp_path):
    reader, samples = recordings.Recordings(TOLD), np.arange(-8_000, 8_000, dtype="int16")
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.stack([samples, samples], 1).tobytes())
    for raw in (
        path,
        str(path),
        (samples, 16_000),
        [(samples / 2**15, 16_000)],
        [np.stack([samples]).tolist() and path],
    ):
        [found] = reader.prepare(raw)
        np.testing.assert_allclose(found, samples / 2**15, atol=1e-6)
    assert len(reader.prepare((np.zeros(20_000, "int16"), 16_000))[0]) == 16_000  # its first second


@pytest.mark.parametrize(
    ("raw", "error", "message"),
    [
        ("none.wav", FileNotFoundError, "none.wav does not exist"),
        (__file__, ValueError, "is no WAV file of 16 bits a sample"),
        ((np.zeros(9, "int16"), 8_000), ValueError, "of 16,000 samples a second are expected.*Received: 8,000"),
        ((np.zeros((9, 2)), 16_000), ValueError, r"Received: float64 \(9, 2\)"),
        ((np.array([np.nan]), 16_000), ValueError, "Finite samples of full scale 1"),
        (np.zeros(9), ValueError, "A recording, with its rate, or a list of recordings is expected"),
        ([np.zeros(9)], ValueError, "The path of a WAV file, or a pair"),
    ],
)
def test_which_recordings_are_refused(raw, error, message):
    with pytest.raises(error, match=message):
        recordings.Recordings(TOLD).prepare(raw)


def test_a_text_of_at_most_30_seconds():
    reader = recordings.Recordings({"features": feature_parameters(), "characters": ["", "a"], "beams": 1})
    with pytest.raises(ValueError, match="at most 30 s are expected: cut it. Received: 31.0 s"):
        reader.prepare((np.zeros(31 * 16_000), 16_000))
