"""The command line: the verbs of the package with the same words, options read from their signatures.

Only the verb that is called is imported, so that `lstm-zoo list` and `--help` need no TensorFlow.
"""

import ast
import importlib
import inspect
import json
import os
import pathlib
import re
import sys
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

import lstm_zoo

COMMANDS = {**lstm_zoo.VERBS, "backtest": "backtesting", "serve": "serving"}  # command -> module
del COMMANDS["list_models"]  # `list`, a table of its own
ERRORS = (ValueError, TypeError, OSError, FloatingPointError, ImportError)
EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}
TABLES = ("predict", "evaluate", "search", "backtest")  # commands whose answer can be printed as JSON


def main():
    """Entry point of `lstm-zoo` and `python -m lstm_zoo`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up messages are not for users
    app = typer.Typer(help=lstm_zoo.__doc__.splitlines()[0], no_args_is_help=True, add_completion=False)
    app.command("list")(show_models)
    app.command("weights")(show_weights)
    app.command("download")(download)
    called = sys.argv[1] if len(sys.argv) > 1 else None
    for verb, module in COMMANDS.items():
        if verb == called:
            function = getattr(importlib.import_module(f"lstm_zoo.{module}"), verb)
            app.command(verb, context_settings=EXTRA if passes_on(function) else {})(command(function))
        else:
            app.command(verb, help=first_line(verb))(lambda: None)
    try:
        app()
    except ERRORS as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)


def passes_on(verb):
    """Whether a verb takes further keywords, the hyperparameters of a network."""
    return any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in inspect.signature(verb).parameters.values()
    )


def first_line(verb):
    """First line of a verb's docstring, read from the source: importing the module could take seconds."""
    module = pathlib.Path(__file__).with_name(COMMANDS[verb])
    source = (module / "__init__.py" if module.is_dir() else module.with_suffix(".py")).read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return ast.get_docstring(functions[verb]).splitlines()[0]


def show_models():
    """List the networks and the trained pipelines that there are."""
    from lstm_zoo.weights import rows

    columns = [Column(name, no_wrap=True) for name in ("network, and its weights", "test score", "MB")]
    table = Table(*columns, box=box.SIMPLE)  # fits 80 columns
    for model in lstm_zoo.list_models():
        table.add_row(model)
        for row in (row for row in rows() if row["network"] == model):
            measure, value = next(iter(row["metrics"]["test"].items()))
            table.add_row(f"  {row['name']}", f"{measure} {cell(value)}", f"{row['bytes'] / 1e6:.1f}")
    Console().print(table)


def show_weights(
    verify: Annotated[
        bool, typer.Option(help="Check the hash of every file that is here; exit with 2 if wrong.")
    ] = False,
    clear: Annotated[bool, typer.Option(help="Remove the downloaded files from the cache.")] = False,
):
    """List the published files: size, score, and whether each is here."""
    from lstm_zoo.weights import downloads, rows

    if clear:
        files, freed = downloads.clear()
        print(f"{files} files, {freed / 1e6:.1f} MB, removed from {downloads.cache()}")
        return
    table = Table(
        Column("weights", no_wrap=True), "MB", "test score", "file", caption=f"files from {downloads.source()}"
    )
    broken = []
    for row in rows():
        path = downloads.place(row)
        measure, value = next(iter(row["metrics"]["test"].items()))
        state = ("cached" if downloads.cache() in path.parents else "here") if path.is_file() else "not here"
        if verify and path.is_file():
            whole = downloads.is_whole(path, row)
            state += ", right" if whole else ", wrong"
            broken += [] if whole else [str(path)]
        table.add_row(row["name"], f"{row['bytes'] / 1e6:.1f}", f"{measure} {cell(value)}", state)
    Console().print(table)
    if broken:
        raise ValueError(
            f"Not the published files: {', '.join(broken)}. A cached one is fetched again at its next use."
        )


def download(
    names: Annotated[list[str] | None, typer.Argument(help="What `load` takes: tasks, task/network, rows.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every row.")] = False,
):
    """Fetch published files, so that they can be used without a network."""
    from lstm_zoo import weights
    from lstm_zoo.weights import downloads

    if bool(names) == everything:
        raise ValueError("Either names or --all is expected. `lstm-zoo weights` lists the names.")
    for row in weights.rows() if everything else [weights.find(name) for name in names]:
        print(downloads.fetch(row))


