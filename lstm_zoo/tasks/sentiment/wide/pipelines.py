"""From raw texts to labels by an LSTM and by n-grams: the pipeline, and what its numbers mean."""

from collections.abc import Callable
from typing import Any

import keras

from lstm_zoo import classification, networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.sentiment import pipelines
from lstm_zoo.tasks.sentiment.wide.networks import bags_of
from lstm_zoo.tasks.sentiment.wide.ngrams import KINDS, WIDTHS, SetVectorization


def pipeline(
    network: keras.Model,
    preprocessing: Preprocessing,
    answer: Callable[..., dict[str, keras.KerasTensor]] = classification.answer,
) -> keras.Model:
    """One model from raw texts to labels, see `sentiment.pipelines.pipeline`."""
    text = keras.Input((), dtype="string", name="text")
    encoded = {kind: preprocessing[kind](text) for kind in bags_of(network)}
    outputs = answer(network({"ids": preprocessing["words"](text), **encoded}), preprocessing["labels"])
    return keras.Model(text, outputs, name="sentiment-wide")


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the labels, and the vocabularies in the order of their ids.

    `once` names the kinds of n-grams of which a row has each id once, however often it occurs; `widths` are how many
    characters those of characters have.
    """
    kinds = [layer.name for layer in pipeline.layers if layer.name in KINDS]
    vocabularies = {kind: pipeline.get_layer(kind).get_vocabulary() for kind in kinds}
    once = [kind for kind in kinds if isinstance(pipeline.get_layer(kind), SetVectorization)]
    return {**pipelines.metadata(pipeline), **vocabularies, "once": once, "widths": WIDTHS}


def describe(pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data, and how much each of its models is heard."""
    network = networks.network_of(pipeline)
    kinds = list(bags_of(network))
    weights, *_ = network.get_layer("pool").get_weights()
    sizes = {kind: network.get_layer(f"bag_{kind}").size for kind in kinds}
    pool = dict(zip(["lstm", *kinds], (round(float(weight), 4) for weight in weights)))
    return {**pipelines.describe(pipeline), **sizes, "pool": pool}
