"""scripts/self_training.py: two teachers label texts, and a run goes on with these."""

import argparse
import json
import pathlib
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from conftest import TINY

import lstm_zoo

SCRIPTS = pathlib.Path(__file__).parents[1] / "scripts"
PAIRS = TINY["sentiment"]["pairs"] * 5


@pytest.fixture
def script(monkeypatch):
    """The script, with the tiny reviews in the place of IMDb's, those without labels too."""
    monkeypatch.syspath_prepend(SCRIPTS)
    import self_training

    texts = tf.data.Dataset.from_tensor_slices({"text": [text for text, _ in PAIRS]})
    monkeypatch.setattr(self_training, "data", lambda split: PAIRS)
    monkeypatch.setattr(tfds, "load", lambda name, split: texts.take(int(split[len("unsupervised[:") : -1])))
    return self_training


def test_a_bag_of_trigrams_learns_the_order_of_words(script):
    training = [("not good", "negative"), ("good not", "positive")] * 3
    found = script.bag_of_trigrams(training, ["good not at all", "not good at all"])
    assert found[0] > 0 > found[1]
    np.testing.assert_allclose(found[0], -found[1])  # what both hold says nothing


def test_the_log_odds_are_those_of_positive(script, trained):
    texts = [text for text, _ in PAIRS[:8]]
    found = script.by_pipeline(trained[0], texts)
    answers = lstm_zoo.predict(trained[0], texts)
    expected = [one["score"] if one["label"] == "positive" else 1 - one["score"] for one in answers]
    np.testing.assert_allclose(1 / (1 + np.exp(-found)), expected, atol=1e-5)


def test_both_teachers_have_the_same_say(script, trained):
    found = script.log_odds(trained[0], [text for text, _ in PAIRS[:8]])
    assert [found[name].std() for name in ("pipeline", "bag of trigrams")] == pytest.approx([1, 1])
    np.testing.assert_allclose(found["together"], found["pipeline"] + found["bag of trigrams"])


def test_a_run_of_its_own_whose_command_tells_what_it_began_from(script, trained, tmp_path, monkeypatch, capsys):
    teacher, folder = trained[1] / "pipeline.keras", tmp_path / "student"
    reviews = len(PAIRS) - 3
    arguments = ["self_training.py", str(teacher), "--epochs", "1", "--seed", "3", "--folder", str(folder)]
    arguments += ["--reviews", str(reviews)]
    monkeypatch.setattr(sys, "argv", arguments)
    script.main()
    assert capsys.readouterr().out.count("of the labels for validation") == 3
    labels = json.loads((folder / "labels.json").read_text())["labels"]
    assert len(labels) == reviews
    assert np.mean([label == truth for label, (_, truth) in zip(labels, PAIRS)]) > 0.9
    command = json.loads((folder / "settings.json").read_text())["command"]
    begun, then = command.split(" && ")
    assert begun.endswith(f"--folder {trained[1]}")
    expected = f"{teacher} --weights {teacher} --epochs 1 --learning-rate 0.0015 --dropout-scale 1.0 --seed 3"
    expected += f" --reviews {reviews}"
    assert then == f"python scripts/self_training.py {expected}"
    written = (folder / "pipeline.keras").read_bytes()
    script.main()  # finished: nothing to do
    assert (folder / "pipeline.keras").read_bytes() == written
    other = tmp_path / "other.keras"
    lstm_zoo.save(lstm_zoo.load(teacher), other)
    (tmp_path / "settings.json").write_bytes((trained[1] / "settings.json").read_bytes())
    for wrong, said in (
        ([str(other), *arguments[2:]], "is by another teacher than"),
        ([*arguments[1:-1], str(reviews + 1)], "or of other reviews"),
        ([*arguments[1:-1], "0"], "--reviews is from 1 to 50000. Received: 0"),
    ):
        monkeypatch.setattr(sys, "argv", ["self_training.py", *wrong])
        with pytest.raises(SystemExit):
            script.main()
        assert said in capsys.readouterr().err


def test_published_rows_need_no_command_before(script):
    options = argparse.Namespace(
        teacher="sentiment-awd-imdb", weights="text_generation-awd-imdb", epochs=3, learning_rate=0.003,
        dropout_scale=0.3, seed=1, reviews=50_000, mixed_precision=True,
    )  # fmt: skip
    assert script.command(options) == (
        "python scripts/self_training.py sentiment-awd-imdb --weights text_generation-awd-imdb --epochs 3 "
        "--learning-rate 0.003 --dropout-scale 0.3 --seed 1 --reviews 50000 --mixed-precision"
    )
