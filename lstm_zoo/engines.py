"""What the network of a pipeline runs in: TensorFlow, or ONNX Runtime. Its strings, features and searches stay in
TensorFlow."""

from __future__ import annotations

import keras

from lstm_zoo import networks
from lstm_zoo.caching import cached_in_model
from lstm_zoo.contract import unknown
from lstm_zoo.onnx.model import OnnxModel
from lstm_zoo.optional import need
from lstm_zoo.registry import model_of
from lstm_zoo.weights import archive

TENSORFLOW = "tensorflow"
ENGINES = {TENSORFLOW: None, "onnxruntime": "float32", "onnxruntime-int8": "int8"}  # name -> precision of an OnnxModel


def check_engine(engine: str) -> None:
    """Raise an error for an engine that there is not, or that is not installed.

    Raises:
        ValueError: an unknown name.
        ImportError: a package that it needs is missing.
    """
    if engine not in ENGINES:
        raise unknown("engine", engine, list(ENGINES))
    if engine != TENSORFLOW:
        for package in ("onnx", "onnxruntime"):
            need(package, "onnx", f"engine={engine!r}")


def engine_of(pipeline: keras.Model) -> str:
    """The engine that runs the network of a pipeline.

    Raises:
        ValueError: a model that is no pipeline of the zoo.
    """
    model_of(pipeline)
    network = networks.network_of(pipeline)
    precision = network.precision if isinstance(network, OnnxModel) else None
    return next(engine for engine, other in ENGINES.items() if other == precision)


def with_engine(pipeline: keras.Model, engine: str) -> keras.Model:
    """The same pipeline, whose network another engine runs.

    Args:
        pipeline: what `load` or `train` returned. What becomes of its weights later changes no pipeline with ONNX
            Runtime that has answered.
        engine: "tensorflow"; "onnxruntime": the same answers, but for the last digits; "onnxruntime-int8": with
            matrices of 8 bits, which changes answers.

    Raises:
        ValueError: an unknown engine; a model that is no pipeline of the zoo.
        ImportError: the extra `onnx` is not installed.

    Example:

    >>> fast = with_engine(load("sentiment"), "onnxruntime")
    >>> predict(fast, ["A moving film."])
    """
    check_engine(engine)
    if engine == engine_of(pipeline):
        return pipeline
    pipeline = in_tensorflow(pipeline)
    if engine == TENSORFLOW:
        return pipeline
    return _with_network(pipeline, OnnxModel(networks.network_of(pipeline), ENGINES[engine]))


def in_tensorflow(pipeline: keras.Model) -> keras.Model:
    """A pipeline whose network, layer by layer, runs in TensorFlow: itself, or what it was before it got an engine.

    Raises:
        ValueError: a model that is no pipeline of the zoo.
    """
    return pipeline if engine_of(pipeline) == TENSORFLOW else _in_tensorflow(pipeline)


@cached_in_model
def _in_tensorflow(pipeline):
    return _with_network(pipeline, networks.network_of(pipeline).model)


def _with_network(pipeline, network):
    changed = networks.with_network(pipeline, network)
    archive.set_record(changed, archive.record_of(pipeline))
    return changed
