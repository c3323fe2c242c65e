"""Text while somebody speaks: the network `streaming` fed chunk by chunk, its state carried from one to the next.

The text of the chunks together is that of `predict`, of recordings of up to 30 s to the character. A pipeline that
is held to words writes word by word, each once no other is likely.
"""

import os
import reprlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks, registry
from lstm_zoo.caching import cached_in_model
from lstm_zoo.layers import registered
from lstm_zoo.layers.states import named_states, state_inputs
from lstm_zoo.onnx.model import parts_of
from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE, check_rate
from lstm_zoo.tasks.speech.features import BANDS, HOP, LogMel, num_frames, run_normalization
from lstm_zoo.tasks.speech.graphs import run_lstms
from lstm_zoo.tasks.speech.lexicon import Lexicon
from lstm_zoo.tasks.speech.samples import as_array, channel_axis, mono
from lstm_zoo.tasks.speech.subsampling import CONTEXT_FRAMES, SUBSAMPLING
from lstm_zoo.tasks.speech.word_search import WordSearch

State = dict[str, tf.Tensor]


@registered
class Stream(keras.layers.Layer):
    """One chunk of a recording through the network `streaming`: characters, and the state after it.

    Inputs: samples float32 (batch, samples), of which there may be any number, none too; whether they are the last,
    bool (); and the state before them, see `first_state`. Outputs: the characters that are certain now, int32 (batch,
    characters), padded with 0, and the state after them.

    Args:
        network: what `streaming` returned.
        lexicon: words that are written, by a search with so many `beams`. None: the most probable character of each
            step is.

    Example:

    >>> network = streaming(units=8)
    >>> characters, state = Stream(network)(tf.zeros([1, 3200]), tf.constant(False), first_state(network))
    """

    def __init__(self, network: keras.Model, lexicon: Lexicon | None = None, beams: int = 1, **kwargs: Any):
        super().__init__(**{"name": "stream", "dtype": "float32", **kwargs})
        self.network, self.lexicon, self.beams = network, lexicon, beams

    def call(self, chunk, last, state):
        samples = tf.concat([state["samples"], chunk], 1)
        frames, _ = LogMel()(samples, tf.fill(tf.shape(samples)[:1], tf.shape(samples)[1]))
        frames = frames[:, : num_frames(tf.shape(samples)[1])]
        samples = samples[:, HOP * tf.shape(frames)[1] :]
        normal = run_normalization(frames, state["total"], state["count"])

        # Behind the last frame are frames of 0, as before the first one.
        normal = self._padded(tf.concat([state["frames"], normal], 1), last, CONTEXT_FRAMES)
        width = 2 * CONTEXT_FRAMES + 1
        ready = tf.maximum(0, (tf.shape(normal)[1] - width) // SUBSAMPLING + 1)
        used = normal[:, : tf.where(ready > 0, SUBSAMPLING * (ready - 1) + width, 0)]
        steps, recurrent = self._run_lstms(used, ready, state)

        steps = self._padded(tf.concat([state["ahead"], steps], 1), last, self._lookahead())
        logits = self._head(steps)
        new, written = self._write(logits, last, state)
        return new, {
            "samples": samples,
            "total": state["total"] + tf.reduce_sum(frames, 1),
            "count": state["count"] + tf.shape(frames)[1],
            "frames": normal[:, SUBSAMPLING * ready :],
            **recurrent,
            "ahead": steps[:, tf.shape(logits)[1] :],
            **written,
        }

    def _padded(self, sequence, last, steps):
        return tf.pad(sequence, [[0, 0], [0, tf.where(last, steps, 0)], [0, 0]])

    def _lookahead(self):
        return self.network.get_layer("lookahead").kernel_size[0] - 1

    def _run_lstms(self, frames, ready, state):
        """What the LSTMs give of frames that make so many steps, and their state after them."""
        # Neither convolutions nor LSTMs can run no step: they get one, whose answer is not taken.
        blank = tf.zeros([tf.shape(frames)[0], 2 * CONTEXT_FRAMES + 1, BANDS])
        frames = tf.cond(ready > 0, lambda: frames, lambda: blank)
        listener = parts_of(self.network, _listener)["listener"]
        before = {name: state[name] for name in listener.input if name != "frames"}
        after = listener({"frames": frames, **before})
        return after["steps"][:, :ready], {name: tf.where(ready > 0, after[name], before[name]) for name in before}

    def _head(self, steps):
        """Logits of the steps whose look-ahead is there."""
        missing = tf.maximum(0, self._lookahead() + 1 - tf.shape(steps)[1])
        with_lookahead = self.network.get_layer("lookahead")(tf.pad(steps, [[0, 0], [0, missing], [0, 0]]))
        ready = tf.where(missing > 0, 0, tf.shape(with_lookahead)[1])
        return self.network.get_layer("head")(with_lookahead)[:, :ready]

    def _write(self, logits, last, state):
        """Characters that are certain now, and what of the state the next ones hang on."""
        if self.lexicon is None:
            path = tf.argmax(logits, -1, output_type="int32")
            before = tf.concat([state["character"][:, None], path[:, :-1]], 1)
            new = tf.ragged.boolean_mask(path, (path != before[:, : tf.shape(path)[1]]) & (path > 0)).to_tensor()
            return new, {"character": tf.concat([state["character"][:, None], path], 1)[:, -1]}
        search = WordSearch(self.lexicon, self.beams)
        rows, steps = tf.unstack(tf.shape(logits)[:2])
        before = {name: state[name] for name in search.first(1)}
        read = search.read(tf.nn.log_softmax(logits), tf.fill([rows], steps), before)
        return tf.cond(last, lambda: (search.best(read)[0], read), lambda: search.certain(read))

    def compute_output_spec(self, chunk, last, state):
        state_after = {name: keras.KerasTensor(value.shape, value.dtype) for name, value in state.items()}
        return keras.KerasTensor((chunk.shape[0], None), "int32"), state_after

    def get_config(self):
        parts = {"network": self.network, "lexicon": self.lexicon}
        parts = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **parts, "beams": self.beams}

    @classmethod
    def from_config(cls, config):
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("network", "lexicon")}
        return cls(**{**config, **parts})


