"""From raw sentences to translations: the pipeline, and the plain answers of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo import decoding, networks
from lstm_zoo.caching import cached_in_model
from lstm_zoo.contract import Preprocessing
from lstm_zoo.layers import registered, seq2seq
from lstm_zoo.onnx.model import parts_of
from lstm_zoo.repetition import without_loops
from lstm_zoo.tasks.translation.graphs import graphs
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.numbers import marked
from lstm_zoo.text.subwords import END, PADDING, START, UNKNOWN

BEAMS, LENGTH_PENALTY = 4, 1.0
# A translation of n subwords has at most twice as many and ten, and never more than this.
MAX_ANSWER_TOKENS = 256


@registered
class Translator(keras.layers.Layer):
    """Tokens of the best translations, by greedy or beam search over a network.

    A sentence without subwords has an empty translation. A translation has at most `2 * subwords + 10` tokens, and at
    most 256.

    Input: int32 (batch, steps), subwords and `END`, padded with 0. Outputs: tokens int32 (batch, beams, steps), best
    first, and scores float32 (batch, beams), see `decoding.beam_search`.

    Args:
        network: what `attention` or `gnmt` returned.
        beams: sequences that are followed at once; 1: greedy search.
        length_penalty: see `decoding.score`.
        loops: whether it may write the same over and over, see `lstm_zoo.repetition`. It may in files that do not say,
            which go on answering as they did.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> tokens, scores = Translator(attention(vocabulary=50, units=8))(tf.constant([[5, 7, 3]]))
    >>> scores.shape  # (1, 4)
    """

    def __init__(
        self,
        network: keras.Model,
        beams: int = BEAMS,
        length_penalty: float = LENGTH_PENALTY,
        loops: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**{"name": network.name, **kwargs})
        if beams < 1:
            raise ValueError(f"beams is at least 1. Received: {beams}")
        self.network, self.beams, self.length_penalty, self.loops = network, beams, length_penalty, loops

    def call(self, source):
        parts = parts_of(self.network, graphs)
        read = parts["encoder"]({"source": source})
        write, states = seq2seq.step_function(parts["step"], {**read, "source": source}, self.beams)
        ids = tf.range(self.network.get_layer("embedding").input_dim)
        never = tf.where((ids == PADDING) | (ids == UNKNOWN) | (ids == START), -float("inf"), 0.0)

        def step(tokens, states):
            log_probs, states = write(tokens, states)
            return log_probs + never, states

        lengths = read["memory_lengths"]
        limits = tf.minimum(2 * (lengths - 1) + 10, MAX_ANSWER_TOKENS)
        limits = tf.where(lengths > 1, limits, 0)
        options = {"start": START, "end": END, "length_penalty": self.length_penalty}
        if not self.loops:
            step, states = without_loops(step, states, source)
        if self.beams == 1:
            tokens, scores = decoding.greedy(step, states, limits, **options)
            return tokens[:, None], scores[:, None]
        return decoding.beam_search(step, states, limits, beams=self.beams, **options)

    def with_network(self, network: keras.Model) -> Translator:
        """The same for another network."""
        return type(self)(network, self.beams, self.length_penalty, self.loops)

    def compute_output_spec(self, source):
        shape = (source.shape[0], self.beams)
        return keras.KerasTensor((*shape, None), "int32"), keras.KerasTensor(shape, "float32")

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        options = {"beams": self.beams, "length_penalty": self.length_penalty, "loops": self.loops}
        return {**super().get_config(), "network": network, **options}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})


def pipeline(
    network: keras.Model,
    preprocessing: Preprocessing,
    beams: int = BEAMS,
    length_penalty: float = LENGTH_PENALTY,
    loops: bool = False,
) -> keras.Model:
    """One model from raw sentences to translations.

    Args:
        network: what `attention` or `gnmt` returned.
        preprocessing: what `adapt` returned.
        beams: sequences that are followed at once; 1: greedy search.
        length_penalty: see `decoding.score`.
        loops: whether it may write the same over and over, see `lstm_zoo.repetition`.

    Returns:
        keras.Model: strings (batch,) -> dict of `text` string (batch,), the best translation, `score` float32 (batch,),
        its log-probability over a function of its length, see `decoding.score`, and `texts` and `scores` (batch,
        beams), the best translations that the search found, best first.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> preprocessing = adapt([("Ein Hund rennt.", "A dog runs."), ("Eine Katze schläft.", "A cat sleeps.")], 60)
    >>> whole = pipeline(attention(**data_hyperparameters(preprocessing)), preprocessing)
    >>> whole(tf.constant(["Ein Hund schläft."]))["texts"].shape  # (1, 4)
    """
    text = keras.Input((), dtype="string", name="text")
    source, numbers = tokens_of(text, preprocessing)
    tokens, scores = Translator(network, beams, length_penalty, loops)(source)
    texts = texts_of(tokens, numbers, preprocessing)
    answer = {"text": texts[:, 0], "score": scores[:, 0], "texts": texts, "scores": scores}
    return keras.Model(text, answer, name=f"translation-{network.name}")


@cached_in_model
def with_beams(trained: keras.Model, beams: int = BEAMS, length_penalty: float = LENGTH_PENALTY) -> keras.Model:
    """The same pipeline with another search: `beams=1` is greedy and three times as fast.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> lstm_zoo.predict(with_beams(lstm_zoo.load("translation"), beams=1), ["Ein Hund rennt."])
    """
    network = networks.network_of(trained)
    return pipeline(network, preprocessing_of(trained), beams, length_penalty, trained.get_layer(network.name).loops)


def preprocessing_of(trained: keras.Model) -> Preprocessing:
    """The preprocessing layers of a pipeline, see `adapt`; `numbers` is None in files from before there were marks."""
    layers = {layer.name: layer for layer in trained.layers}
    return {"subwords": layers["subwords"], "numbers": layers.get("numbers")}


def tokens_of(texts: Any, preprocessing: Preprocessing) -> tuple[Any, Any]:
    """What a network gets of sentences, strings (batch,): tokens int32 (batch, steps), and the numbers (batch, 10) that
    marks stand for in them, None without marks."""
    numbers = None
    if preprocessing["numbers"] is not None:
        texts, numbers = preprocessing["numbers"](texts)
    return preprocessing["subwords"](texts), numbers


def texts_of(tokens: Any, numbers: Any, preprocessing: Preprocessing) -> Any:
    """Translations, strings (batch, beams), of the tokens (batch, beams, steps) of a search, and what `tokens_of` gave
    of the numbers of the sentences."""
    texts = preprocessing["subwords"](tokens, reverse=True)
    return texts if numbers is None else preprocessing["numbers"](texts, numbers=numbers)


def pairs_as_read(pairs: Sequence[Pair], preprocessing: Preprocessing) -> Sequence[Pair]:
    """Pairs (sentence, translation) as the subwords get them: with marks, if the pipeline has them."""
    return pairs if preprocessing["numbers"] is None else [marked(pair) for pair in pairs]


def encode(_: keras.Model, texts: Sequence[str]) -> tf.Tensor:
    """What a pipeline takes, strings (batch,), of checked texts."""
    return tf.constant(texts, "string")


def decode(outputs: Sequence[dict[str, Any]], *_: Any) -> list[dict[str, Any]]:
    """Plain Python answers from pipeline outputs: `[{"text": "A dog runs.", "score": -1.5}, ...]`."""
    return [{"text": as_text(row["text"]), "score": float(row["score"])} for row in outputs]


def as_text(written: bytes) -> str:
    """What a pipeline wrote, as `str`."""
    return written.decode("utf-8", "replace")


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs.graphs` mean: the subwords of both languages, see the layer; `start` and `end`, the
    ids before a translation and behind it; `numbers`, whether marks stand for numbers, see `Numbers`; and how the
    pipeline searches: `beams`, `length_penalty`, `loops`, see `Translator`, and `max_tokens`."""
    preprocessing, search = preprocessing_of(pipeline), pipeline.get_layer(networks.network_of(pipeline).name)
    return {
        **preprocessing["subwords"].metadata(),
        "start": START,
        "end": END,
        "numbers": preprocessing["numbers"] is not None,
        "beams": search.beams,
        "length_penalty": search.length_penalty,
        "loops": search.loops,
        "max_tokens": MAX_ANSWER_TOKENS,
    }
