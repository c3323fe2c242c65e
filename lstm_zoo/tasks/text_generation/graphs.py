"""What of a pipeline holds no strings: the network with its states in and out, and what its numbers mean."""

from __future__ import annotations

from typing import Any

import keras

from lstm_zoo.layers import language_model
from lstm_zoo.layers.states import named_states, state_inputs
from lstm_zoo.tasks.text_generation.pipelines import generator_of


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


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the tokens, see the layer; `start` and `end`, the ids before a text and behind
    it; `first_written`, below which no id is written."""
    tokens = generator_of(pipeline).tokens
    return {**tokens.metadata(), **{name: getattr(tokens, name) for name in ("start", "end", "first_written")}}
