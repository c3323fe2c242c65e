"""How the LSTMs of a language model read a text, for `inspect`: its start, then token by token."""

import keras
import tensorflow as tf

from lstm_zoo.layers import language_model
from lstm_zoo.steps import Reading, Steps
from lstm_zoo.tasks.text_generation.pipelines import generator_of
from lstm_zoo.text.subwords import processor

START = "<s>"  # what the step before the first token is called


def read_characters(pipeline: keras.Model, text: str) -> Reading:
    """How the LSTMs of a pipeline read a text character by character."""
    characters = text.replace("\0", "")  # which is none
    ids = generator_of(pipeline).tokens(tf.constant([characters]))
    return _reading(pipeline, ids, Steps(names=[START, *characters], kind="characters", separator=""))


def read_subwords(pipeline: keras.Model, text: str) -> Reading:
    """How the LSTMs of a pipeline read a text subword by subword, without the end: a prompt is no whole text."""
    tokens = generator_of(pipeline).tokens
    ids = tokens(tf.constant([text]))[:, :-1]
    pieces = processor(tokens.model).id_to_piece(ids[0].numpy().tolist())
    return _reading(pipeline, ids, Steps(names=[START, *pieces], kind="subwords", separator=""))


def _reading(pipeline, ids, steps):
    line = tf.pad(ids, [[0, 0], [1, 0]], constant_values=generator_of(pipeline).tokens.start)
    return Reading(run=next_logits, inputs=line, steps={"": steps})


def next_logits(pipeline: keras.Model, line: tf.Tensor) -> tf.Tensor:
    """Logits of the token behind a line of them, int32 (1, tokens): (1, 1, vocabulary)."""
    network = generator_of(pipeline).network
    vectors, _ = language_model.step(network, line, language_model.zero_states(network.get_layer("encoder"), 1))
    return language_model.logits(network, vectors[:, -1:])
