"""Trained pipelines by name: `load` and `save`."""

from __future__ import annotations

import json
import pathlib
import zipfile
from typing import TYPE_CHECKING

from lstm_zoo import files, registry
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.weights.catalog import find
from lstm_zoo.weights.downloads import fetch

if TYPE_CHECKING:
    import keras

MAX_UNPACKED = 100  # times the size of a .keras file that its parts may take unpacked: beyond, it is a zip bomb


def locate(name: str) -> pathlib.Path:
    """Path of the `.keras` file that a name means, see `load`; the file of a row is checked against its hash."""
    path = pathlib.Path(name) if str(name).endswith(".keras") else fetch(find(name))
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist, or is not a file.")
    return path


@in_float32()
def load(name: str) -> keras.Model:
    """A trained pipeline: one keras.Model from raw input to answer.

    Args:
        name: a task ("sentiment", for its default weights), task/network, the name of a row of `weights.json`
            ("sentiment-bilstm-imdb"), or the path of a `.keras` file that `train` wrote.

    Returns:
        keras.Model. It takes what the task's pipeline takes, for sentiment a tensor of strings (batch,);
        `lstm_zoo.predict` takes plain Python.

    Raises:
        ValueError: an unknown name, a file whose hash is wrong, that cannot be read, or that is no pipeline.
        FileNotFoundError: a path that does not exist.
        OSError: a download that failed four times.
        ImportError: a package that the task needs is missing.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> pipeline = load("sentiment")
    >>> pipeline(keras.ops.array(["A moving, beautifully shot film."]))["label"]  # [b"positive"]
    """
    import keras

    check_process()
    path = locate(name)
    _check_unpacked(path)
    registry.get_task(_model_in(path))  # registers the layers that the file names
    try:
        pipeline = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever the broken part raises: BadZipFile, KeyError, TypeError...
        cause = error
        while cause is not None and not isinstance(cause, ImportError):
            cause = cause.__context__
        if cause is not None:  # a package is missing, and the message says how to get it; Keras wraps it
            raise cause from None
        raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error
    registry.model_of(pipeline)
    return pipeline


def _check_unpacked(path):
    try:
        with zipfile.ZipFile(path) as file:
            unpacked = sum(part.file_size for part in file.infolist())
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error
    if unpacked > MAX_UNPACKED * path.stat().st_size:
        raise ValueError(f"{path} would unpack to {unpacked} bytes, too many for a pipeline of its size.")


def model_named(name: str) -> str:
    """The `task/network` that a name means, see `load`, without loading anything: of a file, what it says itself.

    Raises:
        ValueError: an unknown name, or a file that is no pipeline.
        FileNotFoundError: a path that does not exist.
    """
    if str(name).endswith(".keras"):
        return _model_in(locate(name))
    return find(name)["network"] if name not in registry.TASKS else "/".join(registry.resolve(name))


def _model_in(path):
    """The `task/network` that a file says itself to hold."""
    try:
        with zipfile.ZipFile(path) as file:
            name = json.loads(file.read("config.json"))["config"]["name"]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error
    model = str(name).replace("-", "/", 1)
    if model not in registry.MODELS:
        raise ValueError(
            f"{path} holds {name!r}. A pipeline of the zoo is expected, as load and train return it: a keras.Model "
            "named task-network."
        )
    return model


def save(pipeline: keras.Model, path: str) -> pathlib.Path:
    """Write a pipeline as one `.keras` file, which `load` reads: whole or not at all.

    Args:
        pipeline: what `load` or `train` returned.
        path: path of a new file that ends in `.keras`.

    Returns:
        pathlib.Path of the file.

    Raises:
        ValueError: something else than a pipeline of the zoo; another ending.
        FileExistsError: the file exists.

    Example:

    >>> save(train("sentiment", data=pairs), "mine.keras")
    >>> predict("mine.keras", ["A moving film."])
    """
    path = pathlib.Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"The path of a pipeline ends in .keras. Received: {path}")
    files.check_new(path)
    registry.model_of(pipeline)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as part:
        pipeline.save(part)
    return path
