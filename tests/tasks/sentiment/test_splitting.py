"""Sentiment: which texts are set aside."""

import warnings

import pytest

from lstm_zoo import classification, registry
from lstm_zoo.tasks.sentiment.splitting import split

PAIRS = [(f"text {row}", "ab"[row % 2]) for row in range(40)]


def texts_of(pairs):
    return {" ".join(text.split()).casefold() for text, _ in pairs}


def test_different_texts_are_split_as_examples_are():
    assert split(PAIRS, seed=3) == classification.split(PAIRS, seed=3)


@pytest.mark.parametrize("seed", range(3))
def test_equal_texts_stay_on_one_side(seed):
    copies = [*PAIRS, *((f" {text.upper()}  ", label) for text, label in PAIRS), *PAIRS]
    with warnings.catch_warnings(action="error"):
        training, validation = split(copies, seed)
    assert len(validation) == 3 * 4
    assert len(training) + len(validation) == len(copies)
    assert not texts_of(training) & texts_of(validation)


def test_of_several_labels():
    pairs = [(text, (label,)) for text, label in PAIRS] * 3
    training, validation = registry.get_task("sentiment").of(pairs).split(pairs, 0)
    assert validation
    assert not texts_of(training) & texts_of(validation)


def test_a_frequent_text_is_learnt():
    for seed in range(5):
        _, validation = split([*PAIRS, *[("ok", "a")] * 30], seed)
        assert "ok" not in texts_of(validation)


def test_a_frequent_text_and_another_one():
    pairs = [("ok", "a"), ("no", "b")] * 10 + [("fine", "a")] + [(f"bad {row}", "b") for row in range(9)]
    training, validation = split(pairs)
    assert training
    assert validation
    assert not texts_of(training) & texts_of(validation)


def test_one_text_a_label():
    with pytest.warns(UserWarning, match="Of 40 texts 2 are different, too few"):
        training, validation = split([("good film", "a"), ("bad film", "b")] * 20)
    assert (len(training), len(validation)) == (36, 4)


def test_contradictions_are_told():
    pairs = [*PAIRS, ("Text 1", "a"), ("text 3", "a"), ("text 3", "b")]
    with pytest.warns(
        UserWarning, match="Texts with different labels: 2. The first, 'text 1', has 'b' and 'a'"
    ) as told:
        split(pairs)
    assert len(told) == 1
