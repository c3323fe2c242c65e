"""The network of keywords: log-mel frames -> logits of labels, its search space, and its pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from lstm_zoo import layers, networks
from lstm_zoo.classification import compile_network
from lstm_zoo.contract import Network, Preprocessing
from lstm_zoo.steps import Reading
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.graphs import feature_parameters
from lstm_zoo.tasks.speech.keyword.rejection import Options, annotate, answer, describe
from lstm_zoo.tasks.speech.pipelines import num_steps
from lstm_zoo.tasks.speech.reading import frames_of, heard
from lstm_zoo.tasks.speech.subsampling import subsampled

if TYPE_CHECKING:
    import keras_tuner

MAX_SECONDS = 10  # of a recording that are read; what comes later is not heard


def keyword(
    *,
    classes: int = 10,
    channels: int = 32,
    units: int = 64,
    depth: int = 2,
    attention_units: int = 32,
    frequency_mask: int = 10,
    time_mask: int = 10,
    weight_dropout: float = 0.0,
    dropout: float = 0.2,
) -> keras.Model:
    """Two convolutions, BiLSTMs, and attention that sums their steps up; fewer than 250,000 parameters.

    As Andrade et al. 2018, https://arxiv.org/abs/1808.08929, with self-attentive pooling (Lin et al. 2017,
    https://arxiv.org/abs/1703.03130).

    Args:
        classes: number of labels.
        channels: of the two convolutions.
        units: width of an LSTM, of which a layer has two, one in each direction, and of the vectors below them.
        depth: layers of LSTMs.
        attention_units: width of the layer that scores the steps.
        frequency_mask: the widest stripe of bands, of 80, that training masks; see SpecAugment.
        time_mask: the widest stripe of frames, of 10 ms, that training masks.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: below and between the LSTMs, and dropout before the head.

    Returns:
        keras.Model: dict of `frames` float32 (batch, steps, 80) and `lengths` int32 (batch,) -> logits (batch,
        classes).

    Raises:
        ValueError: a depth below 1, a mask narrower than 0.

    Example:

    >>> frames = keras.ops.ones((1, 100, 80))
    >>> keyword(units=8)({"frames": frames, "lengths": keras.ops.array([100])}).shape  # (1, 10)
    """
    inputs, lengths, steps = subsampled(channels, units, frequency_mask, time_mask, dropout)
    options = {"units": units, "depth": depth, "dropout": dropout, "weight_dropout": weight_dropout}
    steps, _ = layers.lstm_stack(steps, lengths, bidirectional=True, variational=False, **options)
    summary, _ = layers.AttentionPooling(attention_units, name="attention")(steps, lengths)
    summary = keras.layers.Dropout(dropout)(summary)
    return keras.Model(inputs, keras.layers.Dense(classes, dtype="float32", name="head")(summary), name="keyword")


def keyword_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `keyword`."""
    return {
        "channels": hp.Choice("channels", [8, 16, 32], default=32),
        "units": hp.Int("units", 32, 128, step=32, default=64),
        "depth": hp.Int("depth", 1, 3, default=2),
        "attention_units": hp.Int("attention_units", 16, 64, step=16, default=32),
        "frequency_mask": hp.Choice("frequency_mask", [0, 5, 10, 20], default=10),
        "time_mask": hp.Choice("time_mask", [0, 5, 10, 20], default=10),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.4, step=0.2, default=0.0),
        "dropout": hp.Float("dropout", 0.1, 0.5, step=0.1, default=0.2),
    }


def pipeline(network: keras.Model, preprocessing: Preprocessing) -> keras.Model:
    """One model from samples to labels.

    Args:
        network: what `keyword` returned.
        preprocessing: what `adapt` returned.

    Returns:
        keras.Model: dict of `waveform` float32 (batch, samples) at 16 kHz, of which the first 10 s are read, and
        `samples` int32 (batch,), their numbers -> dict of `label` (batch,) string, `score` (batch,), the probability of
        that label, and `probabilities` (batch, classes), ordered as `pipeline.get_layer("labels").get_vocabulary()`.
        Where `[none]` is a label, it is the answer where no word is as probable as the layer `threshold` has it.
    """
    waveform = keras.Input((None,), name="waveform")
    samples = keras.Input((), dtype="int32", name="samples")
    limit = MAX_SECONDS * RATE
    frames, lengths = LogMel()(waveform[:, :limit], keras.ops.minimum(samples, limit))
    outputs = answer(network({"frames": frames, "lengths": lengths}), preprocessing["labels"])
    return keras.Model({"waveform": waveform, "samples": samples}, outputs, name=f"speech-{network.name}")


def read_beginning(pipeline: keras.Model, item: np.ndarray) -> Reading:
    """How the LSTMs of a pipeline read a recording, the first 10 s of it."""
    item = item[: MAX_SECONDS * RATE]
    inputs = frames_of(item)
    return Reading(run=logits, inputs=inputs, steps={"": heard(inputs["frames"], num_steps(len(item)))})


def logits(pipeline: keras.Model, inputs: dict[str, Any]) -> Any:
    """Logits of the words, (1, classes)."""
    return networks.network_of(pipeline)(inputs, training=False)


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a pipeline.

    Returns:
        Dict of `network`: `frames` (batch, steps, 80) and `lengths` int32 (batch,), their numbers -> `probabilities`
        (batch, classes).
    """
    probabilities = keras.layers.Softmax(dtype="float32")(network.output)
    return {"network": keras.Model(network.input, {"probabilities": probabilities}, name=network.name)}


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the labels, the `threshold` where `[none]` is one of them, see `describe`; the
    `features`, see `feature_parameters`, of the first `max_seconds` of a recording."""
    return {**describe(pipeline), "features": feature_parameters(), "max_seconds": MAX_SECONDS}


NETWORKS = {
    "keyword": Network(
        build=keyword,
        space=keyword_space,
        compile=compile_network,
        pipeline=pipeline,
        read_item=read_beginning,
        options=Options,
        annotate=annotate,
        graphs=graphs,
        metadata=metadata,
        portable=True,
    ),
}
