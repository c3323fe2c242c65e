"""`search`: better hyperparameters than the default ones, by KerasTuner's algorithms, on one process or many.

A search lives in a folder: `search.json` (what was asked for), `state.json` (every trial, see `oracles`), `trials/`
(learning curves, and checkpoints while a trial may go on), and, when it is over, `best.json` (what `train` takes),
`trials.csv`, plots and TensorBoard logs.
"""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import sys
from typing import TYPE_CHECKING, Any

import filelock

from lstm_zoo import files
from lstm_zoo.contract import unknown
from lstm_zoo.optional import need
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.training.preparing import changes, check_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstm_zoo.tables.table import Columns
    from lstm_zoo.tuning.oracles import Ledger
    from lstm_zoo.tuning.studies import Study

TUNERS = ("hyperband", "bayesian", "random", "grid")
GRACE = 5.0  # seconds that a process that was killed may take to be gone


@in_float32()
def search(
    name: str | None = None,
    data: Any = None,
    validation: Any = None,
    *,
    tuner: str = "hyperband",
    trials: int | None = 30,
    minutes: float | None = None,
    max_parameters: float | None = None,
    epochs: int | None = None,
    objective: str = "val_loss",
    patience: int | None = None,
    seed: int = 0,
    folder: str | os.PathLike | None = None,
    report: str | os.PathLike | None = None,
    verbose: bool = True,
    columns: Columns = None,
    delimiter: str | None = None,
    covariates: Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    label_separator: str | None = None,
    **space: Any,
) -> dict[str, Any] | None:
    """Search for better hyperparameters than the default ones.

    The first trial is the default configuration, or what is nearest to it in a narrowed space, so that the gain is
    measured. Killed at any point, the same call goes on: completed trials stay, the interrupted one goes on from its
    last epoch. A trial that fails, because its loss is not finite or its memory runs out, is recorded with its reason
    and never the best.

    On many machines, or many processes of one: set KerasTuner's three environment variables in each,
    KERASTUNER_TUNER_ID ("chief" in one, another name in each of the others), KERASTUNER_ORACLE_IP and
    KERASTUNER_ORACLE_PORT (of the chief in all), and call the same everywhere. The chief hands out trials and trains
    none.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        data: like that of `train`.
        validation: like that of `train`.
        tuner: "hyperband" (many configurations for few epochs, the best for all), "bayesian" (a Gaussian process),
            "random", or "grid" (every combination, the default first).
        trials: the most trials, failed ones among them. None: no limit, with `minutes` or a grid.
        minutes: no trial begins after these, and one that runs is stopped; more minutes let it go on. None: no limit.
        max_parameters: networks with more are refused before training and use up no trial. Only the first trial, the
            default, is run whatever its size; it cannot be the best if it is larger. None: no limit.
        epochs: the most passes over the data of a trial. None: what `train` takes by default.
        objective: what `fit` measures, after "val_": "val_loss", for sentiment also "val_accuracy". A trial's score is
            that of the epoch that `train` keeps.
        patience: stop a trial after this many epochs without a better one, see `train`. None: what `train` takes.
        seed: of the proposals, and of training like that of `train`.
        folder: where the search is kept. None: `runs/search-task-network`.
        report: a folder of a search: show its results, and write its tables and plots again; nothing is trained.
        verbose: show a table of the trials on stderr: while they run, if that is a terminal, and at the end.
        columns, delimiter, covariates, target, label_separator: how a table is read, see `train`.
        space: hyperparameters of the network and of the task's `adapt`, `learning_rate` and `batch_size` (`max_tokens`
            where a batch counts tokens): one value fixes it (`depth=2`), a list is what to choose from
            (`units=[64, 128]`), "low:high" is a range (`learning_rate="1e-4:1e-2"`). The rest of the space is the
            network's own.

    Returns:
        Dict of the best hyperparameters, `learning_rate`, `batch_size` and `epochs` among them, for `train(name,
        **best)` or `train(name, hyperparameters="FOLDER/best.json")`. None in a process that is a worker.

    Raises:
        ValueError: an unknown name, tuner, objective or hyperparameter; an empty range, or one that the network does
            not accept; a budget that is not above 0, or none; data that is malformed or too small to split; a folder of
            another search; a port that is taken; and, in the end, that no trial was completed.
        ConnectionError: a worker that gets no answer from its chief.
        ImportError: a package that the search needs is missing.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> best = search("sentiment", trials=30, max_parameters=2e6, learning_rate="1e-4:1e-2", units=[64, 128])
    >>> pipeline = train("sentiment", **best)
    """
    check_process()
    need("keras_tuner", "search")
    from lstm_zoo.tuning import reports

    if report is not None:
        return reports.report(pathlib.Path(report), verbose)
    if name is None:
        raise ValueError("The name of a task is expected, or report=FOLDER.")
    check_name(name)
    check_options(tuner, trials, minutes, max_parameters, epochs, patience)

    from lstm_zoo.tuning import studies, workers

    role, worker = workers.role()
    study = studies.study_of(
        name,
        data,
        validation,
        space,
        tuner=tuner,
        max_parameters=max_parameters,
        epochs=epochs,
        objective=objective,
        patience=patience,
        seed=seed,
        folder=folder,
        reading={
            "columns": columns,
            "delimiter": delimiter,
            "covariates": covariates,
            "target": target,
            "label_separator": label_separator,
        },
    )
    if role == "worker":
        return workers.work(study, workers.Remote(), worker)
    studies.check_networks(study, space)
    study.folder.mkdir(parents=True, exist_ok=True)
    try:
        held = filelock.FileLock(study.folder / "search.lock").acquire(timeout=GRACE)
    except filelock.Timeout:
        raise ValueError(f"Another process is searching in {study.folder}. Wait, or choose another folder.") from None
    with held:
        oracle = open_oracle(study, tuner, trials, minutes)
        with reports.live(study, oracle, verbose):
            if role == "alone":
                workers.work(study, oracle, worker)
            else:
                with workers.served(oracle):
                    workers.wait(oracle)
        return reports.finish(study, oracle, verbose)


