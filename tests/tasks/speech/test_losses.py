"""losses.py, and the searches for what CTC finds most probable: against sums over all ways of writing a text."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.tasks.speech import losses, pipelines, timings
from lstm_zoo.tasks.speech.subsampling import BlankPadding


def written(path):
    """Characters of a path: what is alike without a blank between is one."""
    return [number for number, before in zip(path, (0, *path)) if number and number != before]


def probability(log_probs, text):
    """Probability of a text, summed over all ways of writing it."""
    paths = itertools.product(range(log_probs.shape[1]), repeat=len(log_probs))
    logs = (sum(log_probs[step, number] for step, number in enumerate(path)) for path in paths if written(path) == text)
    return sum(map(np.exp, logs))


def test_loss_is_that_of_the_definition_and_knows_no_padding():
    logits = np.random.default_rng(0).standard_normal((3, 5, 3)).astype("float32")
    texts, steps = [[1, 2], [1, 1], [2]], [5, 4, 2]
    padded = BlankPadding()(logits, np.array(steps))
    loss = losses.CTC(reduction="none")(np.array([[1, 2], [1, 1], [2, 0]]), padded).numpy()
    for row, (text, count) in enumerate(zip(texts, steps)):
        log_probs = tf.nn.log_softmax(logits[row, :count]).numpy()
        assert loss[row] == pytest.approx(-np.log(probability(log_probs, text)) / max(1, len(text)), rel=1e-4)


def test_spelling_is_scored_up_to_its_end():
    logits = np.random.default_rng(0).standard_normal((2, 3, 4)).astype("float32")
    loss = losses.CharacterCrossEntropy(smoothing=0, reduction="none")(np.array([[2, 0, 0], [1, 3, 0]]), logits).numpy()
    log_probs = tf.nn.log_softmax(logits).numpy()
    assert loss[0] == pytest.approx(-(log_probs[0, 0, 2] + log_probs[0, 1, 0]) / 2, rel=1e-4)
    assert loss[1] == pytest.approx(-(log_probs[1, 0, 1] + log_probs[1, 1, 3] + log_probs[1, 2, 0]) / 3, rel=1e-4)


def test_files_know_the_loss_by_its_old_name():
    assert keras.saving.get_registered_object("lstm_zoo>Spelled") is losses.CharacterCrossEntropy


def test_beam_search_finds_the_best_text_of_all():
    random = np.random.default_rng(1)
    for _ in range(5):
        log_probs = tf.nn.log_softmax(2 * random.standard_normal((1, 4, 3)).astype("float32"))
        time_major = tf.transpose(tf.roll(log_probs, -1, 2), [1, 0, 2])
        (text,), score = tf.nn.ctc_beam_search_decoder(time_major, [4], 50, top_paths=1)
        texts = {text for size in range(5) for text in itertools.product((1, 2), repeat=size)}
        probabilities = {text: probability(log_probs.numpy()[0], list(text)) for text in texts}
        best = max(probabilities, key=probabilities.get)
        assert tuple((text.values.numpy() + 1).tolist()) == best
        assert float(score[0, 0]) == pytest.approx(np.log(probabilities[best]), rel=1e-3)


def test_greedy_takes_repeats_as_one():
    path = [1, 1, 0, 1, 2, 2, 0, 0]
    log_probs = tf.math.log(tf.one_hot([path], 3) * 0.98 + 0.01)
    characters, score = pipelines.greedy(log_probs)
    assert characters.numpy().tolist() == [[1, 1, 2]]
    assert float(score[0]) == pytest.approx(8 * np.log(0.99), rel=1e-4)


@pytest.mark.parametrize("text", [[1], [1, 2], [1, 1], []])
def test_alignment_is_the_best_of_all_ways(text):
    log_probs = tf.nn.log_softmax(2 * np.random.default_rng(2).standard_normal((5, 3)).astype("float32")).numpy()
    paths = [path for path in itertools.product(range(3), repeat=5) if written(path) == text]
    best = max(paths, key=lambda path: sum(log_probs[step, number] for step, number in enumerate(path)))
    starts = [step for step, number in enumerate(best) if number and (step == 0 or best[step - 1] != number)]
    assert timings.best_path(log_probs, text)[:, 0].tolist() == starts
