"""`export`: a pipeline as a SavedModel, or its network as ONNX or LiteRT, for machines without lstm_zoo."""

import importlib.util
import pathlib
import tempfile

import keras
import tensorflow as tf

from lstm_zoo import layers, networks
from lstm_zoo.registry import task_of
from lstm_zoo.weights import load

# Format -> the packages that write it.
FORMATS = {"saved_model": (), "onnx": ("onnx", "onnxruntime"), "litert": ()}
WEIGHTS = ("float32", "float16", "int8")


def export(pipeline, path: str, *, format: str = "saved_model", weights: str = "float32", steps: int | None = None):
    """Write a pipeline as a SavedModel, or the network within it as ONNX or LiteRT.

    The LSTMs of a SavedModel are stock ones outside cuDNN: on a GPU machine Keras would bake the cuDNN operation into
    it, which then fails on a CPU (https://github.com/keras-team/keras/issues/18504).

    Args:
        pipeline: what `load` or `train` returned, or a name that `load` takes.
        path: of the folder (saved_model) or file that is written. It must not exist.
        format: "saved_model": everything, raw input to answer; runs with TensorFlow alone, but for translation,
            sentiment/awd and text_generation/awd, where `import tensorflow_text` comes before it is loaded. "onnx" and
            "litert": the network of sentiment/bilstm and sentiment/attention, encoded input to scores; run with ONNX
            Runtime and LiteRT alone, on any number of steps, ONNX on any number of rows, LiteRT on one. The vocabulary
            and the labels lie in the ONNX file's metadata, as JSON.
        weights: "float32"; for onnx and litert also "float16", half the size, or "int8", a quarter of it.
        steps: for litert: a fixed number of steps, for runtimes that need one; shorter rows are padded with 0.

    Returns:
        pathlib.Path of what was written. A SavedModel's signature `serving_default` takes for sentiment `text`, strings
        (batch,), and gives `label`, `score` and `probabilities`, as the pipeline does; its signature `encoded` takes
        `ids` int32 (batch, steps) and gives `probabilities`, as the network in ONNX and LiteRT does. For translation it
        takes `text` and gives `text`, `score`, `texts` and `scores`. For forecasting it takes `history` float64
        (batch, steps) and whatever else the pipeline does, and gives `mean` and `quantiles`. For text_generation it
        takes `prompt`, `length`, `temperature`, `top_k`, `top_p`, `repetition_penalty` and `seed`, (batch,) each, and
        gives `text` and `score`; its signatures `start` and `step` carry the state, see `text_generation.endpoints`.

    Raises:
        FileExistsError: the path exists.
        ValueError: something else than a pipeline of the zoo, an unknown format or one that cannot hold what is asked.
        ImportError: a package that the format needs is missing.

    Example:

    >>> export(load("sentiment"), "saved_model")
    >>> served = tf.saved_model.load("saved_model")
    >>> served.signatures["serving_default"](text=tf.constant(["A moving film."]))["label"]  # [b"positive"]
    """
    path = pathlib.Path(path)
    _check(path, format, weights, steps)
    if isinstance(pipeline, (str, pathlib.Path)):
        pipeline = load(pipeline)
    task = task_of(pipeline)
    if format != "saved_model" and not hasattr(task, "core"):
        raise ValueError(
            f"{format} is for sentiment alone; {pipeline.name} can be exported as saved_model. Networks that can be "
            f"exported as {format}: sentiment/bilstm, sentiment/attention."
        )

    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and moved there whole: an interrupted export leaves nothing under its name.
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".export-") as scratch:
        whole = pathlib.Path(scratch) / "whole"
        network = networks.network_of(pipeline)
        if format == "saved_model":
            stock = _cloned(network, _stock)
            _write_saved_model(task, _swapped(pipeline, network, stock), stock, whole)
        elif format == "onnx":
            _write_onnx(task.core(network), whole, weights, task.legend(pipeline))
        else:
            _write_litert(task.core(_cloned(network, _on_kernel)), whole, weights, steps)
        whole.rename(path)
    return path


