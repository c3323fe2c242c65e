"""What `fit` eats: token ids of texts, in batches of like length."""

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.classification import numbered

WINDOW = 200  # words of a text that one pass of training sees


def encode(pairs, preprocessing):
    """Ragged tokens of the texts, the numbers of their labels and the labels' weights."""
    texts, answers = (list(side) for side in zip(*pairs))
    ids = batching.tokens_of(texts, preprocessing["words"])
    return ids, *numbered(answers, preprocessing["labels"])


def examples(pairs, preprocessing, batch, *, window=WINDOW, encode=encode, seed=None, first_epoch=0):
    """What `fit` eats: batches of token ids, class numbers and sample weights.

    For training, each pass shows another window of a longer text, which doubles the speed and keeps the network from
    learning texts by heart; for validation a text is whole, as the pipeline reads it. The weights give
    every class the same say, however rare: rows / (classes * rows of the class), 1 where the classes are of one size.

    Args:
        pairs: pairs (text, label).
        preprocessing: what `adapt` returned.
        batch: rows in a batch.
        window: tokens of a text that one pass of training sees.
        encode: function of pairs and preprocessing, for pairs that have something else for a label.
        seed: for training: endless batches of like length, passes of `ceil(rows / batch)` batches, whose order and
            windows the seed fixes. None, for validation: every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of ids (batch, steps) int32, classes (batch,) int64, weights (batch,) float32.

    Raises:
        ValueError: a label that `preprocessing` does not know.
    """
    ids, classes, weights = batching.encoded(pairs, preprocessing, encode)

    def whole(rows):
        return tf.gather(ids, rows).to_tensor(), tf.gather(classes, rows), tf.gather(weights, rows)

    def cut(step, rows):
        tokens = _window(tf.gather(ids, rows), window, key=[seed, step])
        return tokens.to_tensor(), tf.gather(classes, rows), tf.gather(weights, rows)

    if seed is None:
        rows = batching.by_length(ids.row_lengths().numpy(), batch)
        batches = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(rows, "int32")).map(whole)
    else:
        lengths = tf.minimum(ids.row_lengths(), window)
        order = batching.bucketed(lengths, batch, seed=seed, first_epoch=first_epoch)
        batches = order.enumerate(start=first_epoch * -(-len(pairs) // batch)).map(cut)
    return batches


def _window(ids, size, key):
    """A random window of at most `size` tokens of each ragged row."""
    room = tf.maximum(ids.row_lengths() - size, 0)
    share = tf.random.stateless_uniform(tf.shape(room), key, dtype="float64")
    start = tf.expand_dims(tf.cast(share * tf.cast(room + 1, "float64"), "int64"), 1)
    position = tf.ragged.range(ids.row_lengths())
    return tf.ragged.boolean_mask(ids, (position >= start) & (position < start + size))
