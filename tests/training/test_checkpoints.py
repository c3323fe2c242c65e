"""training/checkpoints.py: what a kill leaves is enough to go on from."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import keras
import pytest
from tiny import runs

from lstm_zoo import registry, training
from lstm_zoo.training import checkpoints

CHILD = "import json, sys, lstm_zoo; lstm_zoo.train('sentiment/bilstm', **json.loads(sys.argv[1]))"


def test_a_run_that_was_killed_and_cut_short_equals_an_uninterrupted_one(tmp_path, uninterrupted, monkeypatch):
    whole, folder_of_whole, options = uninterrupted
    folder = tmp_path / "run"
    state = folder / "checkpoint" / "state.json"

    # kill -9, at whatever it is doing
    keywords = {"data": runs.PAIRS, "folder": str(folder), "batch_size": 8, "verbose": False, **runs.SIZES, **options}
    process = subprocess.Popen([sys.executable, "-c", CHILD, json.dumps(keywords)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 240
    while not (state.exists() and len(json.loads(state.read_text())["history"]) >= 2):
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed_after = len(json.loads(state.read_text())["history"])
    assert 2 <= killed_after < 6

    # An end within the save of the next epoch but one leaves the epoch before.
    save = keras.Model.save_weights

    def cut(model, path, **kwargs):
        save(model, path, **kwargs)
        if f"epoch-{killed_after + 1}." in str(path):
            path.write_bytes(path.read_bytes()[:1000])
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", cut)
        with pytest.raises(KeyboardInterrupt):
            runs.train(folder, resume=True, **options)
    assert len(runs.history(folder)) == killed_after + 1

    runs.assert_same_weights(runs.train(folder, resume=True, **options), whole)
    rows = runs.history(folder)
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(7)]
    assert rows == runs.history(folder_of_whole)
    # Asked once more, a finished run is loaded.
    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "fit", None)
        runs.assert_same_weights(runs.train(folder, resume=True, **options), whole)


def test_the_warm_up_uses_no_patience_up(tmp_path, monkeypatch):
    # 5 steps an epoch, 30 epochs: the learning rate rises for 15 steps. Validation gets worse from the first epoch on.
    options = {"validation": runs.PAIRS, "epochs": 30, "patience": 2, "learning_rate": 0.03}
    worse = iter(range(100))
    validate = lambda trained, *_: lambda: {"val_loss": float(next(worse))}  # noqa: E731
    task = dataclasses.replace(registry.get_task("sentiment/bilstm"), validator=validate)
    monkeypatch.setattr(training, "get_task", lambda _: task)
    runs.train(tmp_path / "run", **options)
    assert len(runs.history(tmp_path / "run")) == 3 + 2

    # A run that is stopped within its warm-up goes on with it.
    def stop(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    worse = iter(range(100))
    noting = keras.callbacks.LambdaCallback(on_epoch_end=stop)
    with pytest.raises(KeyboardInterrupt):
        runs.train(tmp_path / "stopped", **options, callbacks=[noting])
    runs.train(tmp_path / "stopped", **options, resume=True)
    assert runs.history(tmp_path / "stopped") == runs.history(tmp_path / "run")


def test_of_equal_epochs_the_last_is_kept_and_patience_counts_from_the_first(tmp_path):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile("adam", "mse")
    network.optimizer.build(network.trainable_variables)
    checkpoint = checkpoints.Checkpoint(tmp_path / "run" / "checkpoint", 2, "val_accuracy", max)
    checkpoint.set_model(network)
    kept, ended = [], []
    for epoch, value in enumerate((0.5, 0.9, 0.8, 0.9)):
        checkpoint.on_epoch_end(epoch, {"val_accuracy": value})
        kept.append(checkpoint.best)
        ended.append(checkpoint.finished)
    assert kept == [0, 1, 1, 3]
    assert ended == [False, False, False, True]
    assert [path.name for path in checkpoint.folder.glob("epoch-*")] == ["epoch-3.weights.h5"]