def _check(path, format, weights, steps):
    """Refuse what cannot be exported before any work is done."""
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}. Received: {format!r}")
    if weights not in WEIGHTS:
        raise ValueError(f"weights is one of {', '.join(WEIGHTS)}. Received: {weights!r}")
    if format == "saved_model" and weights != "float32":
        raise ValueError(f"A SavedModel has float32 weights; onnx and litert can have others. Received: {weights!r}")
    if steps is not None and (format != "litert" or not isinstance(steps, int) or steps < 1):
        raise ValueError(f"steps is a whole number of at least 1, for litert; {format} has any. Received: {steps!r}")
    if path.exists():
        raise FileExistsError(f"{path} exists already. Choose another path, or remove it first.")
    if missing := [package for package in FORMATS[format] if importlib.util.find_spec(package) is None]:
        raise ImportError(f"format={format!r} needs {', '.join(missing)}: pip install 'lstm_zoo[{format}]'")


class KernelLSTM(layers.LSTM):
    """An LSTM on the zoo's own loop, whose arrays have sizes that LiteRT can read from the graph, unlike Keras'."""

    def path(self, *_, **__):
        return "kernel"


def _on_kernel(layer):
    return KernelLSTM.from_config(layer.get_config()) if isinstance(layer, layers.LSTM) else layer


def _stock(layer):
    if isinstance(layer, layers.LSTM):
        config = keras.layers.LSTM.get_config(layer)  # without what the zoo adds
        return keras.layers.LSTM.from_config({**config, "use_cudnn": False})
    return layer  # shared: it has its weights and its vocabulary


def _cloned(network, clone_function):
    """The same network, weights and all, of other LSTMs."""
    clone = keras.models.clone_model(network, clone_function=clone_function, recursive=True)
    clone.set_weights(network.get_weights())
    return clone


def _swapped(pipeline, network, other):
    """The pipeline with another network in the place of its own."""

    def swap(layer):
        if layer is network:
            return other
        return layer.around(other) if getattr(layer, "network", None) is network else layer

    return keras.models.clone_model(pipeline, clone_function=swap)


def _write_saved_model(task, pipeline, network, folder):
    archive = keras.export.ExportArchive()
    archive.track(pipeline)
    for name, model in (("serve", pipeline), *([("encoded", task.core(network))] if hasattr(task, "core") else [])):
        dicts = isinstance(model.input, dict)
        named = model.input if dicts else {given.name: given for given in model.inputs}
        specs = {key: tf.TensorSpec((None, *given.shape[1:]), given.dtype, name=key) for key, given in named.items()}
        archive.add_endpoint(name, model.call, [specs] if dicts else [*specs.values()])
    for name, (function, specs) in (task.endpoints(pipeline, network) if hasattr(task, "endpoints") else {}).items():
        archive.add_endpoint(name, function, specs)
    archive.write_out(folder, verbose=False)


def _write_onnx(core, path, weights, legend):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from lstm_zoo.exporting.onnx_graph import onnx_model

    onnx.save(onnx_model(core, legend, half=weights == "float16"), path)
    if weights == "int8":
        quantize_dynamic(path, path, weight_type=QuantType.QInt8)


def _write_litert(core, path, weights, steps):
    # By way of a SavedModel: the converter makes constants of its variables, which LiteRT's loops cannot read.
    archive, folder = keras.export.ExportArchive(), path.with_name("fixed")
    archive.track(core)
    archive.add_endpoint(
        "serve", core.call, [tf.TensorSpec((1, steps), core.inputs[0].dtype, name=core.inputs[0].name)]
    )
    archive.write_out(folder, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["serve"])
    if weights != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16] if weights == "float16" else []
    path.write_bytes(converter.convert())
