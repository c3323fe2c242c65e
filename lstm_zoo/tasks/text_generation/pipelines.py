"""From prompts to texts: the pipeline, and what `predict` makes of its answers."""

import numbers

import keras
import tensorflow as tf

from lstm_zoo import decoding, networks
from lstm_zoo.layers import language_model, registered
from lstm_zoo.text import inputs
from lstm_zoo.text.characters import PADDING, UNKNOWN
from lstm_zoo.text.subwords import END, START, Subwords

# Of `predict`: what a text is written by, where nothing else is asked for.
LENGTH, TEMPERATURE = 200, 0.8
OPTIONS = {
    "length": (LENGTH, "int32"),
    "temperature": (TEMPERATURE, "float32"),
    "top_k": (0, "int32"),
    "top_p": (1.0, "float32"),
    "repetition_penalty": (1.0, "float32"),
    "seed": (0, "int32"),
}
READ = 64  # tokens of a prompt that are read at once


@registered
class Writer(keras.layers.Layer):
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

    def __init__(self, network, tokens, beams=1, **kwargs):
        super().__init__(**{"name": network.name, **kwargs})
        if beams < 1:
            raise ValueError(f"beams is at least 1. Received: {beams}")
        self.network, self.tokens, self.beams = network, tokens, beams
        pieces = isinstance(tokens, Subwords)
        # What a text begins after, what ends it, and the last of the tokens that are never written.
        self.start, self.end, self.never = (END, END, START) if pieces else (tokens.start, PADDING, UNKNOWN)

    def call(self, inputs):
        ids = self.tokens(inputs["prompt"])
        state = self.read(self.first_state(tf.shape(ids)[0]), ids)
        limits, before = inputs["length"], state["token"]
        if self.beams > 1:
            found, scores = decoding.beam_search(
                self.step, state["states"], limits, beams=self.beams, start=before, end=self.end
            )
            return {"text": self.spell(before, found[:, 0]), "score": scores[:, 0]}
        found, scores, _ = self.sample(state, inputs)
        return {"text": self.spell(before, found), "score": scores}

    def first_state(self, rows):
        """The state before a text: `token` int32 (rows,), the last one, which the LSTMs have yet to read; `position`
        int32 (rows,), the number of tokens so far; `seen` bool (rows, vocabulary), which they were; `states` of the
        LSTMs."""
        return {
            "token": tf.fill([rows], self.start),
            "position": tf.zeros([rows], "int32"),
            "seen": tf.zeros([rows, self.tokens.vocabulary_size()], "bool"),
            "states": language_model.zero_states(self.network.get_layer("encoder"), rows),
        }

    def read(self, state, ids):
        """The state after more tokens, int32 (rows, steps), padded with 0."""
        # A row's own tokens in pieces of its own: no row sees padding, and its state is that of the row alone.
        ids = tf.where(tf.equal(ids, self.end), PADDING, ids)  # a prompt is no whole text
        lengths = tf.math.count_nonzero(ids, 1, dtype="int32")
        line = tf.concat([state["token"][:, None], ids], 1)
        fed, states = tf.zeros_like(lengths), state["states"]
        for width in (READ, 1):

            def some(fed, states, width=width):
                active = lengths - fed >= width
                place = tf.minimum(fed[:, None] + tf.range(width), tf.shape(line)[1] - 1)
                _, after = language_model.step(self.network, tf.gather(line, place, batch_dims=1), states)
                states = tf.nest.map_structure(lambda new, old: tf.where(active[:, None], new, old), after, states)
                return fed + width * tf.cast(active, "int32"), states

            fed, states = tf.while_loop(
                lambda fed, _, width=width: tf.reduce_any(lengths - fed >= width), some, (fed, states)
            )
        rows = tf.repeat(tf.range(tf.shape(ids)[0]), tf.shape(ids)[1])
        places = tf.stack([rows, tf.reshape(ids, [-1])], 1)
        return {
            "token": tf.gather(line, lengths, batch_dims=1),
            "position": state["position"] + lengths,
            "seen": tf.tensor_scatter_nd_update(state["seen"], places, tf.ones_like(rows, "bool")),
            "states": states,
        }

    def sample(self, state, options):
        """Tokens int32 (rows, steps), scores (rows,) and the state after them, of as many tokens as the options say."""
        more = {name: options[name] for name in OPTIONS if name != "length"}
        found, scores, after = decoding.sample(
            self.step,
            state["states"],
            options["length"],
            start=state["token"],
            end=self.end,
            positions=state["position"],
            seen=state["seen"],
            **more,
        )
        token, states, position, seen = after
        return found, scores, {"token": token, "position": position, "seen": seen, "states": states}

    def step(self, tokens, states):
        """The step function of `decoding`; neither padding nor an unknown token is ever written."""
        steps, after = language_model.step(self.network, tokens[:, None], states)
        never = tf.where(tf.range(self.tokens.vocabulary_size()) <= self.never, -float("inf"), 0.0)
        return tf.nn.log_softmax(language_model.logits(self.network, steps)[:, 0]) + never, after

    def spell(self, before, found):
        """Text of tokens int32 (rows, steps) that come after the tokens `before` (rows,): a piece that begins a word
        has a space in front of it, but not at the beginning of a text."""
        text = self.tokens(tf.concat([before[:, None], found], 1), reverse=True)
        known = self.tokens(before[:, None], reverse=True)
        return tf.strings.substr(text, tf.strings.length(known), tf.fill(tf.shape(known), 2**31 - 1))

    def around(self, network):
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


