"""training/preparing.py: bad data end before anything is written."""

import pytest
from tiny import runs


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "The data set is empty"),
        ([("a", "good")] * 9, "At least two labels"),
        ([("a", "good"), ("b", 0.3)], "Item 1 has no label"),
        ([("a", "good"), ("b", "bad")], "one example only of every label, like 'bad'"),
        ([("", "good"), (" ", "bad")] * 5, "No text holds a word"),
    ],
)
def test_bad_data_is_refused_before_a_folder_is_made(tmp_path, pairs, message):
    with pytest.raises(ValueError, match=message):
        runs.train(tmp_path / "run", pairs)
    assert not (tmp_path / "run").exists()


def test_a_validation_label_that_training_lacks(tmp_path):
    with pytest.raises(ValueError, match="Labels that the network does not know: 'so so'"):
        runs.train(tmp_path / "run", validation=[("a", "so so")])
    assert not (tmp_path / "run").exists()


def test_classes_are_those_of_the_labels(tmp_path):
    with pytest.raises(ValueError, match="classes is 2 with this data. Received: 3"):
        runs.train(tmp_path / "run", classes=3)


def test_unknown_hyperparameter(tmp_path):
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        runs.train(tmp_path / "run", colour="red")
    assert not (tmp_path / "run").exists()
