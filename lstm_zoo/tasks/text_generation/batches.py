"""What `fit` eats: windows of one stream of tokens, cut into rows that go on from batch to batch."""

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.text.subwords import Subwords


def examples(texts, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of tokens, of whether their rows begin, and of the tokens to predict.

    The stream of all texts is a ring. In a pass each of the rows reads its share of it, from batch to batch, and begins
    with a state of zeros.

    Args:
        texts: list of str.
        preprocessing: what `adapt` returned.
        batch: rows.
        seed: for training: endless passes of `ceil(count / batch)` batches, each from a random place of the ring. The
            lengths of the batches, which the truncation of the gradient hangs on, are random too, half to one and a
            half of the window (as in Merity et al. 2017, https://arxiv.org/abs/1708.02182); of a few sizes, since
            every new shape of a product costs its preparation. None, for validation: one pass, from the start.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `ids` int32 (batch, steps) and `fresh` bool (batch,), and tokens to predict int32
        (batch, steps).
    """
    tokens, window = batching.encoded(texts, preprocessing, stream), preprocessing["window"]
    size, batches = len(tokens), -(-count(texts, preprocessing) // batch)

    def one_pass(epoch):
        begin, lengths = tf.constant(0, "int64"), tf.fill([batches], window)
        if seed is not None:
            key = tf.stack([seed, tf.cast(epoch, "int32")])
            begin = tf.random.stateless_uniform([], key, 0, size, "int64")
            # A long batch after a short one, so that a pass has as many tokens however they fall.
            more = tf.random.stateless_uniform([batches // 2], key, 0, 3, "int32") * (window // 4)
            pairs = tf.reshape(tf.stack([window - more, window + more], 1), [-1])
            lengths = tf.concat([pairs, lengths[: batches % 2]], 0)
        rows = begin + tf.range(batch, dtype="int64") * batches * window
        places = tf.cumsum(lengths, exclusive=True)

        def cut(place, length):
            index = rows[:, None] + tf.cast(place + tf.range(length + 1), "int64")
            ids = tf.ensure_shape(tf.gather(tokens, index % size), [batch, None])
            return {"ids": ids[:, :-1], "fresh": tf.fill([batch], tf.equal(place, 0))}, ids[:, 1:]

        return tf.data.Dataset.from_tensor_slices((places, lengths)).map(cut)

    return one_pass(0) if seed is None else tf.data.Dataset.counter(first_epoch).flat_map(one_pass)


def count(texts, preprocessing):
    """Number of windows in the texts."""
    return -(-len(batching.encoded(texts, preprocessing, stream)) // preprocessing["window"])


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["tokens"].vocabulary_size()}


def stream(texts, preprocessing):
    """Tokens int32 (tokens,) of texts, one after the other: pieces with the end of each, or lines of characters."""
    tokens = preprocessing["tokens"]
    texts = texts if isinstance(tokens, Subwords) else ["\n".join(texts)]
    return batching.tokens_of(texts, tokens).flat_values
