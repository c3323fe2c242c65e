"""tuning/: a search measures its gain, never loses a trial, and never takes a failed one for the best."""

import csv
import importlib.util
import io
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from rich.console import Console

import lstm_zoo
from lstm_zoo import cli, tuning
from lstm_zoo.tasks import sentiment
from lstm_zoo.tuning import oracles, reports, spaces, trials, workers

ROOT = pathlib.Path(__file__).parents[1]
PAIRS = [("a good film", "good"), ("a bad film", "bad"), ("so good!", "good"), ("bad, very bad", "bad")] * 10
# Everything but units, dropout and learning rate.
FIXED = {
    "vocabulary": 40,
    "embedding": 8,
    "depth": 1,
    "word_dropout": 0.0,
    "embedding_dropout": 0.1,
    "weight_dropout": 0.0,
    "batch": 8,
}


def search(folder, pairs=PAIRS, name="sentiment", **options):
    options = {"tuner": "random", "epochs": 2, "units": [4, 8], "verbose": False, **FIXED, **options}
    return lstm_zoo.search(name, pairs, folder=folder, **options)


def records(folder):
    return json.loads((folder / "state.json").read_text())["records"]


def told(folder):
    """What has to be the same of two searches."""
    return [(record["id"], record["values"], record["status"], record["score"]) for record in records(folder)]


