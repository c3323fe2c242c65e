"""What of a pipeline holds no strings: its network as graphs, and what their numbers mean."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lstm_zoo import layers, networks
from lstm_zoo.layers import seq2seq
from lstm_zoo.layers.states import named_states, state_inputs
from lstm_zoo.tasks.speech import features
from lstm_zoo.tasks.speech.audio import FRAME, RATE
from lstm_zoo.tasks.speech.features import BANDS, RunningNormalization
from lstm_zoo.tasks.speech.subsampling import CONTEXT_FRAMES, SUBSAMPLING


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a whole recording.

    Returns:
        Dict of `network`: `frames` (batch, steps, 80) and `lengths` int32 (batch,), their numbers -> `logits` (batch,
        steps / 4 rounded up, characters).
    """
    return {"network": keras.Model(network.input, {"logits": network.output}, name=network.name)}


def stream_graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a block of a recording, with the state before and after it; a whole one may be one block.

    The logits come `lookahead` steps late: those of the first block begin with as many that mean nothing, and behind
    the last frame blocks without frames push the last ones out.

    Returns:
        Dict of `network`: `frames` (batch, steps, 80), a multiple of 4, `lengths` int32 (batch,), how many of them are
        frames of the recording, all but in its last block, 0 behind that; and the state, zeros before a recording:
        `total` (batch, 80) and `count` int32 (batch,), the sum and the number of the frames so far, `context` (batch,
        3, 80), the last ones, normalized, `ahead` (batch, lookahead, units), the steps whose logits are to come, and of
        the LSTMs `hidden_0`, `cell_0`, `hidden_1`... (batch, units) -> `logits` (batch, steps / 4, characters) and the
        state after the block, `next_total` and so on.
    """
    lookahead, head = network.get_layer("lookahead"), network.get_layer("head")
    [late], units = [size - 1 for size in lookahead.kernel_size], head.kernel.shape[0]
    lstms = [layer for layer in network.layers if isinstance(layer, layers.LSTM)]
    frames, lengths = keras.Input((None, BANDS), name="frames"), keras.Input((), dtype="int32", name="lengths")
    states = state_inputs([units] * len(lstms))
    state = {
        "total": keras.Input((BANDS,), name="total"),
        "count": keras.Input((), dtype="int32", name="count"),
        "context": keras.Input((CONTEXT_FRAMES, BANDS), name="context"),
        "ahead": keras.Input((late, units), name="ahead"),
    }
    normal = RunningNormalization()(frames, lengths, state["total"], state["count"])
    read = ops.concatenate([state["context"], normal], axis=1)
    steps, after = run_lstms(network, read, states)
    heard = layers.ZeroPadding()(steps, ops.floor_divide(lengths + (SUBSAMPLING - 1), SUBSAMPLING))
    steps = ops.concatenate([state["ahead"], heard], axis=1)
    outputs = {
        "logits": head(lookahead(steps)),
        "next_total": state["total"] + ops.sum(frames, axis=1),
        "next_count": state["count"] + lengths,
        "next_context": read[:, -CONTEXT_FRAMES:],
        "next_ahead": steps[:, -late:] if late else state["ahead"],
        **named_states(after, "next_"),
    }
    inputs = {"frames": frames, "lengths": lengths, **state, **named_states(states)}
    return {"network": keras.Model(inputs, outputs, name=network.name)}


def run_lstms(network: keras.Model, frames: Any, states: list) -> tuple[Any, list]:
    """Steps (batch, steps, units) of normalized frames (batch, steps, 80), as a `streaming` network hears them, and its
    states after them, [hidden, cell] an LSTM, as they were before."""
    steps, after = network.get_layer("subsampling")(frames, training=False), []
    for number, before in enumerate(states):
        steps, *values = network.get_layer(f"lstm_{number}")(steps, initial_state=before)
        steps, after = network.get_layer(f"lstm_{number}_normalization")(steps), [*after, values]
    return steps, after


def spelling_graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The two networks that a search runs: one hears a recording, the other writes a character.

    Returns:
        Dict of `encoder`: `frames` and `lengths`, see `graphs` -> `memory` (batch, places, width), `memory_lengths`
        int32 (batch,), and the first states, `hidden_0` and `cell_0` (batch, units); and `step`, see
        `seq2seq.step_graph`.
    """
    frames, lengths = keras.Input((None, BANDS), name="frames"), keras.Input((), dtype="int32", name="lengths")
    inputs = {"frames": frames, "lengths": lengths}
    table, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
    memory, memory_lengths, *states = encoder(inputs, training=False)
    outputs = {"memory": memory, "memory_lengths": memory_lengths, **named_states(states)}
    step = seq2seq.step_graph(decoder, table, lambda answered, _: table(answered, reverse=True), {})
    return {"encoder": keras.Model(inputs, outputs, name="encoder"), "step": step}


def feature_parameters() -> dict[str, Any]:
    """What frames are made by, see `LogMel`."""
    return {
        "rate": RATE,  # samples a second
        "window": FRAME,  # samples
        "hop": features.HOP,  # samples
        "fft": features.FFT,  # points
        "bands": BANDS,
        "min_hertz": features.MIN_HERTZ,
        "max_hertz": features.MAX_HERTZ,
        "preemphasis": features.PREEMPHASIS,
        "floor": features.FLOOR,  # power
    }


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: `characters`, whose first is none, the blank of CTC or the end of a text;
    `features`, see `feature_parameters`; and how the pipeline searches: `beams`, and whether by a `lexicon`."""
    characters = pipeline.get_layer("characters").characters
    search = pipeline.get_layer(networks.network_of(pipeline).name)
    return {
        "characters": ["", *characters],
        "features": feature_parameters(),
        "beams": search.beams,
        "lexicon": search.lexicon is not None,
    }


def stream_metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `stream_graphs` mean: the same, and `lookahead`, the steps that logits come late."""
    [size] = networks.network_of(pipeline).get_layer("lookahead").kernel_size
    return {**metadata(pipeline), "lookahead": size - 1}
