"""How layers of Keras without a recurrence are written as ONNX nodes: dense ones, tables, convolutions, normalization.

A rule takes the graph, the layer and its arguments, tensors by their names, and gives the name of its output.
"""

from __future__ import annotations

import numpy as np

ACTIVATIONS = {"linear": None, "relu": "Relu", "tanh": "Tanh"}  # name of an activation -> operator


def _same(graph, layer, name):
    return name


def _dense(graph, layer, name):
    result = graph.add("MatMul", name, graph.weight(layer.kernel))
    return _activated(graph, layer, graph.add("Add", result, graph.weight(layer.bias)) if layer.use_bias else result)


def _activated(graph, layer, result):
    if layer.activation.__name__ not in ACTIVATIONS:
        raise ValueError(f"ONNX export has no rule for the activation of {layer.name!r}: {layer.activation.__name__}")
    operator = ACTIVATIONS[layer.activation.__name__]
    return graph.add(operator, result) if operator else result


def _embedding(graph, layer, ids):
    return graph.add("Gather", graph.weight(layer.embeddings), ids)


def _reversible_embedding(graph, layer, name, reverse=False):
    """Both ways read one array, (width, vocabulary), as products of 8 bits take it."""
    table = graph.weight(layer.embeddings.numpy().T)
    if reverse:
        return graph.add("MatMul", name, table)
    return graph.add("Transpose", graph.add("Gather", table, name, axis=1), perm=[1, 2, 0])


def _convolution(kernel_axes, to_channels_first, to_channels_last, depthwise=False):
    """A convolution without padding, whose channels are the last axis, and in ONNX the second one."""

    def rule(graph, layer, name):
        kernel = graph.weight(np.transpose(layer.kernel.numpy(), kernel_axes))
        inputs = [graph.add("Transpose", name, perm=to_channels_first), kernel]
        inputs += [graph.weight(layer.bias)] if layer.use_bias else []
        group = layer.kernel.shape[1] if depthwise else 1
        result = _activated(graph, layer, graph.add("Conv", *inputs, strides=list(layer.strides), group=group))
        return graph.add("Transpose", result, perm=to_channels_last)

    return rule


def _batch_normalization(graph, layer, name):
    gamma, beta, mean, variance = (weight.numpy() for weight in layer.weights)
    scale = gamma / np.sqrt(variance + layer.epsilon)
    scaled = graph.add("Mul", name, graph.constant(scale, "float32"))
    return graph.add("Add", scaled, graph.constant(beta - mean * scale, "float32"))


def _layer_normalization(graph, layer, name):
    weights = graph.weight(layer.gamma), graph.weight(layer.beta)
    return graph.add("LayerNormalization", name, *weights, axis=-1, epsilon=layer.epsilon)


def _rescaling(graph, layer, name):
    scaled = graph.add("Mul", name, graph.constant(layer.scale, "float32"))
    return graph.add("Add", scaled, graph.constant(layer.offset, "float32")) if layer.offset else scaled


def _reshape(graph, layer, name):
    return graph.add("Reshape", name, graph.integers(0, *layer.target_shape))


def _repeat_vector(graph, layer, name):
    apart = graph.add("Unsqueeze", name, graph.integers(1))
    return graph.add("Tile", apart, graph.integers(1, layer.n, 1))


def _concatenate(graph, layer, names):
    return graph.add("Concat", *names, axis=layer.axis)


def _add(graph, layer, names):
    return graph.add("Sum", *names)


def _relu(graph, layer, name):
    return graph.add("Relu", name)


def _softmax(graph, layer, name):
    return graph.add("Softmax", name, axis=layer.axis)


# Name of a layer's class -> the rule.
RULES = {
    "Add": _add,
    "BatchNormalization": _batch_normalization,
    "Concatenate": _concatenate,
    "Conv2D": _convolution((3, 2, 0, 1), [0, 3, 1, 2], [0, 2, 3, 1]),
    "Dense": _dense,
    "DepthwiseConv1D": _convolution((1, 2, 0), [0, 2, 1], [0, 2, 1], depthwise=True),
    "Dropout": _same,
    "Embedding": _embedding,
    "LayerNormalization": _layer_normalization,
    "ReLU": _relu,
    "RepeatVector": _repeat_vector,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "ReversibleEmbedding": _reversible_embedding,
    "Softmax": _softmax,
    "TiedEmbedding": _reversible_embedding,
}
