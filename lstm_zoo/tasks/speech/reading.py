"""How the LSTMs of speech read a recording, and what they have written of it, for `inspect`.

It is read whole, where `predict` hears one of more than 30 s in pieces.
"""

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.steps import Reading, Steps, attention_over
from lstm_zoo.tasks.speech.audio import RATE, encode
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.pipelines import STEP, num_steps
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING, TimeReduction


def read_item(pipeline: keras.Model, item: np.ndarray) -> Reading:
    """How the LSTMs of a pipeline read a recording: in steps of 40 ms."""
    inputs, count = frames_of(item), num_steps(len(item))
    network, middle = networks.network_of(pipeline), count // 2  # where somebody speaks, more likely than at the end

    def run():
        return network(inputs, training=False)[:, middle]

    return Reading(run=run, steps={"": heard(inputs["frames"], count)}, answered=middle)


def read_and_spell(pipeline: keras.Model, item: np.ndarray) -> Reading:
    """The same of a pipeline with attention, whose decoder reads the characters of its answer, one a step."""
    network, inputs = networks.network_of(pipeline), frames_of(item)
    numbers = {character: place for place, character in enumerate(pipeline.get_layer("characters").characters, 1)}
    text = pipeline(encode(pipeline, [item]))["text"].numpy()[0].decode()
    before = tf.constant([[0, *(numbers[character] for character in text)]])
    table, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))

    def decode():
        memory, lengths, *states = encoder(inputs, training=False)
        return decoder([table(before), memory, lengths, states], training=False)

    def run():
        return table(decode()[0], reverse=True)[:, -1]

    steps, count = {}, num_steps(len(item))
    for level in range(1 + sum(isinstance(layer, TimeReduction) for layer in encoder.layers)):
        steps[f"encoder_lstm_{level}_"] = heard(inputs["frames"], -(-count // 2**level), 2**level)
    seconds = next(reversed(steps.values())).names
    draw = None
    if seconds:
        weights = decode()[1].numpy()[0]
        draw = attention_over(weights, [f"{second:.2f} s" for second in seconds], "recording")
    steps["decoder"] = Steps(names=["<s>", *text] if seconds else [], kind="characters", separator="", draw=draw)
    return Reading(run=run, steps=steps)


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
