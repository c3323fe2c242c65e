"""From samples to text: the pipeline, its kinds of search, and the layer that spells the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo import decoding
from lstm_zoo.contract import Preprocessing
from lstm_zoo.layers import registered, seq2seq
from lstm_zoo.onnx.model import parts_of
from lstm_zoo.options import Bounds, check_value
from lstm_zoo.tasks.speech.audio import FRAME
from lstm_zoo.tasks.speech.confidence import AS_IT_IS
from lstm_zoo.tasks.speech.features import HOP, LogMel, num_frames
from lstm_zoo.tasks.speech.graphs import spelling_graphs
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING
from lstm_zoo.tasks.speech.word_search import WordSearch

BEAMS = 10
WORD_BEAMS = 16  # of a search that is held to words: most of its prefixes are within one
STEP = SUBSAMPLING * HOP  # samples of a step of the network: 40 ms
# A long recording is read in windows, and each with what is around it: 30 s and 2 s before and after.
WINDOW_STEPS, CONTEXT_STEPS = 750, 50


@registered
class Transcriber(keras.layers.Layer):
    """Characters of the best text, by greedy or prefix beam search over the logits of a network with CTC.

    A recording of more than 30 s is read in windows of 30 s, which see 2 s before and after them; their logits are
    joined, so that it takes little memory and no word is cut.

    Inputs: samples float32 (batch, samples) at 16 kHz, and their numbers int32 (batch,). Outputs: characters int32
    (batch, characters), padded with 0, and the log-probability of the text float32 (batch,), see `of_heard`.

    Args:
        network: what `ctc` or `streaming` returned.
        beams: prefixes that are followed at once, Graves and Jaitly 2014, https://proceedings.mlr.press/v32/graves14;
            1: greedy, the most probable character of each step.
        lexicon: words that the text is made of, see `word_search`. None: it is spelled openly.
        confidence: slope and bias of how sure its words are, see `confidence.calibrated`.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> characters, scores = Transcriber(ctc(units=8))(tf.zeros([1, 16_000]), tf.constant([16_000]))
    >>> scores.shape  # (1,)
    """

    def __init__(
        self,
        network: keras.Model,
        beams: int = BEAMS,
        lexicon: Lexicon | None = None,
        confidence: Sequence[float] = AS_IT_IS,
        **kwargs: Any,
    ):
        super().__init__(**{"name": network.name, **kwargs})
        check_value("beams", beams, int, Bounds(minimum=1))
        self.network, self.beams, self.lexicon, self.confidence = network, beams, lexicon, tuple(confidence)

    def call(self, waveform, samples):
        log_probs = tf.nn.log_softmax(logits_of(self.network, waveform, samples))
        if self.lexicon is not None:
            search = WordSearch(self.lexicon, self.beams)
            first = search.first(tf.shape(samples)[0])
            characters, scores = search.best(search.read(log_probs, num_steps(tf.cast(samples, "int32")), first))
            return characters, of_heard(scores, samples)
        if self.beams == 1:
            characters, scores = greedy(log_probs)
            return characters, of_heard(scores, samples)
        # TensorFlow's blank is the last character.
        time_major = tf.transpose(tf.roll(log_probs, -1, 2), [1, 0, 2])
        texts, scores = tf.nn.ctc_beam_search_decoder(time_major, num_steps(samples), self.beams, top_paths=1)
        return tf.cast(tf.sparse.to_dense(texts[0], -1) + 1, "int32"), of_heard(scores[:, 0], samples)

    def with_network(self, network: keras.Model) -> Transcriber:
        """The same for another network."""
        return type(self)(network, self.beams, self.lexicon, self.confidence)

    def compute_output_spec(self, waveform, samples):
        batch_size = waveform.shape[0]
        return keras.KerasTensor((batch_size, None), "int32"), keras.KerasTensor((batch_size,), "float32")

    def get_config(self):
        parts = {"network": self.network, "lexicon": self.lexicon}
        parts = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **parts, "beams": self.beams, "confidence": list(self.confidence)}

    @classmethod
    def from_config(cls, config):
        # Files of before there were lexicons have none.
        parts = {name: keras.saving.deserialize_keras_object(config.get(name)) for name in ("network", "lexicon")}
        return cls(**{**config, **parts})


def of_heard(scores: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """Scores (batch,), NaN of a recording that is shorter than a frame: no network has heard anything of it."""
    return tf.where(tf.cast(samples, "int32") < FRAME, float("nan"), scores)


def num_steps(samples: int | tf.Tensor) -> int | tf.Tensor:
    """Number of steps of a network in so many samples, of integers or tensors."""
    return (num_frames(samples) + SUBSAMPLING - 1) // SUBSAMPLING


def logits_of(network: keras.Model, waveform: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """Logits (batch, steps, characters) of recordings of any length, computed window by window.

    Args:
        network: what `ctc` or `streaming` returned.
        waveform: float32 (batch, samples) at 16 kHz.
        samples: their numbers int32 (batch,).
    """
    log_mel, size = LogMel(), tf.shape(waveform)[1]
    samples = tf.cast(samples, "int32")
    windows = tf.maximum(1, -(-size // (WINDOW_STEPS * STEP)))

    def read_window(number, logits):
        before = tf.minimum(number * WINDOW_STEPS, CONTEXT_STEPS)
        begin = (number * WINDOW_STEPS - before) * STEP
        end = tf.minimum(size, (before + WINDOW_STEPS + CONTEXT_STEPS) * STEP + begin + FRAME - HOP)
        inside = tf.clip_by_value(samples - begin, 0, end - begin)
        frames, lengths = log_mel(waveform[:, begin:end], inside)
        steps = network({"frames": frames, "lengths": lengths}, training=False)
        steps = tf.transpose(steps[:, before : before + WINDOW_STEPS], [1, 0, 2])
        return number + 1, logits.write(number, steps)

    shape = [None, *tf.TensorShape([waveform.shape[0]]), network.output_shape[-1]]
    logits = tf.TensorArray("float32", windows, infer_shape=False, element_shape=shape)
    _, logits = tf.while_loop(lambda number, _: number < windows, read_window, (0, logits), parallel_iterations=1)
    return tf.transpose(logits.concat(), [1, 0, 2])


def greedy(log_probs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Characters int32 (batch, characters) and log-probability (batch,) of the most probable character of each step.

    Args:
        log_probs: float32 (batch, steps, characters), the blank first.

    Example:

    >>> path = tf.one_hot([[1, 1, 0, 1, 2]], 3)  # what is alike without a blank between is one
    >>> greedy(tf.math.log(path + 1e-9))[0]  # [[1, 1, 2]]
    """
    path = tf.argmax(log_probs, -1, output_type="int32")
    new = path != tf.pad(path[:, :-1], [[0, 0], [1, 0]])
    characters = tf.ragged.boolean_mask(path, new & (path > 0)).to_tensor()
    return characters, tf.reduce_sum(tf.reduce_max(log_probs, -1), -1)


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
        log_mel, size = LogMel(), tf.shape(waveform)[1]
        samples, window = tf.cast(samples, "int32"), WINDOW_STEPS * STEP

        def spell_window(number, written, total):
            heard = waveform[:, number * window : (number + 1) * window]
            frames, lengths = log_mel(heard, tf.clip_by_value(samples - number * window, 0, window))
            characters, scores = self._spell({"frames": frames, "lengths": lengths})
            return number + 1, tf.concat([written, characters], 1), total + scores

        rows = tf.shape(waveform)[0]
        first = (0, tf.zeros([rows, 0], "int32"), tf.zeros([rows]))
        shapes = (tf.TensorShape([]), tf.TensorShape([None, None]), tf.TensorShape([None]))
        unread = lambda number, *_: (number == 0) | (number * window < size)  # noqa: E731
        _, written, total = tf.while_loop(unread, spell_window, first, shape_invariants=shapes)
        return tf.ragged.boolean_mask(written, written > 0).to_tensor(), of_heard(total, samples)

    def _spell(self, inputs):
        parts = parts_of(self.network, spelling_graphs)
        read = parts["encoder"](inputs)
        write, states = seq2seq.step_function(parts["step"], read, self.beams)
        limits = tf.where(inputs["lengths"] > 0, 2 * read["memory_lengths"] + 10, 0)
        if self.beams == 1:
            return decoding.greedy(write, states, limits, start=0, end=0)
        texts, scores = decoding.beam_search(write, states, limits, beams=self.beams, start=0, end=0)
        return texts[:, 0], scores[:, 0]


