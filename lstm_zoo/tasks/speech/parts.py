"""What the networks of speech are made of: the steps that they read, and what their LSTMs leave to do."""

import keras
from keras import ops

from lstm_zoo.layers import registered, valid_steps
from lstm_zoo.tasks.speech.features import BANDS, SpecAugment, UtteranceNormalization

SUBSAMPLING = 4  # frames of a step: 40 ms
AROUND = 3  # frames before and after the first of a step that the convolutions see
NEVER = -1e4  # logit of what is impossible, which 16 bits can hold


def subsampled(channels, width, frequency_mask, time_mask, dropout, normalization=UtteranceNormalization):
    """What every network of recordings begins with: its inputs, and its steps of 40 ms, as the LSTMs read them.

    Returns:
        Dict of the inputs `frames` and `lengths`; numbers of steps (batch,); vectors (batch, steps, width).
    """
    frames = keras.Input((None, BANDS), name="frames")
    lengths = keras.Input((), dtype="int32", name="lengths")
    normal = SpecAugment(frequency_mask, time_mask, name="masks")(normalization()(frames, lengths), lengths)
    # Frames of 0 around each row, as behind it: what its first and last steps see does not hang on its batch mates.
    room = ops.pad(normal, [[0, 0], [AROUND, AROUND], [0, 0]])
    steps = keras.layers.Dropout(dropout)(_subsampling(channels, width)(room))
    return {"frames": frames, "lengths": lengths}, ops.floor_divide(lengths + (SUBSAMPLING - 1), SUBSAMPLING), steps


def _subsampling(channels, width):
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
    """

    def call(self, logits, lengths):
        valid = ops.expand_dims(valid_steps(lengths, ops.shape(logits)[1]), -1)
        blank = ops.where(ops.equal(ops.arange(logits.shape[-1]), 0), 0.0, NEVER)
        return ops.where(valid, logits, blank)

    def compute_output_spec(self, logits, lengths):
        return keras.KerasTensor(logits.shape, logits.dtype)


@registered
class Pairs(keras.layers.Layer):
    """Every two steps side by side as one.

    Inputs: (batch, steps, features) and lengths (batch,). Outputs: (batch, steps / 2 rounded up, 2 * features) and
    their numbers (batch,).
    """

    def call(self, sequence, lengths):
        sequence = ops.pad(sequence, [[0, 0], [0, ops.shape(sequence)[1] % 2], [0, 0]])
        batch, steps, features = ops.shape(sequence)
        return ops.reshape(sequence, [batch, steps // 2, 2 * features]), ops.floor_divide(lengths + 1, 2)

    def compute_output_spec(self, sequence, lengths):
        batch, _, features = sequence.shape
        return keras.KerasTensor((batch, None, 2 * features), sequence.dtype), keras.KerasTensor((batch,), "int32")
