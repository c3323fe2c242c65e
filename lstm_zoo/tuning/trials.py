"""One trial: values in, a trained network's score out, going on after a kill from the last epoch."""

from __future__ import annotations

import contextlib
import gc
import json
import pathlib
import shutil
import time
from typing import Any

import filelock
import keras

from lstm_zoo import files
from lstm_zoo.training.loop import run_epochs
from lstm_zoo.tuning.studies import Study

# Attempts to finish an epoch, after which a trial has failed: its memory may be what kills the process. Many, since a
# machine that is taken away time and again looks the same.
MAX_ATTEMPTS = 25


class OutOfTimeError(Exception):
    """The trial was told to stop; it can go on later."""


class Watch(keras.callbacks.Callback):
    """Tells how far a trial has come, and stops it when `state["stop"]` says so."""

    def __init__(self, state, until):
        super().__init__()
        self.state, self.until, self.epoch = state, until, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.state["progress"] = (self.epoch + (batch + 1) / self.params["steps"]) / self.until
        if self.state["stop"]:
            raise OutOfTimeError


def train_trial(
    study: Study, trial_id: str, values: dict[str, Any], worker: str, state: dict[str, Any]
) -> dict[str, Any]:
    """Train the network of a trial and say what became of it.

    Args:
        study: the Study.
        trial_id: of the trial, which names its folder.
        values: of its hyperparameters; those of Hyperband say for how long, and which trial it goes on from.
        worker: name of this process among those of the search.
        state: dict in which `progress` is written, and `stop` is read.

    Returns:
        Dict, what a record gets, see `oracles.Ledger`: of the epoch that `train` would keep.

    Raises:
        OutOfTimeError: `state["stop"]` was set.
    """
    start = time.monotonic()
    result = {"status": "FAILED", "score": None, "reason": None, "metrics": {}, "epochs": 0, "parameters": 0}
    result.update(eligible=False, training_seconds=0.0)
    keras.backend.clear_session()  # else the graphs of all trials stay in memory
    gc.collect()
    try:
        with _folder(study, trial_id, worker) as folder:
            _go_on_from(study, values.get("tuner/trial_id"), folder)
            _count_attempts(folder)
            hyperparameters = study.hyperparameters(values)
            study.preprocessing(hyperparameters)  # before the clock starts and the seed is set
            keras.utils.set_random_seed(study.seed)
            begun = time.monotonic()
            network, preprocessing = study.build(hyperparameters)
            result["parameters"] = network.count_params()
            until = values.get("tuner/epochs", study.epochs)
            _, checkpoint = run_epochs(
                study.task,
                study.record,
                network,
                preprocessing,
                (study.training, study.validating),
                folder,
                {**study.settings, "trial": trial_id, "values": values},
                epochs=study.epochs,
                until=until,
                batch_size=hyperparameters[study.task.batch_option],
                learning_rate=hyperparameters["learning_rate"],
                patience=study.patience,
                seed=study.seed,
                callbacks=[Watch(state, until)],
            )
            result["training_seconds"] = round(time.monotonic() - begun, 3)
        best = checkpoint.history[checkpoint.best]
        result.update(status="COMPLETED", score=best[study.objective], epochs=len(checkpoint.history))
        result["metrics"] = {name: value for name, value in best.items() if name != "epoch"}
        result["eligible"] = study.max_parameters is None or result["parameters"] <= study.max_parameters
    except OutOfTimeError:
        raise
    except Exception as error:  # whatever it is, the other trials can still be run
        memory = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
        result["reason"] = f"{'out of memory: ' if memory else ''}{type(error).__name__}: {error}"[:1000]
    return {**result, "seconds": round(time.monotonic() - start, 3)}


@contextlib.contextmanager
def _folder(study, trial_id, worker):
    """The folder of a trial; another one if a worker that counts as dead is still writing to the first."""
    folder = study.folder / "trials" / trial_id
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        folder = folder.with_name(f"{trial_id}-{worker}")
        folder.mkdir(exist_ok=True)
        lock = filelock.FileLock(folder / "lock")
        lock.acquire()
    try:
        yield folder
    finally:
        lock.release()


def _go_on_from(study, parent, folder):
    """Take the checkpoint of the trial that Hyperband goes on with; without it the epochs are trained again."""
    if parent is None or (folder / "checkpoint").exists():
        return
    checkpoint = study.folder / "trials" / parent / "checkpoint"
    if checkpoint.exists():
        checkpoint.rename(folder / "checkpoint")  # in one step


def _count_attempts(folder):
    """Raise a RuntimeError for a trial that was begun time and again and never came to the end of an epoch."""
    path, state = folder / "attempts.json", folder / "checkpoint" / "state.json"
    epochs = len(json.loads(state.read_text())["history"]) if state.exists() else 0
    before = json.loads(path.read_text()) if path.exists() else {"epochs": -1, "attempts": 0}
    attempts = before["attempts"] + 1 if before["epochs"] == epochs else 1
    if attempts > MAX_ATTEMPTS:
        raise RuntimeError(
            f"begun {MAX_ATTEMPTS} times and ended each time before epoch {epochs + 1} was finished: killed for its "
            "memory?"
        )
    files.write_text(path, json.dumps({"epochs": epochs, "attempts": attempts}))


def forget(folder: pathlib.Path, trial_id: str) -> None:
    """Remove the checkpoints of a trial that will not go on."""
    for checkpoint in folder.glob(f"trials/{trial_id}*/checkpoint"):
        shutil.rmtree(checkpoint, ignore_errors=True)
