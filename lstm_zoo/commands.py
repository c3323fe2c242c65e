"""A verb of the package as a command: its arguments and options, and those of the network that is named."""

import ast
import inspect
import pathlib
import re
import types
import typing
from collections.abc import Callable
from typing import Any

import typer

from lstm_zoo import printing

OBJECTS = ("callbacks",)  # parameters that no word of a command line can be
# Verbs whose answer can be printed as JSON.
JSON = ("predict", "train", "evaluate", "search", "backtest", "anomalies", "inspect", "memory", "info", "push")


def command(verb: Callable, words: list[str]) -> Callable:
    """A Typer command with the parameters of a verb; keywords that it passes on come as further options.

    Args:
        verb: a function of the package.
        words: of the command line, behind the command: one of them names the network whose options there are.
    """
    described = descriptions(verb)
    parameters = [_parameter("context", typer.Context)]
    for name, parameter in inspect.signature(verb).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD or name in OBJECTS:
            continue
        kind, default = _type_of(verb, parameter), parameter.default
        kind = list[str] if name == "raw" else kind
        if default is inspect.Parameter.empty:
            shown = typer.Argument(help=described.get(name))
        elif name in ("name", "raw"):
            shown = typer.Argument(default, help=described.get(name))
        else:
            shown = typer.Option(default, help=described.get(name))
        parameters.append(_parameter(name, kind | None if default is None else kind, shown))
    if verb.__name__ in JSON:
        shown = typer.Option(False, "--json", help="Print JSON instead of a table.")
        parameters.append(_parameter("as_json", bool, shown))
    own = network_options(verb, words) if takes_more(verb) else {}
    if verb.__name__ in KINDS:
        _check_options(verb, words, {*(parameter.name for parameter in parameters), *own, "json", "help"})
    parameters += [_parameter(name, kind | None, shown) for name, (kind, shown) in own.items()]

    def run(context, as_json=False, **given):
        chosen = {name: literal(value) for name in own if (value := given.pop(name)) is not None}
        chosen |= keywords(context.args)
        words = given.get("raw")
        if words:
            check_words(given["name"], words)
            if len(words) > 1 and not as_json and chosen.get("format") is not None:
                raise ValueError(f"--format prints the subtitles of one recording. Received: {len(words)}")
            given["raw"] = words[0] if len(words) == 1 else words
            streams = verb.__name__ == "predict" and not as_json and given["data"] is None and given["target"] is None
            if streams and printing.show_stream(given["name"], given["raw"], given["engine"], **chosen):
                return
        printing.show(verb(**given, **chosen), given | {"raw": words}, as_json)

    run.__doc__ = inspect.cleandoc(verb.__doc__.partition("\n    Args:")[0])
    if takes_more(verb):
        run.__doc__ += f"\n\n`lstm-zoo {verb.__name__} {{name}} --help` also lists the options of that network."
    run.__signature__ = inspect.Signature(parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def check_words(name: str, words: list[str]) -> None:
    """Raise a ValueError for a word that is the name of a file, where the task reads texts."""
    from lstm_zoo.registry import get_task
    from lstm_zoo.text.inputs import check_no_file
    from lstm_zoo.weights import model_named

    if "-" in words:
        raise ValueError("Standard input is read with --data -. Received: - as an item")
    if get_task(model_named(name)).column not in ("path", None):
        for word in words:
            check_no_file(word)


def takes_more(verb: Callable) -> bool:
    """Whether a verb takes further keywords, which the network decides."""
    return any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in inspect.signature(verb).parameters.values()
    )


def _parameter(name, kind, default=inspect.Parameter.empty):
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _type_of(verb, parameter):
    """What an option takes on a command line: of several types the first that a word can be, else a word itself."""
    try:
        annotation = eval(parameter.annotation, inspect.unwrap(verb).__globals__)  # a string: annotations are postponed
    except NameError:  # of a package that only type checkers import
        return str
    kinds = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return next((kind for kind in kinds if kind in (bool, int, float, str)), str)


