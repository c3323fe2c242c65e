"""benchmarks/speakers.py: each speaker is left out once, and a run goes on with the rows that lack."""

import json
import pathlib
import sys

import pytest
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo.weights.checks import is_out_of_domain

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def speakers(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import speakers

    monkeypatch.setattr(speakers, "RUNS", tmp_path / "runs")
    return speakers


def test_goes_on_until_each_is_left_out(speakers, monkeypatch, tmp_path):
    trained, output = [], tmp_path / "result.json"

    def load(split, unseen):
        return [(recording, word, *unseen) for recording, word, _ in TINY["speech"]["examples"]]

    def train(network, training, validation, *, folder, resume, **options):
        trained.append((folder.name, training[0][2], resume))
        return pipeline_for(network)

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["speakers", "--output", str(output), *words])
        speakers.main()
        return json.loads(output.read_text())["table"]

    monkeypatch.setattr(speakers, "load_digits", load)
    monkeypatch.setattr(lstm_zoo, "train", train)
    [first] = called("--left-out", "theo")
    assert first.keys() == {"network", "left out", "seed", "regression", "accuracy"}
    assert not (tmp_path / "runs").exists()
    assert [row["left out"] for row in called()] == ["george", "jackson", "nicolas", "theo", "yweweler"]
    assert [speaker for _, speaker, _ in trained] == ["theo", "george", "jackson", "nicolas", "yweweler"]
    assert len({folder for folder, *_ in trained}) == 5
    assert all(resume for *_, resume in trained)
    told = json.loads((tmp_path / "runs" / "out_of_domain.json").read_text())
    assert is_out_of_domain(told)
    assert told[speakers.KIND]["metrics"] == dict.fromkeys(("accuracy", "lowest", "highest"), first["accuracy"])
    with pytest.raises(SystemExit):
        called("--an4")
