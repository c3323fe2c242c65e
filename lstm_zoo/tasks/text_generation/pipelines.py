"""From prompts to texts: the pipeline, and what `predict` makes of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo.caching import cached_in_model
from lstm_zoo.tasks.text_generation.generator import Generator
from lstm_zoo.tasks.text_generation.options import INPUTS


def pipeline(network: keras.Model, preprocessing: dict[str, Any], beams: int = 1) -> keras.Model:
    """One model from prompts to texts.

    Returns:
        keras.Model: dict of `prompt` string (batch,), `length` int32 (batch,) and, where it samples, `temperature`,
        `top_p` and `repetition_penalty` float32 (batch,), `top_k` and `seed` int32 (batch,), see `decoding.sample` ->
        dict of `text` string (batch,) and `score` float32 (batch,), see `Generator`.
    """
    inputs = {"prompt": keras.Input((), dtype="string", name="prompt")}
    for name, (_, dtype) in INPUTS.items():
        if beams == 1 or name == "length":
            inputs[name] = keras.Input((), dtype=dtype, name=name)
    answer = Generator(network, preprocessing["tokens"], beams)(inputs)
    return keras.Model(inputs, answer, name=f"text_generation-{network.name}")


def describe(pipeline: keras.Model) -> dict[str, int]:
    """What a pipeline knows of its data: the size of its vocabulary, characters or subwords."""
    return {"vocabulary": generator_of(pipeline).tokens.vocabulary_size()}


def generator_of(pipeline: keras.Model) -> Generator:
    """The layer in a pipeline that reads and writes."""
    return pipeline.get_layer(pipeline.name.split("-")[1])


@cached_in_model
def with_beams(trained: keras.Model, beams: int) -> keras.Model:
    """The same pipeline, which searches with so many beams; with 1 it samples.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> lstm_zoo.predict(with_beams(lstm_zoo.load("text_generation"), 4), ["ROMEO:"], max_new_tokens=40)
    """
    generator = generator_of(trained)
    return pipeline(generator.network, {"tokens": generator.tokens}, beams)


def encode(_: keras.Model, prompts: Sequence[str]) -> dict[str, tf.Tensor]:
    """What a pipeline takes, but for the options: `prompt` string (batch,)."""
    return {"prompt": tf.constant(prompts, "string")}


def decode(outputs: Sequence[dict[str, Any]], *_: Any) -> list[dict[str, str]]:
    """Plain Python answers from pipeline outputs: `[{"text": "What say you, sir?"}, ...]`."""
    return [{"text": row["text"].decode("utf-8", "replace")} for row in outputs]


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs.graphs` mean: the tokens, see the layer; `start` and `end`, the ids before a text and
    behind it; `first_written`, below which no id is written."""
    tokens = generator_of(pipeline).tokens
    return {**tokens.metadata(), **{name: getattr(tokens, name) for name in ("start", "end", "first_written")}}