def network_options(verb: Callable, words: list[str]) -> dict[str, tuple[type, Any]]:
    """Name -> type and Typer option of what a verb takes for the network that a command line names.

    Raises:
        ValueError, FileNotFoundError: a name that means none.
    """
    title, options_of, model_in, *_ = KINDS.get(verb.__name__, ("Hyperparameters", _hyperparameters, _model_among))
    model = model_in(words)
    if model is None:
        return {}
    panel = f"{title} of {model}"
    return {
        name: (kind, typer.Option(None, help=text, show_default=str(default), rich_help_panel=panel))
        for name, (kind, default, text) in options_of(verb, model).items()
    }


def _check_options(verb, words, known):
    """Raise the error of the package for an option that the network does not have: it knows the nearest one."""
    words = words[: words.index("--")] if "--" in words else words
    options = [word[2:].partition("=")[0].replace("-", "_") for word in words if word.startswith("--")]
    for option in options:
        if option.removeprefix("no_") not in known and (model := _model_first(words)) is not None:
            raise KINDS[verb.__name__][3](model, option)


def _model_among(words):
    """The `task/network` that one of the words is a name of; None if none is."""
    from lstm_zoo.registry import MODELS, TASKS, resolve

    name = next((word for word in words if word in (*TASKS, *MODELS)), None)
    return None if name is None else "/".join(resolve(name))


def _model_first(words):
    """The `task/network` of the pipeline, or the SavedModel, that the first word names; None if there is none."""
    from lstm_zoo.weights import model_named

    name = next((word for word in words if not word.startswith("-")), None)
    if name is None or not pathlib.Path(name).is_dir():
        return None if name is None else model_named(name)
    from lstm_zoo.exporting.saved_model import model_in

    return model_in(pathlib.Path(name))


def _hyperparameters(verb, model):
    """The keywords of a network's function and, where the verb sees data, of its task's `adapt`."""
    from lstm_zoo.registry import get_network, get_task

    own = inspect.signature(verb).parameters
    functions = [get_network(model).build, *([get_task(model).adapt] if "data" in own else [])]
    options = {}
    for function in functions:
        described = descriptions(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not parameter.empty and name not in own:
                options.setdefault(name, (str, parameter.default, described.get(name)))
    return options


def _predict_options(_, model):
    """The fields of a network's options record."""
    from lstm_zoo.options import fields_of, type_of
    from lstm_zoo.registry import get_network

    record = get_network(model).options
    return {
        name: (type_of(record, name), field.default, field.metadata["description"])
        for name, field in fields_of(record).items()
    }


def _limits(_, model):
    """The most that requests may ask for of the options that a server limits."""
    from lstm_zoo.serving import limited

    return {
        name: (int, bounds.served_maximum, f"The most that a request may ask for: {description}")
        for name, (bounds, description) in limited(model).items()
    }


def _unknown_option(model, name):
    from lstm_zoo.options import unknown_option

    return unknown_option(model, name)


def _unknown_limit(model, name):
    from lstm_zoo.contract import unknown
    from lstm_zoo.serving import limited

    return unknown(f"option of serve for {model}", name, list(limited(model)))


# Verb that takes no options but those that are known -> what those of the network are, the function that gives them,
# the one that finds the network's name, and that of the error for another one.
KINDS = {
    "predict": ("Options", _predict_options, _model_first, _unknown_option),
    "serve": ("Limits", _limits, _model_first, _unknown_limit),
}


def descriptions(function: Callable) -> dict[str, str]:
    """Argument -> what the docstring of a function says of it, or that of the function which it refers to."""
    import docstring_parser

    entries = {entry.arg_name: entry.description for entry in docstring_parser.parse(function.__doc__).params}
    names_there = inspect.unwrap(function).__globals__
    other = re.match(r"see `(\w+)`", entries.pop("Everything else", ""))
    found = descriptions(names_there[other[1]]) if other and other[1] in names_there else {}
    return found | {name: text for names, text in entries.items() for name in names.split(", ")}


def literal(text: Any) -> Any:
    """A Python literal, where a text is one, else the text; anything else as it is."""
    try:
        return ast.literal_eval(text) if isinstance(text, str) else text
    except (ValueError, SyntaxError):
        return text


def keywords(words: list[str]) -> dict[str, Any]:
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
