"""What people read of a search: a table while it runs; afterwards a CSV, plots, TensorBoard logs and `best.json`."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import json
import math
import pathlib
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from lstm_zoo import files, progress
from lstm_zoo.tuning.oracles import Ledger
from lstm_zoo.tuning.studies import Study
from lstm_zoo.tuning.trials import forget

LATEST = 12  # trials in the table while a search runs

Record = dict[str, Any]  # of a trial, see `oracles.Ledger`
Settings = dict[str, Any]  # of a search, as `search.json` has them


@contextlib.contextmanager
def live(study: Study, oracle: Ledger, verbose: bool) -> Iterator[None]:
    """Show the trials while the block runs."""
    if not (verbose and progress.on_terminal()):  # what cannot be redrawn is printed once, at the end, by `finish`
        yield
        return
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), auto_refresh=False
    )
    bar = bars.add_task("trials", total=oracle.max_trials)

    def rendered():
        records = list(oracle.records)
        bars.update(bar, completed=sum(record["status"] != "RUNNING" for record in records))
        rows = [bars]
        for record in [record for record in records if record["status"] == "RUNNING"]:
            row = Table.grid(padding=(0, 1))
            cells = Text(bar_of(record["progress"])), Text(f"trial {record['id']} on {record['worker'] or 'no worker'}")
            row.add_row(*cells, f"{record['progress']:.0%}")
            rows.append(row)
        return Group(table(study.settings, records, latest=LATEST), *rows)

    # What others print meanwhile stays theirs: Live would send it here.
    others = {"redirect_stdout": False, "redirect_stderr": False}
    console = Console(stderr=True)
    with Live(get_renderable=rendered, console=console, refresh_per_second=2, transient=True, **others):
        yield


def bar_of(share: float, width: int = 24) -> str:
    """A progress bar in plain characters."""
    return "━" * round(share * width) + "╌" * (width - round(share * width))


def finish(study: Study, oracle: Ledger, verbose: bool) -> dict[str, Any]:
    """Write every report, clean up, and return the best hyperparameters."""
    oracle.save()
    best = report(study.folder, verbose)
    for record in oracle.records:
        if record["status"] != "RUNNING":
            forget(study.folder, record["id"])
    return best


def report(folder: pathlib.Path, verbose: bool) -> dict[str, Any]:
    """Write every report of the search in a folder, and return the best hyperparameters; nothing is trained.

    Raises:
        ValueError: the folder holds no search, or no trial of it was completed.
    """
    try:
        settings, state = (json.loads((folder / name).read_text()) for name in ("search.json", "state.json"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ValueError(f"{folder} holds no search: search.json and state.json are expected.") from error
    command = settings.pop("command")
    best = write_all(folder, command, settings, state["records"], state["refused"], state["seconds"])
    if verbose:
        show(folder, settings, state["records"], best)
    return best["hyperparameters"]


def write_all(
    folder: pathlib.Path, command: str, settings: Settings, records: Sequence[Record], refused: int, seconds: float
) -> dict[str, Any]:
    """Write `best.json`, `trials.csv`, the plots and the TensorBoard logs; returns what is in `best.json`.

    Raises:
        ValueError: no trial was completed; the message has the reason of the first that failed.
    """
    write_csv(folder / "trials.csv", settings, records)
    winner = best_of(settings, records)
    if winner is None:
        reasons = [f"trial {record['id']}: {record['reason']}" for record in records if record["status"] == "FAILED"]
        reason = reasons[0] if reasons else "the time was up before the first was finished"
        raise ValueError(f"No trial in {folder} gave a result; {reason}. The same call with a larger budget goes on.")
    values = {name: value for name, value in winner["values"].items() if not name.startswith("tuner/")}
    best = {
        "command": command,
        "name": settings["name"],
        "hyperparameters": {**settings["fixed"], **values, "epochs": settings["epochs"]},
        "objective": settings["objective"],
        "score": winner["score"],
        "default_score": records[0]["score"],
        "metrics": winner["metrics"],
        "parameters": winner["parameters"],
        "trial": winner["id"],
        "trials": {status: sum(record["status"] == status for record in records) for status in ("COMPLETED", "FAILED")},
        "refused": refused,
        "seconds": round(seconds),
        "settings": settings,
    }
    plot(folder, settings, records)
    tensorboard(folder, settings, records)
    files.write_text(folder / "best.json", json.dumps(best, indent=2))
    return best


def best_of(settings: Settings, records: Sequence[Record]) -> Record | None:
    """The record with the best score; of equal ones the first. None if no trial may be the best."""
    candidates = [record for record in records if is_candidate(record)]
    sign = -1 if settings["direction"] == "max" else 1
    return min(candidates, key=lambda record: sign * record["score"], default=None)


def is_candidate(record: Record) -> bool:
    """Whether a trial may be the best: completed, with a finite score, within the limit of parameters."""
    return record["status"] == "COMPLETED" and record["eligible"] and math.isfinite(record["score"])


def table(settings: Settings, records: Sequence[Record], latest: int | None = None) -> Table:
    """A table of trials in their order: values, score, time, and the best so far.

    The first trial is the default; of the others the values that are not the default's, so that spaces of a dozen
    hyperparameters fit a terminal too.
    """
    measured = [Column(name, no_wrap=True) for name in (settings["objective"], "epochs", "time", "best")]
    trials = Table(Column("trial", no_wrap=True), "values (default, then changes)", *measured)
    for place, record in enumerate(records):
        if latest is not None and place < len(records) - latest:
            continue
        best = best_of(settings, records[: place + 1])
        style = "bold" if best is not None and best["id"] == record["id"] else None
        score = (
            "failed" if record["status"] == "FAILED" else number(record["score"]) if record["score"] is not None else ""
        )
        done = record["status"] != "RUNNING"
        values, default = record["values"], records[0]["values"]
        changed = [name for name in settings["space"] if place == 0 or values[name] != default[name]]
        trials.add_row(
            record["id"],
            ", ".join(f"{name.replace('_', ' ')} {number(values[name])}" for name in changed),
            score,
            str(record["epochs"]) if done else "",
            f"{record['seconds']:.0f} s" if done else "",
            number(best["score"]) if best is not None and done else "",
            style=style,
        )
    return trials


def number(value: Any) -> str:
    """Four significant digits of a float, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def show(folder: pathlib.Path, settings: Settings, records: Sequence[Record], best: dict[str, Any]) -> None:
    """Print the table of all trials, the reasons of those that failed, and what the search gained, to stderr."""
    console = Console(stderr=True)
    console.print(table(settings, records))
    for record in records:
        if record["status"] == "FAILED":
            console.print(Text(f"trial {record['id']} failed: {record['reason']}"))
    gain = f"default {number(best['default_score'])}" if best["default_score"] is not None else "the default failed"
    lines = [
        f"best {settings['objective']} {number(best['score'])} in trial {best['trial']}, {gain}",
        f"{best['trials']['COMPLETED']} trials completed, {best['trials']['FAILED']} failed, {best['refused']} "
        f"networks refused for their size, in {best['seconds']} seconds",
        f"train it: lstm-zoo train {settings['name']} --data {settings['dataset'] or '...'} "
        f"--hyperparameters {folder / 'best.json'}",
    ]
    for line in lines:
        console.print(Text(line))


