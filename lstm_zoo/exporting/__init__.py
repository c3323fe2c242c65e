"""`export`: a pipeline, or the network within it, for machines without lstm_zoo."""

from __future__ import annotations

import importlib.util
import pathlib
import tempfile
from typing import TYPE_CHECKING

from lstm_zoo import files, networks, registry
from lstm_zoo.engines import in_tensorflow
from lstm_zoo.exporting import litert, onnx, portable, saved_model
from lstm_zoo.exporting.formats import Format, Source
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.weights import load

if TYPE_CHECKING:
    import keras

FORMATS = {
    "saved_model": saved_model.FORMAT,
    "onnx": onnx.FORMAT,
    "portable": portable.FORMAT,
    "litert": litert.FORMAT,
}


@in_float32()
def export(
    pipeline: str | keras.Model,
    path: str,
    *,
    format: str = "saved_model",
    weights: str = "float32",
    steps: int | None = None,
    compiled: bool = True,
) -> pathlib.Path:
    """Write a pipeline as a SavedModel or a portable folder, or the network within it as ONNX or LiteRT.

    Args:
        pipeline: what `load` or `train` returned, or a name that `load` takes.
        path: of the folder (saved_model) or file that is written. It must not exist.
        format: "saved_model": everything, raw input to answer; runs with TensorFlow alone, but for pipelines on
            subwords, where `import tensorflow_text` comes before it is loaded. "onnx": the network, from encoded input
            to scores, on any number of rows and steps, for ONNX Runtime alone: a file; of networks that write one
            token, or value, after the other a folder of two, `encoder.onnx` and `step.onnx`. "portable": raw input to
            answer, of some networks, a folder that runs by NumPy and ONNX Runtime alone, see `lstm_zoo.portable`.
            "litert": the network in one file, of sentiment, for LiteRT alone, on one row of any number of steps.
        weights: "float32"; but for saved_model also "float16", half the size, or "int8", a quarter of it.
        steps: for litert: a fixed number of steps, for runtimes that need one; shorter rows are padded with 0.
        compiled: for saved_model: a few rows at once are run in chunks of steps that XLA compiles while it is loaded,
            where TensorFlow has XLA; elsewhere it answers without. False leaves them out: smaller, loaded sooner.

    Returns:
        pathlib.Path of what was written. A SavedModel's signature `serving_default` takes and gives what the pipeline
        does, see the guide of its task; further signatures, like `encoded`, `start` and `stream`, are told there too.

    Raises:
        FileExistsError: the path exists.
        ValueError: something else than a pipeline of the zoo, an unknown format or one that cannot hold what is asked.
        ImportError: a package that the format needs is missing.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> export(load("sentiment"), "saved_model")
    >>> served = tf.saved_model.load("saved_model")
    >>> served.signatures["serving_default"](text=tf.constant(["A moving film."]))["label"]  # [b"positive"]
    """
    check_process()
    path = pathlib.Path(path)
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}. Received: {format!r}")
    chosen = FORMATS[format]
    _check(path, format, chosen, weights, steps)
    if isinstance(pipeline, (str, pathlib.Path)):
        pipeline = load(pipeline)
    pipeline = in_tensorflow(pipeline)
    _, record = registry.records_of(pipeline)
    if not chosen.holds(record):
        formats = " and ".join(name for name, other in FORMATS.items() if other.holds(record))
        others = (model for model in registry.list_models() if chosen.holds(registry.get_network(model)))
        raise ValueError(
            f"{pipeline.name} cannot be exported as {format}, but as {formats}. Networks that can be exported as "
            f"{format}: {', '.join(others)}."
        )

    source = Source(
        pipeline=pipeline,
        network=networks.network_of(pipeline),
        record=record,
        weights=weights,
        steps=steps,
        compiled=compiled,
    )
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and moved there whole: an interrupted export leaves nothing under its name.
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".export-") as scratch:
        whole = pathlib.Path(scratch) / "whole"
        chosen.write(source, whole)
        whole.rename(path)
    return path


def _check(path: pathlib.Path, name: str, chosen: Format, weights: str, steps: int | None) -> None:
    """Refuse what cannot be exported before any work is done."""
    if weights not in chosen.weights:
        raise ValueError(f"The weights of {name} are one of {', '.join(chosen.weights)}. Received: {weights!r}")
    if steps is not None and (not chosen.fixes_steps or not isinstance(steps, int) or steps < 1):
        fixing = ", ".join(other for other, format in FORMATS.items() if format.fixes_steps)
        raise ValueError(f"steps is a whole number of at least 1, for {fixing}; {name} has any. Received: {steps!r}")
    files.check_new(path)
    if missing := [package for package in chosen.packages if importlib.util.find_spec(package) is None]:
        raise ImportError(f"format={name!r} needs {', '.join(missing)}: pip install 'lstm_zoo[{name}]'")
