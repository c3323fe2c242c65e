"""A network in ONNX Runtime: a functional model of Keras whose calls a session answers."""

from __future__ import annotations

import functools
import pathlib
import tempfile
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo.caching import cached_in_model
from lstm_zoo.onnx import write_graphs
from lstm_zoo.processes import num_cores


class OnnxModel(keras.Model):
    """A model that ONNX Runtime runs, for inference, on all cores of the CPU.

    Its inputs, outputs and layers are those of another one; the layers, called by themselves, run in TensorFlow. It
    becomes an ONNX graph when it is first called, with the weights that it has by then.

    Args:
        model: functional keras.Model, whose layers are those that ONNX has rules for.
        precision: type of the numbers in its matrices: "float32" or "int8".

    Example:

    >>> network = lstm_zoo.build("sentiment/bilstm", vocabulary=50)
    >>> OnnxModel(network)(tf.constant([[5, 7, 3]])).shape  # (1, 2)
    """

    def __init__(self, model: keras.Model, precision: str = "float32"):
        super().__init__(model.input, model.output, name=model.name)
        self.precision = precision
        vars(self)["model"] = model  # past Keras' own way to set attributes, which takes it for one more layer

    def call(self, inputs, training=None, mask=None):
        specs = keras.tree.flatten(self.output)
        arrays = [tf.cast(each, spec.dtype) for each, spec in zip(keras.tree.flatten(inputs), self.inputs, strict=True)]
        self._session  # noqa: B018 - made here, since no thread of TensorFlow's own can
        answers = tf.numpy_function(self._run, arrays, [spec.dtype for spec in specs], stateful=False)
        rows = next((array.shape[0] for array in arrays if array.shape[0] is not None), None)
        answers = tf.nest.flatten(answers)  # a lone one comes without a list, if eagerly
        answers = [tf.ensure_shape(answer, (rows, *spec.shape[1:])) for answer, spec in zip(answers, specs)]
        return keras.tree.pack_sequence_as(self.output, answers)

    @functools.cached_property
    def _session(self):
        import onnxruntime

        outputs = dict(zip(self._names, keras.tree.flatten(self.output), strict=True))
        with tf.init_scope(), tempfile.TemporaryDirectory() as folder:  # outside of the graph that is traced
            path = pathlib.Path(folder, "model.onnx")
            write_graphs({self.name: keras.Model(self.input, outputs, name=self.name)}, {}, self.precision, path)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = num_cores()  # its own default counts those that it may not use
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    @property
    def _names(self):
        return [f"output_{number}" for number in range(len(self.outputs))]

    def _run(self, *arrays):
        if not len(arrays[0]):  # LSTMs of ONNX Runtime abort the process on a batch without rows
            return [np.zeros([0, *(size or 1 for size in spec.shape[1:])], spec.dtype) for spec in self.outputs]
        return self._session.run(self._names, {each.name: array for each, array in zip(self.inputs, arrays)})


@cached_in_model
def parts_of(network: keras.Model, graphs: Callable[[keras.Model], dict[str, keras.Model]]) -> dict[str, keras.Model]:
    """Models that are made of the layers of a network, in ONNX Runtime if the network is, by name.

    Args:
        network: in TensorFlow or an OnnxModel.
        graphs: (network) -> name -> functional model, like `Network.graphs`.

    Example:

    >>> network = OnnxModel(lstm_zoo.build("text_generation", vocabulary=50))
    >>> type(parts_of(network, text_generation.graphs)["network"]).__name__
    'OnnxModel'
    """
    parts = graphs(network)
    if not isinstance(network, OnnxModel):
        return parts
    return {name: OnnxModel(part, network.precision) for name, part in parts.items()}
