"""tuning/workers.py: chief and workers, over KerasTuner's messages."""

import json
import socket
import threading
import time

import pytest
from tiny.runs import PAIRS
from tiny.searches import FIXED, outcome, records, search

from lstm_zoo import tuning
from lstm_zoo.tuning import oracles, spaces, studies, workers


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def remote(monkeypatch):
    """Environment of a worker, and times that suit a test."""
    port = free_port()
    for name, value in zip(workers.VARIABLES, ("worker", "127.0.0.1", str(port))):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workers, "PULSE", 0.1)
    monkeypatch.setattr(workers, "IDLE", 0.05)
    monkeypatch.setattr(oracles, "LOST", 1.0)
    return port


@pytest.fixture
def study(tmp_path, quick):
    """A study, and a function that opens its oracle again, as a chief that was restarted does."""
    requested = {**FIXED, "units": [4, 8]}
    options = {"tuner": "random", "folder": tmp_path / "search", "objective": "val_loss", "max_parameters": None}
    study = studies.study_of("sentiment/bilstm", PAIRS, None, requested, **options, epochs=2, patience=2, seed=0)
    study.folder.mkdir()
    return study, lambda trials=6: tuning.open_oracle(study, "random", trials, None)


def in_threads(study, names):
    threads = [
        threading.Thread(target=workers.work, args=(study, workers.Remote(), name), daemon=True) for name in names
    ]
    for thread in threads:
        thread.start()
    return threads


def test_two_workers_that_start_first(study, remote, tmp_path, quick, monkeypatch):
    study, opened = study
    monkeypatch.setattr(workers, "train_trial", lambda *arguments: time.sleep(0.1) or quick(*arguments))
    threads = in_threads(study, ["worker1", "worker2"])
    time.sleep(0.3)
    oracle = opened()
    with workers.served(oracle):
        workers.wait(oracle)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert {record["worker"] for record in oracle.records} == {"worker1", "worker2"}
    for name in workers.VARIABLES:
        monkeypatch.delenv(name)
    search(tmp_path / "alone", trials=6)
    assert outcome(study.folder) == outcome(tmp_path / "alone")


def test_a_dead_worker_s_trial_is_done_by_another(study, remote):
    study, opened = study
    oracle = opened()
    with workers.served(oracle):
        lost = workers.Remote().create_trial("dead")
        assert lost.trial_id == "0000"
        threads = in_threads(study, ["alive"])
        workers.wait(oracle)
    threads[0].join(10)
    assert [record["worker"] for record in oracle.records] == ["alive"] * 6
    assert {record["status"] for record in oracle.records} == {"COMPLETED"}


def test_signs_of_life_keep_a_trial(study, remote, quick, monkeypatch):
    study, opened = study
    asked = threading.Event()
    monkeypatch.setattr(workers, "train_trial", lambda *arguments: asked.wait(60) and quick(*arguments))
    oracle = opened(trials=1)
    with workers.served(oracle):
        threads = in_threads(study, ["slow"])
        time.sleep(1.2)  # longer than a worker may be silent
        assert workers.Remote().create_trial("idle").status == "IDLE"
        asked.set()
        workers.wait(oracle)
    threads[0].join(10)
    assert [record["worker"] for record in oracle.records] == ["slow"]


def test_a_chief_that_is_restarted_loses_nothing(study, remote, quick, monkeypatch):
    study, opened = study
    monkeypatch.setattr(workers, "train_trial", lambda *arguments: time.sleep(0.2) or quick(*arguments))
    first = opened()
    with workers.served(first):
        threads = in_threads(study, ["worker1", "worker2"])
        while sum(record["status"] == "COMPLETED" for record in first.records) < 3:
            time.sleep(0.01)
    before = [record for record in records(study.folder) if record["status"] == "COMPLETED"]
    time.sleep(0.4)  # trials end while no chief is there to hear it
    second = opened()
    with workers.served(second):
        workers.wait(second)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert len(before) >= 3
    assert [record for record in second.records if record in before] == before
    assert [record["status"] for record in second.records] == ["COMPLETED"] * 6


def test_a_result_counts_once(study, remote):
    study, opened = study
    oracle = opened()
    with workers.served(oracle):
        chief = workers.Remote()
        trial = chief.create_trial("worker1")
        assert chief.create_trial("worker1").trial_id == trial.trial_id  # asked twice: the answer may have been lost
        for score in (1.0, 0.5):
            result = {"status": "COMPLETED", "score": score, "metrics": {}, "seconds": 1.0}
            trial.hyperparameters.values = {"tuner/result": json.dumps(result)}
            chief.end_trial(trial)
    assert [record["score"] for record in oracle.records] == [1.0]


def test_values_arrive_as_they_were_sent(study, remote):
    study, opened = study
    oracle = opened()
    with workers.served(oracle):
        for number in range(3):
            trial = workers.Remote().create_trial(f"worker{number}")
            arrived = {name: spaces.tidy(value) for name, value in trial.hyperparameters.values.items()}
            assert arrived.pop("tuner/search") == study.fingerprint
            assert arrived == oracle.records[number]["values"]


def test_a_worker_with_other_data(study, remote):
    study, opened = study
    with workers.served(opened()):
        study.settings["data"] = "other"
        with pytest.raises(ValueError, match="searches with other settings or other data"):
            workers.work(study, workers.Remote(), "worker1")


def test_a_worker_gives_up_in_the_end(study, remote, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    with pytest.raises(ConnectionError, match=f"No answer from the chief at 127.0.0.1:{remote}"):
        workers.work(study[0], workers.Remote(), "worker1")


def test_a_busy_port(tmp_path, quick, remote, monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", remote))
        listener.listen()
        with pytest.raises(ValueError, match=f"cannot listen at 127.0.0.1:{remote}: the port is taken"):
            search(tmp_path / "search", trials=2)
