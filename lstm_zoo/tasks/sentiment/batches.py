"""What `fit` eats: token ids of texts, in batches of like length."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.classification import numbered
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.sentiment.pairs import Pair

WINDOW = 200  # words of a text that one pass of training sees
MAX_TOKENS = 2**18  # in a padded batch of whole texts: some 2 GB in the LSTM; 64 reviews of IMDb are never more


def encode_pairs(pairs: Sequence[Pair], preprocessing: Preprocessing) -> tuple[tf.RaggedTensor, tf.Tensor, tf.Tensor]:
    """Ragged tokens of the texts, the numbers of their labels and the labels' weights."""
    texts, labels = (list(side) for side in zip(*pairs))
    ids = batching.tokens_of(texts, preprocessing["words"])
    return ids, *numbered(labels, preprocessing["labels"], preprocessing.get("class_weight", "balanced"))


def batches(
    pairs: Sequence[tuple[str, Any]],
    preprocessing: Preprocessing,
    batch_size: int,
    *,
    window: int = WINDOW,
    encode: Callable[..., tuple[tf.RaggedTensor, tf.Tensor, tf.Tensor]] = encode_pairs,
    seed: int | None = None,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """What `fit` eats: batches of token ids, class numbers and sample weights.

    For training, each pass shows another window of a longer text, which doubles the speed and keeps the network from
    learning texts by heart; for validation a text is whole, as the pipeline reads it. The weights give
    every class the same say, however rare, unless `class_weight` in `preprocessing` says otherwise, see
    `classification.numbered`.

    Args:
        pairs: pairs (text, label).
        preprocessing: what `adapt` returned.
        batch_size: rows in a batch.
        window: tokens of a text that one pass of training sees.
        encode: function of pairs and preprocessing, for pairs that have something else for a label.
        seed: for training: endless batches of like length, passes of `ceil(rows / batch_size)` batches, whose order and
            windows the seed fixes. None, for validation: every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of ids (batch, steps) int32, classes (batch,) int64, weights (batch,) float32.

    Raises:
        ValueError: a label that `preprocessing` does not know.

    Example:

    >>> pairs = [("good film", "positive"), ("bad film", "negative")]
    >>> ids, classes, weights = next(iter(batches(pairs, adapt(pairs), 2, seed=0)))
    >>> ids.shape  # (2, 2)
    """
    ids, classes, weights = batching.encoded(pairs, preprocessing, encode)

    def whole(rows):
        return tf.gather(ids, rows).to_tensor(), tf.gather(classes, rows), tf.gather(weights, rows)

    def cut(step, rows):
        tokens = _random_windows(ids, rows, window, key=[seed, step])
        return tokens.to_tensor(), tf.gather(classes, rows), tf.gather(weights, rows)

    if seed is None:
        rows = batching.by_length(ids.row_lengths().numpy(), batch_size, MAX_TOKENS)
        return tf.data.Dataset.from_tensor_slices(tf.ragged.constant(rows, "int32")).map(whole)
    lengths = tf.minimum(ids.row_lengths(), window)
    order = batching.bucketed(lengths, batch_size, seed=seed, first_epoch=first_epoch)
    return order.enumerate(start=first_epoch * -(-len(pairs) // batch_size)).map(cut)


def num_units(pairs: Sequence[tuple[str, Any]], _: Preprocessing) -> int:
    """Number of pairs in one pass of `batches`."""
    return len(pairs)


def _random_windows(ids, rows, size, key):
    """A random window of at most `size` tokens of each of the ragged rows."""
    lengths = tf.gather(ids.row_lengths(), rows)
    room = tf.maximum(lengths - size, 0)
    share = tf.random.stateless_uniform(tf.shape(room), key, dtype="float64")
    starts = tf.gather(ids.row_starts(), rows) + tf.cast(share * tf.cast(room + 1, "float64"), "int64")
    return tf.gather(ids.flat_values, tf.ragged.range(starts, starts + tf.minimum(lengths, size)))
