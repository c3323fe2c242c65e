"""preprocessing.py: characters and their numbers."""

import pytest

import lstm_zoo
from lstm_zoo.tasks.speech import TASK
from lstm_zoo.training.preparing import kept_hyperparameters
from lstm_zoo.weights import archive


@pytest.mark.parametrize("text", ["aab c", "aaabbc"])  # of those that are as frequent the first
def test_characters_are_the_most_frequent(text):
    preprocessing = TASK.adapt([(None, text, "")], vocabulary=3)
    assert list(map(str, preprocessing["characters"].get_vocabulary()[1:])) == ["a", "b"]
    assert TASK.data_hyperparameters(preprocessing) == {"vocabulary": 3}


def test_a_vocabulary_has_a_character(examples):
    with pytest.raises(ValueError, match="at least one"):
        TASK.adapt(examples, vocabulary=1)


def test_fine_tuning_keeps_the_characters_and_has_its_own_augmentation(trained, examples, tmp_path):
    trained("speech/ctc").save(tmp_path / "ctc.keras")
    options = {"epochs": 1, "batch_size": 8, "verbose": False, "weights": str(tmp_path / "ctc.keras")}
    options |= {"folder": tmp_path / "run", "augmentation": ["noise", "level"]}
    again = lstm_zoo.train("speech", examples, **options)
    assert again.get_layer("characters").characters == ["a", "b"]
    record = archive.record_of(again)
    assert record["hyperparameters"]["augmentation"] == ["noise", "level"]
    assert kept_hyperparameters(TASK, {"hyperparameters": {"units": 8, "augmentation": "none"}}, {}) == {"units": 8}
    with pytest.raises(ValueError, match="cannot go on with these settings: hyperparameters was"):
        lstm_zoo.train("speech", examples, resume=True, **options | {"augmentation": "none"})
    with pytest.raises(ValueError, match="With weights the network is fixed. Received: units$"):
        lstm_zoo.train("speech", examples, units=8, **options)


def test_an_unknown_augmentation_is_refused_before_a_folder_is_made(examples, tmp_path):
    with pytest.raises(ValueError, match="Unknown augmentation: 'nois'. Did you mean 'noise'"):
        lstm_zoo.train("speech", examples, examples, folder=tmp_path / "run", augmentation="nois", verbose=False)
    assert not (tmp_path / "run").exists()
