"""What `fit` eats: subwords of sentences and of their translations, in batches of like length and as many subwords."""

import warnings
from collections.abc import Sequence

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.numbers import MARKS, marked
from lstm_zoo.tasks.translation.sampling import Sampler
from lstm_zoo.text.subwords import START

MAX_SUBWORDS = 200  # of a sentence that is trained on
# Steps are padded to multiples of this: every new shape of a product costs its preparation.
STEPS_MULTIPLE = 4


def batches(
    pairs: Sequence[Pair],
    preprocessing: Preprocessing,
    max_tokens: int,
    *,
    seed: int | None = None,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """What `fit` eats: batches of source and target tokens, the tokens to predict, and their weights.

    Args:
        pairs: pairs (sentence, translation). Those of which a side is longer than `MAX_SUBWORDS` are left out, with a
            warning that counts them.
        preprocessing: what `adapt` returned.
        max_tokens: the most target tokens in a batch; for validation, with the padding.
        seed: for training: endless batches of like length, passes of `ceil(num_units / max_tokens)` batches; the seed
            fixes their order and which subwords are cut. None, for validation: every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `source` and `target` int32 (batch, steps), tokens to predict int32 (batch, steps),
        weights float32 (batch, steps), 0 for padding.

    Raises:
        ValueError: for training, fewer tokens in a batch than the longest translation has; no pair that is short
            enough.

    Example:

    >>> pairs = [("Ein Hund rennt.", "A dog runs."), ("Eine Katze schläft.", "A cat sleeps.")]
    >>> inputs, target, weights = next(iter(batches(pairs, adapt(pairs, vocabulary=60), 100, seed=0)))
    """
    source, target = batching.encoded(pairs, preprocessing, _encode)
    lengths = target.row_lengths()

    share = 0.0 if seed is None else preprocessing["subword_sampling"]
    sampler = Sampler(preprocessing["subwords"], share) if share else None

    def gathered(step, rows):
        sides = [tf.gather(side, rows) for side in (source, target)]
        if sampler is not None:
            sides = [sampler(side, seed=[2 * seed + number, step]) for number, side in enumerate(sides)]
        read, tokens = map(_padded, sides)
        before = tf.concat([tf.fill([tf.shape(rows)[0], 1], START), tokens[:, :-1]], 1)
        return {"source": read, "target": before}, tokens, tf.cast(tokens > 0, "float32")

    if seed is None:
        rows = batching.by_length(lengths.numpy().tolist(), max_tokens, max_elements=max_tokens)
        index_batches = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(rows, "int32"))
    else:
        if max_tokens < (longest := int(tf.reduce_max(lengths))):
            raise ValueError(
                f"max_tokens counts target tokens, at least the {longest} of the longest. Received: {max_tokens}"
            )
        keys = lengths * (MAX_SUBWORDS + 1) + source.row_lengths()  # by target, then by source
        index_batches = batching.bucketed(keys, max_tokens, counts=lengths, seed=seed, first_epoch=first_epoch)
    first_step = first_epoch * -(-num_units(pairs, preprocessing) // max_tokens)
    return index_batches.enumerate(first_step).map(lambda step, rows: gathered(tf.cast(step, "int32"), rows))


def _padded(rows):
    """Ragged rows as one tensor of a multiple of `STEPS_MULTIPLE` steps."""
    tokens = rows.to_tensor()
    return tf.pad(tokens, [[0, 0], [0, -tf.shape(tokens)[1] % STEPS_MULTIPLE]])


def num_units(pairs: Sequence[Pair], preprocessing: Preprocessing) -> int:
    """Number of target tokens in one pass of `batches`."""
    return int(tf.size(batching.encoded(pairs, preprocessing, _encode)[1].flat_values))


def _encode(pairs, preprocessing):
    if preprocessing["numbers"] is not None:
        # Each mark is the first in turn: most sentences with numbers have one, and the later marks would not be learnt.
        pairs = [marked(pair, row % len(MARKS)) for row, pair in enumerate(pairs)]
    source, target = (batching.tokens_of(side, preprocessing["subwords"]) for side in zip(*pairs))
    fits = (tf.maximum(source.row_lengths(), target.row_lengths()) <= MAX_SUBWORDS).numpy()
    if not fits.any():
        raise ValueError(f"No pair has at most {MAX_SUBWORDS} subwords a side. The data set has {len(pairs)}.")
    if not fits.all():
        left_out = f"{(~fits).sum()} of {len(pairs)} pairs are left out"
        warnings.warn(f"{left_out}: a side of each has more than {MAX_SUBWORDS} subwords.", stacklevel=2)
    return tf.ragged.boolean_mask(source, fits), tf.ragged.boolean_mask(target, fits)
