"""The SavedModel: everything, from raw input to answer, for TensorFlow alone."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Callable

import keras
import tensorflow as tf

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.exporting.formats import Format, Source
from lstm_zoo.exporting.lstms import for_any_machine
from lstm_zoo.registry import get_task, model_of, records_of
from lstm_zoo.weights import archive
from lstm_zoo.weights.checks import is_profile

METADATA = pathlib.PurePath("assets.extra", "lstm_zoo.json")  # in the folder: whose pipeline it holds


def write(source: Source, folder: pathlib.Path) -> None:
    """Write a SavedModel with the signatures of the pipeline and of its network's record."""
    network = networks.clone(source.network, for_any_machine(source.compiled))
    pipeline = networks.with_network(source.pipeline, network)
    archive = keras.export.ExportArchive()
    archive.track(pipeline)
    models = {"serve": pipeline}
    if source.record.inference_network is not None:
        models["encoded"] = source.record.inference_network(network)
    for name, model in models.items():
        is_dict = isinstance(model.input, dict)
        inputs = model.input if is_dict else {tensor.name: tensor for tensor in model.inputs}
        specs = {
            key: tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, name=key) for key, tensor in inputs.items()
        }
        archive.add_endpoint(name, model.call, [specs] if is_dict else [*specs.values()])
    endpoints = {} if source.record.endpoints is None else source.record.endpoints(pipeline, network)
    for name, (function, specs) in endpoints.items():
        archive.add_endpoint(name, function, specs)
    archive.write_out(folder, verbose=False)
    metadata = folder / METADATA
    metadata.parent.mkdir()
    about = {"model": model_of(source.pipeline), "lstm_zoo": lstm_zoo.__version__, **_likeness(source.pipeline)}
    metadata.write_text(json.dumps(about))


def _likeness(pipeline):
    """What a server needs to tell inputs that are unlike those which a pipeline learnt from; nothing, if none can."""
    task, _ = records_of(pipeline)
    if task.known is None:
        return {}
    known = {name: value for name, value in task.known(pipeline).items() if not callable(value)}
    known |= {name: sorted(value) for name, value in known.items() if isinstance(value, frozenset)}
    return {"profile": archive.profile_of(pipeline), "known": known}


def unlike_in(folder: pathlib.Path) -> Callable[..., str | None] | None:
    """A function of inputs that gives a sentence where they are unlike what a SavedModel learnt from; None for one that
    does not tell. What of `Task.known` is a function it takes too."""
    path = folder / METADATA
    about = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    profile = about.get("profile")
    if "known" not in about or not (profile is None or is_profile(profile)):
        return None
    known = {name: frozenset(value) if isinstance(value, list) else value for name, value in about["known"].items()}
    return functools.partial(get_task(about["model"]).unlike, profile=profile, **known)


def model_in(folder: pathlib.Path) -> str | None:
    """The `task/network` of a SavedModel that `write` wrote; None for another one."""
    path = folder / METADATA
    return json.loads(path.read_text(encoding="utf-8"))["model"] if path.exists() else None


FORMAT = Format(write=write, weights=("float32",))
