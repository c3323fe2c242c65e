"""From samples to text: the pipeline, and what `predict` makes of its answers."""

import functools

import keras
import tensorflow as tf

from lstm_zoo import decoding, networks
from lstm_zoo.layers import registered
from lstm_zoo.tasks.speech.audio import answered
from lstm_zoo.tasks.speech.features import HOP, WINDOW, LogMel, frames_of
from lstm_zoo.tasks.speech.parts import SUBSAMPLING

BEAMS = 10
STEP = SUBSAMPLING * HOP  # samples of a step of the network: 40 ms
# A long recording is read in windows, and each with what is around it: so many steps, 30 s and 2 s before and after.
STEPS, CONTEXT = 750, 50


@registered
class Transcriber(keras.layers.Layer):
    """Characters of the best text, by greedy or prefix beam search over the logits of a network with CTC.

    A recording of more than 30 s is read in windows of 30 s, which see 2 s before and after them; their logits are
    joined, so that it takes little memory and no word is cut.

    Inputs: samples float32 (batch, samples) at 16 kHz, and their numbers int32 (batch,). Outputs: characters int32
    (batch, characters), padded with 0, and the log-probability of the text float32 (batch,).

    Args:
        network: what `ctc` or `streaming` returned.
        beams: prefixes that are followed at once, Graves and Jaitly 2014, https://proceedings.mlr.press/v32/graves14;
            1: greedy, the most probable character of each step.

    Raises:
        ValueError: beams below 1.
    """

    def __init__(self, network, beams=BEAMS, **kwargs):
        super().__init__(**{"name": network.name, **kwargs})
        if beams < 1:
            raise ValueError(f"beams is at least 1. Received: {beams}")
        self.network, self.beams = network, beams

    def call(self, waveform, samples):
        chances = tf.nn.log_softmax(logits_of(self.network, waveform, samples))
        if self.beams == 1:
            return best_path(chances)
        # TensorFlow's blank is the last character.
        time_major = tf.transpose(tf.roll(chances, -1, 2), [1, 0, 2])
        found, scores = tf.nn.ctc_beam_search_decoder(time_major, steps_of(samples), self.beams, top_paths=1)
        return tf.cast(tf.sparse.to_dense(found[0], -1) + 1, "int32"), scores[:, 0]

    def around(self, network):
        """The same for another network."""
        return type(self)(network, self.beams)

    def compute_output_spec(self, waveform, samples):
        batch = waveform.shape[0]
        return keras.KerasTensor((batch, None), "int32"), keras.KerasTensor((batch,), "float32")

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network, "beams": self.beams}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})


def steps_of(samples):
    """Number of steps of a network in so many samples."""
    return (frames_of(samples) + SUBSAMPLING - 1) // SUBSAMPLING


