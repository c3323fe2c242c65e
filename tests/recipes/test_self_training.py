"""recipes/teachers.py and recipes/self_training.py: two teachers label texts, and a run goes on with these."""

import argparse
import json
import pathlib
import sys

import joblib
import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

import lstm_zoo
from lstm_zoo import networks

ROOT = pathlib.Path(__file__).parents[2]
PAIRS = tiny.TINY["sentiment"]["examples"] * 5
POSITIVE = np.array([label == "positive" for _, label in PAIRS])


@pytest.fixture
def teachers(monkeypatch):
    """The teachers, with the tiny reviews in the place of IMDb's, those without labels too."""
    monkeypatch.syspath_prepend(ROOT)
    from recipes import teachers

    texts = tf.data.Dataset.from_tensor_slices({"text": [text for text, _ in PAIRS]})
    monkeypatch.setattr(teachers, "labelled", lambda split: PAIRS)
    monkeypatch.setattr(teachers, "SIZE", 8)
    monkeypatch.setattr(teachers, "EPOCHS", 200)
    monkeypatch.setattr(teachers, "load_catalogued", lambda name, split: texts)
    return teachers


@pytest.fixture
def script(teachers):
    """The recipe that trains with these."""
    from recipes import self_training

    return self_training


def test_a_bag_of_trigrams_learns_the_order_of_words(teachers):
    training = [("not good", "negative"), ("good not", "positive")] * 3
    found = teachers.bag_of_trigrams(training, ["good not at all", "not good at all"])
    assert found[0] > 0 > found[1]
    np.testing.assert_allclose(found[0], -found[1])  # what both hold says nothing


def test_document_vectors_learn_from_texts_without_labels(teachers):
    """A text of words that no labelled text has, but that others have beside words of labelled ones."""
    pytest.importorskip("gensim")
    training = [("good fine nice", "positive"), ("bad poor weak", "negative")] * 5
    between = ["good fine nice grand great superb", "bad poor weak awful dire horrid"] * 20
    texts = [*between, "grand great superb", "awful dire horrid"]
    with joblib.parallel_config(backend="threading"):  # processes would import TensorFlow first
        found = teachers.document_vectors(training, texts)
        again = teachers.document_vectors(training, texts)
    assert found[-2] > 0 > found[-1]
    np.testing.assert_array_equal(again, found)


def test_both_teachers_have_the_same_say(teachers, tmp_path, monkeypatch, capsys):
    texts = [text for text, _ in PAIRS]
    bag = teachers.bag_of_trigrams(PAIRS, [*texts, *texts])
    vectors = np.random.default_rng(0).normal(size=len(bag))
    monkeypatch.setattr(teachers, "document_vectors", lambda training, texts: 100 * vectors)
    found = teachers.probabilities(tmp_path / "made" / "teachers.json")
    expected = bag / bag.std() + vectors / vectors.std()
    np.testing.assert_array_equal(np.argsort(found), np.argsort(expected[len(PAIRS) :]))
    assert 0 < found.min() < 0.5 < found.max() < 1
    right = np.mean((expected[: len(PAIRS)] > 0) == POSITIVE)
    assert f"together: {right:.4f} of the labels for validation" in capsys.readouterr().out


def test_probabilities_are_learnt_beside_labels(script):
    found = script.probable([("a", "positive"), ("b", "negative")], ["c", "d"], [0.9, 0.2, 0.7])
    assert found == [("a", 1.0), ("b", 0.0), ("c", 0.9), ("d", 0.2)]


@pytest.mark.parametrize("name", ["sentiment/bilstm", "sentiment/awd"])
def test_a_network_learns_how_sure_the_teachers_are(script, name):
    """The loss is the cross-entropy with the probabilities; where texts tell no more, these are what is answered."""
    task, record = script.student(name)
    preprocessing = task.adapt([("a", "positive"), ("b", "negative")], vocabulary=20)
    pairs = [("a", 0.75), ("b", 0.25)] * 20  # of one length: a batch has both
    batches = task.batches(pairs, preprocessing, 10, seed=0)
    ids, positive, weights = next(iter(batches))
    np.testing.assert_array_equal(weights, np.ones(10))
    np.testing.assert_array_equal(np.sum(positive, 1), np.ones(10))
    keras.utils.set_random_seed(0)
    network = lstm_zoo.build(name, **task.data_hyperparameters(preprocessing), units=8, embedding=8)
    network = record.compile(networks.with_dropout(network, 0.0), 0.05)
    network.fit(batches, steps_per_epoch=80, verbose=0)
    answers = keras.ops.softmax(network(ids))
    np.testing.assert_allclose(answers, positive, atol=0.05)


def test_a_run_of_its_own_whose_command_tells_what_it_began_from(script, trained, tmp_path, monkeypatch, capsys):
    pytest.importorskip("gensim")
    begun, folder, said = trained[1] / "pipeline.keras", tmp_path / "student", tmp_path / "teachers.json"
    arguments = ["self_training.py", str(begun), "--epochs", "1", "--seed", "3", "--reviews", "30"]
    arguments += ["--folder", str(folder), "--teachers", str(said)]
    monkeypatch.setattr(sys, "argv", arguments)
    script.main()
    assert capsys.readouterr().out.count("of the labels for validation") == 3
    assert np.mean((np.array(json.loads(said.read_text())) > 0.5) == POSITIVE) > 0.9
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["name"] == "sentiment/bilstm"
    before, then = settings["command"].split(" && ")
    assert before.endswith(f"--folder {trained[1]}")
    expected = f"{begun} --reviews 30 --epochs 1 --batch-size 64 --learning-rate 0.002 --dropout-scale 0.5 --seed 3"
    assert then == f"python -m recipes.self_training {expected} --teachers {said}"
    written = (folder / "pipeline.keras").read_bytes()
    script.main()  # finished: nothing to do
    assert (folder / "pipeline.keras").read_bytes() == written
    assert "of the labels for validation" not in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [*arguments[:-6], "--reviews", "0"])
    with pytest.raises(SystemExit):
        script.main()
    assert "--reviews is from 1 to 50000. Received: 0" in capsys.readouterr().err


def test_published_rows_need_no_command_before(script):
    options = argparse.Namespace(
        weights="text_generation-awd-imdb", reviews=50_000, epochs=3, batch_size=128, learning_rate=0.003,
        dropout_scale=0.3, seed=1, mixed_precision=True, teachers="runs/teachers.json", teacher=None,
    )  # fmt: skip
    assert script.command(options) == (
        "python -m recipes.self_training text_generation-awd-imdb --reviews 50000 --epochs 3 --batch-size 128 "
        "--learning-rate 0.003 --dropout-scale 0.3 --seed 1 --teachers runs/teachers.json --mixed-precision"
    )


@pytest.mark.parametrize(
    ("option", "value", "accepted"),
    [("epochs", "0", "above 0"), ("batch-size", "-1", "above 0"), ("learning-rate", "nan", "above 0"),
     ("dropout-scale", "-0.5", "at least 0")],
)  # fmt: skip
def test_numbers_that_train_would_refuse(script, monkeypatch, capsys, option, value, accepted):
    monkeypatch.setattr(sys, "argv", ["self_training.py", "sentiment-awd-imdb", f"--{option}={value}"])
    with pytest.raises(SystemExit):
        script.main()
    assert f"--{option} is {accepted}. Received: {value}" in capsys.readouterr().err