def command(verb):
    """A Typer command with the parameters of a verb; keywords that the verb passes on come as further `--options`."""
    helps = descriptions(verb)
    signature = inspect.signature(verb)
    parameters = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        kind = str if parameter.annotation is inspect.Parameter.empty else parameter.annotation
        if parameter.default is inspect.Parameter.empty:
            kind = list[str] if name == "raw" else kind
            default = typer.Argument(help=helps.get(name))
        elif name == "name":
            default = typer.Argument(parameter.default, help=helps.get(name))
        else:
            kind = kind | None if parameter.default is None else kind
            default = typer.Option(parameter.default, help=helps.get(name))
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind))
    if verb.__name__ in TABLES:
        option = typer.Option(False, "--json", help="Print JSON instead of a table.")
        parameters.append(inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=option, annotation=bool))
    own = hyperparameters(verb, sys.argv[2:]) if passes_on(verb) else {}
    for name, shown in own.items():
        option = typer.Option(None, **shown)
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=str | None)
        )

    def run(context, as_json=False, **given):
        if verb.__name__ == "predict" and not as_json and show_stream(given):
            return
        chosen = {name: literal(value) for name in own if (value := given.pop(name)) is not None}
        show(verb(**given, **chosen, **keywords(context.args)), given, as_json)

    run.__doc__ = inspect.cleandoc(verb.__doc__.partition("\n    Args:")[0])
    if passes_on(verb):
        run.__doc__ += (
            "\n\nFurther options are hyperparameters of the network: --units 256 --depth 2. "
            f"`lstm-zoo {verb.__name__} {{name}} --help` lists them."
        )
    run.__signature__ = inspect.Signature(parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def hyperparameters(verb, words):
    """Hyperparameter -> how its option is shown, of the network that a command line names; none if it names none.

    They are the keywords of the network's function and, where the verb sees data, of its task's `adapt`.
    """
    from lstm_zoo import registry

    name = next((word for word in words if word in (*registry.TASKS, *registry.list_models())), None)
    if name is None:
        return {}
    task, network = registry.resolve(name)
    home = registry.task_module(name)
    taken, found = inspect.signature(verb).parameters, {}
    for function in (home.NETWORKS[network][0], *([home.adapt] if "data" in taken else [])):
        helps = descriptions(function)
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is parameter.empty or parameter.name in taken or parameter.name in found:
                continue
            found[parameter.name] = {
                "help": helps.get(parameter.name),
                "show_default": str(parameter.default),
                "rich_help_panel": f"Hyperparameters of {task}/{network}",
            }
    return found


def descriptions(function):
    """Argument -> what the docstring of a function says of it, or that of the function which it refers to."""
    import docstring_parser

    entries = {entry.arg_name: entry.description for entry in docstring_parser.parse(function.__doc__).params}
    other = re.match(r"see `(\w+)`", entries.pop("Everything else", ""))
    found = descriptions(function.__globals__[other[1]]) if other and other[1] in function.__globals__ else {}
    return found | {name: text for names, text in entries.items() for name in names.split(", ")}


def literal(text):
    """A Python literal, where the text is one, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def keywords(words):
    """`["--units", "256"]` as `{"units": 256}`: Python literals where they are such, else strings.

    Raises:
        ValueError: a word that is no option, or an option without a value.
    """
    given = {}
    words = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for option, value in zip(words[::2], [*words[1::2], None]):
        if not option.startswith("--") or value is None or value.startswith("--"):
            raise ValueError(f"Pairs of --option value are expected. Received: {' '.join(words)}")
        given[option[2:].replace("-", "_")] = literal(value)
    return given


def show_stream(given):
    """Print answers while they are written; False where they come as a whole."""
    from lstm_zoo.inference import stream

    parts = stream(**given)
    for part in parts or ():
        print(part, end="", flush=True)
    return parts is not None


def show(result, given, as_json):
    """Print what a verb returned: a model's layers, a table of answers or measures, a path."""
    if result is None:
        return
    if hasattr(result, "summary"):
        result.summary()
    elif isinstance(result, pathlib.Path):
        print(result)
    elif hasattr(result, "to_csv"):
        print(result.to_json(orient="records", date_format="iso") if as_json else result.to_csv(index=False), end="")
    elif as_json:
        print(json.dumps(result, ensure_ascii=False))
    elif isinstance(result, dict) and "report" in given:
        for name, value in result.items():  # of a search, which showed its trials itself
            print(f"{name} = {value}")
    elif isinstance(result, dict):
        baselines = result.pop("baselines", {})
        table = Table("measure", "pipeline", *baselines)
        for measure, value in result.items():
            rivals = (cell(rival[measure]) if measure in rival else "" for rival in baselines.values())
            table.add_row(measure, cell(value), *rivals)
        Console().print(table)
    else:
        columns = dict.fromkeys(key for answer in result for key in answer)
        table = Table("input", *columns)
        for raw, answer in zip(given["raw"], result):
            table.add_row(Text(raw), *(cell(answer.get(key)) for key in columns))
        Console().print(table)


def cell(value):
    """A table cell: four digits of a number, two of a large one, `word 0.12` for weighted or timed words."""
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 5 else f"{value:.2f}"
    if value is None:
        return ""
    if isinstance(value, list):
        parts = [tuple(part.values()) if isinstance(part, dict) else part for part in value]
        return Text("  ".join(" ".join([word, *(f"{number:.2f}" for number in numbers)]) for word, *numbers in parts))
    return Text(str(value))  # a user's text is no markup
