"""tuning/__init__.py: a search measures its gain, and never takes a failed trial for the best."""

import json
import sys

import pytest
from tiny import TINY, runs
from tiny.searches import FIXED, records, search

import lstm_zoo
from lstm_zoo import training, tuning
from lstm_zoo.tuning import workers


class TestSearch:
    """A real one, of three trials."""

    def test_the_best_is_found_and_the_gain_measured(self, searched):
        best, folder, _ = searched
        assert best == {**FIXED, "units": 8, "dropout": 0.1, "learning_rate": 0.03, "epochs": 2}
        written = json.loads((folder / "best.json").read_text())
        assert written["hyperparameters"] == best
        assert written["trial"] == "0001"
        assert written["command"] == tuning.command()
        assert written["score"] < written["default_score"] == records(folder)[0]["score"]
        assert records(folder)[0]["values"] == {"learning_rate": 2e-3}

    def test_a_failed_trial_is_recorded_with_its_reason(self, searched):
        failed = records(searched[1])[2]
        assert failed["status"] == "FAILED"
        assert failed["reason"].startswith("FloatingPointError: The loss is not finite in epoch 1")
        assert failed["score"] is None

    def test_train_takes_the_best(self, searched, tmp_path, monkeypatch):
        _, folder, _ = searched
        options = {"hyperparameters": folder / "best.json", "verbose": False}
        lstm_zoo.train("sentiment/bilstm", runs.PAIRS, folder=tmp_path / "run", **options)
        assert min(float(row["val_loss"]) for row in runs.history(tmp_path / "run")) == records(folder)[1]["score"]
        settings = json.loads((tmp_path / "run" / "settings.json").read_text())
        assert (settings["learning_rate"], settings["batch_size"], settings["epochs"]) == (0.03, 8, 2)

        asked = []
        monkeypatch.setattr(training, "run_epochs", lambda *arguments, **_: asked.append(arguments) or (None, None))
        monkeypatch.setattr(training, "write_pipeline", lambda *_, **__: None)
        own = {"epochs": 1, "batch_size": 4, "learning_rate": 0.01}  # go before those that were found
        lstm_zoo.train("sentiment/bilstm", runs.PAIRS, folder=tmp_path / "own", **options, **own)
        assert own.items() <= asked[0][6].items()

    def test_train_refuses_what_is_not_for_it(self, searched):
        _, folder, _ = searched
        with pytest.raises(ValueError, match="was found for sentiment/bilstm. Expected: sentiment/attention"):
            lstm_zoo.train("sentiment/attention", runs.PAIRS, hyperparameters=folder / "best.json")
        with pytest.raises(ValueError, match=r"a best.json that search wrote. Received: .*trials.csv"):
            lstm_zoo.train("sentiment/bilstm", runs.PAIRS, hyperparameters=folder / "trials.csv")

    def test_a_finished_search_is_not_run_again(self, searched, monkeypatch):
        best, folder, options = searched
        monkeypatch.setattr(workers, "train_trial", None)
        assert search(folder, **options) == best

    def test_no_checkpoint_is_left(self, searched):
        assert not list(searched[1].glob("trials/*/checkpoint"))
        assert (searched[1] / "trials" / "0001" / "curves.png").exists()

    def test_command_line(self, searched, call):
        best, folder, _ = searched
        assert json.loads(call("search", "--report", folder, "--no-verbose", "--json")) == best


class TestBadInput:
    """A clear error, before anything is trained or written."""

    @pytest.fixture(autouse=True)
    def untrained(self, monkeypatch):
        monkeypatch.setattr(workers, "train_trial", None)

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
            ({"pairs": runs.PAIRS[:2]}, "one example only of every label"),
            ({"units": [4, -8]}, "sentiment/bilstm does not accept .*units=-8"),
            ({"dropout": "0.5:1.5"}, "sentiment/bilstm does not accept .*dropout=1.1"),
            ({"depth": [0, 1]}, "sentiment/bilstm does not accept .*depth=0.*depth is at least 1"),
            ({"batch_size": [0, 8]}, "batch_size is above 0. Received: 0"),
            ({"max_parameters": 10}, "No network of the space has at most 10 parameters"),
            ({"objective": "val_acuracy"}, "Unknown objective: 'val_acuracy'. Did you mean 'val_accuracy'?"),
        ],
    )
    def test_bad(self, tmp_path, options, message):
        with pytest.raises(ValueError, match=message):
            search(tmp_path / "search", **options)
        assert not (tmp_path / "search").exists()

    def test_a_batch_counts_what_the_task_counts(self, tmp_path):
        with pytest.raises(ValueError, match="Unknown hyperparameter: 'max_tokens'"):
            search(tmp_path / "search", max_tokens=100)

    def test_from_the_command_line(self, call, tmp_path):
        data = tmp_path / "pairs.csv"
        data.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in runs.PAIRS))
        options = ["--data", data, "--folder", tmp_path / "search", "--colour", "red"]
        error = call("search", "sentiment", *options, code=2)
        assert error.startswith("Error: Unknown hyperparameter: 'colour'")
        assert error.count("\n") == 1
        assert not (tmp_path / "search").exists()

    def test_some_of_the_variables(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
        with pytest.raises(ValueError, match="Not set: KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT"):
            search(tmp_path / "search")

    def test_without_keras_tuner(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "keras_tuner", None)
        with pytest.raises(ImportError, match=r"search needs keras_tuner: pip install 'lstm_zoo\[search\]'"):
            search(tmp_path / "search")

    def test_a_folder_of_something_else(self, trained, quick):
        with pytest.raises(ValueError, match="holds something else than a search"):
            search(trained[1], trials=2)


def test_another_search_in_the_folder(tmp_path, quick):
    folder = tmp_path / "search"
    search(folder, trials=2)
    for options, message in (
        ({"units": [4, 16]}, r"holds another search, .*space was .*'units': \[4, 8\].*, is .*'units': \[4, 16\]"),
        ({"pairs": runs.PAIRS[:-4]}, "data was"),
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


def test_one_process_at_a_time(tmp_path, quick, monkeypatch):
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


def test_the_best_has_the_batch_that_train_takes(tmp_path, quick):
    examples, options = TINY["translation"]["examples"], {"tuner": "random", "trials": 1, "epochs": 1, "verbose": False}
    best = lstm_zoo.search("translation", examples, validation=examples, folder=tmp_path / "search", **options)
    assert best["max_tokens"] == lstm_zoo.translation.TASK.batch_size
    assert "batch_size" not in best
