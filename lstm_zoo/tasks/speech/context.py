"""How good a transcript is by how much is heard around each of its steps, and a keyword by how much of it is heard."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks, registry
from lstm_zoo.caching import graph_of
from lstm_zoo.steps import Context
from lstm_zoo.tasks.speech.metrics import metrics
from lstm_zoo.tasks.speech.pairs import Example, waveforms
from lstm_zoo.tasks.speech.pipelines import STEP, Speller, greedy, num_steps
from lstm_zoo.tasks.speech.reading import frames_of
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING

MAX_FRAMES = 2**14  # that are read at once


def longest(_: keras.Model, examples: Sequence[Example]) -> int:
    """Steps of the longest recording, at least one."""
    return max(1, *(num_steps(len(waveform)) for waveform in waveforms(examples)))


def longest_around(pipeline: keras.Model, examples: Sequence[Example]) -> int:
    """The same; a ValueError for a pipeline whose answers belong to no step."""
    if any(isinstance(layer, Speller) for layer in pipeline.layers):
        raise ValueError(
            f"{pipeline.name} writes its characters from the whole recording, so that none has steps around it: data "
            "goes with networks that answer step by step. Give items alone"
        )
    return longest(pipeline, examples)


def score_beginning(pipeline: keras.Model, examples: Sequence[Example], count: int) -> dict[str, float]:
    """Metrics of keywords where so many steps of each recording are heard, from its beginning."""
    heard = [((samples[: count * STEP], rate), *answer) for (samples, rate), *answer in examples]
    task, _ = registry.records_of(pipeline)
    return task.score(pipeline, heard)


def score_surroundings(pipeline: keras.Model, examples: Sequence[Example], count: int) -> dict[str, float]:
    """Metrics of the most probable character of each step, where of a recording so many steps before it and after it
    are heard - and normalized - by themselves."""
    network, spelling = networks.network_of(pipeline), pipeline.get_layer("characters")
    texts, read = [], graph_of(network)
    for waveform in waveforms(examples):
        frames, steps = frames_of(waveform)["frames"].numpy()[0], num_steps(len(waveform))
        begins = np.maximum(np.arange(steps) - count, 0)
        ends = np.minimum(np.arange(steps) + count + 1, steps)
        # What surrounds several steps, like the whole of a short recording, is read once.
        unique, places = np.unique(np.stack([begins, ends], 1), axis=0, return_inverse=True)
        parts = [frames[begin * SUBSAMPLING : end * SUBSAMPLING] for begin, end in unique]
        lengths = np.array([len(part) for part in parts], "int32")
        windows = np.zeros((len(parts), lengths.max(), frames.shape[1]), "float32")
        for window, part in zip(windows, parts):
            window[: len(part)] = part
        chunks = np.array_split(np.arange(len(parts)), -(-windows.shape[0] * windows.shape[1] // MAX_FRAMES))
        logits = np.concatenate([read({"frames": windows[rows], "lengths": lengths[rows]}) for rows in chunks])
        answered = logits[places.ravel(), np.arange(steps) - begins]
        characters, _ = greedy(tf.nn.log_softmax(answered)[None])
        texts.append(spelling(characters).numpy()[0].decode())
    return metrics([text for _, text, _ in examples], texts)


SURROUNDINGS = Context(kind="steps of 40 ms on each side", longest=longest_around, score=score_surroundings)
BEGINNING = Context(kind="steps of 40 ms", longest=longest, score=score_beginning)
