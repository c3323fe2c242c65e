"""The layer that goes on from a prompt: it reads with a language model, and then samples or searches."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from lstm_zoo import decoding
from lstm_zoo.layers import language_model
from lstm_zoo.tasks.text_generation import graphs
from lstm_zoo.tasks.text_generation.options import INPUTS

CHUNK = 64  # tokens of a prompt that are read at once


@keras.saving.register_keras_serializable("lstm_zoo", name="Writer")
class Generator(keras.layers.Layer):
    """How a network goes on from a prompt.

    Inputs: dict of `prompt` string (batch,), `length` int32 (batch,), the most tokens that are written, and, where it
    samples, the other options of `decoding.sample`, (batch,) each. Outputs: dict of `text` string (batch,), what comes
    after the prompt, and `score` float32 (batch,), its log-probability, for beams over a function of its length, see
    `decoding.score`.

    Args:
        network: what `character` or `awd` returned.
        tokens: layer between text and tokens, Characters or Subwords.
        beams: 1: sample; more: search for a probable text, so many texts at once.

    Raises:
        ValueError: beams below 1.
    """

    def __init__(self, network: keras.Model, tokens: keras.layers.Layer, beams: int = 1, **kwargs: Any):
        super().__init__(**{"name": network.name, **kwargs})
        if beams < 1:
            raise ValueError(f"beams is at least 1. Received: {beams}")
        self.network, self.tokens, self.beams = network, tokens, beams

    def call(self, inputs):
        ids = self.tokens(inputs["prompt"])
        state = self.read(self.first_state(tf.shape(ids)[0]), ids)
        last = state["token"]
        if self.beams > 1:
            end = self.tokens.end
            written, scores = decoding.beam_search(
                self.step, state["states"], inputs["length"], beams=self.beams, start=last, end=end
            )
            return {"text": self.detokenize(last, written[:, 0]), "score": scores[:, 0]}
        written, scores, _ = self.sample(state, inputs)
        return {"text": self.detokenize(last, written), "score": scores}

    def first_state(self, rows: Any) -> dict[str, Any]:
        """The state before a text: `token` int32 (rows,), the last one, which the LSTMs have yet to read; `position`
        int32 (rows,), the number of tokens so far; `seen` bool (rows, vocabulary), which they were; `states` of the
        LSTMs."""
        return {
            "token": tf.fill([rows], self.tokens.start),
            "position": tf.zeros([rows], "int32"),
            "seen": tf.zeros([rows, self.tokens.vocabulary_size()], "bool"),
            "states": language_model.zero_states(self.network.get_layer("encoder"), rows),
        }

    def read(self, state: dict[str, Any], ids: tf.Tensor) -> dict[str, Any]:
        """The state after more tokens, int32 (rows, steps), padded with 0."""
        # A row's own tokens in chunks of its own: no row sees padding, and its state is that of the row alone.
        ids = tf.where(tf.equal(ids, self.tokens.end), 0, ids)  # a prompt is no whole text
        lengths = tf.math.count_nonzero(ids, 1, dtype="int32")
        line = tf.concat([state["token"][:, None], ids], 1)
        position, states = tf.zeros_like(lengths), state["states"]
        for width in (CHUNK, 1):

            def unfinished(position, _, width=width):
                return tf.reduce_any(lengths - position >= width)

            def read_chunk(position, states, width=width):
                active = lengths - position >= width
                places = tf.minimum(position[:, None] + tf.range(width), tf.shape(line)[1] - 1)
                after = graphs.read(self.network, tf.gather(line, places, batch_dims=1), states)
                states = tf.nest.map_structure(lambda new, old: tf.where(active[:, None], new, old), after, states)
                return position + width * tf.cast(active, "int32"), states

            position, states = tf.while_loop(unfinished, read_chunk, (position, states))
        rows = tf.repeat(tf.range(tf.shape(ids)[0]), tf.shape(ids)[1])
        places = tf.stack([rows, tf.reshape(ids, [-1])], 1)
        return {
            "token": tf.gather(line, lengths, batch_dims=1),
            "position": state["position"] + lengths,
            "seen": tf.tensor_scatter_nd_update(state["seen"], places, tf.ones_like(rows, "bool")),
            "states": states,
        }

    def sample(self, state: dict[str, Any], inputs: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor, dict]:
        """Tokens int32 (rows, steps), scores (rows,) and the state after them, of as many tokens as the inputs say."""
        written, scores, after = decoding.sample(
            self.step,
            state["states"],
            inputs["length"],
            start=state["token"],
            end=self.tokens.end,
            positions=state["position"],
            seen=state["seen"],
            **{name: inputs[name] for name in INPUTS if name != "length"},
        )
        token, states, position, seen = after
        return written, scores, {"token": token, "position": position, "seen": seen, "states": states}

    def step(self, tokens: tf.Tensor, states: list) -> tuple[tf.Tensor, list]:
        """The step function of `decoding`; neither padding nor an unknown token is ever written."""
        logits, after = graphs.write(self.network, tokens[:, None], states)
        ids = tf.range(self.tokens.vocabulary_size())
        never = tf.where(ids < self.tokens.first_written, -float("inf"), 0.0)
        return tf.nn.log_softmax(logits[:, 0]) + never, after

    def detokenize(self, last: tf.Tensor, written: tf.Tensor) -> tf.Tensor:
        """Text of tokens int32 (rows, steps) that come after the tokens `last` (rows,): a subword that begins a word
        has a space in front of it, but not at the beginning of a text."""
        text = self.tokens(tf.concat([last[:, None], written], 1), reverse=True)
        before = self.tokens(last[:, None], reverse=True)
        return tf.strings.substr(text, tf.strings.length(before), tf.fill(tf.shape(before), 2**31 - 1))

    def with_network(self, network: keras.Model) -> Generator:
        """The same for another network."""
        return type(self)(network, self.tokens, self.beams)

    def compute_output_spec(self, inputs):
        batch = inputs["prompt"].shape
        return {"text": keras.KerasTensor(batch, "string"), "score": keras.KerasTensor(batch, "float32")}

    def get_config(self):
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("network", "tokens")}
        return {**super().get_config(), **parts, "beams": self.beams}

    @classmethod
    def from_config(cls, config):
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("network", "tokens")}
        return cls(**{**config, **parts})


# As published files name it: Keras finds the weights in a file by the name of the class.
Generator.__name__ = "Writer"
