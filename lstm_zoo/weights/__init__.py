"""Trained pipelines by name: `load` and `save`."""

from __future__ import annotations

import pathlib
import re
import urllib.parse
from typing import TYPE_CHECKING

from lstm_zoo import files, registry
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.weights import archive, catalog, downloads, hub
from lstm_zoo.weights.places import is_address, redacted

if TYPE_CHECKING:
    import keras

_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_row(name: str | pathlib.Path) -> bool:
    """Whether a name, see `load`, means a row of `weights.json`, and not a file."""
    return not str(name).endswith(".keras") and not is_address(str(name))


def locate(name: str | pathlib.Path, sha256: str | None = None) -> pathlib.Path:
    """Path of the `.keras` file that a name means, see `load`, on this machine; its hash, if it is known, is right."""
    name = str(name)
    if name.startswith(("http://", "https://")):
        return downloads.fetch_address(*_address(name, sha256))
    if is_row(name):
        path = downloads.fetch(catalog.find(name), catalog.rows())
    else:
        path = hub.download(name) if is_address(name) else pathlib.Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist, or is not a file.")
    if sha256 is not None:
        _check_hash(path, sha256)
    return path


def _address(name, sha256):
    """An http(s) address and the hash of its file, which may stand behind it: `#sha256=...`."""
    address, fragment = urllib.parse.urldefrag(name)
    hashes = {_checked_hash(each) for each in (sha256, fragment.removeprefix("sha256=")) if each}
    if not urllib.parse.urlsplit(address).path.endswith(".keras"):
        raise ValueError(f"The address of a pipeline is that of a .keras file. Received: {redacted(name)}")
    if not hashes:
        raise ValueError(
            f"A file from {redacted(address)} is checked by its hash: sha256=..., or #sha256=... behind the address. "
            "Received: none"
        )
    if len(hashes) > 1:
        raise ValueError(f"{address} is given two hashes: {', '.join(sorted(hashes))}.")
    return address, hashes.pop()


def _checked_hash(sha256):
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256.lower()):
        raise ValueError(f"A SHA-256 is 64 hexadecimal digits. Received: {sha256!r:.160}")
    return sha256.lower()


def _check_hash(path, sha256):
    import pooch

    if pooch.file_hash(str(path)) != _checked_hash(sha256):
        raise ValueError(f"{path} is another file: its SHA-256 is {pooch.file_hash(str(path))}, not {sha256}.")


@in_float32()
def load(name: str | pathlib.Path, *, sha256: str | None = None, engine: str = "tensorflow") -> keras.Model:
    """A trained pipeline: one keras.Model from raw input to answer.

    Nothing but `.keras` files is read, in Keras' safe mode, and of these only pipelines of the zoo.

    Args:
        name: a task ("sentiment", for its default weights), task/network, the name of a row of `weights.json`
            ("sentiment-bilstm-imdb"), the path of a `.keras` file that `train` wrote, a repository of the Hugging Face
            hub with one, "hf://owner/name", "hf://owner/name@revision" or "hf://owner/name/file.keras", or the http(s)
            address of one, "https://.../mine.keras".
        sha256: of the file, in hexadecimal digits. Of an http(s) address it is needed, and can also stand behind it:
            "https://.../mine.keras#sha256=...".
        engine: what runs its network: "tensorflow"; "onnxruntime", faster on a CPU, with the same answers but for the
            last digits; or "onnxruntime-int8", the fastest, with matrices of 8 bits, which changes answers.

    Returns:
        keras.Model. It takes what the task's pipeline takes, for sentiment a tensor of strings (batch,);
        `lstm_zoo.predict` takes plain Python.

    Raises:
        ValueError: an unknown name or engine, a file whose hash is wrong, that cannot be read, or that is no pipeline.
        FileNotFoundError: a path, repository or address that does not exist; weights that are not on this machine.
        OSError: a download that failed four times.
        ImportError: a package that the task, or the engine, needs is missing.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> pipeline = load("sentiment")
    >>> pipeline(keras.ops.array(["A moving, beautifully shot film."]))["label"]  # [b"positive"]
    """
    import keras

    from lstm_zoo import engines, networks

    check_process()
    engines.check_engine(engine)
    path = locate(name, sha256)
    registry.get_task(archive.model_in(path))  # registers the layers that the file names
    row, record = catalog.find(name) if is_row(name) else catalog.row_of(path), archive.record_in(path)
    if row is not None:  # what its examples were like the file alone tells
        record = {**row, **({"profile": record["profile"]} if "profile" in record else {})}
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
    archive.set_record(pipeline, record)
    if engine == engines.TENSORFLOW:
        networks.compile_in_background(networks.network_of(pipeline))
    return engines.with_engine(pipeline, engine)


def model_named(name: str) -> str:
    """The `task/network` that a name means, see `load`, without a model being loaded: of a file, what it says itself.

    Raises:
        ValueError: an unknown name, or a file that is no pipeline.
        FileNotFoundError: a path, repository or address that does not exist.
    """
    if not is_row(name):
        return archive.model_in(locate(name))
    return catalog.find(name)["network"] if name not in registry.TASKS else "/".join(registry.resolve(name))


def save(pipeline: keras.Model, path: str | pathlib.Path, *, dtype: str = "float32") -> pathlib.Path:
    """Write a pipeline as one `.keras` file, which `load` reads: whole or not at all.

    Args:
        pipeline: what `load` or `train` returned.
        path: path of a new file that ends in `.keras`.
        dtype: what its weights are kept in, "float32" or "float16", half the size. They are float32 again when it is
            loaded; how much the rounding changes, `evaluate` tells.

    Returns:
        pathlib.Path of the file.

    Raises:
        ValueError: something else than a pipeline of the zoo; another ending; another dtype.
        FileExistsError: the file exists.

    Example:

    >>> save(train("sentiment", data=pairs), "mine.keras")
    >>> predict("mine.keras", ["A moving film."])
    """
    from lstm_zoo.engines import in_tensorflow

    path = pathlib.Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"The path of a pipeline ends in .keras. Received: {path}")
    if dtype not in archive.DTYPES:
        raise ValueError(f"dtype is one of {', '.join(archive.DTYPES)}. Received: {dtype!r}")
    files.check_new(path)
    pipeline = in_tensorflow(pipeline)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as part:
        archive.write(pipeline, part, dtype)
    return path
