"""training/preparing.py: bad data end before anything is written."""

import numpy as np
import pytest
from tiny import runs

from lstm_zoo import registry
from lstm_zoo.training import preparing


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
    with pytest.raises(ValueError, match="Unknown hyperparameter of sentiment/bilstm: 'unitz'. Did you mean 'units'"):
        runs.train(tmp_path / "run", unitz=3)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["forecasting", "sentiment/wide"])
def test_what_train_itself_is_given_is_no_hyperparameter(name):
    with pytest.raises(ValueError, match="Did you mean 'units'") as told:
        preparing.check_hyperparameters(name, {"unitz": 3})
    assert not {"validation", "class_weight"} & set(str(told.value).partition("Known: ")[2].split(", "))


@pytest.mark.parametrize("name", registry.list_models())
def test_whole_numbers_are_whole(name):
    key = next(key for key, value in preparing.defaults(registry.get_network(name)).items() if type(value) is int)
    preparing.check_hyperparameters(name, {key: np.int64(3)})
    for value in ("abc", 1.5, True, None):
        with pytest.raises(ValueError, match=f"{key} is a whole number. Received: {value!r}"):
            preparing.check_hyperparameters(name, {key: value})