def write_csv(path: pathlib.Path, settings: Settings, records: Sequence[Record]) -> None:
    """All trials, one a row."""
    names = list(settings["space"])
    metrics = sorted({name for record in records for name in record.get("metrics", {})})
    rest = ("epochs", "parameters", "seconds", "training_seconds", "worker", "reason")
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["trial", "status", *names, "score", "best_so_far", *rest, *metrics])
    for place, record in enumerate(records):
        best = best_of(settings, records[: place + 1])
        rows.writerow(
            [
                record["id"],
                record["status"],
                *(record["values"][name] for name in names),
                record["score"],
                best and best["score"],
                *(record.get(name) for name in rest),
                *(record.get("metrics", {}).get(name) for name in metrics),
            ]
        )
    files.write_text(path, text.getvalue())


def plot(folder: pathlib.Path, settings: Settings, records: Sequence[Record]) -> None:
    """`hyperparameters.png`: score against each hyperparameter; `progress.png`: best score over time."""
    done = [record for record in records if record["status"] == "COMPLETED" and math.isfinite(record["score"])]
    names = list(settings["space"]) or ["trial"]
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4 * columns, 3 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for axis, name in zip(axes, names):
        values = [record["values"].get(name, record["id"]) for record in done]
        axis.plot(values[1:], [record["score"] for record in done[1:]], "o", alpha=0.6)
        axis.plot(values[:1], [record["score"] for record in done[:1]], "D", color="black", label="default")
        axis.set(xlabel=name.replace("_", " "), ylabel=settings["objective"])
        choices = settings["space"].get(name, ())
        if len(choices) == 3 and choices[2] == "log":
            axis.set_xscale("log")
            # A range of less than a decade would have its labels one over the other.
            axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.xaxis.set_minor_formatter(NullFormatter())
        axis.legend()
    for axis in list(figure.axes)[len(names) :]:
        axis.remove()
    _save(figure, folder / "hyperparameters.png")

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axis = figure.subplots()
    ended = sorted(done, key=lambda record: record["started"] + record["seconds"])
    minutes = [(record["started"] + record["seconds"] - records[0]["started"]) / 60 for record in ended]
    bests = [best_of(settings, ended[: place + 1]) for place in range(len(ended))]
    axis.plot(minutes, [record["score"] for record in ended], "o", alpha=0.6, label="trial")
    axis.step(minutes, [best["score"] if best else math.nan for best in bests], where="post", label="best so far")
    axis.set(xlabel="minutes since the first trial began", ylabel=settings["objective"])
    axis.legend()
    _save(figure, folder / "progress.png")


def _save(figure, path):
    with files.replacing(path) as part:
        figure.savefig(part, dpi=120)


def tensorboard(folder: pathlib.Path, settings: Settings, records: Sequence[Record]) -> None:
    """`tensorboard/`: a run a trial for TensorBoard's HParams page; nothing without the package tensorboard."""
    if importlib.util.find_spec("tensorboard") is None:
        return
    import tensorflow as tf
    from tensorboard.plugins.hparams import api

    logs = folder / "tensorboard"
    shutil.rmtree(logs, ignore_errors=True)
    for record in records:
        if record["status"] != "COMPLETED":
            continue
        with tf.summary.create_file_writer(str(logs / record["id"])).as_default():
            api.hparams({name: record["values"][name] for name in settings["space"]}, trial_id=record["id"])
            for name, value in record["metrics"].items():
                tf.summary.scalar(name, value, step=record["epochs"])
