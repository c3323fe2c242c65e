"""A network as an ONNX graph, written from its layers and weights, with ONNX's own LSTM operator.

Converters from TensorFlow read an LSTM out of the loop that it was traced into: they leave the loop as it is
(https://github.com/onnx/tensorflow-onnx/issues/1546), or take the reversal by each row's own length for one of the
whole row and change the answers. The layers of the zoo say what they are, so nothing has to be guessed.

Operators: https://onnx.ai/onnx/operators.
"""

import json

import keras
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lstm_zoo.layers.pool import CENTRE

OPSET, IR_VERSION = 18, 10


def onnx_model(network, metadata, *, half=False):
    """A network as an `onnx.ModelProto`.

    Args:
        network: functional keras.Model with inputs of integers (batch, steps), each with a number of steps of its own,
            and a dict of outputs, which name the outputs of the graph.
        metadata: dict of what the file should hold besides, such as the labels: written as JSON.
        half: keep the weights in float16, half the size; they are made float32 when the file is loaded.

    Raises:
        ValueError: a layer that has no rule here.
    """
    graph, kept = Graph(half), []
    names = {id(tensor): tensor.name for tensor in network.inputs}

    def emit(layer, *arguments, **keywords):
        """Call a layer and write its nodes; called in the order of the network, with symbolic tensors."""
        result = layer(*arguments, **keywords)
        rule = next((RULES[kind.__name__] for kind in type(layer).__mro__ if kind.__name__ in RULES), None)
        if rule is None or _is_tensor(keywords):  # such as an initial state
            raise ValueError(f"ONNX export has no rule for {type(layer).__name__} {layer.name!r} with {keywords}")
        tensors = keras.tree.flatten([value for value in arguments if _is_tensor(value)])
        options = [value for value in arguments if not _is_tensor(value)]
        outputs = rule(graph, layer, *(names[id(tensor)] for tensor in tensors), *options)
        for tensor, name in zip(keras.tree.flatten(result), outputs if isinstance(outputs, tuple) else (outputs,)):
            names[id(tensor)] = name
            kept.append(tensor)  # an id is another's as soon as its tensor is gone
        return result

    clone = keras.models.clone_model(network, network.input, clone_function=lambda layer: layer, call_function=emit)
    outputs = []
    for name, tensor in clone.output.items():
        graph.add("Identity", names[id(tensor)], output=name)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *tensor.shape[1:]]))
    steps = ["steps"] if len(network.inputs) == 1 else [f"{tensor.name}_steps" for tensor in network.inputs]
    inputs = [
        helper.make_tensor_value_info(tensor.name, TensorProto.INT32, ["batch", size])
        for tensor, size in zip(network.inputs, steps)
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, network.name, inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="lstm_zoo",
    )
    helper.set_model_props(model, {key: json.dumps(value, ensure_ascii=False) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    return model


def _is_tensor(value):
    return any(isinstance(part, keras.KerasTensor) for part in keras.tree.flatten(value))


class Graph:
    """Nodes and constants, as they come."""

    def __init__(self, half):
        self.nodes, self.constants, self.half = [], [], half

    def constant(self, value, dtype=None):
        """Name of an array."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def weight(self, value):
        """Name of a layer's weight, float32 or kept in float16."""
        if not self.half:
            return self.constant(value)
        return self.add("Cast", self.constant(value, "float16"), to=TensorProto.FLOAT)

    def add(self, operator, *inputs, output=None, outputs=1, **attributes):
        """Name of the output of a new node, or the names of `outputs` of them."""
        prefix = f"{operator}_{len(self.nodes)}"
        names = [output or f"{prefix}_{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=prefix, **attributes))
        return names[0] if outputs == 1 else names

    def positions(self, sequence, begin=0):
        """int64 (1, steps): begin, begin + 1... for the steps of (batch, steps, ...)."""
        steps = self.add("Squeeze", self.add("Shape", sequence, start=1, end=2))
        end = self.add("Add", steps, self.constant(begin, "int64"))
        position = self.add("Range", self.constant(begin, "int64"), end, self.constant(1, "int64"))
        return self.add("Unsqueeze", position, self.constant([0], "int64"))

    def column(self, lengths, axes=(1,)):
        """Lengths (batch,) as int64 (batch, 1)."""
        wide = self.add("Cast", lengths, to=TensorProto.INT64)
        return self.add("Unsqueeze", wide, self.constant(list(axes), "int64"))

    def valid(self, sequence, lengths):
        """Boolean (batch, steps, 1): whether a step lies within its row's length."""
        within = self.add("Less", self.positions(sequence), self.column(lengths))
        return self.add("Unsqueeze", within, self.constant([2], "int64"))

    def kept(self, condition, values, other=0.0):
        """Values where the condition holds, another one elsewhere."""
        return self.add("Where", condition, values, self.constant(other, "float32"))

    def sum(self, values, axis=1):
        return self.add("ReduceSum", values, self.constant([axis], "int64"), keepdims=0)


def _same(graph, layer, name):
    return name


def _pad(graph, layer, name):
    [(top, bottom), (left, right)] = layer.pad_width
    return graph.add("Pad", name, graph.constant([top, left, bottom, right], "int64"), graph.constant(0, "int32"))


def _lengths(graph, layer, ids):
    known = graph.add("Not", graph.add("Equal", ids, graph.constant(0, "int32")))
    position = graph.add("Where", known, graph.positions(ids, begin=1), graph.constant(0, "int64"))
    return graph.add("ReduceMax", position, graph.constant([1], "int64"), keepdims=0)


def _less(graph, layer, name, other):
    return graph.add("Less", name, graph.constant(other, "int32"))


def _where(graph, layer, condition, name, other):
    return graph.add("Where", condition, name, graph.constant(other, "int32"))


def _embedding(graph, layer, ids):
    return graph.add("Gather", graph.weight(layer.embeddings.numpy()), ids)


def _embedding_bag(graph, layer, features):
    total = graph.sum(graph.add("Gather", graph.weight(layer.vectors.numpy()), features))
    squares = graph.add("Gather", graph.constant(layer.squares.numpy()[:, None]), features)
    norm = graph.add("Max", graph.add("Sqrt", graph.sum(squares)), graph.constant(1e-6, "float32"))
    return graph.add("Add", graph.add("Div", total, norm), graph.constant(layer.bias.numpy()))


def _pool(graph, layer, *names):
    *logits, lengths = names
    length = graph.add("Add", graph.add("Cast", lengths, to=TensorProto.FLOAT), graph.constant(1.0, "float32"))
    length = graph.add("Log", graph.add("Div", length, graph.constant(1.0 + CENTRE, "float32")))
    length = graph.add("Unsqueeze", length, graph.constant([1], "int64"))
    weights, slopes, *of_labels = layer.get_weights()  # the last, scales and biases, of a LogitPool
    weighted = []
    for logit, weight, slope in zip(logits, weights, slopes):
        steep = graph.add("Mul", length, graph.constant(slope, "float32"))
        heard = graph.add("Relu", graph.add("Add", steep, graph.constant(weight, "float32")))
        opinion = logit if of_labels else graph.add("LogSoftmax", logit, axis=-1)
        weighted.append(graph.add("Mul", opinion, heard))
    pooled = graph.add("Sum", *weighted)
    for operation, values in zip(("Mul", "Add"), of_labels):
        pooled = graph.add(operation, pooled, graph.constant(values, "float32"))
    return pooled


def _lstm(graph, layer, sequence):
    """Keras' gates i, f, c, o as ONNX's i, o, f, c, and weights (directions, 4 * units, inputs)."""

    def gates(values):
        i, f, c, o = np.split(values, 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1).T[None]

    kernel, recurrent, bias = (gates(weight.numpy()) for weight in layer.trainable_weights)
    weights = [kernel, recurrent, np.concatenate([bias, np.zeros_like(bias)], axis=-1)]
    steps = graph.add("Transpose", sequence, perm=[1, 0, 2])
    steps = graph.add("LSTM", steps, *map(graph.weight, weights), hidden_size=layer.units)
    return graph.add("Transpose", graph.add("Squeeze", steps, graph.constant([1], "int64")), perm=[1, 0, 2])


def _reverse(graph, layer, sequence, lengths):
    return graph.add(
        "ReverseSequence", sequence, graph.add("Cast", lengths, to=TensorProto.INT64), batch_axis=0, time_axis=1
    )


def _zero_padding(graph, layer, sequence, lengths):
    return graph.kept(graph.valid(sequence, lengths), sequence)


def _pooling(graph, layer, sequence, lengths):
    valid, length = graph.valid(sequence, lengths), graph.column(lengths)
    if layer.mode == "max":
        steps = graph.kept(valid, sequence, -65504.0)
        pooled = graph.add("ReduceMax", steps, graph.constant([1], "int64"), keepdims=0)
    elif layer.mode == "mean":
        divisor = graph.add("Max", length, graph.constant(1, "int64"))
        total = graph.sum(graph.kept(valid, sequence))
        pooled = graph.add("Div", total, graph.add("Cast", divisor, to=TensorProto.FLOAT))
    else:
        step = (
            graph.add("Sub", length, graph.constant(1, "int64")) if layer.mode == "last" else graph.constant(0, "int64")
        )
        here = graph.add("Equal", graph.positions(sequence), step)
        here = graph.add("And", graph.add("Unsqueeze", here, graph.constant([2], "int64")), valid)
        pooled = graph.sum(graph.kept(here, sequence))
    return graph.kept(graph.add("Greater", length, graph.constant(0, "int64")), pooled)


def _attention(graph, layer, sequence, lengths):
    valid = graph.valid(sequence, lengths)
    scores = _dense(graph, layer.scorer, _dense(graph, layer.hidden, sequence))
    weights = graph.kept(valid, graph.add("Softmax", graph.kept(valid, scores, -1e9), axis=1))
    pooled = graph.sum(graph.add("Mul", weights, sequence))
    return pooled, graph.add("Squeeze", weights, graph.constant([2], "int64"))


def _concatenate(graph, layer, *names):
    return graph.add("Concat", *names, axis=-1)


def _add(graph, layer, *names):
    return graph.add("Sum", *names)


def _get_item(graph, layer, name, key):
    begin, end = key[-1].start or 0, key[-1].stop
    last = np.iinfo("int64").max if end is None else end
    return graph.add("Slice", name, *(graph.constant([value], "int64") for value in (begin, last, len(key) - 1)))


def _softmax(graph, layer, name):
    return graph.add("Softmax", name, axis=-1)


def _sigmoid(graph, layer, name):
    return graph.add("Sigmoid", name)


def _dense(graph, layer, name):
    result = graph.add("MatMul", name, graph.weight(layer.kernel.numpy()))
    result = graph.add("Add", result, graph.weight(layer.bias.numpy())) if layer.use_bias else result
    if layer.activation is keras.activations.tanh:
        return graph.add("Tanh", result)
    if layer.activation is not keras.activations.linear:
        raise ValueError(f"ONNX export has no rule for the activation of {layer.name!r}: {layer.activation.__name__}")
    return result


# Name of a layer's or operation's class, or of one above it -> the rule.
RULES = {
    "Pad": _pad,
    "Less": _less,  # of integers, as the next
    "Where": _where,
    "GetItem": _get_item,
    "Lengths": _lengths,
    "WordDropout": _same,
    "Dropout": _same,
    "Embedding": _embedding,
    "EmbeddingBag": _embedding_bag,
    "LogLinearPool": _pool,
    "LSTM": _lstm,
    "Reverse": _reverse,
    "ZeroPadding": _zero_padding,
    "Pooling": _pooling,
    "AttentionPooling": _attention,
    "Concatenate": _concatenate,
    "Add": _add,
    "Dense": _dense,
    "Softmax": _softmax,
    "Sigmoid": _sigmoid,
}
