"""pairs.py: recordings with their transcripts, from data sets and from people's files."""

import csv

import numpy as np
import pytest
import soundfile

from lstm_zoo.tasks.speech import TASK
from lstm_zoo.tasks.speech.audio import RATE


def manifest(folder, rows, name="m.csv"):
    """The path of a manifest of these rows."""
    with (folder / name).open("w", newline="") as file:
        csv.writer(file, delimiter="\t" if name.endswith("tsv") else ",").writerows(rows)
    return folder / name


def test_manifest(tune, tmp_path):
    soundfile.write(tmp_path / "a.wav", tune(0.2, 8_000), 8_000)
    for name in ("m.csv", "m.tsv"):
        path = manifest(tmp_path, [["path", "text", "speaker"], ["a.wav", " TWO \n WORDS ", "ann"]], name)
        (((samples, rate), text, speaker),) = TASK.read(path)
        assert (samples.dtype, rate, text, speaker) == (np.int16, RATE, "TWO WORDS", "ann")
    (again,) = TASK.read(TASK.read(path))
    np.testing.assert_array_equal(again[0][0], samples)


def test_bad_manifests(tune, tmp_path):
    soundfile.write(tmp_path / "a.wav", tune(0.2), RATE)
    (tmp_path / "b.wav").write_text("no audio")
    for rows, message in [
        ([["path", "label"], ["a.wav", "x"]], "lacks the column text"),
        ([["path", "text"]], "holds no pair"),
        ([["path", "text"], ["a.wav", "  "]], "m.csv, line 2 has an empty transcript"),
        ([["path", "text"], ["a.wav", "x"], ["b.wav", "y"]], "m.csv, line 3: .*b.wav is no audio file"),
    ]:
        with pytest.raises(ValueError, match=message):
            TASK.read(manifest(tmp_path, rows))
    with pytest.raises(FileNotFoundError, match="c.wav does not exist"):
        TASK.read(manifest(tmp_path, [["path", "text"], ["c.wav", "x"]]))
    with pytest.raises(ValueError, match="is a folder; a table"):
        TASK.read(tmp_path)
    for source, message in [
        ([("a",)], "Item 0 is not a pair"),
        (5, "A table, or an iterable of items"),
        ([], "is empty"),
    ]:
        with pytest.raises(ValueError, match=message):
            TASK.read(source)


def test_no_recording_is_clipped_or_silently_empty(tune):
    wave = tune(0.1)
    ((plain, _), *_), *others = TASK.read(
        [
            ((samples, RATE), "A")
            for samples in (
                wave,
                wave[None],
                np.stack([wave, wave]),
                20_000 * wave,
                (2**15 * wave).astype("int64"),
                40 * wave,
            )
        ]
    )
    for (samples, _), *_ in others:
        # The same sound, at most as loud as full scale.
        np.testing.assert_allclose(samples / np.abs(samples).max(), plain / np.abs(plain).max(), atol=1e-3)


def test_what_is_shorter_than_a_frame_is_left_out(tune):
    with pytest.warns(UserWarning, match="1 recordings of less than 25 ms are left out"):
        assert len(TASK.read([((tune(0.02), RATE), "A"), ((tune(0.1), RATE), "B")])) == 1
    with pytest.warns(UserWarning, match="1 recordings"), pytest.raises(ValueError, match="holds no pair"):
        TASK.read([((np.zeros((1, 0)), RATE), "A")])


def test_speakers_are_held_out_whole(examples):
    spoken = [(recording, "a", f"s{number % 5}") for number, (recording, *_) in enumerate(examples * 3)]
    training, validation = TASK.split(spoken)
    assert len({speaker for *_, speaker in validation}) == 1
    assert not {speaker for *_, speaker in training} & {speaker for *_, speaker in validation}
    training, validation = TASK.split([(recording, text, "") for recording, text, _ in spoken])
    assert (len(training), len(validation)) == (22, 2)
    with pytest.raises(ValueError, match="one recording only"):
        TASK.split(spoken[:1])


def test_unknown_names():
    with pytest.raises(ValueError, match="Unknown data set: 'an5'. Did you mean 'an4'?"):
        TASK.data("train", "an5")
    with pytest.raises(ValueError, match="Unknown split: 'dev'.* Known: train, validation, test"):
        TASK.data("dev")


def test_an4_splits(prepared):
    prepared("an4")
    splits = {split: TASK.data(split) for split in ("train", "validation", "test")}
    assert [len(raw) for raw in splits.values()] == [845, 103, 130]
    speakers = [{speaker for *_, speaker in raw} for raw in splits.values()]
    assert [len(names) for names in speakers] == [66, 8, 10]
    assert not speakers[0] & speakers[1] | speakers[0] & speakers[2] | speakers[1] & speakers[2]
    together = {split: TASK.data(split, "an4/all") for split in splits}
    assert [len(raw) for raw in together.values()] == [948, 103, 130]
    assert {speaker for *_, speaker in together["train"]} == speakers[0] | speakers[1]
