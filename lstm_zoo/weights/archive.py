"""A `.keras` file as a ZIP archive: what it says of itself, which is read without a layer being built.

Beside Keras' own parts it holds `record.json`: what the pipeline was trained on, by which command, and how good it is,
see `lstm_zoo.cards`. The weights may be in float16, half the size; Keras reads them into float32 all the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import pathlib
import weakref
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lstm_zoo import registry
from lstm_zoo.weights.checks import RECORD, check_record

if TYPE_CHECKING:
    import h5py
    import keras

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
DTYPES = ("float32", "float16")
MAX_UNPACKED = 100  # times the size of a .keras file that its parts may take unpacked: beyond, it is a zip bomb
MAX_RECORD = 2**20  # bytes
# Keras' own ways to run what is no layer: code, graphs and networks of others.
FOREIGN = ("Lambda", "__lambda__", "__typespec__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
# Pipeline -> its record, and the hash of the weights that it is about.
_records: weakref.WeakKeyDictionary[keras.Model, tuple[dict[str, Any], str]] = weakref.WeakKeyDictionary()
# Network -> the record of the pipeline that it came with, whatever search for its answers is around it.
_origins: weakref.WeakKeyDictionary[keras.Model, dict[str, Any]] = weakref.WeakKeyDictionary()
INHERITED = ("name", "network", "data", "data_license", "sha256", "begun_from")  # what is told of what it began as


def record_of(pipeline: keras.Model) -> dict[str, Any]:
    """What is known of a pipeline's training: empty for one that `train` did not return, nor `load`.

    Of one whose weights are others by now it is what it began as: no score is its own. Of a network with another search
    around it too, and the profile of what it learnt from.
    """
    record, weights = _records.get(pipeline, (None, None))
    if record is None:
        record, stays = _origins.get(_network_of(pipeline), {}), ("network", "profile")
    else:
        stays = ("network", "hyperparameters")
    if not record or weights == _hash_of(pipeline):
        return record
    kept = {field: record[field] for field in stays if field in record}
    return {**kept, "begun_from": brief(record.get("name", pipeline.name), record)}


def brief(name: str, record: dict[str, Any]) -> dict[str, Any]:
    """Of the record of a pipeline what its successors tell: what it is called, and where its terms come from."""
    return {"name": name, **{field: record[field] for field in INHERITED if record.get(field) is not None}}


def set_record(pipeline: keras.Model, record: dict[str, Any]) -> None:
    """Say what `record_of` gives for a pipeline as it is now; it goes with it into the files that are written."""
    _records[pipeline] = record, _hash_of(pipeline)
    _origins[_network_of(pipeline)] = record


def profile_of(pipeline: keras.Model) -> dict[str, Any] | None:
    """What the examples were like that a pipeline learnt from, see `Task.profile`; None where its record has no such.

    Every `predict` asks for it: whether the weights are still those, which takes a look at all of them, does not
    matter to the words that a pipeline knows.
    """
    return _origins.get(_network_of(pipeline), {}).get("profile")


def _network_of(pipeline):
    from lstm_zoo.networks import network_of

    return network_of(pipeline)


def target_of(pipeline: keras.Model) -> list[str]:
    """The `target` by which a pipeline learnt from a table, as `profile_of` asks; none where its record has no such."""
    return _records.get(pipeline, ({}, None))[0].get("target") or []


def _hash_of(pipeline):
    """Hash of the weights, but for the states of random generators, which answering may change."""
    import keras

    digest = hashlib.blake2b()
    for weight in pipeline.weights:
        if weight.name != "seed_generator_state":
            digest.update(keras.ops.convert_to_numpy(weight).tobytes())
    return digest.hexdigest()


def write(pipeline: keras.Model, path: pathlib.Path, dtype: str = "float32") -> None:
    """Write a pipeline, its record in it, with its weights in float32 or float16."""
    pipeline.save(path)
    if record := record_of(pipeline):
        with zipfile.ZipFile(path, "a") as file:
            file.writestr(_part(RECORD), json.dumps(record, ensure_ascii=False))
    if dtype == "float16":
        write_in_float16(path, path)


def write_in_float16(source: pathlib.Path, target: pathlib.Path) -> None:
    """Write a `.keras` file again with its weights in float16; the same file gives the same bytes.

    A weight that float16 cannot hold, one with a value beyond 65,504, stays in float32.
    """
    with zipfile.ZipFile(source) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts[WEIGHTS] = _halved(parts[WEIGHTS])
    with zipfile.ZipFile(target, "w") as file:
        for name, content in parts.items():
            file.writestr(_part(name), content)


def _part(name):
    return zipfile.ZipInfo(name)  # of 1980: no time of day makes two files differ


def _halved(content):
    import h5py

    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as old, h5py.File(buffer, "w") as new:
        _copy_halved(old, new)
    return buffer.getvalue()


def _copy_halved(old: h5py.Group, new: h5py.Group) -> None:
    import h5py
    import numpy as np

    new.attrs.update(old.attrs)
    for name, entry in old.items():
        if isinstance(entry, h5py.Group):
            _copy_halved(entry, new.create_group(name))
            continue
        value = entry[()]
        if value.dtype == np.float32:
            with np.errstate(over="ignore"):
                half = value.astype(np.float16)
            value = half if np.isfinite(half).all() else value
        new.create_dataset(name, data=value).attrs.update(entry.attrs)


@contextlib.contextmanager
def _opened(path):
    """A file as a ZIP archive; whatever its broken parts raise within the block is one error, which names the file."""
    with path.open("rb") as stream:
        try:
            with zipfile.ZipFile(stream) as file:
                yield file
        except Exception as error:  # BadZipFile, KeyError, zlib.error, NotImplementedError, RecursionError...
            raise ValueError(f"{path} cannot be read as a .keras file: {error}") from error


def _json(file, part):
    try:
        return json.loads(file.read(part))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{part} is not JSON: {error}") from error


def _names(config):
    """Name of the model that a configuration describes, and those of its layers."""
    match config:
        case {"config": {"name": name, "layers": [*layers]}}:
            return name, [layer.get("name") for layer in layers if isinstance(layer, dict)]
    raise ValueError(f"{CONFIG} describes no model")


def model_in(path: pathlib.Path) -> str:
    """The `task/network` that a file says itself to hold.

    Raises:
        ValueError: a file that cannot be read, that would unpack to far more than its size, that is no pipeline of the
            zoo, or that names what none of them is made of.
    """
    with _opened(path) as file:
        unpacked = sum(part.file_size for part in file.infolist())
        if unpacked > MAX_UNPACKED * path.stat().st_size:
            raise ValueError(f"it would unpack to {unpacked} bytes, too many for a pipeline of its size")
        config = _json(file, CONFIG)
        name, layers = _names(config)
        strange = next(_strangers(config), None)
    model = str(name).replace("-", "/", 1)
    if model not in registry.MODELS or model.partition("/")[2] not in layers:
        raise ValueError(
            f"{path} holds {name!r:.160}. A pipeline of the zoo is expected, as load and train return it: a "
            "keras.Model named task-network, with its network in it."
        )
    if strange is not None:
        raise ValueError(
            f"{path} cannot be read as a .keras file: it names {strange}, and a pipeline of the zoo is made of layers "
            "of Keras and the zoo alone."
        )
    return model


def _strangers(config: Any) -> Iterator[str]:
    """Classes and functions in a configuration that no pipeline of the zoo has: Keras would import their modules."""
    if isinstance(config, list):
        for part in config:
            yield from _strangers(part)
    elif isinstance(config, dict):
        kind, module = config.get("class_name"), config.get("module") or "keras"
        known = str(module).partition(".")[0] in ("keras", "lstm_zoo") or (module, kind) == ("builtins", "function")
        if kind is not None and (kind in FOREIGN or not known):
            yield f"{module}.{kind}"
        for part in config.values():
            yield from _strangers(part)


def record_in(path: pathlib.Path) -> dict[str, Any]:
    """The record that a file holds; empty for one without.

    Raises:
        ValueError: a file that cannot be read, or a record that is no object, or has more than `MAX_RECORD` bytes.
    """
    with _opened(path) as file:
        if RECORD not in file.namelist():
            return {}
        if (size := file.getinfo(RECORD).file_size) > MAX_RECORD:
            raise ValueError(f"its {RECORD} has {size} bytes, too many for a record")
        record = _json(file, RECORD)
        check_record(record)
    return record


def dtype_in(path: pathlib.Path) -> str:
    """In what the weights of a file are kept: "float32", or "float16" if most of them are."""
    import h5py

    sizes = dict.fromkeys(DTYPES, 0)

    def count(_, entry):
        if isinstance(entry, h5py.Dataset) and str(entry.dtype) in sizes:
            sizes[str(entry.dtype)] += entry.size

    with _opened(path) as file, h5py.File(io.BytesIO(file.read(WEIGHTS))) as weights:
        weights.visititems(count)
    return max(DTYPES, key=sizes.get)