def logits_of(network, waveform, samples):
    """Logits (batch, steps, characters) of recordings of any length, computed window by window."""
    log_mel, whole = LogMel(), tf.shape(waveform)[1]
    samples = tf.cast(samples, "int32")
    windows = tf.maximum(1, -(-whole // (STEPS * STEP)))

    def window(number, written):
        before = tf.minimum(number * STEPS, CONTEXT)
        begin = (number * STEPS - before) * STEP
        end = tf.minimum(whole, (before + STEPS + CONTEXT) * STEP + begin + WINDOW - HOP)
        part = tf.clip_by_value(samples - begin, 0, end - begin)
        frames, lengths = log_mel(waveform[:, begin:end], part)
        logits = network({"frames": frames, "lengths": lengths}, training=False)
        steps = tf.transpose(logits[:, before : before + STEPS], [1, 0, 2])
        return number + 1, written.write(number, steps)

    shape = [None, *tf.TensorShape([waveform.shape[0]]), network.output_shape[-1]]
    written = tf.TensorArray("float32", windows, infer_shape=False, element_shape=shape)
    _, written = tf.while_loop(lambda number, _: number < windows, window, (0, written), parallel_iterations=1)
    return tf.transpose(written.concat(), [1, 0, 2])


def best_path(chances):
    """Characters int32 (batch, characters) and log-probability (batch,) of the most probable character of each step."""
    path = tf.argmax(chances, -1, output_type="int32")
    new = path != tf.pad(path[:, :-1], [[0, 0], [1, 0]])
    characters = tf.ragged.boolean_mask(path, new & (path > 0)).to_tensor()
    return characters, tf.reduce_sum(tf.reduce_max(chances, -1), -1)


@registered
class Speller(Transcriber):
    """Characters of the best text, by greedy or beam search over a network with attention.

    A recording of more than 30 s is read in windows of 30 s, whose texts are joined; a word at the end of a window may
    be cut.

    Inputs and outputs: those of Transcriber, but that the score is the log-probability over a function of the
    length, see `decoding.score`, the sum over the windows.

    Args:
        network: what `attention` returned.
        beams: texts that are followed at once; 1: greedy search.

    Raises:
        ValueError: beams below 1.
    """

    def call(self, waveform, samples):
        log_mel, whole = LogMel(), tf.shape(waveform)[1]
        samples, window = tf.cast(samples, "int32"), STEPS * STEP

        def spell(number, written, total):
            part = waveform[:, number * window : (number + 1) * window]
            frames, lengths = log_mel(part, tf.clip_by_value(samples - number * window, 0, window))
            characters, scores = self._spelled({"frames": frames, "lengths": lengths})
            return number + 1, tf.concat([written, characters], 1), total + scores

        rows = tf.shape(waveform)[0]
        begin = (0, tf.zeros([rows, 0], "int32"), tf.zeros([rows]))
        shapes = (tf.TensorShape([]), tf.TensorShape([None, None]), tf.TensorShape([None]))
        more = lambda number, *_: (number == 0) | (number * window < whole)  # noqa: E731
        _, written, total = tf.while_loop(more, spell, begin, shape_invariants=shapes)
        return tf.ragged.boolean_mask(written, written > 0).to_tensor(), total

    def _spelled(self, given):
        table, encoder, decoder = (self.network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
        memory, lengths, *states = encoder(given, training=False)

        def step(memory, lengths, characters, states):
            answered, _, states = decoder([table(characters[:, None]), memory, lengths, states], training=False)
            return tf.nn.log_softmax(tf.cast(table(answered, reverse=True)[:, 0], "float32")), states

        limits = tf.where(given["lengths"] > 0, 2 * lengths + 10, 0)
        if self.beams == 1:
            return decoding.greedy(functools.partial(step, memory, lengths), states, limits, start=0, end=0)
        write = functools.partial(step, tf.repeat(memory, self.beams, 0), tf.repeat(lengths, self.beams, 0))
        found, scores = decoding.beam_search(write, states, limits, beams=self.beams, start=0, end=0)
        return found[:, 0], scores[:, 0]


def pipeline(network, preprocessing, beams=None):
    """One model from samples to text.

    Args:
        beams: see Transcriber. None: 10; 1 for `streaming`, whose text is then that of its stream.

    Returns:
        keras.Model: dict of `waveform` float32 (batch, samples) at 16 kHz and `samples` int32 (batch,), their numbers
        -> dict of `text` string (batch,) and `score` float32 (batch,), its log-probability.
    """
    waveform = keras.Input((None,), name="waveform")
    samples = keras.Input((), dtype="int32", name="samples")
    characters = preprocessing["characters"]
    beams = beams or (1 if network.name == "streaming" else BEAMS)
    search = Speller if network.name == "attention" else Transcriber
    found, score = search(network, beams)(waveform, samples)
    answer = {
        "text": Spelling(list(map(str, characters.get_vocabulary()[1:])), name="characters")(found),
        "score": score,
    }
    return keras.Model({"waveform": waveform, "samples": samples}, answer, name=f"speech-{network.name}")


@registered
class Spelling(keras.layers.Layer):
    """Texts, string (batch,), of the numbers of their characters, int32 (batch, characters), padded with 0.

    Args:
        characters: list of str, the first of which has the number 1.
    """

    def __init__(self, characters, **kwargs):
        super().__init__(**kwargs)
        self.characters = characters

    def call(self, numbers):
        return tf.strings.reduce_join(tf.gather(tf.constant(["", *self.characters]), numbers), -1)

    def compute_output_spec(self, numbers):
        return keras.KerasTensor(numbers.shape[:-1], "string")

    def get_config(self):
        return {**super().get_config(), "characters": self.characters}


def with_search(trained, beams=BEAMS):
    """The same pipeline with another search: `beams=1` is greedy.

    Example:

    >>> lstm_zoo.predict(with_search(lstm_zoo.load("speech"), beams=1), ["recording.wav"])
    """
    return pipeline(networks.network_of(trained), preprocessing_of(trained), beams)


def preprocessing_of(trained):
    """What `adapt` returned for a pipeline."""
    return {"characters": lookup(trained.get_layer("characters").characters)}


def lookup(characters):
    """Layer from characters to their numbers; 0 is any other."""
    return keras.layers.StringLookup(vocabulary=characters, num_oov_indices=1, name="characters")


def fine_tune(trained, _):
    """Network and preprocessing to go on from: the characters stay."""
    return networks.network_of(trained), preprocessing_of(trained)


def answers(outputs, items, *_):
    """Plain Python answers from pipeline outputs: `[{"text": "YES", "score": -0.1}, ...]`; see `audio.answered`."""
    return answered(outputs, items, "text")
