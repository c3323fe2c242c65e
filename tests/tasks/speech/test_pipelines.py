"""pipelines.py: words of tones are heard, however long the recording is and whatever search finds them."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from tiny import pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import features, pipelines
from lstm_zoo.tasks.speech.audio import RATE


@pytest.mark.parametrize("model", ["speech/ctc", "speech/streaming"])
def test_words_are_heard(trained, model):
    items = [(tones(word, seed=7), RATE) for word in ("a", "ba", "ab")]
    assert [answer["text"] for answer in lstm_zoo.predict(trained(model), items)] == ["a", "ba", "ab"]


def test_volume_and_channels_do_not_matter(trained):
    wave = tones("ab", seed=5)
    for volume in (0.1, 1, 10):
        for samples in (volume * wave, np.stack([volume * wave] * 2, 1)):
            assert lstm_zoo.predict(trained("speech/ctc"), (samples, RATE))[0]["text"] == "ab"


@pytest.mark.parametrize("model", ["speech/ctc", "speech/streaming"])
def test_a_long_recording_is_read_window_by_window(trained, model):
    words = ["ab", "a", "ba", "b"] * 24
    wave = np.concatenate([tones(word, seed=number) for number, word in enumerate(words)]).astype("float32")
    assert len(wave) > 2 * 30 * RATE
    network = networks.network_of(trained(model))
    frames, lengths = features.LogMel()(wave[None], np.array([len(wave)]))
    whole = network.predict_on_batch({"frames": frames, "lengths": lengths})[0].argmax(-1)
    read = tf.function(functools.partial(pipelines.logits_of, network))  # as a pipeline runs it: much faster
    windows = read(tf.constant(wave[None]), tf.constant([len(wave)])).numpy()[0].argmax(-1)
    assert len(windows) == len(whole)
    assert np.mean(windows == whole) > 0.9  # each window is normalized by itself
    text = lstm_zoo.predict(trained(model), (wave, RATE))[0]["text"]
    beside = lstm_zoo.predict(trained(model), [(wave, RATE), (tones("ab"), RATE), (wave[: 40 * RATE], RATE)])
    assert beside[0]["text"] == text
    assert beside[1]["text"] == "ab"


def test_another_search(trained):
    greedy = speech.with_beams(trained("speech/ctc"), 1)
    assert greedy.get_layer("ctc").beams == 1
    assert lstm_zoo.predict(greedy, (tones("ab", seed=9), RATE))[0]["text"] == "ab"
    assert lstm_zoo.predict(trained("speech/ctc"), (tones("ab", seed=9), RATE), beams=1)[0]["text"] == "ab"
    for other in ("speech/keyword", "translation/attention"):
        with pytest.raises(ValueError, match="A pipeline of a network of speech that spells is expected. Received: "):
            speech.with_beams(pipeline_for(other), 1)
    with pytest.raises(ValueError, match="A keras.Model is expected, as load and train return it. Received: 'speech'"):
        speech.with_beams("speech", 1)
    with pytest.raises(ValueError, match="beams is a whole number of at least 1. Received: 0"):
        pipelines.Transcriber(networks.network_of(greedy), beams=0)
