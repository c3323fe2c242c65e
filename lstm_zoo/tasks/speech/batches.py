"""What `fit` eats: log-mel frames of recordings and the characters of their transcripts, in batches of like length."""

import warnings

import numpy as np
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation import SPEEDS, augmented
from lstm_zoo.tasks.speech.features import HOP, LogMel, frames_of
from lstm_zoo.tasks.speech.pairs import waveforms
from lstm_zoo.tasks.speech.parts import SUBSAMPLING

LONGEST = 30  # seconds of a recording that is trained on
# Batches that are sorted by length together: where it is all of AN4, the same recordings meet in every pass.
POOL = 8
FRAMES = 16  # batches are padded to multiples of this: every new shape of a product costs its preparation


def examples(pairs, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of frames and the characters to write.

    Args:
        pairs: examples as `read` gives them. Those longer than `LONGEST` seconds, or too short for the characters of
            their transcripts, are left out, with a warning that counts them.
        preprocessing: what `adapt` returned.
        batch: recordings in a batch.
        seed: for training: endless batches of like length, passes of `ceil(count / batch)` batches, augmented; the seed
            fixes their order and what is done to them. The first pass goes from short to long (SortaGrad, Amodei et al.
            2016, https://arxiv.org/abs/1512.02595), which CTC learns from best. None, for validation: every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `frames` float32 (batch, steps, 80), `lengths` int32 (batch,) and `before` int32
        (batch, characters), for networks that read what they wrote, and characters int32 (batch, characters), which end
        with a 0 and are padded with it.
    """
    kept, characters = batching.encoded(pairs, preprocessing, _encode)

    def encoded(frames, lengths, rows):
        answer = tf.gather(characters, rows).to_tensor()
        answer = tf.pad(answer, [[0, 0], [0, 1]])
        before = tf.pad(answer[:, :-1], [[0, 0], [1, 0]])
        return {"frames": frames, "lengths": lengths, "before": before}, answer

    return framed(kept, batch, encoded, seed=seed, first_epoch=first_epoch)


def framed(pairs, batch, encoded, *, seed, first_epoch, longest=LONGEST):
    """Batches of recordings as frames: tf.data.Dataset of `encoded(frames, lengths, rows)`.

    Args:
        pairs, batch, seed, first_epoch: see `examples`.
        longest: seconds of a recording that are read.
    """
    sizes, log_mel = [min(len(samples), longest * RATE) for (samples, _), *_ in pairs], LogMel()

    def padded(step, rows):
        heard = waveforms([pairs[row] for row in rows])
        if seed is not None:
            draws = [np.random.default_rng([seed, step, place]) for place in range(len(rows))]
            heard = [augmented(waveform, random) for waveform, random in zip(heard, draws)]
        lengths = [min(len(waveform), longest * RATE) for waveform in heard]
        room = max(1, -(-max(lengths) // (FRAMES * HOP))) * FRAMES * HOP
        whole = np.zeros((len(rows), room), "float32")
        for row, (waveform, length) in enumerate(zip(heard, lengths)):
            whole[row, :length] = waveform[:length]
        return whole, np.int32(lengths)

    def frames(step, rows):
        waveform, samples = tf.numpy_function(padded, [step, rows], ["float32", "int32"], stateful=False)
        values, lengths = log_mel(tf.ensure_shape(waveform, [None, None]), tf.ensure_shape(samples, [None]))
        return encoded(values, lengths, rows)

    sorted_rows = tf.ragged.constant(batching.by_length(sizes, batch, most=float("inf")), "int32")
    order = tf.data.Dataset.from_tensor_slices(sorted_rows).map(tf.convert_to_tensor)
    if seed is not None:
        later = batching.bucketed(sizes, batch, seed=seed, first_epoch=max(1, first_epoch), pool=POOL)
        order = later if first_epoch else order.concatenate(later)
    numbered = order.enumerate(start=first_epoch * -(-len(pairs) // batch))
    return numbered.map(frames, num_parallel_calls=tf.data.AUTOTUNE)


def count(pairs, preprocessing):
    """Number of recordings in one pass of `examples`."""
    return len(batching.encoded(pairs, preprocessing, _encode)[0])


def _encode(pairs, preprocessing):
    """Examples that can be trained on, and their characters, ragged int32."""
    numbers = preprocessing["characters"](tf.strings.unicode_split([text for _, text, _ in pairs], "UTF-8"))
    characters = tf.cast(tf.ragged.boolean_mask(numbers, numbers > 0), "int32")
    needed = np.array([len(row) + np.count_nonzero(row[1:] == row[:-1]) for row in map(np.array, characters)])
    sizes = [len(samples) for (samples, _), _, _ in pairs]
    frames = np.array([frames_of(int(size / max(SPEEDS))) for size in sizes])
    fits = (needed <= -(-frames // SUBSAMPLING)) & (np.array(sizes) <= LONGEST * RATE)
    fits &= needed > 0
    if not fits.any():
        raise ValueError(f"No recording of at most {LONGEST} s is long enough for its transcript; of {len(pairs)}.")
    if not fits.all():
        left = f"{(~fits).sum()} of {len(pairs)} recordings are left out: longer than {LONGEST} s, or too short"
        warnings.warn(f"{left} for the known characters of their transcripts.", stacklevel=2)
    return [pair for pair, fit in zip(pairs, fits) if fit], tf.ragged.boolean_mask(characters, fits)
