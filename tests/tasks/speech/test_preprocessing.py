"""preprocessing.py: characters and their numbers."""

import pytest

import lstm_zoo
from lstm_zoo.tasks.speech import TASK


@pytest.mark.parametrize("text", ["aab c", "aaabbc"])  # of those that are as frequent the first
def test_characters_are_the_most_frequent(text):
    preprocessing = TASK.adapt([(None, text, "")], vocabulary=3)
    assert list(map(str, preprocessing["characters"].get_vocabulary()[1:])) == ["a", "b"]
    assert TASK.data_hyperparameters(preprocessing) == {"vocabulary": 3}


def test_a_vocabulary_has_a_character(examples):
    with pytest.raises(ValueError, match="at least one"):
        TASK.adapt(examples, vocabulary=1)


def test_fine_tuning_keeps_the_characters(trained, examples, tmp_path):
    trained("speech/ctc").save(tmp_path / "ctc.keras")
    options = {"epochs": 1, "batch_size": 8, "verbose": False, "weights": str(tmp_path / "ctc.keras")}
    again = lstm_zoo.train("speech", examples, folder=tmp_path / "run", **options)
    assert again.get_layer("characters").characters == ["a", "b"]
