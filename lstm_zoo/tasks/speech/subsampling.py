"""Fewer steps than frames: the convolutions that every network begins with, pairs of steps, and what is behind them."""

import keras
from keras import ops

from lstm_zoo.layers import registered, steps_within
from lstm_zoo.tasks.speech.features import BANDS, SpecAugment, UtteranceNormalization

SUBSAMPLING = 4  # frames of a step: 40 ms
CONTEXT_FRAMES = 3  # before and after the first of a step, which the convolutions see
MIN_LOGIT = -1e4  # of what is impossible, which 16 bits can hold


def subsampled(
    channels: int,
    width: int,
    frequency_mask: int,
    time_mask: int,
    dropout: float,
    normalization: type[keras.layers.Layer] = UtteranceNormalization,
) -> tuple[dict[str, keras.KerasTensor], keras.KerasTensor, keras.KerasTensor]:
    """What every network of recordings begins with: its inputs, and its steps of 40 ms, as the LSTMs read them.

    Args:
        channels: of the two convolutions.
        width: of the vectors.
        frequency_mask, time_mask: see SpecAugment.
        dropout: of the vectors.
        normalization: layer of frames and lengths.

    Returns:
        Dict of the inputs `frames` and `lengths`; numbers of steps (batch,); vectors (batch, steps, width).

    Example:

    >>> inputs, lengths, steps = subsampled(32, 256, 27, 40, 0.3)
    >>> steps.shape  # (None, None, 256)
    """
    frames = keras.Input((None, BANDS), name="frames")
    lengths = keras.Input((), dtype="int32", name="lengths")
    masked = SpecAugment(frequency_mask, time_mask, name="masks")(normalization()(frames, lengths), lengths)
    # Frames of 0 around each row, as behind it: what its first and last steps see does not hang on its batch mates.
    padded = ops.pad(masked, [[0, 0], [CONTEXT_FRAMES, CONTEXT_FRAMES], [0, 0]])
    steps = keras.layers.Dropout(dropout)(_convolutions(channels, width)(padded))
    return {"frames": frames, "lengths": lengths}, ops.floor_divide(lengths + (SUBSAMPLING - 1), SUBSAMPLING), steps


def _convolutions(channels, width):
    """Two convolutions, of which each keeps every second step and band: (batch, 4 * steps + 3, 80) -> (batch, steps,
    width)."""
    frames = keras.Input((None, BANDS))
    image = keras.layers.Reshape((-1, BANDS, 1))(frames)
    for _ in range(2):
        image = keras.layers.Conv2D(channels, 3, strides=2, use_bias=False)(image)
        image = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(image))
    flat = keras.layers.Reshape((-1, image.shape[2] * image.shape[3]))(image)
    return keras.Model(frames, keras.layers.LayerNormalization()(keras.layers.Dense(width)(flat)), name="subsampling")


@registered
class BlankPadding(keras.layers.Layer):
    """Make the blank certain behind each row's length: CTC of all steps is then CTC of the valid ones.

    Inputs: logits (batch, steps, characters) and lengths (batch,). Output: like the logits.

    Example:

    >>> BlankPadding()(ops.ones((1, 2, 2)), ops.array([1]))  # [[[1, 1], [0, -10000]]]
    """

    def call(self, logits, lengths):
        valid = ops.expand_dims(steps_within(logits, lengths), -1)
        blank = ops.cast(ops.where(ops.equal(ops.arange(logits.shape[-1]), 0), 0.0, MIN_LOGIT), logits.dtype)
        return ops.where(valid, logits, blank)

    def compute_output_spec(self, logits, lengths):
        return keras.KerasTensor(logits.shape, logits.dtype)


@keras.saving.register_keras_serializable("lstm_zoo", name="Pairs")
class TimeReduction(keras.layers.Layer):
    """Every two steps side by side as one, as Listen, Attend and Spell reduces time.

    Inputs: (batch, steps, features) and lengths (batch,). Outputs: (batch, steps / 2 rounded up, 2 * features) and
    their numbers (batch,). Source: Chan et al. 2016, https://arxiv.org/abs/1508.01211.

    Example:

    >>> steps, lengths = TimeReduction()(ops.ones((1, 5, 8)), ops.array([5]))
    >>> steps.shape, lengths  # (1, 3, 16), [3]
    """

    def call(self, sequence, lengths):
        sequence = ops.pad(sequence, [[0, 0], [0, ops.shape(sequence)[1] % 2], [0, 0]])
        batch, steps, features = ops.shape(sequence)
        return ops.reshape(sequence, [batch, steps // 2, 2 * features]), ops.floor_divide(lengths + 1, 2)

    def compute_output_spec(self, sequence, lengths):
        batch, _, features = sequence.shape
        return keras.KerasTensor((batch, None, 2 * features), sequence.dtype), keras.KerasTensor((batch,), "int32")
