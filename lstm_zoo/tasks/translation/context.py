"""How well a translation is foreseen by how many words of the sentence have been read."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.batching import by_length
from lstm_zoo.caching import graph_of
from lstm_zoo.steps import Context
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.pipelines import pairs_as_read, preprocessing_of
from lstm_zoo.text.subwords import START

BATCH_SIZE = 32


def longest(_: keras.Model, pairs: Sequence[Pair]) -> int:
    """Words of the longest sentence, at least one."""
    return max(1, *(len(source.split()) for source, _ in pairs))


def token_nll(pipeline: keras.Model, pairs: Sequence[Pair], count: int) -> dict[str, float]:
    """Nats of a subword of the translations by people, each with all before it, where only the first words of the
    sentences are read."""
    network, preprocessing, nll = networks.network_of(pipeline), preprocessing_of(pipeline), []
    for rows in by_length([len(source) for source, _ in pairs], BATCH_SIZE):
        read = [(" ".join(pairs[row][0].split()[:count]), pairs[row][1]) for row in rows]
        sides = zip(*pairs_as_read(read, preprocessing))
        source, target = (preprocessing["subwords"](tf.constant(side)) for side in sides)
        before = tf.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=START)
        logits = graph_of(network)({"source": source, "target": before})
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(target, tf.cast(logits, "float32"))
        nll.append(losses[target > 0].numpy())
    return {"token_nll": round(float(np.concatenate(nll).mean()), 4)}


WORDS = Context(kind="words of the source", longest=longest, score=token_nll)
