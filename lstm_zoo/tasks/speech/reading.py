"""How the LSTMs of speech read a recording, and what they have written of it, for `inspect`.

It is read whole, where `predict` hears one of more than 30 s in pieces.
"""

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.caching import cached_in_model, graph_of
from lstm_zoo.steps import Reading, Steps, attention_over
from lstm_zoo.tasks.speech.audio import RATE, encode
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.pipelines import STEP, num_steps
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING, TimeReduction


def read_item(pipeline: keras.Model, item: np.ndarray) -> Reading:
    """How the LSTMs of a pipeline read a recording: in steps of 40 ms."""
    inputs, count = frames_of(item), num_steps(len(item))
    middle = count // 2  # where somebody speaks, more likely than at the end
    steps = {"": heard(inputs["frames"], count)}
    return Reading(run=logits_at, inputs=(inputs, tf.constant(middle)), steps=steps, answered=middle)


def logits_at(pipeline: keras.Model, inputs: tuple[dict[str, tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Logits of the characters (1, characters) of one step of a recording: (what the network reads, its number)."""
    read, step = inputs
    return networks.network_of(pipeline)(read, training=False)[:, step]


def read_and_spell(pipeline: keras.Model, item: np.ndarray) -> Reading:
    """The same of a pipeline with attention, whose decoder reads the characters of its answer, one a step."""
    inputs, count = frames_of(item), num_steps(len(item))
    numbers = {character: place for place, character in enumerate(pipeline.get_layer("characters").characters, 1)}
    text = graph_of(pipeline, rows=1)(encode(pipeline, [item]))["text"].numpy()[0].decode()
    read, steps = {**inputs, "before": tf.constant([[0, *(numbers[character] for character in text)]])}, {}
    encoder = networks.network_of(pipeline).get_layer("encoder")
    for level in range(1 + sum(isinstance(layer, TimeReduction) for layer in encoder.layers)):
        steps[f"encoder_lstm_{level}_"] = heard(inputs["frames"], -(-count // 2**level), 2**level)
    seconds = next(reversed(steps.values())).names
    draw = None
    if seconds:
        weights = _looking(pipeline)(read).numpy()[0]
        draw = attention_over(weights, [f"{second:.2f} s" for second in seconds], "recording")
    steps["decoder"] = Steps(names=["<s>", *text] if seconds else [], kind="characters", separator="", draw=draw)
    return Reading(run=last_logits, inputs=read, steps=steps)


def last_logits(pipeline: keras.Model, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """Logits of the character behind those that are given, `before`, (1, characters)."""
    vectors, _ = _decoded(pipeline, inputs)
    return networks.network_of(pipeline).get_layer("embedding")(vectors, reverse=True)[:, -1]


@cached_in_model
def _looking(pipeline):
    """Function from inputs of `last_logits` to the weights (1, steps, steps of the recording) of the attention."""
    return tf.function(lambda inputs: _decoded(pipeline, inputs)[1], autograph=False, reduce_retracing=True)


def _decoded(pipeline, inputs):
    """Vectors and weights of the decoder, where it reads the characters that are given."""
    table, encoder, decoder = map(networks.network_of(pipeline).get_layer, ("embedding", "encoder", "decoder"))
    memory, lengths, *states = encoder({name: inputs[name] for name in encoder.input}, training=False)
    vectors, weights, _ = decoder([table(inputs["before"]), memory, lengths, states], training=False)
    return vectors, weights


def frames_of(item: np.ndarray) -> dict[str, tf.Tensor]:
    """What a network reads of a recording: `frames` (1, steps, 80) and `lengths` (1,)."""
    frames, lengths = LogMel()(item[None], np.array([len(item)]))
    return {"frames": frames, "lengths": lengths}


def heard(frames: tf.Tensor, count: int, width: int = 1) -> Steps:
    """So many steps of an LSTM over frames (1, frames, 80), each of `width` times 40 ms, named by when they begin."""

    def draw(axes):
        end = frames.shape[1] / (SUBSAMPLING * width) - 0.5
        axes.imshow(frames[0].numpy().T, origin="lower", aspect="auto", extent=(-0.5, end, 0, frames.shape[-1]))
        axes.set(title="Log-mel spectrum: what is heard", ylabel="mel band")

    names = [round(number * width * STEP / RATE, 2) for number in range(count)]
    return Steps(names=names, kind="seconds", draw=draw)
