"""tuning/oracles.py: every trial counts once, within the budgets, whatever is killed."""

import csv
import json
import random
import threading
import time
import types

import pytest
from tiny.searches import outcome, records, search

from lstm_zoo import files, tuning
from lstm_zoo.tuning import oracles, trials, workers


@pytest.mark.parametrize("tuner", tuning.TUNERS)
def test_the_first_is_the_default_and_none_comes_twice(tmp_path, quick, tuner):
    folder = tmp_path / "search"
    best = search(folder, tuner=tuner, trials=12, epochs=4)
    trained = records(folder)
    assert [record["id"] for record in trained] == [f"{number:04d}" for number in range(12)]
    first = {"units": 8, "dropout": 0.5, "learning_rate": 0.002}
    assert {name: trained[0]["values"][name] for name in first} == first
    assert len({json.dumps(record["values"]) for record in trained}) == 12
    scores = [record["score"] for record in trained]
    winner = trained[scores.index(min(scores))]
    assert best["learning_rate"] == winner["values"]["learning_rate"]


@pytest.mark.parametrize("tuner", tuning.TUNERS)
def test_kills_at_every_point_change_nothing(tmp_path, quick, monkeypatch, tuner):
    # Cut between any two steps, on disk or not: before and after each write of the state, and within a trial.
    options = {"tuner": tuner, "trials": 8, "epochs": 4}
    search(tmp_path / "whole", **options)
    chance, cuts = random.Random(1), 0

    def cut(function):
        def cutting(*args):
            nonlocal cuts
            if chance.random() < 0.15:
                cuts += 1
                raise KeyboardInterrupt
            answer = function(*args)
            if chance.random() < 0.15:
                cuts += 1
                raise KeyboardInterrupt
            return answer

        return cutting

    monkeypatch.setattr(oracles, "files", types.SimpleNamespace(write_text=cut(files.write_text)))
    monkeypatch.setattr(workers, "train_trial", cut(quick))
    for _ in range(200):
        try:
            search(tmp_path / "cut", **options)
            break
        except KeyboardInterrupt:
            continue
    assert cuts > 5
    assert outcome(tmp_path / "cut") == outcome(tmp_path / "whole")


def test_hyperband_goes_on_with_the_best(tmp_path, quick):
    folder = tmp_path / "search"
    search(folder, tuner="hyperband", trials=20, epochs=9)
    trained = {record["id"]: record for record in records(folder)}
    assert trained["0000"]["values"]["tuner/epochs"] == 9
    promoted = [record for record in trained.values() if "tuner/trial_id" in record["values"]]
    assert promoted
    for record in promoted:
        parent = trained[record["values"]["tuner/trial_id"]]
        assert parent["values"]["tuner/epochs"] < record["values"]["tuner/epochs"]
        assert parent["values"]["units"] == record["values"]["units"]


def test_a_larger_budget_goes_on(tmp_path, quick):
    search(tmp_path / "once", trials=6)
    search(tmp_path / "twice", trials=2)
    search(tmp_path / "twice", trials=6)
    assert outcome(tmp_path / "twice") == outcome(tmp_path / "once")


def test_a_grid_ends_by_itself(tmp_path, quick):
    search(tmp_path / "search", tuner="grid", trials=None, dropout=[0.1, 0.5], learning_rate=[0.01, 0.002])
    combinations = [tuple(record["values"].values()) for record in records(tmp_path / "search")]
    assert len(set(combinations)) == len(combinations) == 8


def test_oversize_networks_use_up_no_trial(tmp_path, quick):
    options = {"units": [4, 8, 16, 32], "trials": 6, "max_parameters": 2000}
    search(tmp_path / "search", **options)
    trained = records(tmp_path / "search")
    assert len(trained) == 6
    # The default is measured whatever its size.
    assert trained[0]["values"]["units"] == 32
    assert not trained[0]["eligible"]
    assert {record["values"]["units"] for record in trained[1:]} <= {4, 8}
    assert all(0 < record["parameters"] <= 2000 for record in trained[1:])
    best = json.loads((tmp_path / "search" / "best.json").read_text())
    assert best["refused"] > 0
    assert best["trial"] != "0000"


def test_time(tmp_path, quick, monkeypatch):
    started = threading.Event()

    def slow(study, trial_id, values, worker, state):
        if trial_id == "0002" and not started.is_set():
            started.set()
            while not state["stop"]:
                time.sleep(0.01)
            raise trials.OutOfTimeError
        return quick(study, trial_id, values, worker, state)

    monkeypatch.setattr(workers, "train_trial", slow)
    monkeypatch.setattr(workers, "PULSE", 0.05)
    folder = tmp_path / "search"
    begun = time.monotonic()
    search(folder, trials=4, minutes=0.02)
    assert 1 < time.monotonic() - begun < 10
    assert [record["status"] for record in records(folder)] == ["COMPLETED", "COMPLETED", "RUNNING"]
    with (folder / "trials.csv").open() as file:
        assert [row["status"] for row in csv.DictReader(file)][2] == "RUNNING"
    search(folder, trials=4, minutes=5)
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 4


def test_nothing_was_completed(tmp_path, quick, monkeypatch):
    def fail(study, trial_id, *rest):
        failure = {"status": "FAILED", "score": None, "reason": f"MemoryError: {trial_id}"}
        return {**quick(study, trial_id, *rest), **failure}

    monkeypatch.setattr(workers, "train_trial", fail)
    with pytest.raises(ValueError, match="No trial in .* gave a result; trial 0000: MemoryError: 0000"):
        search(tmp_path / "search", trials=5)
    assert [record["status"] for record in records(tmp_path / "search")] == ["FAILED"] * 5