def pipeline(
    network: keras.Model,
    preprocessing: Preprocessing,
    beams: int | None = None,
    search: type[Transcriber] = Transcriber,
    open_beams: int = BEAMS,
) -> keras.Model:
    """One model from samples to text.

    Args:
        network: of characters, see `networks`.
        preprocessing: what `adapt` returned, or `preprocessing_of` for a pipeline.
        beams: see Transcriber. None: 16 of words of a lexicon, else `open_beams`.
        search: Transcriber for a network with CTC, Speller for one with attention.
        open_beams: where the text is spelled openly.

    Raises:
        ValueError: a lexicon for a network with attention; beams below 1.

    Returns:
        keras.Model: dict of `waveform` float32 (batch, samples) at 16 kHz and `samples` int32 (batch,), their numbers
        -> dict of `text` string (batch,) and `score` float32 (batch,), its log-probability.

    Example:

    >>> preprocessing = adapt([(None, "NO", "")])
    >>> made = pipeline(ctc(**data_hyperparameters(preprocessing)), preprocessing, beams=1)
    >>> made({"waveform": tf.zeros([1, 16_000]), "samples": tf.constant([16_000])})["text"]  # b"..."
    """
    waveform = keras.Input((None,), name="waveform")
    samples = keras.Input((), dtype="int32", name="samples")
    lexicon, confidence = preprocessing.get("lexicon"), preprocessing.get("confidence", AS_IT_IS)
    if lexicon is not None and search is not Transcriber:
        raise ValueError(f"A lexicon is for pipelines of networks with CTC. Received: speech-{network.name}")
    if beams is None:
        beams = open_beams if lexicon is None else WORD_BEAMS
    characters, score = search(network, beams, lexicon, confidence)(waveform, samples)
    vocabulary = preprocessing["characters"].get_vocabulary()
    text = Spelling(list(map(str, vocabulary[1:])), name="characters")(characters)
    inputs = {"waveform": waveform, "samples": samples}
    return keras.Model(inputs, {"text": text, "score": score}, name=f"speech-{network.name}")


@registered
class Spelling(keras.layers.Layer):
    """Texts, string (batch,), of the numbers of their characters, int32 (batch, characters), padded with 0.

    The number behind the last one stands for a word that is none of a lexicon.

    Args:
        characters: list of str, the first of which has the number 1.

    Example:

    >>> Spelling(["N", "O"])(tf.constant([[1, 2, 0]]))  # [b"NO"]
    """

    def __init__(self, characters: Sequence[str], **kwargs: Any):
        super().__init__(**kwargs)
        self.characters = characters

    def call(self, numbers):
        return tf.strings.reduce_join(tf.gather(tf.constant(["", *self.characters, UNKNOWN]), numbers), -1)

    def compute_output_spec(self, numbers):
        return keras.KerasTensor(numbers.shape[:-1], "string")

    def get_config(self):
        return {**super().get_config(), "characters": self.characters}
