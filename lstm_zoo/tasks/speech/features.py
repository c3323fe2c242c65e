"""From samples to what the networks read: log-mel frames, normalized, masked in training; layers, all with lengths."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from lstm_zoo.layers import registered, step_numbers, steps_within, valid_steps
from lstm_zoo.tasks.speech.audio import FRAME, RATE

BANDS = 80  # of the mel scale
HOP = RATE // 100  # samples from one frame to the next: 10 ms
FFT = 512  # points of the Fourier transform
MIN_HERTZ, MAX_HERTZ = 20.0, 7600.0  # of the bands
PREEMPHASIS = 0.97
FLOOR = 1e-10  # power, below the noise of 16 bits
# Mean and deviation of log-mel values of speech that was recorded close to the mouth, about; and the frames that a
# running mean counts that mean for, before the recording itself tells.
MEAN, DEVIATION, PRIOR_FRAMES = -7.0, 3.0, 100.0
GROWTH = 1200  # training batches until SpecAugment's masks have their widths


@registered
class LogMel(keras.layers.Layer):
    """Logarithms of the power in 80 bands of the mel scale, of windows of 25 ms, one every 10 ms.

    A frame is a window that lies whole within the recording, and depends on its samples alone. The logarithm is taken
    here: `power_to_db` of Keras' MelSpectrogram makes a recording depend on its batch mates.
    Scale: O'Shaughnessy 1987, as HTK has it.

    Inputs: samples float32 (batch, samples) at 16 kHz, and their numbers int32 (batch,).
    Outputs: frames float32 (batch, steps, 80), at least one step, 0 behind each row's length; lengths int32 (batch,).

    Example:

    >>> frames, lengths = LogMel()(tf.zeros([1, 16_000]), tf.constant([16_000]))
    >>> frames.shape, lengths  # (1, 98, 80), [98]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})  # half precision has no number as small as `FLOOR`

    def call(self, waveform, samples):
        waveform = tf.pad(waveform, [[0, 0], [0, tf.maximum(FRAME - tf.shape(waveform)[1], 0)]])
        windows = tf.signal.frame(waveform, FRAME, HOP)
        before = tf.concat([windows[..., :1], windows[..., :-1]], -1)
        shaped = (windows - PREEMPHASIS * before) * tf.signal.hann_window(FRAME)
        power = tf.square(tf.abs(tf.signal.rfft(shaped, [FFT])))
        mel = tf.signal.linear_to_mel_weight_matrix(BANDS, FFT // 2 + 1, RATE, MIN_HERTZ, MAX_HERTZ)
        frames = tf.math.log(tf.matmul(power, mel) + FLOOR)
        lengths = num_frames(tf.cast(samples, "int32"))
        return tf.where(valid_steps(lengths, tf.shape(frames)[1])[..., None], frames, 0.0), lengths

    def compute_output_spec(self, waveform, samples):
        frames = keras.KerasTensor((waveform.shape[0], None, BANDS), "float32")
        return frames, keras.KerasTensor(samples.shape, "int32")


def num_frames(samples: int | tf.Tensor) -> int | tf.Tensor:
    """Number of whole frames in so many samples, of integers or tensors.

    Example:

    >>> num_frames(399), num_frames(400), num_frames(16_000)
    (0, 1, 98)
    """
    frames = (samples - FRAME + HOP) // HOP
    return frames * (frames > 0) if isinstance(frames, int) else ops.maximum(frames, 0)


@registered
class UtteranceNormalization(keras.layers.Layer):
    """Each band with mean 0 and deviation 1 over the steps of its row: neither volume nor microphone is left.

    Inputs: frames (batch, steps, bands) and lengths (batch,). Output: like the frames, 0 behind each row's length.
    """

    def call(self, frames, lengths):
        valid = ops.expand_dims(steps_within(frames, lengths), -1)
        steps = ops.cast(ops.maximum(lengths, 1), frames.dtype)[:, None, None]
        mean = ops.sum(ops.where(valid, frames, 0.0), 1, keepdims=True) / steps
        centred = ops.where(valid, frames - mean, 0.0)
        variance = ops.sum(centred * centred, 1, keepdims=True) / steps
        return centred * ops.rsqrt(variance + 1e-2)  # a band that hardly changes tells nothing

    def compute_output_spec(self, frames, lengths):
        return keras.KerasTensor(frames.shape, frames.dtype)


@registered
class RunningNormalization(keras.layers.Layer):
    """Each band less its mean up to the step, over a fixed deviation: nothing that is still to come is needed.

    Inputs and output: like those of UtteranceNormalization. Of a block within a recording also `total` float32 (batch,
    bands) and `count` int32 (batch,), the sum and the number of the frames before it.
    """

    def call(self, frames, lengths, total=None, count=0):
        valid = ops.expand_dims(steps_within(frames, lengths), -1)
        total = ops.zeros_like(frames[:, 0]) if total is None else total
        return ops.where(valid, run_normalization(frames, total, count), 0.0)

    def compute_output_spec(self, frames, lengths, total=None, count=0):
        return keras.KerasTensor(frames.shape, frames.dtype)


def run_normalization(frames: tf.Tensor, total: tf.Tensor, count: int | tf.Tensor) -> tf.Tensor:
    """Normalized frames, behind others with the sum `total` (batch, bands) and the number `count`, of all rows or
    (batch,)."""
    totals = ops.cumsum(frames, axis=1) + ops.expand_dims(total, 1)
    numbers = step_numbers(frames) + 1 + ops.reshape(count, (-1, 1))
    mean = (totals + PRIOR_FRAMES * MEAN) / ops.expand_dims(ops.cast(numbers, frames.dtype) + PRIOR_FRAMES, -1)
    return (frames - mean) / DEVIATION


@registered
class SpecAugment(keras.layers.Layer):
    """In training, set stripes of bands and of steps to 0, the mean (Park et al. 2019, https://arxiv.org/abs/1904.08779).

    The stripes grow from nothing to their widths: under whole ones CTC does not learn to write anything but blanks.

    Inputs: normalized frames (batch, steps, bands) and lengths (batch,). Output: like the frames.

    Args:
        frequency_mask: the widest of the two stripes of bands, drawn anew for each row.
        time_mask: the widest of the two stripes of steps; none is wider than an eighth of its row.
        growth: training batches until they are that wide.
        seed: of the draws.

    Raises:
        ValueError: a mask or a growth below 0.
    """

    STRIPES = 2  # of either kind
    MAX_SHARE = 1 / 8  # of the steps of a row

    def __init__(
        self, frequency_mask: int, time_mask: int, growth: int = GROWTH, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if frequency_mask < 0 or time_mask < 0 or growth < 0:
            raise ValueError(f"Masks are at least 0 wide. Received: {frequency_mask}, {time_mask}, growth {growth}")
        self.frequency_mask, self.time_mask, self.growth, self.seed = frequency_mask, time_mask, growth, seed
        self.generator = keras.random.SeedGenerator(seed)
        self.batches = self.add_weight(shape=(), initializer="zeros", trainable=False, name="batches")

    def call(self, frames, lengths, training=False):
        if not training or not (self.frequency_mask or self.time_mask):
            return frames
        batch, steps, bands = ops.shape(frames)
        self.batches.assign_add(1.0)
        grown = ops.minimum(self.batches / max(1, self.growth), 1.0)
        lengths = ops.cast(lengths, "float32")
        max_steps = ops.minimum(grown * self.time_mask, self.MAX_SHARE * lengths)
        for _ in range(self.STRIPES):
            bands_left = self._outside(batch, bands, ops.full([batch], float(bands)), grown * self.frequency_mask)
            steps_left = self._outside(batch, steps, lengths, max_steps)
            frames = ops.where(steps_left[:, :, None] & bands_left[:, None, :], frames, 0.0)
        return frames

    def _outside(self, batch, size, room, max_width):
        """Boolean (batch, size): False in a stripe that begins anywhere in the room and is at most so wide."""
        width = keras.random.uniform([batch], seed=self.generator) * (max_width + 1)
        start = keras.random.uniform([batch], seed=self.generator) * (room - ops.floor(width) + 1)
        first, last = ops.floor(start)[:, None], ops.floor(start)[:, None] + ops.floor(width)[:, None]
        place = ops.cast(ops.arange(size), "float32")[None]
        return (place < first) | (place >= last)

    def compute_output_spec(self, frames, lengths, training=False):
        return keras.KerasTensor(frames.shape, frames.dtype)

    def get_config(self):
        masks = {"frequency_mask": self.frequency_mask, "time_mask": self.time_mask}
        return {**super().get_config(), **masks, "growth": self.growth, "seed": self.seed}