def check_options(
    tuner: str,
    trials: int | None,
    minutes: float | None,
    max_parameters: float | None,
    epochs: int | None,
    patience: int | None,
) -> None:
    """Raise ValueError for an unknown tuner, and for a budget that is not above 0, or none."""
    if tuner not in TUNERS:
        raise unknown("tuner", tuner, TUNERS)
    for option, value in (
        ("trials", trials),
        ("minutes", minutes),
        ("max_parameters", max_parameters),
        ("epochs", epochs),
        ("patience", patience),
    ):
        if value is not None and not value > 0:
            raise ValueError(f"{option} is above 0. Received: {value}")
    if trials is None and minutes is None and tuner != "grid":
        raise ValueError("A budget is needed: trials, minutes or both.")


def command() -> str:
    """The command line of this process as a shell takes it: `python scripts/search.py ...`, `lstm-zoo search ...`."""
    words = sys.orig_argv[1:]
    if words and pathlib.Path(words[0]).is_absolute():  # a script that pip installed
        return shlex.join([pathlib.Path(words[0]).name, *words[1:]])
    return shlex.join(["python", *words])


def open_oracle(study: Study, tuner: str, trials: int | None, minutes: float | None) -> Ledger:
    """The oracle, going on with the search in the folder if there is one.

    Raises:
        ValueError: the folder holds another search, or something else.
    """
    import keras_tuner

    from lstm_zoo.tuning import oracles

    path = study.folder / "search.json"
    if path.exists():
        changed = changes(json.loads(path.read_text(encoding="utf-8")), study.settings)
        if changed:
            raise ValueError(
                f"{study.folder} holds another search, which cannot go on with these settings: {'; '.join(changed)}. "
                "Another folder starts a new one."
            )
    elif any((study.folder / name).exists() for name in ("state.json", "settings.json")):
        raise ValueError(f"{study.folder} holds something else than a search. Choose another folder.")
    files.write_text(path, json.dumps({"command": command(), **study.settings}, indent=2))
    oracle = oracles.oracle_for(
        tuner,
        study.space,
        keras_tuner.Objective(study.objective, study.settings["direction"]),
        seed=study.seed,
        epochs=study.epochs,
    )
    return oracle.open(
        study.folder,
        trials=trials,
        minutes=minutes,
        fits=study.fits,
        fingerprint=study.fingerprint,
        first={"tuner/epochs": study.epochs} if tuner == "hyperband" else {},
    )
