"""The command line: the verbs of the package with the same words, options read from their signatures.

Only the verb that is called is imported, so that `lstm-zoo list` and `--help` need no TensorFlow.
"""

import importlib
import json
import os
import sys
import warnings
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table

import lstm_zoo
from lstm_zoo import printing
from lstm_zoo.commands import KINDS, command, takes_more

# Command -> the module with its function, and the first line of that function's docstring, which tests compare.
COMMANDS = {
    "build": (
        "building",
        "The bare network of a task: a keras.Model from token ids, frames or values to scores.",
    ),
    "load": ("weights", "A trained pipeline: one keras.Model from raw input to answer."),
    "predict": (
        "inference",
        "Answers of a pipeline for plain Python input or for a file, in the order given.",
    ),
    "train": ("training", "Train a network and return its pipeline."),
    "search": ("tuning", "Search for better hyperparameters than the default ones."),
    "evaluate": ("inference", "Metrics of a pipeline, and of cheap baselines on the same examples."),
    "export": (
        "exporting",
        "Write a pipeline as a SavedModel or a portable folder, or the network within it as ONNX or LiteRT.",
    ),
    "backtest": (
        "backtesting",
        "Forecast series again from earlier points of their past, and measure.",
    ),
    "anomalies": (
        "detecting",
        "Find values that are unusual, each by the forecast of its step from what lies before it.",
    ),
    "inspect": (
        "inspection",
        "What the LSTMs of a pipeline do at every step of one item: gates, memory, what they show.",
    ),
    "memory": (
        "inspection.memory",
        "How far back a pipeline remembers: what its answer hangs on, how fast its units forget, what it has to read.",
    ),
    "info": ("cards", "What is known of a pipeline: its network, what it learnt from, how good it is, and its file."),
    "push": (
        "pushing",
        "Write a pipeline to the Hugging Face hub, with a model card that tells what it is and how good.",
    ),
    "demo": (
        "demonstration",
        "Serve a page to try the published pipelines in, until SIGTERM or Ctrl-C.",
    ),
    "listen": (
        "microphone",
        "Write what somebody says into the microphone, as soon as it is certain, until Ctrl-C.",
    ),
    "serve": ("serving", "Answer HTTP requests until SIGTERM or Ctrl-C, then finish those that were accepted."),
}
ERRORS = (ValueError, TypeError, OSError, FloatingPointError, ImportError, RuntimeError)
# Of verbs that take any option.
MORE = {"allow_extra_args": True, "ignore_unknown_options": True}


def main() -> None:
    """Entry point of `lstm-zoo` and `python -m lstm_zoo`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up messages are not for users
    warnings.showwarning = show_warning
    try:
        application(sys.argv[1:])(prog_name="lstm-zoo")
    except ERRORS as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)


def show_warning(message: Warning | str, *_: Any) -> None:
    """Print a warning as people read it, without the line of the program that it comes from."""
    print(f"Warning: {message}", file=sys.stderr)


def application(words: list[str]) -> typer.Typer:
    """The Typer application for a command line: the command that is called, whole, and the others by name."""
    app = typer.Typer(no_args_is_help=True, add_completion=False)
    app.callback(help=lstm_zoo.__doc__.splitlines()[0])(options_of_all)
    app.command("list")(show_models)
    app.command("weights")(show_weights)
    app.command("download")(download)
    for verb, (module, summary) in COMMANDS.items():
        if words[:1] == [verb] == ["predict"] and names_folder(words[1:]):
            app.command(verb)(predict_portably)
        elif words[:1] == [verb]:
            function = getattr(importlib.import_module(f"lstm_zoo.{module}"), verb)
            app.command(verb, context_settings=MORE if takes_more(function) and verb not in KINDS else {})(
                command(function, words[1:])
            )
        else:
            app.command(verb, help=summary)(lambda: None)
    return app


def names_folder(words: list[str]) -> bool:
    """Whether the pipeline that is named is a portable folder."""
    from lstm_zoo.portable import is_portable

    return any(is_portable(word) for word in words[:1])


def predict_portably(
    folder: Annotated[str, typer.Argument(help="What `lstm-zoo export --format portable` wrote.")],
    raw: Annotated[list[str], typer.Argument(help="Texts, or the paths of WAV files.")],
    scores: Annotated[bool, typer.Option("--scores", help="Add the probability of every label.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Answers of a portable folder, in the order given, by ONNX Runtime: TensorFlow is not imported."""
    from lstm_zoo import portable

    answers = portable.load(folder).predict(raw[0] if len(raw) == 1 else raw, scores=scores)
    if as_json:
        print(json.dumps(answers, ensure_ascii=False))
    else:
        printing.show_answers(raw, answers)


