"""How the LSTMs of a translation read a sentence, and what they have written of the other one, for `inspect`."""

import keras
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.caching import graph_of
from lstm_zoo.steps import Reading, Steps, attention_over
from lstm_zoo.tasks.translation.annotations import align
from lstm_zoo.tasks.translation.pipelines import as_text, pairs_as_read, preprocessing_of
from lstm_zoo.tasks.translation.sentences import Sentence
from lstm_zoo.text.subwords import START


def read_item(pipeline: keras.Model, item: Sentence) -> Reading:
    """How the LSTMs of a pipeline read a sentence: the encoder its subwords, the decoder those of its translation."""
    preprocessing = preprocessing_of(pipeline)
    translation = as_text(graph_of(pipeline, rows=1)(tf.constant([item.text]))["text"].numpy()[0])
    [pair] = pairs_as_read([(item.text, translation)], preprocessing)
    source, target = (preprocessing["subwords"](tf.constant([text])) for text in pair)
    before = tf.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=START)
    [alignment] = align(pipeline, [item.text], [translation])
    read, written = alignment["source"], ["<s>", *alignment["target"][:-1]]
    draw = attention_over(alignment["weights"], read, "source")
    return Reading(
        run=last_logits,
        inputs={"source": source, "target": before},
        steps={
            "encoder": Steps(names=read, kind="subwords of the source", separator=""),
            "decoder": Steps(names=written, kind="subwords of the translation", separator="", draw=draw),
        },
    )


def last_logits(pipeline: keras.Model, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """Logits of the last subword of a translation, of which the network reads those before it: (1, vocabulary)."""
    return networks.network_of(pipeline)(inputs, training=False)[:, -1]
