"""How layers that ask how many steps there are, which Keras' operations cannot, are written as ONNX nodes.

A rule takes the graph, the layer and its arguments, tensors by their names, and gives the names of its outputs.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto


def _lstm(graph, layer, sequence, initial_state=None):
    """Keras' gates i, f, c, o as ONNX's i, o, f, c, and weights (directions, 4 * units, inputs)."""

    def gates(values):
        i, f, c, o = np.split(values.numpy(), 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1).T[None]

    kernel, recurrent, bias = map(gates, (layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias))
    weights = [kernel, recurrent, np.concatenate([bias, np.zeros_like(bias)], axis=-1)]
    shared = graph.weights != "int8"  # quantization lays them out anew, and would again for another LSTM with them
    inputs = [graph.add("Transpose", sequence, perm=[1, 0, 2]), *(graph.weight(each, shared) for each in weights)]
    if initial_state is not None:  # behind the lengths, which the zoo's LSTMs do not have
        inputs += ["", *(graph.add("Unsqueeze", state, graph.integers(0)) for state in initial_state)]
    steps, *states = graph.add("LSTM", *inputs, outputs=3, hidden_size=layer.units)
    hidden, cell = (graph.add("Squeeze", state, graph.integers(0)) for state in states)
    if layer.return_sequences:
        steps = graph.add("Transpose", graph.add("Squeeze", steps, graph.integers(1)), perm=[1, 0, 2])
    outputs = steps if layer.return_sequences else hidden
    return (outputs, hidden, cell) if layer.return_state else outputs


def _reverse(graph, layer, sequence, lengths):
    lengths = graph.add("Cast", lengths, to=TensorProto.INT64)
    return graph.add("ReverseSequence", sequence, lengths, batch_axis=0, time_axis=1)


def _time_reduction(graph, layer, sequence, lengths):
    odd = graph.add("Mod", graph.add("Shape", sequence, start=1, end=2), graph.integers(2))
    even = graph.add("Pad", sequence, graph.add("Concat", graph.integers(0, 0, 0, 0), odd, graph.integers(0), axis=0))
    width = layer.output[0].shape[-1]
    one, two = (graph.constant(value, "int32") for value in (1, 2))
    lengths = graph.add("Div", graph.add("Add", lengths, one), two)
    return graph.add("Reshape", even, graph.integers(0, -1, width)), lengths


def _copying(graph, layer, vectors, weights, ids):
    gate = graph.add("Add", graph.add("MatMul", vectors, graph.weight(layer.kernel)), graph.weight(layer.bias))
    values = graph.add("Mul", weights, graph.add("Softplus", gate))
    places = graph.add("Expand", graph.add("Unsqueeze", ids, graph.integers(1)), graph.add("Shape", values))
    shape = graph.add("Concat", graph.add("Shape", values, start=0, end=2), graph.integers(layer.vocabulary), axis=0)
    nothing = graph.filled(shape, 0.0, "float32")
    return graph.add("ScatterElements", nothing, places, values, axis=2, reduction="add")


# Name of a layer's class -> the rule.
RULES = {"Copying": _copying, "LSTM": _lstm, "Reverse": _reverse, "TimeReduction": _time_reduction}
