"""What of a pipeline holds no strings: its network as the graphs that a search runs."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from lstm_zoo.layers import seq2seq
from lstm_zoo.layers.states import named_states


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The two networks that a search runs: one reads a sentence, the other writes a token.

    Returns:
        Dict of `encoder`: `source` int32 (batch, steps), subwords with the end, padded with 0 -> `memory` (batch,
        steps, width), `memory_lengths` int32 (batch,), and the first states, `hidden_0`, `cell_0`, `hidden_1`...
        (batch, units); and `step`, see `seq2seq.step_graph`, which reads `source` too where it can copy from it.
    """
    source = keras.Input((None,), dtype="int32", name="source")
    table, decoder, memory, lengths, states = read_source(network, source)
    outputs = {"memory": memory, "memory_lengths": lengths, **named_states(states)}
    encoder = keras.Model({"source": source}, outputs, name="encoder")
    copies = "copying" in {layer.name for layer in network.layers}
    read = keras.Input((None,), dtype="int32", name="source")
    further = {"source": read} if copies else {}
    step = seq2seq.step_graph(decoder, table, lambda *answered: logits_of(network, *answered, read), further)
    return {"encoder": encoder, "step": step}


def read_source(network: keras.Model, source: tf.Tensor) -> tuple[Any, keras.Model, tf.Tensor, tf.Tensor, list]:
    """Table and decoder of a network, and what the decoder gets of source tokens int32 (batch, steps).

    Returns:
        The layer `embedding`; the model `decoder`; the memory (batch, steps, width), its lengths int32 (batch,), and
        the first states, [hidden, cell] a layer of the decoder.
    """
    table, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
    lengths = network.get_layer("lengths")(source)
    memory, *states = encoder([table(source), lengths], training=False)
    return table, decoder, memory, lengths, states


def logits_of(network: keras.Model, answered: tf.Tensor, weights: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
    """Logits (batch, steps, vocabulary) of what the decoder of a network gave for source tokens: those of the table,
    and what copying adds to them."""
    logits = network.get_layer("embedding")(answered, reverse=True)
    if "copying" not in {layer.name for layer in network.layers}:
        return logits
    return logits + network.get_layer("copying")(answered, weights, source)
