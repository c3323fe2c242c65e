"""sentiment/bounds.py: more text than training takes in."""

import warnings

import pytest

import lstm_zoo
from lstm_zoo.tasks.sentiment import bounds, wide
from lstm_zoo.tasks.sentiment.wide import ngrams


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_CHARACTERS", 300)
    monkeypatch.setattr(bounds, "WINDOW", 20)


def pairs_of(count, text="film", labels="xy"):
    return [(f"{text} {labels[row % len(labels)]}{row}", labels[row % len(labels)]) for row in range(count)]


def test_up_to_the_bound_nothing_changes():
    training, validating = pairs_of(30), pairs_of(3)
    with warnings.catch_warnings(action="error"):
        told = bounds.bounded(training, validating)
    assert told[0] is training
    assert told[1] is validating


def test_long_texts_are_cut_to_their_share_and_validation_is_whole():
    training, validating = pairs_of(10, "long film " * 10), pairs_of(10, "long film " * 10)
    with pytest.warns(UserWarning, match="no more than its first 30, and 2 whole ones of 10 are for validation"):
        cut, drawn = bounds.bounded(training, validating)
    assert cut == [(text[:30], label) for text, label in training]
    assert set(drawn) <= set(validating)
    assert {label for _, label in drawn} == {"x", "y"}
    with warnings.catch_warnings(action="error"):  # as a rival's run does, which begins with them
        assert bounds.bounded(cut, drawn) == (cut, drawn)


def test_no_text_is_cut_below_what_a_pass_sees():
    with pytest.warns(UserWarning, match="first 20"):
        cut, _ = bounds.bounded(pairs_of(40, "long film " * 10), [])
    assert {len(text) for text, _ in cut} == {20}


@pytest.mark.parametrize("labels", [["x"] * 99 + ["y"], [("x",)] * 50 + [()] * 49 + [("y", "x")]])
def test_a_sample_has_every_label_and_the_order_of_the_texts(labels):
    pairs = [(f"good film {row}", label) for row, label in enumerate(labels)]
    drawn = bounds.sampled(pairs)
    assert 20 < len(drawn) < 30
    assert {label for _, label in drawn} == set(labels)
    assert drawn == sorted(drawn, key=pairs.index) == bounds.sampled(pairs)


def test_one_text_beyond_the_bound_is_kept():
    pairs = [("film " * 100, "x")]
    assert bounds.sampled(pairs) == pairs


def test_ngrams_are_learnt_from_a_sample(monkeypatch):
    counted, find = [], ngrams.find

    def spy(kind, texts, size):
        counted.append(len(texts))
        return find(kind, texts, size)

    monkeypatch.setattr(ngrams, "find", spy)
    with pytest.warns(UserWarning, match=r"n-grams are learnt from 2\d of the 100 texts"):
        wide.TASK.adapt(pairs_of(100, "good film"))
    assert set(counted) < set(range(20, 30))


@pytest.mark.parametrize("name", ["sentiment/wide", "sentiment/bilstm"])
def test_train_reads_a_part_of_too_much(name, tmp_path):
    with pytest.warns(UserWarning, match="More than 300 characters of text: training reads"):
        pipeline = lstm_zoo.train(
            name, data=pairs_of(40, "long film " * 10), epochs=1, units=4, folder=tmp_path / "run", verbose=False
        )
    assert lstm_zoo.predict(pipeline, ["a film"])[0]["label"] in ("x", "y")
