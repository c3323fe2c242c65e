"""What `fit` eats: windows of one stream of tokens, cut into rows that go on from batch to batch."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from lstm_zoo import batching


def batches(
    texts: Sequence[str],
    preprocessing: dict[str, Any],
    batch_size: int,
    *,
    seed: int | None = None,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """What `fit` eats: batches of tokens, of whether their rows begin, and of the tokens to predict.

    The stream of all texts is a ring. In a pass each of the rows reads its share of it, from batch to batch, and begins
    with a state of zeros.

    Args:
        texts: list of str.
        preprocessing: what `adapt` returned.
        batch_size: rows.
        seed: for training: endless passes of `ceil(num_units / batch_size)` batches, each from a random place of the
            ring. The lengths of the batches, which the truncation of the gradient hangs on, are random too, half to one
            and a half of `bptt` (as in Merity et al. 2017, https://arxiv.org/abs/1708.02182); of a few sizes, since
            every new shape of a product costs its preparation. None, for validation: one pass, from the start.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `ids` int32 (batch, steps) and `fresh` bool (batch,), and tokens to predict int32
        (batch, steps).
    """
    tokens, bptt = batching.encoded(texts, preprocessing, stream), preprocessing["bptt"]
    num_tokens, num_batches = len(tokens), -(-num_units(texts, preprocessing) // batch_size)

    def one_pass(epoch):
        start, lengths = tf.constant(0, "int64"), tf.fill([num_batches], bptt)
        if seed is not None:
            key = tf.stack([seed, tf.cast(epoch, "int32")])
            start = tf.random.stateless_uniform([], key, 0, num_tokens, "int64")
            # A long batch after a short one, so that a pass has as many tokens however they fall.
            more = tf.random.stateless_uniform([num_batches // 2], key, 0, 3, "int32") * (bptt // 4)
            pairs = tf.reshape(tf.stack([bptt - more, bptt + more], 1), [-1])
            lengths = tf.concat([pairs, lengths[: num_batches % 2]], 0)
        rows = start + tf.range(batch_size, dtype="int64") * num_batches * bptt
        places = tf.cumsum(lengths, exclusive=True)

        def cut(place, length):
            index = rows[:, None] + tf.cast(place + tf.range(length + 1), "int64")
            ids = tf.ensure_shape(tf.gather(tokens, index % num_tokens), [batch_size, None])
            return {"ids": ids[:, :-1], "fresh": tf.fill([batch_size], tf.equal(place, 0))}, ids[:, 1:]

        return tf.data.Dataset.from_tensor_slices((places, lengths)).map(cut)

    return one_pass(0) if seed is None else tf.data.Dataset.counter(first_epoch).flat_map(one_pass)


def num_units(texts: Sequence[str], preprocessing: dict[str, Any]) -> int:
    """Number of windows of `bptt` tokens in the texts."""
    return -(-len(batching.encoded(texts, preprocessing, stream)) // preprocessing["bptt"])


def data_hyperparameters(preprocessing: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["tokens"].vocabulary_size()}


def stream(texts: Sequence[str], preprocessing: dict[str, Any]) -> tf.Tensor:
    """Tokens int32 (tokens,) of texts, one after the other, as the layer of the tokens joins them."""
    tokens = preprocessing["tokens"]
    return batching.tokens_of(tokens.joined(texts), tokens).flat_values