def pipeline(network, preprocessing, beams=1):
    """One model from prompts to texts.

    Returns:
        keras.Model: dict of `prompt` string (batch,), `length` int32 (batch,) and, where it samples, `temperature`,
        `top_p` and `repetition_penalty` float32 (batch,), `top_k` and `seed` int32 (batch,), see `decoding.sample` ->
        dict of `text` string (batch,) and `score` float32 (batch,), see `Writer`.
    """
    inputs = {"prompt": keras.Input((), dtype="string", name="prompt")}
    for name, (_, dtype) in OPTIONS.items():
        if beams == 1 or name == "length":
            inputs[name] = keras.Input((), dtype=dtype, name=name)
    answer = Writer(network, preprocessing["tokens"], beams)(inputs)
    return keras.Model(inputs, answer, name=f"text_generation-{network.name}")


def writer(trained):
    """The Writer in a pipeline."""
    return trained.get_layer(trained.name.split("-")[1])


def with_search(trained, beams):
    """The same pipeline, which searches with so many beams; with 1 it samples.

    Example:

    >>> lstm_zoo.predict(with_search(lstm_zoo.load("text_generation"), beams=4), ["ROMEO:"], length=40)
    """
    return pipeline(networks.network_of(trained), {"tokens": writer(trained).tokens}, beams)


def inputs(raw, **options):
    """Checked pipeline inputs of prompts: a list of dicts of `prompt` and the options of `predict`.

    Raises:
        ValueError: a prompt that is no text, another option, or one outside of what it may be.
    """
    if strange := options.keys() - OPTIONS.keys():
        raise ValueError(f"The options are {', '.join(OPTIONS)}. Received: {', '.join(sorted(strange))}")
    options = {**{name: default for name, (default, _) in OPTIONS.items()}, **options}
    for name, least, most in (
        ("length", 0, 2**31 - 1),
        ("temperature", 0, 2**31),
        ("top_k", 0, 2**31 - 1),
        ("top_p", 0, 1),
        ("repetition_penalty", 1e-3, 1e3),
        ("seed", 0, 2**31 - 1),
    ):
        whole = OPTIONS[name][1] == "int32"
        value = options[name]
        kind = isinstance(value, numbers.Integral if whole else numbers.Real) and not isinstance(value, bool)
        if not kind or not least <= value <= most:
            number = "whole number" if whole else "number"
            raise ValueError(f"{name} is a {number} from {least} to {most}. Received: {value!r}")
    return [{"prompt": prompt, **options} for prompt in inputs.inputs(raw)]


def encode(trained, items):
    """What a pipeline takes, of checked inputs."""
    types = {name: dtype for name, (_, dtype) in OPTIONS.items()} | {"prompt": "string"}
    return {name: tf.constant([item[name] for item in items], types[name]) for name in trained.input}


def size(item):
    """What batches are sorted by: characters that are read and tokens that are written."""
    return len(item["prompt"]) + item["length"]


def answers(outputs, *_):
    """Plain Python answers from pipeline outputs: `[{"text": "What say you, sir?"}, ...]`."""
    return [{"text": row["text"].decode("utf-8", "replace")} for row in outputs]
