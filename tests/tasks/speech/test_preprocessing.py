"""preprocessing.py: characters and their numbers."""

import json

import numpy as np
import pytest

import lstm_zoo
from lstm_zoo.cards import records
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


def test_a_lexicon_of_the_training_goes_into_the_file(examples, tmp_path):
    options = {"epochs": 1, "batch_size": 8, "units": 4, "depth": 1, "verbose": False, "folder": tmp_path / "run"}
    pipeline = lstm_zoo.train("speech/streaming", examples, examples, lexicon="training", **options)
    assert lstm_zoo.info(tmp_path / "run" / "pipeline.keras")["lexicon"] == ["a", "ab", "b", "ba"]
    record = archive.record_of(pipeline)
    assert {"wer", "open_wer"} < record["metrics"]["validation"].keys()
    assert "--lexicon" in records.command(json.loads((tmp_path / "run" / "settings.json").read_text()), "an4")
    with pytest.raises(ValueError, match="cannot go on with these settings: hyperparameters was"):
        lstm_zoo.train("speech/streaming", examples, examples, lexicon=["a"], resume=True, **options)
    _, preprocessing = TASK.fine_tune(pipeline, examples[:1])
    assert preprocessing["lexicon"] is None
    _, preprocessing = TASK.fine_tune(pipeline, examples[:1], lexicon="training")
    assert list(preprocessing["lexicon"].words) == [examples[0][1]]


def test_transcripts_in_other_letters_are_told(trained):
    pipeline, tone = trained("speech/ctc"), np.sin(np.arange(8000))
    examples = TASK.read([((tone, 16_000), text) for text in ("a b", "abc", "AB")])
    told = "2 of 3 transcripts have other characters than ab, which the network writes: ABc. Received: 'abc'."
    with pytest.warns(UserWarning, match=f"^{told} They are left out of what is learnt.$"):
        TASK.fine_tune(pipeline, examples)
    with pytest.warns(UserWarning, match=f"^{told} They count as errors.$"):
        lstm_zoo.evaluate(pipeline, examples)
    with pytest.raises(ValueError, match="^Nothing can be learnt: 1 of 1 transcripts have other characters than ab"):
        TASK.fine_tune(pipeline, examples[2:])


@pytest.mark.parametrize(
    ("model", "lexicon", "message"),
    [
        ("speech/attention", "training", "A lexicon is for pipelines of networks with CTC. Received: speech-attention"),
        ("speech/ctc", {"a", "b"}, 'The lexicon of a training is a list or dict of words, a path, or "training"'),
        ("speech/ctc", ["abc"], "The network writes with the letters ab. Received: 'abc'"),
    ],
)
def test_a_lexicon_that_cannot_be_is_refused_before_a_folder_is_made(model, lexicon, message, examples, tmp_path):
    options = {"lexicon": lexicon, "folder": tmp_path / "run", "units": 4, "depth": 1, "verbose": False}
    with pytest.raises(ValueError, match=message):
        lstm_zoo.train(model, examples, examples, **options)
    assert not (tmp_path / "run").exists()


def test_an_unknown_augmentation_is_refused_before_a_folder_is_made(examples, tmp_path):
    with pytest.raises(ValueError, match="Unknown augmentation: 'nois'. Did you mean 'noise'"):
        lstm_zoo.train("speech", examples, examples, folder=tmp_path / "run", augmentation="nois", verbose=False)
    assert not (tmp_path / "run").exists()
