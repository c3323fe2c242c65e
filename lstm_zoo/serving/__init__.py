"""`lstm-zoo serve`: a SavedModel behind HTTP, in the REST format of TensorFlow Serving.

curl http://127.0.0.1:8501/v1/models/sentiment:predict -d '{"instances": ["A moving film."]}'
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import tempfile

from lstm_zoo.contract import unknown
from lstm_zoo.engines import TENSORFLOW, check_engine, with_engine
from lstm_zoo.exporting import export, saved_model
from lstm_zoo.listening import listen
from lstm_zoo.optional import need
from lstm_zoo.options import Bounds, check_value, fields_of, type_of
from lstm_zoo.processes import check_process
from lstm_zoo.registry import get_network
from lstm_zoo.weights import is_row, load


def serve(
    name: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    max_bytes: int = 2**20,
    max_instances: int = 1024,
    engine: str = "tensorflow",
    **limits: int,
) -> None:
    """Answer HTTP requests until SIGTERM or Ctrl-C, then finish those that were accepted.

    Args:
        name: folder of a SavedModel that `export` wrote, or what `load` takes. The folder, the file or the task names
            the model in the address: `/v1/models/sentiment:predict`.
        host: address to listen on. "0.0.0.0": every address of the machine.
        port: port to listen on. 0: any free one.
        max_bytes: the largest body of a request; a larger one is refused with status 413.
        max_instances: the most instances in a request; more are refused with status 413.
        engine: what runs the network, see `load`; a SavedModel runs in TensorFlow alone.
        limits: the most that a request may ask for of an option of the network, like `max_new_tokens` of text
            generation; a greater number is refused with status 400. `lstm-zoo serve NAME --help` lists them.

    Raises:
        ValueError, FileNotFoundError: like `load`; a limit that the network does not have; another engine for a
            SavedModel.
        OSError: the port is taken.
        ImportError: the extra `serve`, or that of the engine, is not installed.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> serve("sentiment", port=8501)
    """
    check_process()
    for package in ("uvicorn", "starlette"):
        need(package, "serve")
    from lstm_zoo.serving.application import application, function_of

    check_engine(engine)
    folder, infer = pathlib.Path(name), None
    if folder.is_dir() and engine != TENSORFLOW:
        raise ValueError(f"A SavedModel runs in TensorFlow: {engine} takes a name, or a .keras file. Received: {name}")
    with contextlib.ExitStack() as stack:
        file = folder.is_dir() or not is_row(name)
        served_as = re.split("[@#?]", folder.name)[0].removesuffix(".keras") if file else re.split("[/-]", str(name))[0]
        if not folder.is_dir():
            pipeline = load(name)
            folder = export(pipeline, pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / "saved_model")
            infer = None if engine == TENSORFLOW else function_of(with_engine(pipeline, engine))
        options = {"max_bytes": max_bytes, "max_instances": max_instances, "infer": infer}
        bounds = bounds_of(saved_model.model_in(folder), limits)
        served = application(folder, served_as, bounds=bounds, **options)
        listen(served, host, port, f"/v1/models/{served_as}:predict")


def limited(model: str | None) -> dict[str, tuple[Bounds, str]]:
    """The options of a network, `task/network`, whose values a server limits: name -> bounds and description."""
    return {
        name: (field.metadata["bounds"], field.metadata["description"])
        for name, field in fields_of(_options(model)).items()
        if field.metadata["bounds"].served_maximum is not None
    }


def bounds_of(model: str | None, limits: dict[str, int]) -> dict[str, tuple[type, Bounds]]:
    """Input of a pipeline -> type and bounds of the values that a request may have in it.

    Args:
        model: `task/network`; None for a SavedModel of unknown origin, which has no options.
        limits: option -> the most that a request may ask for, in the place of its `served_maximum`.

    Raises:
        ValueError: a limit of no option that has one, or one that the option cannot have.
    """
    options, known = _options(model), limited(model)
    for name, value in limits.items():
        if name not in known:
            raise unknown(f"limit of {model or 'this model'}", name, list(known))
        check_value(name, value, int, known[name][0])
    bounds = {}
    for name, field in fields_of(options).items():
        own = field.metadata["bounds"]
        maximum = limits.get(name, own.maximum if own.served_maximum is None else own.served_maximum)
        if own.graph_input is not None:
            bounds[own.graph_input] = type_of(options, name), dataclasses.replace(own, maximum=maximum)
    return bounds


def _options(model):
    return None if model is None else get_network(model).options