@pytest.fixture
def quick(monkeypatch):
    """Trials of no time, whose score is a function of their values."""

    def train_trial(study, trial_id, values, worker, state):
        rate = values["learning_rate"]
        score = abs(rate - 0.01) + values.get("units", 8) / 1000 + values.get("dropout", 0) / 100
        return {
            "status": "COMPLETED",
            "score": score,
            "reason": None,
            "metrics": {"val_loss": score},
            "epochs": values.get("tuner/epochs", study.epochs),
            "parameters": study.parameters(values) if study.max_parameters else 0,
            "eligible": study.fits(values),
            "seconds": 0.1,
            "training_seconds": 0.1,
        }

    monkeypatch.setattr(workers, "train_trial", train_trial)
    monkeypatch.setattr(tuning, "_check_networks", lambda *_: None)
    return train_trial


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A grid of three learning rates: the default, a better one, and one that fails."""
    folder = tmp_path_factory.mktemp("searched") / "search"
    options = {"units": 8, "dropout": 0.1, "learning_rate": [2e-3, 0.03, 1e38]}
    return search(folder, tuner="grid", trials=None, **options), folder


class TestSearch:
    """A real one, of three trials."""

    def test_the_best_is_found_and_the_gain_measured(self, searched):
        best, folder = searched
        assert best == {**FIXED, "units": 8, "dropout": 0.1, "learning_rate": 0.03, "epochs": 2}
        found = json.loads((folder / "best.json").read_text())
        assert found["hyperparameters"] == best
        assert found["trial"] == "0001"
        assert found["command"] == tuning.command()
        assert found["score"] < found["default_score"] == records(folder)[0]["score"]
        assert records(folder)[0]["values"] == {"learning_rate": 2e-3}

    def test_a_failed_trial_is_recorded_with_its_reason(self, searched):
        failed = records(searched[1])[2]
        assert failed["status"] == "FAILED"
        assert failed["reason"].startswith("FloatingPointError: The loss is not finite in epoch 1")
        assert failed["score"] is None

    def test_train_takes_what_was_found(self, searched, tmp_path):
        _, folder = searched
        lstm_zoo.train("sentiment", PAIRS, folder=tmp_path / "run", hyperparameters=folder / "best.json", verbose=False)
        with (tmp_path / "run" / "history.csv").open() as file:
            losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
        assert min(losses) == records(folder)[1]["score"]
        settings = json.loads((tmp_path / "run" / "settings.json").read_text())
        assert (settings["learning_rate"], settings["batch"], settings["epochs"]) == (0.03, 8, 2)
        own = {"epochs": 1, "batch": 4, "learning_rate": 0.01}  # go before those that were found
        options = {"hyperparameters": folder / "best.json", "verbose": False, **own}
        lstm_zoo.train("sentiment", PAIRS, folder=tmp_path / "own", **options)
        settings = json.loads((tmp_path / "own" / "settings.json").read_text())
        assert {key: settings[key] for key in own} == own
        with pytest.raises(ValueError, match="was found for sentiment/bilstm. Expected: sentiment/attention"):
            lstm_zoo.train("sentiment/attention", PAIRS, hyperparameters=folder / "best.json")
        with pytest.raises(ValueError, match=r"a best.json that search wrote. Received: .*trials.csv"):
            lstm_zoo.train("sentiment", PAIRS, hyperparameters=folder / "trials.csv")

    def test_reports(self, searched, tmp_path, capsys):
        best, folder = searched
        for name in ("trials.csv", "hyperparameters.png", "progress.png"):
            (folder / name).unlink()
        assert lstm_zoo.search(report=folder) == best
        printed = capsys.readouterr().out
        assert "best val_loss" in printed
        assert "trial 0002 failed: FloatingPointError" in printed
        with (folder / "trials.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert [row["status"] for row in rows] == ["COMPLETED", "COMPLETED", "FAILED"]
        assert rows[2]["best_so_far"] == rows[1]["score"] == rows[1]["val_loss"]
        for name in ("hyperparameters.png", "progress.png"):
            assert (folder / name).read_bytes().startswith(b"\x89PNG")
        with pytest.raises(ValueError, match="holds no search"):
            lstm_zoo.search(report=tmp_path)

    def test_tensorboard(self, searched):
        pytest.importorskip("tensorboard")
        logs = searched[1] / "tensorboard"
        assert {path.name for path in logs.iterdir()} == {"0000", "0001"}
        assert b"_hparams_/session_start_info" in next((logs / "0001").iterdir()).read_bytes()

    def test_a_finished_search_is_not_run_again(self, searched, monkeypatch):
        best, folder = searched
        monkeypatch.setattr(workers, "train_trial", None)
        options = {"units": 8, "dropout": 0.1, "learning_rate": [2e-3, 0.03, 1e38]}
        assert search(folder, tuner="grid", trials=None, **options) == best

    def test_no_checkpoint_is_left(self, searched):
        assert not list(searched[1].glob("trials/*/checkpoint"))
        assert (searched[1] / "trials" / "0001" / "curves.png").exists()

    def test_command_line(self, searched, monkeypatch, capsys):
        best, folder = searched
        monkeypatch.setattr(sys, "argv", ["lstm-zoo", "search", "--report", str(folder), "--no-verbose", "--json"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code
        assert json.loads(capsys.readouterr().out) == best


class TestSpaces:
    """What is searched."""

    def space(self, **given):
        space, fixed = spaces.space_of(sentiment, "bilstm", given)
        return spaces.described(space), fixed, spaces.defaults_of(space)

    def test_whole(self):
        space, fixed, first = self.space()
        assert not fixed
        assert space["units"] == [64, 128, 192, 256]
        assert space["dropout"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]  # KerasTuner's own steps leave out 0.6
        assert space["learning_rate"] == [2e-4, 2e-2, "log"]
        assert space["batch"] == [32, 64, 128]
        assert first["learning_rate"] == sentiment.LEARNING_RATE
        assert first["batch"] == sentiment.BATCH
        assert first["units"] == 128

    @pytest.mark.parametrize(
        ("given", "values", "default"),
        [
            ({"units": (64, 100)}, [64, 100], 100),
            ({"units": "64:192"}, [64, 128, 192], 128),
            ({"dropout": "0.2:0.4"}, [0.2, 0.3, 0.4], 0.4),
            ({"learning_rate": "1e-4:1e-3"}, [1e-4, 1e-3, "log"], 1e-3),
            ({"learning_rate": [0.001, 1]}, [0.001, 1.0], 0.001),
            ({"classes": "2:4"}, [2, 3, 4], 2),
        ],
    )
    def test_narrowed(self, given, values, default):
        space, fixed, first = self.space(**given)
        (name,) = given
        assert space[name] == values
        assert first[name] == default
        assert not fixed

    @pytest.mark.parametrize("value", [100, [100], "100:100"])
    def test_fixed(self, value):
        space, fixed, _ = self.space(units=value)
        assert "units" not in space
        assert fixed == {"units": 100}

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"unit": 8}, "Unknown hyperparameter: 'unit'. Did you mean 'units'?"),
            ({"units": []}, "units needs at least one value"),
            ({"units": "128:64"}, "The range of units is empty. Received: '128:64'"),
            ({"dropout": "0.6:0.1"}, "The range of dropout is empty"),
            ({"learning_rate": "1e-2:1e-4"}, "The range of learning_rate is empty"),
            ({"learning_rate": "0:1e-2"}, "learning_rate is above 0"),
            ({"units": "few:many"}, "units is a range like 1e-4:1e-2, low before high. Received: 'few:many'"),
            ({"units": "1:2:3"}, "units is a range like"),
            ({"units": 6.5}, "units takes values like 128. Received: 6.5"),
            ({"units": [8, "many"]}, "units takes values like 128. Received: 'many'"),
            ({"dropout": float("nan")}, "dropout takes values like 0.5"),
        ],
    )
    def test_bad(self, given, message):
        with pytest.raises(ValueError, match=message):
            self.space(**given)

    def test_a_tuple_that_is_a_value(self):
        space, fixed = spaces.space_of(
            lstm_zoo.tasks.forecasting, "segment", {"seasons": (24, 168), "segment": "12:24"}
        )
        assert fixed == {"seasons": (24, 168)}
        assert spaces.described(space)["segment"] == [12, 24]

    @pytest.mark.parametrize("model", lstm_zoo.list_models())
    def test_every_network_has_one(self, model):
        _, network = lstm_zoo.registry.resolve(model)
        space, _ = spaces.space_of(lstm_zoo.registry.task_module(model), network, {})
        assert {"learning_rate", "batch", "units"} < spaces.described(space).keys()


class TestBadInput:
    """A clear error, before anything is trained or written."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"tuner": "bayes"}, "Unknown tuner: 'bayes'. Did you mean 'bayesian'?"),
            ({"trials": 0}, "trials is above 0. Received: 0"),
            ({"minutes": -1}, "minutes is above 0. Received: -1"),
            ({"max_parameters": 0}, "max_parameters is above 0"),
            ({"trials": None}, "A budget is needed: trials, minutes or both"),
            ({"name": "sentimant"}, "Did you mean 'sentiment'?"),
            ({"name": None}, "The name of a task is expected"),
            ({"pairs": PAIRS[:2]}, "one example only of the label"),
            ({"units": [4, -8]}, "sentiment/bilstm does not accept .*units=-8"),
            ({"dropout": "0.5:1.5"}, "sentiment/bilstm does not accept .*dropout=1.1"),
            ({"depth": [0, 1]}, "sentiment/bilstm does not accept .*depth=0.*depth is at least 1"),
            ({"batch": [0, 8]}, "batch is above 0. Received: 0"),
            ({"max_parameters": 10}, "No network of the space has at most 10 parameters"),
        ],
    )
    def test_bad(self, tmp_path, monkeypatch, options, message):
        monkeypatch.setattr(workers, "train_trial", None)
        with pytest.raises(ValueError, match=message):
            search(tmp_path / "search", **options)
        assert not (tmp_path / "search").exists()

    def test_objective(self, tmp_path, monkeypatch):
        monkeypatch.setattr(workers, "train_trial", None)
        with pytest.raises(ValueError, match="Unknown objective: 'val_acuracy'. Did you mean 'val_accuracy'?"):
            search(tmp_path / "search", objective="val_acuracy")

    def test_some_of_the_variables(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
        with pytest.raises(ValueError, match="Not set: KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT"):
            search(tmp_path / "search")

    def test_another_search_in_the_folder(self, tmp_path, quick):
        folder = tmp_path / "search"
        search(folder, trials=2)
        for options, message in (
            ({"units": [4, 16]}, r"holds another search, .*space was .*'units': \[4, 8\].*, is .*'units': \[4, 16\]"),
            ({"pairs": PAIRS[:-4]}, "data was"),
            ({"seed": 1}, "seed was 0, is 1"),
            ({"tuner": "grid"}, "tuner was 'random', is 'grid'"),
        ):
            with pytest.raises(ValueError, match=message):
                search(folder, **{"trials": 2, **options})
        settings = json.loads((folder / "search.json").read_text())
        settings["versions"]["lstm_zoo"] = "0.0.1"
        (folder / "search.json").write_text(json.dumps(settings))
        with pytest.raises(ValueError, match="versions was .*0.0.1"):
            search(folder, trials=2)
        assert len(records(folder)) == 2

    def test_a_folder_of_something_else(self, tmp_path, quick, trained):
        with pytest.raises(ValueError, match="holds something else than a search"):
            search(trained[1], trials=2)


class TestLedger:
    """Counting, budgets, and going on."""

    @pytest.mark.parametrize("tuner", tuning.TUNERS)
    def test_the_first_is_the_default_and_none_comes_twice(self, tmp_path, quick, tuner):
        folder = tmp_path / "search"
        best = search(folder, tuner=tuner, trials=12, epochs=4)
        found = records(folder)
        assert [record["id"] for record in found] == [f"{number:04d}" for number in range(12)]
        first = {"units": 8, "dropout": 0.5, "learning_rate": 0.002}
        assert {name: found[0]["values"][name] for name in first} == first
        assert len({json.dumps(record["values"]) for record in found}) == 12
        scores = [record["score"] for record in found]
        winner = found[scores.index(min(scores))]
        assert best["learning_rate"] == winner["values"]["learning_rate"]

    @pytest.mark.parametrize("tuner", tuning.TUNERS)
    def test_kills_at_every_point_change_nothing(self, tmp_path, quick, monkeypatch, tuner):
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

        monkeypatch.setattr(oracles, "write", cut(oracles.write))
        monkeypatch.setattr(workers, "train_trial", cut(quick))
        for _ in range(200):
            try:
                search(tmp_path / "cut", **options)
                break
            except KeyboardInterrupt:
                continue
        assert cuts > 5
        assert told(tmp_path / "cut") == told(tmp_path / "whole")

    def test_hyperband_goes_on_with_the_best(self, tmp_path, quick):
        folder = tmp_path / "search"
        search(folder, tuner="hyperband", trials=20, epochs=9)
        found = {record["id"]: record for record in records(folder)}
        assert found["0000"]["values"]["tuner/epochs"] == 9
        promoted = [record for record in found.values() if "tuner/trial_id" in record["values"]]
        assert promoted
        for record in promoted:
            parent = found[record["values"]["tuner/trial_id"]]
            assert parent["values"]["tuner/epochs"] < record["values"]["tuner/epochs"]
            assert parent["values"]["units"] == record["values"]["units"]

    def test_a_larger_budget_goes_on(self, tmp_path, quick):
        search(tmp_path / "once", trials=6)
        search(tmp_path / "twice", trials=2)
        search(tmp_path / "twice", trials=6)
        assert told(tmp_path / "twice") == told(tmp_path / "once")

    def test_a_grid_ends_by_itself(self, tmp_path, quick):
        search(tmp_path / "search", tuner="grid", trials=None, dropout=[0.1, 0.5], learning_rate=[0.01, 0.002])
        found = [tuple(record["values"].values()) for record in records(tmp_path / "search")]
        assert len(set(found)) == len(found) == 8

    def test_oversize_networks_use_up_no_trial(self, tmp_path, quick):
        options = {"units": [4, 8, 16, 32], "trials": 6, "max_parameters": 2000}
        search(tmp_path / "search", **options)
        found = records(tmp_path / "search")
        assert len(found) == 6
        # The default is measured whatever its size.
        assert found[0]["values"]["units"] == 32
        assert not found[0]["eligible"]
        assert {record["values"]["units"] for record in found[1:]} <= {4, 8}
        assert all(0 < record["parameters"] <= 2000 for record in found[1:])
        best = json.loads((tmp_path / "search" / "best.json").read_text())
        assert best["refused"] > 0
        assert best["trial"] != "0000"

    def test_time(self, tmp_path, quick, monkeypatch):
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

    def test_nothing_was_completed(self, tmp_path, quick, monkeypatch):
        def fail(study, trial_id, values, worker, state):
            return {
                **quick(study, trial_id, values, worker, state),
                "status": "FAILED",
                "score": None,
                "reason": f"MemoryError: {trial_id}",
            }

        monkeypatch.setattr(workers, "train_trial", fail)
        with pytest.raises(ValueError, match="No trial in .* gave a result; trial 0000: MemoryError: 0000"):
            search(tmp_path / "search", trials=5)
        assert [record["status"] for record in records(tmp_path / "search")] == ["FAILED"] * 5

    def test_the_table_while_it_runs(self, tmp_path, quick, monkeypatch):
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=True, width=160)
        monkeypatch.setattr(reports, "Console", lambda: console)
        monkeypatch.setattr(workers, "PULSE", 0.05)

        def slow(study, trial_id, values, worker, state):
            state["progress"] = 0.75
            time.sleep(0.7)  # a table twice a second
            return quick(study, trial_id, values, worker, state)

        monkeypatch.setattr(workers, "train_trial", slow)
        search(tmp_path / "search", trials=2, verbose=True)
        shown = screen.getvalue()
        assert "trial 0001 on alone" in shown
        assert "75%" in shown
        assert "1/2" in shown
        assert "best val_loss" in shown

    def test_the_table_fits_a_terminal_whatever_the_space(self):
        default = {f"hyperparameter_{place}": 0.1 * place for place in range(12)}
        settings = {"space": default, "objective": "val_loss", "direction": "min"}
        record = {"status": "COMPLETED", "eligible": True, "epochs": 8, "seconds": 61.4}
        trials = [
            {"id": "0000", "values": default, "score": 0.5, **record},
            {"id": "0001", "values": {**default, "hyperparameter_3": 7}, "score": 0.25, **record},
            {"id": "0002", "values": default, "score": None, **record, "status": "RUNNING"},
        ]
        screen = io.StringIO()
        Console(file=screen, width=80).print(reports.table(settings, trials))
        shown = " ".join(screen.getvalue().replace("│", " ").split())
        assert "…" not in shown
        assert all(f"hyperparameter {place}" in shown for place in range(12))
        assert "0001 hyperparameter 3 7 0.25 8 61 s 0.25" in shown

    def test_without_keras_tuner(self, tmp_path, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(ImportError, match=r"pip install 'lstm_zoo\[search\]'"):
            search(tmp_path / "search")

    def test_one_process_at_a_time(self, tmp_path, quick, monkeypatch):
        errors = []

        def second(study, *rest):
            with pytest.raises(ValueError, match="Another process is searching in") as error:
                search(study.folder, trials=1)
            errors.append(error)
            return quick(study, *rest)

        monkeypatch.setattr(tuning, "GRACE", 0.1)
        monkeypatch.setattr(workers, "train_trial", second)
        search(tmp_path / "search", trials=1)
        assert errors


class TestTrial:
    """One trial."""

    def test_an_interrupted_one_goes_on_from_its_last_epoch(self, tmp_path, monkeypatch):
        options = {"units": 8, "dropout": 0.5, "learning_rate": 0.01, "tuner": "grid", "epochs": 3}
        search(tmp_path / "whole", **options)
        begun = []
        on_epoch_begin = trials.Watch.on_epoch_begin

        def watched(self, epoch, logs=None):
            begun.append(epoch)
            if begun == [0, 1]:
                raise KeyboardInterrupt
            on_epoch_begin(self, epoch, logs)

        monkeypatch.setattr(trials.Watch, "on_epoch_begin", watched)
        with pytest.raises(KeyboardInterrupt):
            search(tmp_path / "cut", **options)
        search(tmp_path / "cut", **options)
        assert begun == [0, 1, 1, 2]
        assert told(tmp_path / "cut") == told(tmp_path / "whole")

    def test_one_that_kills_its_process_fails_in_the_end(self, tmp_path):
        for _ in range(trials.MOST_ATTEMPTS):
            trials._count_attempts(tmp_path)
        with pytest.raises(RuntimeError, match="begun 25 times and ended each time before epoch 1 was finished"):
            trials._count_attempts(tmp_path)
        (tmp_path / "checkpoint").mkdir()
        (tmp_path / "checkpoint" / "state.json").write_text('{"history": [{}]}')
        trials._count_attempts(tmp_path)  # an epoch further

    def test_two_workers_never_write_to_one_folder(self, tmp_path):
        study = type("Study", (), {"folder": tmp_path})
        with trials._folder(study, "0003", "worker1") as first, trials._folder(study, "0003", "worker2") as second:
            assert [first.name, second.name] == ["0003", "0003-worker2"]
        with trials._folder(study, "0003", "worker2") as again:
            assert again.name == "0003"


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
    given = {**FIXED, "units": [4, 8]}
    study = tuning._study("sentiment", PAIRS, None, given, tmp_path / "search", "val_loss", 2, 2, 0, None, "random")
    study.folder.mkdir()
    return study, lambda trials=6: tuning._opened(study, "random", trials, None)


class TestWorkers:
    """Chief and workers, over KerasTuner's messages."""

    def in_threads(self, study, names):
        threads = [
            threading.Thread(target=workers.work, args=(study, workers.Remote(), name), daemon=True) for name in names
        ]
        for thread in threads:
            thread.start()
        return threads

    def test_two_workers_that_start_first(self, study, remote, tmp_path, quick, monkeypatch):
        study, opened = study
        monkeypatch.setattr(workers, "train_trial", lambda *given: time.sleep(0.2) or quick(*given))
        threads = self.in_threads(study, ["worker1", "worker2"])
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
        assert told(study.folder) == told(tmp_path / "alone")

    def test_a_dead_worker_s_trial_is_done_by_another(self, study, remote):
        study, opened = study
        oracle = opened()
        with workers.served(oracle):
            lost = workers.Remote().create_trial("dead")
            assert lost.trial_id == "0000"
            threads = self.in_threads(study, ["alive"])
            workers.wait(oracle)
        threads[0].join(10)
        assert [record["worker"] for record in oracle.records] == ["alive"] * 6
        assert {record["status"] for record in oracle.records} == {"COMPLETED"}

    def test_signs_of_life_keep_a_trial(self, study, remote, quick, monkeypatch):
        study, opened = study
        # One trial takes longer than a silent worker may be silent.
        monkeypatch.setattr(workers, "train_trial", lambda *given: time.sleep(2.5) or quick(*given))
        oracle = opened(trials=1)
        with workers.served(oracle):
            threads = self.in_threads(study, ["slow"])
            time.sleep(0.5)
            assert workers.Remote().create_trial("idle").status == "IDLE"
            workers.wait(oracle)
        threads[0].join(10)
        assert [record["worker"] for record in oracle.records] == ["slow"]

    def test_a_chief_that_is_restarted_loses_nothing(self, study, remote, quick, monkeypatch):
        study, opened = study
        monkeypatch.setattr(workers, "train_trial", lambda *given: time.sleep(0.3) or quick(*given))
        first = opened()
        with workers.served(first):
            threads = self.in_threads(study, ["worker1", "worker2"])
            while sum(record["status"] == "COMPLETED" for record in first.records) < 3:
                time.sleep(0.01)
        before = [record for record in records(study.folder) if record["status"] == "COMPLETED"]
        time.sleep(0.5)  # trials end while no chief is there to hear it
        second = opened()
        with workers.served(second):
            workers.wait(second)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        assert len(before) >= 3
        assert [record for record in second.records if record in before] == before
        assert [record["status"] for record in second.records] == ["COMPLETED"] * 6

    def test_a_result_counts_once(self, study, remote):
        study, opened = study
        oracle = opened()
        with workers.served(oracle):
            chief = workers.Remote()
            trial = chief.create_trial("worker1")
            assert (
                chief.create_trial("worker1").trial_id == trial.trial_id
            )  # asked twice: the answer may have been lost
            for score in (1.0, 0.5):
                result = {"status": "COMPLETED", "score": score, "metrics": {}, "seconds": 1.0}
                trial.hyperparameters.values = {"tuner/result": json.dumps(result)}
                chief.end_trial(trial)
        assert [record["score"] for record in oracle.records] == [1.0]

    def test_values_arrive_as_they_were_sent(self, study, remote):
        study, opened = study
        oracle = opened()
        with workers.served(oracle):
            for number in range(3):
                trial = workers.Remote().create_trial(f"worker{number}")
                arrived = {name: spaces.tidy(value) for name, value in trial.hyperparameters.values.items()}
                assert arrived.pop("tuner/search") == study.fingerprint
                assert arrived == oracle.records[number]["values"]

    def test_a_worker_with_other_data(self, study, remote):
        study, opened = study
        with workers.served(opened()):
            study.settings["data"] = "other"
            with pytest.raises(ValueError, match="searches with other settings or other data"):
                workers.work(study, workers.Remote(), "worker1")

    def test_a_worker_gives_up_in_the_end(self, study, remote, monkeypatch):
        monkeypatch.setattr(workers, "PATIENCE", 0.5)
        with pytest.raises(ConnectionError, match=f"No answer from the chief at 127.0.0.1:{remote}"):
            workers.work(study[0], workers.Remote(), "worker1")

    def test_a_busy_port(self, tmp_path, quick, remote, monkeypatch):
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", remote))
            listener.listen()
            with pytest.raises(ValueError, match=f"cannot listen at 127.0.0.1:{remote}: the port is taken"):
                search(tmp_path / "search", trials=2)


@pytest.fixture
def data(tmp_path):
    """The pairs as a file, which every process of a search reads."""
    path = tmp_path / "pairs.csv"
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in PAIRS))
    return path


