"""training/chance.py: a run that never left chance says so, and one that did is left alone."""

import numpy as np
import pytest
from tiny import TINY, runs, sizes_of

import lstm_zoo
from lstm_zoo.cards import records
from lstm_zoo.training.chance import at_chance

BALANCED, RARE = ["a"] * 500 + ["b"] * 500, ["a"] * 95 + ["b"] * 5


def guessed(references, seed=0):
    return list(np.random.default_rng(seed).permutation(references))


@pytest.mark.parametrize(
    ("references", "predictions"),
    [
        (BALANCED, ["a"] * 1000),
        (BALANCED, ["a"] * 505 + ["a"] * 495),
        (BALANCED, ["a", "b"] * 500),
        (BALANCED, [None] * 1000),
        (["a", "a", "b", "b"], ["a", "b", "a", "b"]),
        (["a", "a", "b", "b"], ["b"] * 4),
        (RARE, ["a"] * 100),
        (RARE, ["b"] * 100),
        ([str(label) for label in range(77)], ["5"] * 77),
    ],
)
def test_chance(references, predictions):
    assert f"On {len(references):,} examples for validation it is no better than chance" in at_chance(
        references, predictions
    )


@pytest.mark.parametrize(
    ("references", "predictions"),
    [
        (BALANCED, ["a"] * 530 + ["b"] * 470),
        (["a", "a", "b", "b"], ["a", "a", "a", "b"]),
        (RARE, ["a"] * 85 + ["b"] * 15),  # less often right than always "a", and yet all that is rare is found
        (["a"] * 8 + ["b"] * 8, ["a"] * 6 + ["b"] * 8 + ["a"] * 2),
        (["a"] * 4, ["b"] * 4),  # one label tells nothing
    ],
)
def test_above_chance(references, predictions):
    assert at_chance(references, predictions) is None


def test_guessing_is_mostly_told_and_learning_is_not():
    told = [at_chance(BALANCED, guessed(BALANCED, seed)) is not None for seed in range(200)]
    assert np.mean(told) > 0.7
    random = np.random.default_rng(0)
    learnt = [
        [name if random.random() < 0.8 else other for name, other in zip(BALANCED, reversed(BALANCED))]
        for _ in range(200)
    ]
    assert not any(at_chance(BALANCED, predictions) for predictions in learnt)


def test_a_run_at_chance_warns_and_its_card_says_so(tmp_path):
    with pytest.warns(UserWarning, match="no better than chance: accuracy 0.[0-9]+, .* trained for 1 epochs.*patience"):
        pipeline = runs.train(tmp_path / "run", epochs=1, learning_rate=1e-9)
    assert "no better than chance" in lstm_zoo.info(pipeline)["chance"]
    assert "**On 4 examples for validation it is no better than chance" in (tmp_path / "run" / "card.md").read_text()


def test_few_examples_for_validation_tell_nothing(tmp_path):
    with pytest.warns(UserWarning, match="^Scores on 4 examples for validation tell nothing"):
        runs.train(tmp_path / "run", epochs=1)
    card = (tmp_path / "run" / "card.md").read_text()
    assert "| metric | validation (4) |" in card
    assert "**Scores on 4 examples for validation tell nothing" in card
    assert records.few(records.FEW) is None


def test_of_recordings(tmp_path):
    examples, options = TINY["speech"]["examples"], {"epochs": 1, "learning_rate": 1e-9, "verbose": False}
    options |= sizes_of("speech/keyword")
    with pytest.warns(UserWarning, match="no better than chance"):
        lstm_zoo.train("speech/keyword", examples, examples, folder=tmp_path / "run", **options)


def test_a_run_that_learnt_does_not(finished):
    pipeline, folder = finished
    assert lstm_zoo.info(pipeline)["chance"] is None
    assert "chance" not in (folder / "card.md").read_text()
