"""A network as an ONNX graph, written from its layers and weights, with ONNX's own LSTM operator.

Converters from TensorFlow read an LSTM out of the loop that it was traced into: they leave the loop as it is
(https://github.com/onnx/tensorflow-onnx/issues/1546), or take the reversal by each row's own length for one of the
whole row and change the answers. The layers of the zoo say what they are, so nothing has to be guessed: each layer of
Keras has a rule, and so has each of its operations, which the zoo's own layers are made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import onnx
from onnx import helper

from lstm_zoo.onnx import layers, operations, sequences
from lstm_zoo.onnx.graph import Graph

OPSET, IR_VERSION = 18, 10
LAYERS = {**layers.RULES, **sequences.RULES}


def onnx_model(network: keras.Model, metadata: Mapping[str, Any], weights: str = "float32") -> onnx.ModelProto:
    """A network as an `onnx.ModelProto`.

    Args:
        network: functional keras.Model with named inputs (batch, ...), whose axes of no known size may be of any, and a
            dict of outputs, which name the outputs of the graph.
        metadata: what the file should hold besides, such as the labels: written as JSON.
        weights: type of the numbers in its matrices, see `Graph`.

    Raises:
        ValueError: a layer or an operation that has no rule.

    Example:

    >>> ids = keras.Input((None,), dtype="int32", name="ids")
    >>> vectors = keras.layers.Embedding(9, 2)(ids)
    >>> onnx_model(keras.Model(ids, {"vectors": vectors}), {}).graph.node[0].op_type
    'Gather'
    """
    graph = Graph(weights)
    names = convert(graph, network, [tensor.name for tensor in network.inputs])
    outputs = []
    for name, source in zip(keras.tree.flatten({name: name for name in network.output}), names, strict=True):
        graph.add("Identity", source, output=name)
        outputs.append(_info(name, network.output[name], {}))
    free = [tensor.name for tensor in network.inputs if None in tensor.shape[1:]]
    steps = {name: f"{name}_steps" if len(free) > 1 else "steps" for name in free}
    inputs = [_info(tensor.name, tensor, {1: steps.get(tensor.name)}) for tensor in network.inputs]
    model = helper.make_model(
        helper.make_graph(graph.nodes, network.name, inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="lstm_zoo",
    )
    helper.set_model_props(model, {key: json.dumps(value, ensure_ascii=False) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    return model


def _info(name, tensor, free):
    """What a graph says of an input or output; `free` names its axes of any size."""
    shape = ["batch", *(free.get(axis) if size is None else size for axis, size in enumerate(tensor.shape[1:], 1))]
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype)), shape)


def convert(graph: Graph, model: keras.Model, names: list[str]) -> list[str]:
    """Names of the outputs of a functional model, whose nodes are added to a graph.

    Args:
        graph: to which they are added.
        model: whose layers have rules, are functional models or layers of the zoo.
        names: of its inputs, in their order.

    Raises:
        ValueError: a layer or an operation that has no rule.
    """
    known, kept = dict(zip(map(id, keras.tree.flatten(model.input)), names, strict=True)), []

    def emit(operation, *arguments, **keywords):
        """Call a layer or an operation and write its nodes; called in the order of the model, on symbolic tensors."""
        result = operation(*arguments, **keywords)
        named = keras.tree.map_structure(lambda value: known.get(id(value), value), (arguments, keywords))
        outputs = _convert_one(graph, operation, (arguments, keywords), named)
        for tensor, name in zip(keras.tree.flatten(result), outputs, strict=True):
            known[id(tensor)] = name
            kept.append(tensor)  # an id is another's as soon as its tensor is gone
        return result

    clone = keras.models.clone_model(model, model.input, clone_function=lambda layer: layer, call_function=emit)
    return [known[id(tensor)] for tensor in keras.tree.flatten(clone.output)]


def _convert_one(graph, operation, given, named):
    """Names of what an operation gives; `given` are its arguments and keywords, `named` those by name."""
    rules = LAYERS if isinstance(operation, keras.Layer) else operations.RULES
    if rule := rules.get(type(operation).__name__):
        arguments, keywords = named
        said = {name: value for name, value in keywords.items() if value is not None and name != "training"}
        outputs = rule(graph, operation, *arguments, **said)
        return outputs if isinstance(outputs, tuple) else (outputs,)
    if isinstance(operation, keras.Model):
        inner = operation
    elif type(operation).__module__.partition(".")[0] == "lstm_zoo" and isinstance(operation, keras.Layer):
        inner = _traced(operation, given)
    else:
        raise ValueError(f"ONNX export has no rule for {type(operation).__name__} {operation.name!r}")
    return convert(graph, inner, [name for name in keras.tree.flatten(named) if isinstance(name, str)])


def _traced(layer, given):
    """What a layer does as a model of the operations that it is made of."""

    inputs = []

    def like(value):
        if not isinstance(value, keras.KerasTensor):
            return value
        inputs.append(keras.Input(batch_shape=value.shape, dtype=value.dtype))
        return inputs[-1]

    arguments, keywords = keras.tree.map_structure(like, given)
    return keras.Model(inputs, layer.call(*arguments, **keywords))
