"""What `fit` eats: log-mel frames of recordings and the characters of their transcripts, in batches of like length."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation import augmenter
from lstm_zoo.tasks.speech.augmentation.voices import SPEEDS
from lstm_zoo.tasks.speech.features import HOP, LogMel, num_frames
from lstm_zoo.tasks.speech.pairs import Example, waveforms
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING

MAX_SECONDS = 30  # of a recording that is trained on
# Batches that are sorted by length together: where it is all of AN4, the same recordings meet in every pass.
POOL = 8
MULTIPLE = 16  # of frames, to which batches are padded: every new shape of a product costs its preparation


def batches(
    examples: Sequence[Example],
    preprocessing: Preprocessing,
    batch_size: int,
    *,
    seed: int | None = None,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """What `fit` eats: batches of frames and the characters to write.

    Args:
        examples: as `read` gives them. Those longer than `MAX_SECONDS`, or too short for the characters of their
            transcripts, are left out, with a warning that counts them.
        preprocessing: what `adapt` returned.
        batch_size: recordings in a batch.
        seed: for training: endless batches of like length, passes of `ceil(num_units / batch_size)` batches, augmented;
            the seed fixes their order and what is done to them. The first pass goes from short to long (SortaGrad,
            Amodei et al. 2016, https://arxiv.org/abs/1512.02595), which CTC learns from best. None, for validation:
            every row once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of a dict of `frames` float32 (batch, steps, 80), `lengths` int32 (batch,) and `before` int32
        (batch, characters), for networks that read what they wrote, and characters int32 (batch, characters), which end
        with a 0 and are padded with it.

    Raises:
        ValueError: no recording that can be trained on.

    Example:

    >>> examples = read([((np.zeros(16_000, "int16"), 16_000), "NO")])
    >>> inputs, characters = next(iter(batches(examples, adapt(examples), 1)))
    >>> inputs["frames"].shape, characters  # (1, 110, 80), [[1, 2, 0]]
    """
    kept, characters = batching.encoded(examples, preprocessing, _encode)

    def with_characters(frames, lengths, rows):
        target = tf.gather(characters, rows).to_tensor()
        target = tf.pad(target, [[0, 0], [0, 1]])
        before = tf.pad(target[:, :-1], [[0, 0], [1, 0]])
        return {"frames": frames, "lengths": lengths, "before": before}, target

    names = preprocessing["augmentation"]
    return framed(kept, batch_size, with_characters, names, seed=seed, first_epoch=first_epoch)


def framed(
    examples: Sequence[Example],
    batch_size: int,
    with_answers: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Any],
    augmentation: Sequence[str],
    *,
    seed: int | None,
    first_epoch: int,
    max_seconds: int = MAX_SECONDS,
) -> tf.data.Dataset:
    """Batches of recordings as frames: tf.data.Dataset of `with_answers(frames, lengths, rows)`.

    Args:
        examples, batch_size, seed, first_epoch: see `batches`.
        with_answers: function of frames float32 (batch, steps, 80), lengths int32 (batch,) and the numbers of the
            examples int32 (batch,).
        augmentation: names of what is done to recordings with a seed, see `augmentation.augmentation_names`.
        max_seconds: of a recording that are read; slower, or with silence around them, they are longer.
    """
    limit, log_mel = max_seconds * RATE, LogMel()
    augment = augmenter(augmentation, [samples for (samples, _), *_ in examples])
    sizes = [min(len(samples), limit) for (samples, _), *_ in examples]

    def padded(step, rows):
        heard = [waveform[:limit] for waveform in waveforms([examples[row] for row in rows])]
        if seed is not None:
            draws = [np.random.default_rng([seed, step, place]) for place in range(len(rows))]
            heard = [augment(waveform, random) for waveform, random in zip(heard, draws)]
        lengths = [len(waveform) for waveform in heard]
        room = max(1, -(-max(lengths) // (MULTIPLE * HOP))) * MULTIPLE * HOP
        batch = np.zeros((len(rows), room), "float32")
        for row, (waveform, length) in enumerate(zip(heard, lengths)):
            batch[row, :length] = waveform
        return batch, np.int32(lengths)

    def with_frames(step, rows):
        waveform, samples = tf.numpy_function(padded, [step, rows], ["float32", "int32"], stateful=False)
        frames, lengths = log_mel(tf.ensure_shape(waveform, [None, None]), tf.ensure_shape(samples, [None]))
        return with_answers(frames, lengths, rows)

    sorted_rows = tf.ragged.constant(batching.by_length(sizes, batch_size, max_elements=float("inf")), "int32")
    order = tf.data.Dataset.from_tensor_slices(sorted_rows).map(tf.convert_to_tensor)
    if seed is not None:
        shuffled = batching.bucketed(sizes, batch_size, seed=seed, first_epoch=max(1, first_epoch), pool=POOL)
        order = shuffled if first_epoch else order.concatenate(shuffled)
    numbered = order.enumerate(start=first_epoch * -(-len(examples) // batch_size))
    return numbered.map(with_frames, num_parallel_calls=tf.data.AUTOTUNE)


def num_units(examples: Sequence[Example], preprocessing: Preprocessing) -> int:
    """Number of recordings in one pass of `batches`."""
    return len(batching.encoded(examples, preprocessing, _encode)[0])


def _encode(examples, preprocessing):
    """Examples that can be trained on, and their characters, ragged int32."""
    numbers = preprocessing["characters"](tf.strings.unicode_split([text for _, text, _ in examples], "UTF-8"))
    characters = tf.cast(tf.ragged.boolean_mask(numbers, numbers > 0), "int32")
    # CTC writes a character a step, and a blank between two that are alike.
    needed = np.array([len(row) + np.count_nonzero(row[1:] == row[:-1]) for row in map(np.array, characters)])
    sizes = [len(samples) for (samples, _), _, _ in examples]
    fastest = max(SPEEDS) if "speed" in preprocessing["augmentation"] else 1
    frames = np.array([num_frames(int(size / fastest)) for size in sizes])
    fits = (needed <= -(-frames // SUBSAMPLING)) & (np.array(sizes) <= MAX_SECONDS * RATE)
    fits &= needed > 0
    if not fits.any():
        count = len(examples)
        raise ValueError(f"No recording of at most {MAX_SECONDS} s is long enough for its transcript; of {count}.")
    if not fits.all():
        left = f"{(~fits).sum()} of {len(examples)} recordings are left out: longer than {MAX_SECONDS} s, or too short"
        warnings.warn(f"{left} for the known characters of their transcripts.", stacklevel=2)
    return [example for example, fit in zip(examples, fits) if fit], tf.ragged.boolean_mask(characters, fits)
