"""From raw texts to labels, and to the words that were looked at: pipelines and what `predict` makes of them."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo import batching, classification, networks
from lstm_zoo.caching import cached_in_model
from lstm_zoo.contract import Preprocessing
from lstm_zoo.options import option
from lstm_zoo.steps import Reading, Steps
from lstm_zoo.tasks.sentiment.preprocessing import RULES, separate_words, vectors_of
from lstm_zoo.text.rules import written_out


def pipeline(
    network: keras.Model,
    preprocessing: Preprocessing,
    answer: Callable[..., dict[str, keras.KerasTensor]] = classification.answer,
) -> keras.Model:
    """One model from raw texts to labels.

    Args:
        network, preprocessing: see `lstm_zoo.registry`.
        answer: (logits, `labels` layer) -> what the pipeline gives; `multilabel.answer` for several labels a text.

    Returns:
        keras.Model: strings (batch,) -> dict of `label` (batch,) string, `score` (batch,), the probability of that
        label, and `probabilities` (batch, classes), in the order of `pipeline.get_layer("labels").get_vocabulary()`.

    Example:

    >>> preprocessing = adapt([("good film", "positive"), ("bad film", "negative")])
    >>> whole = pipeline(bilstm(**data_hyperparameters(preprocessing)), preprocessing)
    >>> whole(tf.constant(["a good film"]))["label"].shape  # (1,)
    """
    text = keras.Input((), dtype="string", name="text")
    outputs = answer(network(preprocessing["words"](text)), preprocessing["labels"])
    return keras.Model(text, outputs, name=f"sentiment-{network.name}")


def inference_network(network: keras.Model) -> keras.Model:
    """The part of a pipeline that holds no strings, for formats without them.

    Returns:
        keras.Model: token ids (batch, steps) int32, of `wide` those of n-grams too -> dict of `probabilities` (batch,
        classes).
    """
    return keras.Model(network.input, {"probabilities": keras.layers.Softmax(dtype="float32")(network.output)})


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """`inference_network` by its name: it is the only graph."""
    return {"network": inference_network(network)}


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: the labels in their order; the vocabulary, in that of ids; and what puts white
    space between the words of a text: `lower`, whether it is put in lower case, and then the `rules`, see
    `lstm_zoo.text.rules.written_out`."""
    return {
        "labels": pipeline.get_layer("labels").get_vocabulary(),
        "vocabulary": pipeline.get_layer("words").get_vocabulary(),
        "lower": True,
        "rules": written_out(RULES),
    }


def describe(pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data: its labels, in the order of its scores, the size of the vocabulary that it has
    learnt and, if it has word vectors, `word_vectors`, how many."""
    network = networks.network_of(pipeline)
    vectors = vectors_of(network)
    told = {} if vectors is None else {"word_vectors": int(vectors.any(axis=1).sum())}
    return {**classification.describe(pipeline), "vocabulary": network.get_layer("embedding").input_dim, **told}


def words_in(text: str) -> list[str]:
    """The words of a text, as a pipeline reads them.

    Example:

    >>> words_in("Don't miss it!")
    ["don't", 'miss', 'it', '!']
    """
    return [word.decode() for word in tf.strings.split(separate_words(tf.constant(text))).numpy()]


def read_item(pipeline: keras.Model, text: str) -> Reading:
    """How the LSTMs of a pipeline read a text: word by word."""
    words = Steps(names=words_in(text), kind="words", separator=" ")
    return Reading(run=log_probabilities, inputs=tf.constant([text]), steps={"": words})


def log_probabilities(pipeline: keras.Model, texts: tf.Tensor) -> tf.Tensor:
    """Logarithms of the probabilities of the labels of texts, (batch, classes)."""
    return tf.math.log(pipeline(texts)["probabilities"])


def encode(_: keras.Model, texts: Sequence[str]) -> tf.Tensor:
    """What a pipeline takes, strings (batch,), of checked texts."""
    return tf.constant(texts, "string")


def decode(outputs: Sequence[dict[str, Any]], *_: Any) -> list[dict[str, Any]]:
    """Plain Python answers from pipeline outputs: `[{"label": "positive", "score": 0.98}, ...]`."""
    return [{"label": row["label"].decode(), "score": float(row["score"])} for row in outputs]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(classification.Options):
    """What `predict` takes beside the texts."""

    explain: bool = option(
        False,
        "Add to each answer `words`: pairs (word, weight) in reading order, what the network looked at. The weights "
        "add up to 1; they do not say whether a word speaks for the label or against it.",
    )


def annotate(
    answers: list[dict[str, Any]], texts: Sequence[str], outputs: Any, pipeline: keras.Model, options: Options
) -> None:
    """Add to the answers what the options ask for."""
    classification.annotate(answers, texts, outputs, pipeline, options)
    if options.explain:
        for answer, words in zip(answers, explain(pipeline, texts)):
            answer["words"] = words


def explain(pipeline: keras.Model, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """Which words a pipeline with attention weighed: for each text its words and their weights, which add up to 1.

    The weights say where the network looked, not whether the word speaks for or against the label.

    Args:
        pipeline: of sentiment/attention.
        texts: as `prepare` gives them.

    Returns:
        A list per text of pairs (word, weight), in reading order; empty for a text without words.

    Raises:
        ValueError: a network without attention.

    Example:

    >>> explain(lstm_zoo.load("sentiment/attention"), ["a moving film"])
    [[('a', 0.1...), ('moving', 0.7...), ('film', 0.1...)]]
    """
    rows = batching.run(_weighing(pipeline), texts, encode)
    return [list(zip(words_in(text), row["weights"].tolist())) for text, row in zip(texts, rows)]


@cached_in_model
def _weighing(pipeline):
    """A model from texts to dicts of `weights` (batch, words), those of the attention of a pipeline."""
    network = networks.network_of(pipeline)
    weights = keras.Model(network.input, network.get_layer("attention").output[1])
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, {"weights": weights(pipeline.get_layer("words")(text))}, name=pipeline.name)
