"""How well a text is foreseen by how many tokens of it have been read."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo.caching import cached_in_model
from lstm_zoo.layers import language_model
from lstm_zoo.steps import Context
from lstm_zoo.tasks.text_generation.batches import stream
from lstm_zoo.tasks.text_generation.pipelines import generator_of

MAX_CONTEXT = 1024  # tokens
BLOCK, MAX_BLOCKS = 64, 24  # tokens behind one another that are predicted, and how many such
ROWS = 64  # that are read at once


def longest(pipeline: keras.Model, texts: Sequence[str]) -> int:
    """The greatest power of 2 of tokens that is at most half of the texts, and at most 1,024.

    Raises:
        ValueError: fewer than two tokens.
    """
    tokens = len(stream(texts, {"tokens": generator_of(pipeline).tokens}))
    if tokens < 2:
        raise ValueError(f"Texts of at least 2 tokens are expected. Received: {tokens} in {len(texts)} texts")
    return longest_of(tokens)


def longest_of(tokens: int) -> int:
    """The same of so many tokens, at least 2."""
    return min(MAX_CONTEXT, 1 << (tokens // 2).bit_length() - 1)


def token_nll(pipeline: keras.Model, texts: Sequence[str], count: int) -> dict[str, float]:
    """Nats of a token of texts, which stand behind one another, by a network that has read so many before it.

    It begins with a state of zeros, as training does, in the middle of the text. The same tokens are predicted whatever
    the count: up to 24 blocks of 64, evenly over all that have `longest` tokens before them. One reading predicts some
    of them, a quarter of the count, so that each is predicted from that many tokens, and up to a quarter more.
    """
    generator = generator_of(pipeline)
    ids = stream(texts, {"tokens": generator.tokens}).numpy()
    first = longest_of(len(ids))
    block = min(BLOCK, len(ids) - first)
    blocks = np.linspace(first, len(ids) - block, min(MAX_BLOCKS, (len(ids) - first) // block)).astype(int)
    share = min(block, max(1, count // 4))
    ids, nll, measure = tf.constant(ids, "int32"), [], _measuring(generator.network)
    for targets in np.array_split(np.arange(block), range(share, block, share)):
        places = blocks[:, None] + np.arange(targets[0] - count, targets[-1] + 1)
        nll += [measure(tf.gather(ids, rows), count) for rows in np.split(places, range(ROWS, len(places), ROWS))]
    return {"token_nll": round(float(np.mean(np.concatenate(nll, axis=None))), 4)}


@cached_in_model
def _measuring(network):
    """Function of tokens (rows, steps), and a number of them, to the nats of each one behind so many."""

    signature = [tf.TensorSpec([None, None], "int32"), tf.TensorSpec([], "int32")]

    @tf.function(input_signature=signature, autograph=False)
    def measure(ids, count):
        states = language_model.zero_states(network.get_layer("encoder"), tf.shape(ids)[0])
        vectors, _ = language_model.step(network, ids[:, :-1], states)
        logits = language_model.logits(network, vectors[:, count - 1 :])
        return tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, count:], logits)

    return measure


CHARACTERS = Context(kind="characters", longest=longest, score=token_nll)
SUBWORDS = Context(kind="subwords", longest=longest, score=token_nll)