def _listener(network):
    """A model of frames and the states of the LSTMs: steps, and the states after them."""
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]
    frames, states = keras.Input((None, BANDS), name="frames"), state_inputs(lstm.units for lstm in lstms)
    steps, after = run_lstms(network, frames, states)
    inputs = {"frames": frames, **named_states(states)}
    return {"listener": keras.Model(inputs, {"steps": steps, **named_states(after)}, name="listener")}


def first_state(network: keras.Model, batch_size: int = 1, search: WordSearch | None = None) -> State:
    """The state before the first sample: name -> tensor."""
    units = network.get_layer("head").kernel.shape[0]
    depth = sum(isinstance(layer, keras.layers.LSTM) for layer in network.layers)
    names = [f"{part}_{number}" for number in range(depth) for part in ("hidden", "cell")]
    return {
        "samples": tf.zeros([batch_size, 0]),  # that make no whole frame yet
        "total": tf.zeros([batch_size, BANDS]),  # of the frames so far, and their number, for their running mean
        "count": tf.constant(0),
        "frames": tf.zeros([batch_size, CONTEXT_FRAMES, BANDS]),  # that make no whole step yet
        **{name: tf.zeros([batch_size, units]) for name in names},
        "ahead": tf.zeros([batch_size, 0, units]),  # steps whose look-ahead is not there yet
        # The last one: where it goes on it is not written again.
        **({"character": tf.zeros([batch_size], "int32")} if search is None else search.first(batch_size)),
    }