def show_version(asked: bool) -> None:
    """Print the version, and end."""
    if asked:
        print(f"lstm_zoo {lstm_zoo.__version__}")
        raise typer.Exit


def options_of_all(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What `lstm-zoo` takes without a command."""


def show_models() -> None:
    """List the networks and the trained pipelines that there are."""
    from lstm_zoo.weights.catalog import rows

    columns = [Column(name, no_wrap=True) for name in ("network, and its weights", "test score", "MB")]
    table = Table(*columns, box=box.SIMPLE)  # fits 80 columns
    for model in lstm_zoo.list_models():
        table.add_row(model)
        for row in (row for row in rows() if row["network"] == model):
            table.add_row(f"  {row['name']}", printing.score_of(row), f"{row['bytes'] / 1e6:.1f}")
    Console().print(table)


def show_weights(
    verify: Annotated[
        bool, typer.Option(help="Check the hash of every file that is here; exit with 2 if wrong.")
    ] = False,
    clear: Annotated[bool, typer.Option(help="Remove the downloaded files from the cache.")] = False,
) -> None:
    """List the published files: size, score, and the place that each is read from."""
    from lstm_zoo.weights import downloads, places
    from lstm_zoo.weights.catalog import rows

    if clear:
        files, freed = downloads.clear()
        print(f"{files} files, {freed / 1e6:.1f} MB, removed from {places.cache()}")
        return
    table = Table(Column("weights", no_wrap=True), "MB", "test score", "file from")
    folders, broken = {}, []
    for row in rows():
        found = {place: path for place, path in places.paths(row) if path.is_file()}
        wrong = {place for place, path in found.items() if verify and not places.is_whole(path, row)}
        broken += [str(found[place]) for place in wrong]
        state = next((place for place in found if place not in wrong), "not here")
        if state in found:
            folders[state] = places.cache() if state == "cache" else found[state].parent
        marks = [*(["right"] if verify and state in found else []), *(f"{place} wrong" for place in wrong)]
        state = "wheel" if state.startswith("lstm_zoo_weights_") else state  # which one, the lines below tell
        table.add_row(row["name"], f"{row['bytes'] / 1e6:.1f}", printing.score_of(row), ", ".join([state, *marks]))
    Console().print(table)
    for place, folder in folders.items():
        print(f"{place}: {folder}")
    if broken:
        raise ValueError(
            f"Not the published files: {', '.join(broken)}. They are passed over, a cached one is fetched again."
        )


def download(
    names: Annotated[
        list[str] | None, typer.Argument(help="What `load` takes: tasks, task/network, rows, addresses.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every row.")] = False,
) -> None:
    """Fetch published files, so that they can be used without a network."""
    from lstm_zoo.weights import catalog, locate

    if bool(names) == everything:
        raise ValueError("Either names or --all is expected. `lstm-zoo weights` lists the names.")
    missing = []
    for name in [row["name"] for row in catalog.rows()] if everything else names:
        try:
            print(locate(name))
        except OSError as error:
            missing.append(error)
    if missing:
        raise missing[0] if len(missing) == 1 else OSError(f"{missing[0]} And {len(missing) - 1} more are missing.")
