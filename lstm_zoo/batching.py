"""Batches of rows of like length: what saves an LSTM more time than any kernel.

Random batches of IMDb reviews hold 3.8 times as many padded tokens as true ones. Cutting a shuffled pool, sorted by
length, into batches brings that to 1.05, and the batches stay random enough to train on.
"""

import tensorflow as tf

from lstm_zoo.caching import graph_of
from lstm_zoo.progress import track

POOL = 100  # batches sorted together: more gives less padding, fewer more chance
MAX_ELEMENTS = 2**20  # characters or tokens in a padded batch of whole texts


def bucketed(lengths, batch_size, *, counts=None, seed=0, first_epoch=0, pool=POOL):
    """Endless data set of index batches, one shuffled pass over the rows after another.

    Each pass depends on `seed` and its own number alone, so that training which stopped after epoch 3 goes on with
    the batches of epoch 4.

    Args:
        lengths: integers (rows,): the length of each row.
        batch_size: what a batch holds, in rows, or in what `counts` counts; the last batch of a pass can be smaller. A
            pass has `ceil(sum(counts) / batch_size)` batches.
        counts: integers (rows,): what each row counts, like its tokens, at most `batch_size`. None: 1 each.
        seed: integer.
        first_epoch: number of the first pass.
        pool: number of batches that are sorted by length together.

    Returns:
        tf.data.Dataset of int32 vectors of row numbers.

    Example:

    >>> next(iter(bucketed([3, 9, 3, 9], batch_size=2)))  # [0, 2] or [1, 3] in some order
    """
    lengths = tf.cast(lengths, "int32")
    rows = int(tf.size(lengths))
    counts = tf.ones([rows], "int64") if counts is None else tf.cast(counts, "int64")
    batches = -(-int(tf.reduce_sum(counts)) // batch_size)

    def before(order):
        return tf.cumsum(tf.gather(counts, order), exclusive=True)

    def one_pass(epoch):
        order = tf.random.experimental.stateless_shuffle(tf.range(rows), seed=tf.stack([seed, epoch]))
        # Sort by pool first and length second: both fit one integer.
        key = before(order) // (batch_size * pool) * 2**32 + tf.cast(tf.gather(lengths, order), "int64")
        order = tf.gather(order, tf.argsort(key, stable=True))
        ends = tf.searchsorted(before(order), tf.range(1, batches + 1, dtype="int64") * batch_size)
        cut = tf.RaggedTensor.from_row_limits(order, ends)
        turns = tf.random.experimental.stateless_shuffle(tf.range(batches), seed=tf.stack([seed, -1 - epoch]))
        return tf.data.Dataset.from_tensor_slices(turns).map(lambda turn: cut[turn])

    return tf.data.Dataset.counter(first_epoch, dtype="int32").flat_map(one_pass)


def read_by(network, batches):
    """Batches (inputs, answers...) as a network is fed with them, made while it computes on those before.

    They have those inputs alone that the network has: a task gives all that one of its own may read.
    """
    if isinstance(network.input, dict):
        batches = batches.map(lambda inputs, *answers: ({name: inputs[name] for name in network.input}, *answers))
    # No autotuning: its thread sleeps, in the end for a minute at a time, and the end of a pass can wait until it wakes
    # (RootDataset::Iterator::~Iterator, TensorFlow 2.21).
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)


def encoded(examples, preprocessing, encode):
    """What `encode(examples, preprocessing)` gives, kept in `preprocessing`: a search reads the same examples often."""
    kept = preprocessing.setdefault("encoded", {})
    if id(examples) not in kept:
        kept[id(examples)] = examples, encode(examples, preprocessing)  # they too, so that no other list gets their id
    return kept[id(examples)][1]


def tokens_of(texts, layer):
    """Ragged int32 tokens of texts, as a layer gives them, padded with 0, to the pipeline."""
    chunks = tf.data.Dataset.from_tensor_slices(list(texts)).batch(256).map(layer)
    return tf.concat([tf.RaggedTensor.from_tensor(tf.cast(chunk, "int32"), padding=0) for chunk in chunks], 0)


def by_length(lengths, batch_size, max_elements=MAX_ELEMENTS):
    """Every row once, from short to long, for scoring, where order does not matter.

    Args:
        lengths: number of elements of each row.
        batch_size: the most rows in a batch.
        max_elements: the most elements in a padded batch, unless one row alone has more: bounds the memory.

    Returns:
        List of lists of row numbers.

    Example:

    >>> by_length([9, 3, 1], batch_size=2)
    [[2, 1], [0]]
    """
    batches = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if not batches or len(batches[-1]) == batch_size or (len(batches[-1]) + 1) * lengths[row] > max_elements:
            batches.append([])
        batches[-1].append(row)
    return batches


def run(pipeline, items, encode, length=len, batch_size=64):
    """Outputs of a pipeline for `items`, in their order, computed in batches of like length.

    Args:
        pipeline: keras.Model whose output is a dict of arrays with the batch as their first axis.
        items: list.
        encode: function of the pipeline and a list of items that gives what the pipeline takes, in its dtypes.
        length: function that gives the length of an item.
        batch_size: the most rows in a batch.

    Returns:
        List of dicts, one an item, with one row of each array.
    """
    outputs, graph = [None] * len(items), graph_of(pipeline, rows=1 if len(items) == 1 else None)
    batches = by_length([length(item) for item in items], batch_size)
    for rows in track(batches, pipeline.name, shown=len(batches) >= 20):
        answer = graph(encode(pipeline, [items[row] for row in rows]))
        answer = {key: values.numpy() for key, values in answer.items()}
        for place, row in enumerate(rows):
            outputs[row] = {key: values[place] for key, values in answer.items()}
    return outputs
