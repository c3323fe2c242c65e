"""What `fit` eats: pieces of sentences and of their translations, in batches of like length and as many pieces."""

import warnings

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.text.subwords import START

LONGEST = 200  # pieces of a sentence that is trained on
# Steps are padded to multiples of this: every new shape of a product costs its preparation.
STEPS = 4


def examples(pairs, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of source and target pieces, the pieces to predict, and their weights.

    Args:
        pairs: pairs (sentence, translation). Those of which a side is longer than `LONGEST` pieces are left out, with a
            warning that counts them.
        preprocessing: what `adapt` returned.
        batch: target pieces in a batch.
        seed: for training: endless batches of like length, passes of `ceil(count / batch)` batches, whose order the
            seed fixes. None, for validation: every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `source` and `target` int32 (batch, steps), pieces to predict int32 (batch, steps),
        weights float32 (batch, steps), 0 for padding.

    Raises:
        ValueError: for training, a batch of fewer pieces than the longest translation has.
    """
    source, target = batching.encoded(pairs, preprocessing, _encode)
    lengths = target.row_lengths()

    def gathered(rows):
        pieces = _padded(tf.gather(target, rows))
        before = tf.concat([tf.fill([tf.shape(rows)[0], 1], START), pieces[:, :-1]], 1)
        return {"source": _padded(tf.gather(source, rows)), "target": before}, pieces, tf.cast(pieces > 0, "float32")

    if seed is None:
        rows = batching.by_length(lengths.numpy().tolist(), batch, most=batch)
        batches = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(rows, "int32"))
    else:
        if batch < (longest := int(tf.reduce_max(lengths))):
            raise ValueError(f"batch counts target pieces, at least the {longest} of the longest. Received: {batch}")
        keys = lengths * (LONGEST + 1) + source.row_lengths()  # by target, then by source
        batches = batching.bucketed(keys, batch, counts=lengths, seed=seed, first_epoch=first_epoch)
    return batches.map(gathered)


def _padded(rows):
    """Ragged rows as one tensor of a multiple of `STEPS` steps."""
    pieces = rows.to_tensor()
    return tf.pad(pieces, [[0, 0], [0, -tf.shape(pieces)[1] % STEPS]])


def count(pairs, preprocessing):
    """Number of target pieces in one pass of `examples`."""
    return int(tf.size(batching.encoded(pairs, preprocessing, _encode)[1].flat_values))


def _encode(pairs, preprocessing):
    source, target = (batching.tokens_of(side, preprocessing["subwords"]) for side in zip(*pairs))
    fits = (tf.maximum(source.row_lengths(), target.row_lengths()) <= LONGEST).numpy()
    if not fits.any():
        raise ValueError(f"No pair has at most {LONGEST} pieces a side. The data set has {len(pairs)}.")
    if not fits.all():
        left = f"{(~fits).sum()} of {len(pairs)} pairs are left out: a side of each has more than {LONGEST} pieces."
        warnings.warn(left, stacklevel=2)
    return tf.ragged.boolean_mask(source, fits), tf.ragged.boolean_mask(target, fits)
