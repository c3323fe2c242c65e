"""What of a pipeline holds no strings: the network with its states in and out."""

from __future__ import annotations

import keras
import tensorflow as tf

from lstm_zoo.layers import language_model
from lstm_zoo.layers.states import PARTS, named_states, state_inputs
from lstm_zoo.onnx.model import parts_of


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a pipeline that reads any number of tokens, one too.

    Returns:
        Dict of `network`: `ids` int32 (batch, steps) and the states before them, `hidden_0`, `cell_0`, `hidden_1`...
        (batch, units), zeros before a text -> `logits` (batch, steps, vocabulary) of the token after each, and the
        states after them, `next_hidden_0` and so on.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    states = state_inputs(hidden.shape[-1] for hidden, _ in network.get_layer("encoder").input[1])
    steps, after = language_model.step(network, ids, states)
    outputs = {"logits": language_model.logits(network, steps), **named_states(after, "next_")}
    return {"network": keras.Model({"ids": ids, **named_states(states)}, outputs, name=network.name)}


def reader(network: keras.Model) -> dict[str, keras.Model]:
    """The same without logits, for what is read and not asked about."""
    [graph] = graphs(network).values()
    states = {name: state for name, state in graph.output.items() if name != "logits"}
    return {"network": keras.Model(graph.input, states, name=network.name)}


def read(network: keras.Model, ids: tf.Tensor, states: list) -> list:
    """The states of a network, [hidden, cell] an LSTM, after tokens int32 (batch, steps) and the states before."""
    return _states(_run(network, reader, ids, states))


def write(network: keras.Model, ids: tf.Tensor, states: list) -> tuple[tf.Tensor, list]:
    """Logits (batch, steps, vocabulary) of the token after each, and the states after all."""
    after = _run(network, graphs, ids, states)
    return after["logits"], _states(after)


def _run(network, graphs, ids, states):
    return parts_of(network, graphs)["network"]({"ids": ids, **named_states(states)})


def _states(after):
    depth = sum(name.startswith("next_hidden_") for name in after)
    return [[after[f"next_{part}_{number}"] for part in PARTS] for number in range(depth)]
