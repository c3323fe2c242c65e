"""Trained pipelines by name: a row of `weights.json` says where the file is and proves what it is."""

import json
import os
import pathlib
import zipfile

from lstm_zoo.registry import TASKS, list_models, networks, unknown
from lstm_zoo.weights.downloads import fetch

ROWS = pathlib.Path(__file__).with_name("weights.json")
# What a row has; nothing may be missing or empty. Where a measure has a signature, as BLEU has, `signature` tells it.
FIELDS = {
    "name": str,
    "network": str,
    "file": str,
    "sha256": str,
    "bytes": int,
    "parameters": int,
    "data": str,
    "data_license": str,
    "license": str,
    "metrics": dict,
    "baselines": dict,
    "command": str,
    "commit": str,
    "seed": int,
    "versions": dict,
    "limits": str,
}
MOST_UNPACKED = 100  # times the size of a .keras file that its parts may take unpacked: beyond, it is a zip bomb


def rows():
    """All rows of `weights.json`."""
    return json.loads(ROWS.read_text(encoding="utf-8"))


def find(name):
    """The row that a name means: a row's name, or a task or task/network, for the first row of it.

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    task, _, network = str(name).partition("/")
    if task in TASKS:
        prefix = f"{task}-{network or networks(task)[0]}-"
    for row in rows():
        if row["name"] == name or (task in TASKS and row["name"].startswith(prefix)):
            return row
    raise unknown("weights", name, [*TASKS, *(row["name"] for row in rows())])


def locate(name):
    """Path of the `.keras` file that a name means, see `load`; the file of a row is checked against its hash."""
    path = pathlib.Path(name) if str(name).endswith(".keras") else fetch(find(name))
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist, or is not a file.")
    return path


def load(name: str):
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

    Example:

    >>> pipeline = load("sentiment")
    >>> pipeline(keras.ops.array(["A moving, beautifully shot film."]))["label"]  # [b"positive"]
    """
    import keras

    from lstm_zoo.registry import task_module, task_of

    path = locate(name)
    for model in list_models():
        task_module(model)  # registers the layers that the file names
    _check_unpacked(path)
    try:
        pipeline = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever the broken part raises: BadZipFile, KeyError, TypeError...
        cause = error
        while cause is not None and not isinstance(cause, ImportError):
            cause = cause.__context__
        if cause is not None:  # a package is missing, and the message says how to get it; Keras wraps it
            raise cause from None
        raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error
    task_of(pipeline)
    return pipeline


def _check_unpacked(path):
    try:
        with zipfile.ZipFile(path) as file:
            unpacked = sum(part.file_size for part in file.infolist())
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error
    if unpacked > MOST_UNPACKED * path.stat().st_size:
        raise ValueError(f"{path} would unpack to {unpacked} bytes, too many for a pipeline of its size.")


def save(pipeline, path: str):
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
    from lstm_zoo.registry import task_of

    path = pathlib.Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"The path of a pipeline ends in .keras. Received: {path}")
    if path.exists():
        raise FileExistsError(f"{path} exists already. Choose another path, or remove it first.")
    task_of(pipeline)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        pipeline.save(whole)
        whole.rename(path)
    finally:
        whole.unlink(missing_ok=True)
    return path