def endpoints(pipeline: keras.Model, network: keras.Model) -> dict[str, tuple[Callable, list]]:
    """Signatures of a SavedModel beside that of the pipeline: name -> (function of a dict, its input specs).

    `start` takes nothing and gives the state of a recording before its first sample; `stream` takes the state, `chunk`
    float32 (1, samples) and `last` bool (), and gives `text` string (1,), what is certain now, and the state.
    """
    transcriber, spelling = pipeline.get_layer(network.name), pipeline.get_layer("characters")
    lexicon, beams = transcriber.lexicon, transcriber.beams
    layer, search = Stream(network, lexicon, beams), None if lexicon is None else WordSearch(lexicon, beams)

    def start():
        return first_state(network, search=search)

    def step(inputs):
        state = {name: value for name, value in inputs.items() if name not in ("chunk", "last")}
        characters, state = layer(inputs["chunk"], inputs["last"], state)
        return {"text": spelling(characters), **state}

    variable = {"samples": 1, "frames": 1, "ahead": 1, "words": 2}  # and the axis that is not always as long
    specs = {"chunk": tf.TensorSpec([1, None], name="chunk"), "last": tf.TensorSpec([], "bool", name="last")}
    for name, value in start().items():
        shape = [None if axis == variable.get(name) else size for axis, size in enumerate(value.shape)]
        specs[name] = tf.TensorSpec(shape, value.dtype, name=name)
    return {"start": (start, []), "stream": (step, [specs])}


def stream(pipeline: keras.Model, chunks: Iterable[Any], rate: float = RATE) -> Iterator[str]:
    """Text of a recording while it is made: what is certain after each of its chunks.

    Args:
        pipeline: of the network `streaming`.
        chunks: iterable of samples of any lengths, arrays, tensors or lists, (samples,), (samples, channels) or
            (channels, samples): a chunk of few samples has its channels where those before it had them. Their type
            tells their full scale, for the loudest chunk may be still to come: floats up to 1, or 16 where they are
            loud, or integers of 8, 16 or 32 bits.
        rate: their samples a second, 4,000 to 384,000.

    Yields:
        str, one a chunk and one after the last, often "": a character comes 200 ms after it was spoken, about; of a
        pipeline with a lexicon a word once no other is likely, often with the next one. Joined they are the text.

    Raises:
        ValueError: a pipeline of another network; a rate that no recording has; a path, or one array of samples, in
            the place of chunks; samples that are no numbers, NaN or
            infinite, whose channels or full scale are not known.

    Example:

    >>> for text in stream(lstm_zoo.load("speech/streaming"), microphone):
    ...     print(text, end="", flush=True)
    """
    _, record = registry.records_of(pipeline)
    if record.endpoints is None:
        raise ValueError(f"A pipeline of speech/streaming is expected. Received: {pipeline.name}")
    check_rate(rate)
    if isinstance(chunks, (str, os.PathLike)) or getattr(chunks, "ndim", 2) < 2 or not isinstance(chunks, Iterable):
        raise ValueError(
            "Blocks of samples are expected, like those of soundfile.blocks(path, 3200), or [samples] for one. "
            f"Received: {reprlib.repr(chunks)}"
        )
    (step, state), axis = _compiled(pipeline), None
    resampler = None if rate == RATE else need("soxr", "speech").ResampleStream(rate, RATE, 1, "float32")

    def text_after(samples, last):
        nonlocal state, axis
        array = as_array(samples)
        axis = channel_axis(array, axis)
        samples = mono(array, axis, of_stream=True)
        samples = resampler.resample_chunk(samples, last=last) if resampler else samples
        state = dict(step({"chunk": tf.constant(samples[None]), "last": tf.constant(last), **state}))
        return state.pop("text").numpy()[0].decode()

    for samples in chunks:
        yield text_after(samples, False)
    yield text_after(np.zeros(0, "float32"), True)


@cached_in_model
def _compiled(pipeline):
    """The endpoint `stream` of a pipeline, and its first state."""
    _, record = registry.records_of(pipeline)
    functions = record.endpoints(pipeline, networks.network_of(pipeline))
    (start, _), (function, specs) = functions["start"], functions["stream"]
    return tf.function(function, input_signature=specs, autograph=False), start()
