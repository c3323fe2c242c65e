"""The variant speech/keyword: recordings with labels."""

import json

import pytest
import soundfile
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.keyword import TASK, an4
from lstm_zoo.tasks.speech.keyword.others import NONE
from lstm_zoo.tasks.speech.keyword.pairs import SPEAKERS


def test_keywords_are_heard(trained):
    items = [(tones(word, rate, seed=7), rate) for word, rate in (("a", RATE), ("ba", 8_000), ("ab", 48_000))]
    answers = lstm_zoo.predict(trained("speech/keyword"), items)
    assert [answer["label"] for answer in answers] == ["a", "ba", "ab"]
    assert all(0.25 < answer["score"] <= 1 for answer in answers)


def test_it_is_small():
    assert lstm_zoo.build("speech/keyword", classes=35).count_params() < 250_000


def test_unknown_names():
    with pytest.raises(ValueError, match="Unknown data set: 'an5'.* Known: spoken_digit"):
        TASK.data("train", "an5")
    with pytest.raises(ValueError, match="Unknown split: 'dev'.* Known: train, validation, test"):
        TASK.data("dev")


def test_a_folder_a_label(tune, tmp_path):
    for label in ("yes", "no"):
        (tmp_path / label).mkdir()
        soundfile.write(tmp_path / label / "a.flac", tune(0.2), RATE)
    (tmp_path / "no" / "notes.txt").write_text("not audio")
    assert [label for _, label, _ in TASK.read(str(tmp_path))] == ["no", "yes"]
    with pytest.raises(ValueError, match="one sub-folder a label"):
        TASK.read(tmp_path / "no")


def test_a_label_is_a_number_too(tune, tmp_path):
    soundfile.write(tmp_path / "a.wav", tune(0.2), RATE)
    source = [(str(tmp_path / "a.wav"), 7), (tmp_path / "a.wav", 8.0), ((tune(0.1), RATE), 9)]
    assert [label for _, label, _ in TASK.read(source)] == ["7", "8", "9"]
    with pytest.raises(ValueError, match="Item 0 is not a pair"):
        TASK.read([(tune(0.1), RATE)])


def test_the_regression_knows_the_words(examples):
    baselines = TASK.baselines(None, examples[:4], examples[4:])
    assert baselines["log-mel spectra, logistic regression"]["accuracy"] == 1


def test_fine_tuning_gives_new_labels_a_head(trained, examples, tmp_path):
    trained("speech/keyword").save(tmp_path / "keyword.keras")
    named = [(recording, {"a": "yes", "b": "no"}.get(text, text), "") for recording, text, _ in examples]
    options = {"epochs": 1, "batch_size": 8, "verbose": False, "weights": str(tmp_path / "keyword.keras")}
    again = lstm_zoo.train("speech/keyword", named, folder=tmp_path / "run", augmentation="noise", **options)
    assert again.get_layer("labels").get_vocabulary() == ["ab", "ba", "no", "yes"]
    for run in ("run", "run/fresh"):  # and the network that begins from nothing has the same augmentation
        settings = json.loads((tmp_path / run / "settings.json").read_text())
        assert settings["hyperparameters"] == {"augmentation": "noise"}


def test_digit_splits(prepared):
    prepared("spoken_digit")
    counts = [len(TASK.data(split)) for split in ("train", "validation", "test")]
    assert sum(counts) == 2500
    assert counts[1:] == [250, 250]
    unseen = [{speaker for *_, speaker in TASK.data(split, "spoken_digit/unseen")} for split in ("train", "test")]
    assert unseen[1] == {"theo"}
    assert "theo" not in unseen[0]
    for speaker in SPEAKERS:
        assert {speaker} == {other for *_, other in TASK.data("test", f"spoken_digit/unseen_{speaker}")}


def test_words_of_an4(prepared):
    prepared("spoken_digit")
    prepared("an4")
    splits = [[*an4.load_digits(split), *an4.load_others(split)] for split in ("train", "validation", "test")]
    assert all(len(split) > 100 for split in splits)
    assert {rate for split in splits for (_, rate), *_ in split} == {8_000}
    assert [len({label for _, label, _ in split}) for split in splits] == [11, 11, 11]
    speakers = [{speaker for *_, speaker in split} for split in splits]
    assert not speakers[0] & speakers[1]
    assert not (speakers[0] | speakers[1]) & speakers[2]


def test_whole_speakers_validate():
    said = {"ada": "yes no", "bob": "yes no", "cy": "yes no maybe"}
    examples = [(None, word, speaker) for speaker, words in said.items() for word in words.split()]
    for seed in range(5):
        training, validation = TASK.split(examples, seed)
        assert {speaker for *_, speaker in validation} in ({"ada"}, {"bob"})  # nobody else says maybe
        assert len(training) + len(validation) == len(examples)
        assert not {speaker for *_, speaker in validation} & {speaker for *_, speaker in training}
    others = [(None, NONE, "")] * 10  # their speakers are not known
    _, validation = TASK.split([*examples, *others])
    assert [label for _, label, speaker in validation if not speaker] == [NONE]
    with pytest.warns(UserWarning, match="Each of 2 speakers says a word that nobody else does"):
        training, _ = TASK.split([(None, word, speaker) for speaker, word in (("ada", "yes"), ("bob", "no"))] * 10)
    assert {speaker for *_, speaker in training} == {"ada", "bob"}
