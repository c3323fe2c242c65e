"""What of a pipeline holds no strings: its network as the graphs that a search runs, and what their numbers mean."""

from __future__ import annotations

from typing import Any

import keras

from lstm_zoo import networks
from lstm_zoo.layers import seq2seq
from lstm_zoo.layers.states import named_states
from lstm_zoo.tasks.translation.pipelines import MAX_ANSWER_TOKENS, logits_of, preprocessing_of, read_source
from lstm_zoo.text.subwords import END, START


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


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the subwords of both languages, see the layer; `start` and `end`, the ids
    before a translation and behind it; `numbers`, whether marks stand for numbers, see `Numbers`; and how the pipeline
    searches: `beams`, `length_penalty`, `loops`, see `Translator`, and `max_tokens`."""
    preprocessing, search = preprocessing_of(pipeline), pipeline.get_layer(networks.network_of(pipeline).name)
    return {
        **preprocessing["subwords"].metadata(),
        "start": START,
        "end": END,
        "numbers": preprocessing["numbers"] is not None,
        "beams": search.beams,
        "length_penalty": search.length_penalty,
        "loops": search.loops,
        "max_tokens": MAX_ANSWER_TOKENS,
    }
