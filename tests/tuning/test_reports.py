"""tuning/reports.py: what people read of a search, while it runs and afterwards."""

import csv
import io
import time

import pytest
from rich.console import Console
from tiny.searches import search

import lstm_zoo
from lstm_zoo import progress
from lstm_zoo.tuning import reports, workers


def test_of_a_folder(searched, tmp_path, capsys):
    best, folder, _ = searched
    for name in ("trials.csv", "hyperparameters.png", "progress.png"):
        (folder / name).unlink()
    assert lstm_zoo.search(report=folder) == best
    printed = capsys.readouterr().err
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


def test_tensorboard(searched):
    pytest.importorskip("tensorboard")
    logs = searched[1] / "tensorboard"
    assert {path.name for path in logs.iterdir()} == {"0000", "0001"}
    assert b"_hparams_/session_start_info" in next((logs / "0001").iterdir()).read_bytes()


def test_the_table_while_it_runs(tmp_path, quick, monkeypatch):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=160)
    monkeypatch.setattr(reports, "Console", lambda stderr: console)
    monkeypatch.setattr(progress, "on_terminal", lambda: True)
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


def test_the_table_fits_a_terminal_whatever_the_space():
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
