"""benchmarks/augmentation.py: every change is left out once, and a run goes on with the rows that lack."""

import json
import pathlib
import sys

import pytest
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo.datasets import Dataset
from lstm_zoo.tasks import speech

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def augmentation(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import augmentation

    return augmentation


def test_every_change_is_left_out_once_and_scored(augmentation):
    assert sorted(name for names in augmentation.KINDS.values() for name in names) == sorted(augmentation.AUGMENTATIONS)
    missing = [{*augmentation.AUGMENTATIONS} - {*names} for names in augmentation.VARIANTS.values()]
    assert missing == [set(), {*augmentation.AUGMENTATIONS}, *({name} for name in augmentation.AUGMENTATIONS)]


def test_goes_on(augmentation, monkeypatch, tmp_path):
    trained, output = [], tmp_path / "result.json"

    def train(network, data, *, folder, augmentation, **options):
        trained.append((folder.name, augmentation))
        return pipeline_for(network)

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["augmentation", "--output", str(output), "--data", "tiny", *words])
        augmentation.main()
        return json.loads(output.read_text())["table"]

    tiny = Dataset(load=lambda split: TINY["speech"]["examples"][:2], license="", limits="", languages=("en",))
    monkeypatch.setitem(speech.DATASETS, "tiny", tiny)
    monkeypatch.setattr(lstm_zoo, "train", train)
    first = called("--left-out", "mp3", "nothing")
    assert [row["left out"] for row in first] == ["nothing", "mp3"]
    assert first[0].keys() == {"left out", "seed", "clean", "disturbed", *augmentation.KINDS}
    assert called("--left-out", "mp3", "everything")[1] == {**first[0], "left out": "everything"}
    assert [names for _, names in trained] == [augmentation.VARIANTS[name] for name in ("mp3", "nothing", "everything")]
    assert len({folder for folder, _ in trained}) == 3
    with pytest.raises(SystemExit):
        called("--epochs", "31")