def words(data, folder, *more):
    """A command line of a tiny search."""
    fixed = [word for name, value in FIXED.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    options = ["--data", data, "--folder", folder, "--tuner", "random", "--epochs", 2, "--units", "4,8", *fixed, *more]
    return ["sentiment", *map(str, options)]


def processes(folder):
    """KERASTUNER_TUNER_ID -> process id of the processes whose command line names a folder."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (path / "cmdline").read_bytes():
                variables = (path / "environ").read_bytes().split(b"\0")
                names = [one.partition(b"=")[2].decode() for one in variables if one.startswith(b"KERASTUNER_TUNER_ID")]
                found[names[0] if names else ""] = int(path.name)
        except OSError:
            continue  # it ended
    return found


def until(condition, seconds=240):
    """Wait until a function's answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def state(folder):
    """Records of a search whose processes are at work, none before it began."""
    return records(folder) if (folder / "state.json").exists() else []


def test_processes_share_the_trials_and_are_gone_at_the_end(tmp_path, data):
    folder = tmp_path / "search"
    finished = subprocess.run(
        [sys.executable, ROOT / "scripts" / "search.py", *words(data, folder, "--trials", 3, "--workers", 2)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "best val_loss" in finished.stdout
    assert json.loads((folder / "best.json").read_text())["command"].endswith("--trials 3 --workers 2")
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 3
    assert {record["worker"] for record in records(folder)} <= {"worker1", "worker2"}
    assert not processes(folder)


def test_bad_input_ends_all_processes(tmp_path, data):
    command = words(data, tmp_path / "search", "--colour", "red", "--workers", 2)
    finished = subprocess.run(
        [sys.executable, ROOT / "scripts" / "search.py", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode in (1, 2)
    assert "Unknown hyperparameter: 'colour'" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not processes(tmp_path / "search")


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path, data):
    """While it imports, checks, trains or writes: up to the time that the start and some trials take."""
    chance = random.Random(0)
    command = [sys.executable, "-m", "lstm_zoo", "search"]
    begun = time.monotonic()
    subprocess.run([*command, *words(data, tmp_path / "whole", "--trials", 20)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - begun
    folder = tmp_path / "killed"
    at = []
    while len(at) < 20:
        process = subprocess.Popen([*command, *words(data, folder, "--trials", 20)], stdout=subprocess.DEVNULL)
        try:
            assert process.wait(chance.uniform(0, seconds / 8)) == 0  # it was too fast to be killed
            break
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            at.append(len(state(folder)))
    print("trials begun at each kill:", at)
    assert len(at) >= 10
    subprocess.run([*command, *words(data, folder, "--trials", 20)], check=True, stdout=subprocess.DEVNULL)
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 20
    assert len({record["id"] for record in records(folder)}) == 20
    assert told(folder) == told(tmp_path / "whole")
    best, same = (json.loads((place / "best.json").read_text()) for place in (folder, tmp_path / "whole"))
    assert (best["score"], best["hyperparameters"]) == (same["score"], same["hyperparameters"])


@pytest.mark.slow
def test_a_worker_killed_and_a_chief_restarted_as_on_a_cluster(tmp_path, data):
    folder, port = tmp_path / "search", free_port()
    command = [sys.executable, "-m", "lstm_zoo", "search", *words(data, folder, "--trials", 8, "--epochs", 6)]

    def start(name):
        variables = dict(zip(workers.VARIABLES, (name, "127.0.0.1", str(port))))
        return subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)

    running = {name: start(name) for name in ("first", "second")}
    time.sleep(5)  # workers that start before the chief
    running["chief"] = start("chief")
    until(lambda: any(one["worker"] == "first" and one["progress"] > 0 for one in state(folder)))
    lost = next(one["id"] for one in state(folder) if one["worker"] == "first" and one["status"] == "RUNNING")
    running["first"].kill()
    until(lambda: sum(one["status"] == "COMPLETED" for one in state(folder)) >= 2)
    running["chief"].kill()
    running["chief"].wait()
    before = [one for one in state(folder) if one["status"] == "COMPLETED"]
    time.sleep(3)
    running["chief"] = start("chief")
    assert running["chief"].wait(400) == 0
    assert running["second"].wait(30) == 0
    after = records(folder)
    assert [one["status"] for one in after] == ["COMPLETED"] * 8
    assert [one for one in after if one in before] == before
    assert next(one["worker"] for one in after if one["id"] == lost) == "second"
    assert not processes(folder)


@pytest.mark.slow
def test_what_is_killed_on_this_machine_starts_again(tmp_path, data):
    folder = tmp_path / "search"
    command = [sys.executable, ROOT / "scripts" / "search.py", *words(data, folder, "--trials", 8, "--workers", 2)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until(lambda: len(state(folder)) >= 2)
    os.kill(processes(folder)["worker1"], signal.SIGKILL)
    until(lambda: sum(one["status"] == "COMPLETED" for one in state(folder)) >= 3)
    os.kill(processes(folder)["chief"], signal.SIGKILL)
    until(lambda: sum(one["status"] == "COMPLETED" for one in state(folder)) >= 5)
    process.kill()  # and the whole command
    process.wait()
    until(lambda: not processes(folder), 20)
    assert subprocess.run(command, stdout=subprocess.DEVNULL, timeout=400, check=False).returncode == 0
    assert [one["status"] for one in records(folder)] == ["COMPLETED"] * 8
    assert not processes(folder)
