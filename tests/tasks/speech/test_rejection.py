"""What is none of the words: how it is made, cut out and answered, and by which threshold."""

import numpy as np
import pytest
import tensorflow as tf
from tiny import network_for, prepared_for
from tiny.speech import AUGMENTATION, tones

import lstm_zoo
from lstm_zoo.registry import get_network
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword import TASK, others
from lstm_zoo.tasks.speech.keyword.others import NONE, made_others, pieces
from lstm_zoo.tasks.speech.keyword.rejection import best_threshold, describe, fit_threshold, rates

MODEL = "speech/keyword"


@pytest.fixture
def pipeline(examples):
    """A tiny pipeline of random weights that knows the words of `examples`, and `[none]`."""
    preprocessing = TASK.adapt([*examples, *made_others(examples)])
    network = network_for(MODEL)
    network = lstm_zoo.networks.replace_head(network, preprocessing["labels"].vocabulary_size())
    return get_network(MODEL).pipeline(network, preprocessing)


def with_threshold(pipeline, threshold):
    pipeline.get_layer("threshold").threshold.assign(threshold)
    return pipeline


def test_others_are_made_of_words(examples):
    many = examples * 5
    made = made_others(many)
    assert len(made) == len(many) // 2
    assert {(label, speaker, rate) for (_, rate), label, speaker in made} == {(NONE, "", RATE)}
    assert all(len(samples) >= RATE / 10 and samples.dtype == "int16" for (samples, _), *_ in made)
    assert len({samples.tobytes() for (samples, _), *_ in made}) > 15  # a word may come backwards twice
    again = made_others([*many, *made])  # what is none already is no word
    assert all((one[0][0] == other[0][0]).all() for one, other in zip(made, again, strict=True))
    with pytest.raises(ValueError, match=r"made from words. Received: examples of \[none\] alone"):
        made_others(made)


def test_a_word_backwards_and_its_parts_begin_softly(examples):
    word = np.linspace(0.1, 0.5, 8_000)
    backwards, swapped, part, at_once, _ = (kind([word], np.random.default_rng(0)) for kind in others.KINDS)
    assert (backwards == word[::-1]).all()
    assert 0.15 * len(word) <= len(part) <= 0.4 * len(word)
    assert len(swapped) == len(at_once) == len(word)
    assert abs(swapped[4_000]) < 1e-6  # where the beginning is behind the end
    assert swapped[2_000] > 0.3 > swapped[6_000] > 0.1


def test_pieces_lie_between_pauses():
    wave = np.random.default_rng(0).normal(0, 1e-3, 6 * RATE)
    for start, end in ((0.5, 0.9), (0.95, 1.1), (1.5, 1.6), (2.0, 4.5)):  # a short gap; too short; too long
        place = slice(int(start * RATE), int(end * RATE))
        wave[place] += np.sin(0.3 * np.arange(place.stop - place.start))
    assert [round(len(piece) / RATE, 1) for piece in pieces(wave)] == [0.6, 0.8, 0.8, 0.8]
    assert pieces(np.zeros(RATE)) == []


def test_the_threshold_keeps_words_first():
    words = np.linspace(0.5, 1, 101)
    assert best_threshold(words, []) == pytest.approx(0.515)
    assert best_threshold(words, [0.99]) == pytest.approx(0.515)
    lower = best_threshold(words, [0.9] + [0.05] * 99)
    assert 0.05 < lower < 0.515
    assert best_threshold([0.9] * 5, [0.1] * 5) == pytest.approx(0.5)
    assert best_threshold([1.0], [0.0]) == pytest.approx(0.5)


def test_rates():
    assert rates(["a", "b", NONE], ["b", NONE, "a"]) == {"words_kept": 0.5, "others_rejected": 0.0}
    assert rates(["a"], ["a"]) == {"words_kept": 1.0}


def test_the_graph_answers_none_below_its_threshold(pipeline, examples, tmp_path):
    items = [recording for recording, *_ in examples]
    for threshold, is_none in ((0.0, False), (1.0, True)):
        answers = lstm_zoo.predict(with_threshold(pipeline, threshold), items, scores=True)
        assert [answer["label"] == NONE for answer in answers] == [is_none] * len(items)
        assert all(answer["score"] == pytest.approx(answer["scores"][answer["label"]]) for answer in answers)
    words = sorted(max(score for name, score in answer["scores"].items() if name != NONE) for answer in answers)
    between = float(np.mean(words[3:5]))
    in_graph = lstm_zoo.predict(with_threshold(pipeline, between), items)
    assert sum(answer["label"] == NONE for answer in in_graph) == 4
    assert lstm_zoo.info(pipeline)["threshold"] == pytest.approx(between, abs=1e-4)
    lstm_zoo.save(pipeline, tmp_path / "words.keras")
    pipeline.export(tmp_path / "words", verbose=False)
    loaded = lstm_zoo.load(str(tmp_path / "words.keras"))
    assert lstm_zoo.predict(loaded, items) == in_graph
    exported = tf.saved_model.load(tmp_path / "words")
    served = exported.serve(TASK.encode(pipeline, TASK.prepare(items)))
    assert [label.decode() for label in served["label"].numpy()] == [answer["label"] for answer in in_graph]
    asked = lstm_zoo.predict(with_threshold(pipeline, 1.0), [*items, ([], RATE)], threshold=between)
    assert [answer["label"] for answer in asked] == [*(answer["label"] for answer in in_graph), None]
    with pytest.raises(ValueError, match="threshold is a number of at least 0|threshold is a number from 0 to 1"):
        lstm_zoo.predict(pipeline, items, threshold=1.5)


def test_a_pipeline_without_none_takes_a_threshold_too(examples):
    pipeline = get_network(MODEL).pipeline(network_for(MODEL), prepared_for(MODEL))
    [answer] = lstm_zoo.predict(pipeline, examples[0][0], threshold=1)
    assert answer == {"label": NONE, "score": None}
    assert "threshold" not in describe(pipeline)
    fit_threshold(pipeline, examples)  # nothing to fit


def test_a_run_chooses_the_threshold(examples, tmp_path, capsys):
    options = {"epochs": 1, "batch_size": 8, "units": 8, "depth": 1, "channels": 2, **AUGMENTATION}
    pipeline = lstm_zoo.train(MODEL, examples, examples, folder=tmp_path / "run", others=True, **options)
    known = lstm_zoo.info(pipeline)
    assert known["labels"] == [NONE, "a", "ab", "b", "ba"]
    assert 0 < known["threshold"] < 1
    sentence = f"The answer is [none] where none of 4 words has a probability of {known['threshold']}: to "
    assert sentence in capsys.readouterr().err
    metrics = lstm_zoo.evaluate(pipeline, [*examples, ((tones("aaa"), RATE), NONE)])
    assert metrics["words_kept"] >= 0.97
    assert metrics["others_rejected"] in (0, 1)
    prepared = TASK.adapt(examples, "none", others=True)
    assert TASK.num_units(examples, prepared) == len(examples) + 5
    inputs, classes, _ = next(iter(TASK.batches(examples, prepared, 16)))
    assert len(inputs["lengths"]) == 13
    assert sum(classes.numpy() == 0) == 5
