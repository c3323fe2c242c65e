"""How the operations of Keras, `keras.ops`, are written as ONNX nodes: a rule for each.

A rule takes the graph, the operation and its arguments, tensors by their names, and gives the name of its output.
"""

from __future__ import annotations

import keras
import numpy as np
from onnx import helper

from lstm_zoo.onnx.graph import MAX


def _elementwise(operator):
    def rule(graph, operation, *operands):
        return graph.add(operator, *(graph.operand(operand, _dtype(operation)) for operand in operands))

    return rule


def _dtype(operation):
    """What numbers among the operands of an operation are, whose tensors are all of one type."""
    output = operation.output.dtype
    return output if output != "bool" else keras.tree.flatten(operation.input)[-1].dtype


def _along_axis(operator):
    def rule(graph, operation, name):
        return graph.add(operator, name, axis=operation.axis)

    return rule


def _reduction(operator):
    def rule(graph, operation, name):
        axes = graph.integers(*np.atleast_1d(operation.axis))
        reduced = graph.add(operator, name, axes, keepdims=int(operation.keepdims))
        initial = getattr(operation, "initial", None)  # of a maximum
        return reduced if initial is None else graph.add("Max", reduced, graph.constant(initial, _dtype(operation)))

    return rule


def _filled(value):
    def rule(graph, operation, name):
        return graph.filled(graph.add("Shape", name), value, operation.output.dtype)

    return rule


def _not_equal(graph, operation, *operands):
    return graph.add("Not", _elementwise("Equal")(graph, operation, *operands))


def _rsqrt(graph, operation, name):
    return graph.add("Reciprocal", graph.add("Sqrt", name))


def _cast(graph, operation, name):
    return graph.add("Cast", name, to=helper.np_dtype_to_tensor_dtype(np.dtype(operation.output.dtype)))


def _clip(graph, operation, name):
    dtype = operation.output.dtype
    return graph.add("Clip", name, graph.constant(operation.x_min, dtype), graph.constant(operation.x_max, dtype))


def _pad(graph, operation, name, constant_values=None):
    before, after = zip(*operation.pad_width)
    value = graph.constant(constant_values or 0, operation.output.dtype)
    return graph.add("Pad", name, graph.integers(*before, *after), value)


def _expand_dims(graph, operation, name):
    return graph.add("Unsqueeze", name, graph.integers(operation.axis))


def _squeeze(graph, operation, name):
    return graph.add("Squeeze", name, graph.integers(operation.axis))


def _reshape(graph, operation, name):
    return graph.add("Reshape", name, graph.integers(*operation.newshape))


def _concatenate(graph, operation, names):
    return graph.add("Concat", *names, axis=operation.axis)


def _stack(graph, operation, names):
    apart = [graph.add("Unsqueeze", name, graph.integers(operation.axis)) for name in names]
    return graph.add("Concat", *apart, axis=operation.axis)


def _tile(graph, operation, name):
    return graph.add("Tile", name, graph.integers(*operation.repeats))


def _repeat(graph, operation, name):
    """Each entry of an axis so many times, the same ones side by side."""
    axis, shape = operation.axis, [-1 if size is None else size for size in operation.output.shape]
    apart = graph.add("Unsqueeze", name, graph.integers(axis + 1))
    repeats = [operation.repeats if place == axis + 1 else 1 for place in range(len(shape) + 1)]
    return graph.add("Reshape", graph.add("Tile", apart, graph.integers(*repeats)), graph.integers(*shape))


def _take(graph, operation, table, places):
    return graph.add("Gather", graph.operand(table, "float32"), places, axis=operation.axis)


def _einsum(graph, operation, *names):
    return graph.add("Einsum", *names, equation=operation.subscripts)


def _cumsum(graph, operation, name):
    return graph.add("CumSum", name, graph.constant(operation.axis, "int64"))


def _flip(graph, operation, name):
    backwards = (graph.integers(value) for value in (-1, -MAX, operation.axis, -1))
    return graph.add("Slice", name, *backwards)


def _get_item(graph, operation, name, key):
    keys = list(key) if isinstance(key, (tuple, list)) else [key]  # a list in a network from a file
    read = sum(part is not None and part is not Ellipsis for part in keys)
    if any(part is Ellipsis for part in keys):
        place = next(place for place, part in enumerate(keys) if part is Ellipsis)
        keys[place : place + 1] = [slice(None)] * (len(operation.input.shape) - read)
    slices, dropped, new, axis = [], [], [], 0
    for part in keys:
        if part is None:
            new.append(axis - len(dropped) + len(new))
            continue
        begin, end = (part, part + 1 or MAX) if isinstance(part, int) else (part.start or 0, part.stop)
        if isinstance(part, int):
            dropped.append(axis)
        elif part.step is not None:
            raise ValueError(f"ONNX export has no rule for slices with a step. Received: {part}")
        if (begin, end) != (0, None):
            slices.append((begin, MAX if end is None else end, axis))
        axis += 1
    if slices:
        name = graph.add("Slice", name, *(graph.integers(*part) for part in zip(*slices)))
    if dropped:
        name = graph.add("Squeeze", name, graph.integers(*dropped))
    return graph.add("Unsqueeze", name, graph.integers(*new)) if new else name


def _step_numbers(graph, operation, sequence):
    steps = graph.add("Squeeze", graph.add("Shape", sequence, start=1, end=2))
    numbers = graph.add("Range", graph.constant(0, "int64"), steps, graph.constant(1, "int64"))
    return graph.add("Cast", numbers, to=helper.np_dtype_to_tensor_dtype(np.dtype("int32")))


# Name of an operation's class -> the rule.
RULES = {
    # FloorDivide is that of numbers from 0, which ONNX rounds down too.
    **{
        name: _elementwise(operator)
        for name, operator in {
            "Absolute": "Abs",
            "Add": "Add",
            "Divide": "Div",
            "Equal": "Equal",
            "FloorDivide": "Div",
            "Greater": "Greater",
            "Less": "Less",
            "Log": "Log",
            "LogicalAnd": "And",
            "Matmul": "MatMul",
            "Maximum": "Max",
            "Multiply": "Mul",
            "Relu": "Relu",
            "Sigmoid": "Sigmoid",
            "Softplus": "Softplus",
            "Sqrt": "Sqrt",
            "Subtract": "Sub",
            "Tanh": "Tanh",
            "TrueDivide": "Div",
            "Where": "Where",
        }.items()
    },
    "LogSoftmax": _along_axis("LogSoftmax"),
    "Softmax": _along_axis("Softmax"),
    "Max": _reduction("ReduceMax"),
    "Mean": _reduction("ReduceMean"),
    "Sum": _reduction("ReduceSum"),
    "OnesLike": _filled(1),
    "ZerosLike": _filled(0),
    "Cast": _cast,
    "Clip": _clip,
    "Concatenate": _concatenate,
    "Cumsum": _cumsum,
    "Einsum": _einsum,
    "ExpandDims": _expand_dims,
    "Flip": _flip,
    "GetItem": _get_item,
    "NotEqual": _not_equal,
    "Pad": _pad,
    "Repeat": _repeat,
    "Reshape": _reshape,
    "Rsqrt": _rsqrt,
    "Squeeze": _squeeze,
    "Stack": _stack,
    "StepNumbers": _step_numbers,
    "Take": _take,
    "Tile": _tile,
}
