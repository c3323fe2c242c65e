"""What stands for a mask: the lengths of right-padded rows, and what is done by them."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


def valid_steps(lengths: Any, steps: Any) -> Any:
    """Boolean (batch, steps): True where a step lies within its row's length.

    Args:
        lengths: integers (batch,).
        steps: number of steps, an integer or a tensor of one.

    Example:

    >>> valid_steps(ops.array([2, 0]), 3)  # [[True, True, False], [False, False, False]]
    """
    return ops.arange(steps, dtype="int32") < ops.expand_dims(ops.cast(lengths, "int32"), -1)


class StepNumbers(keras.Operation):
    """The operation of `step_numbers`."""

    def call(self, sequence):
        return ops.arange(ops.shape(sequence)[1], dtype="int32")

    def compute_output_spec(self, sequence):
        return keras.KerasTensor(sequence.shape[1:2], "int32")


def step_numbers(sequence: Any) -> Any:
    """0, 1, 2, ... int32 (steps,), a number for each step of a sequence (batch, steps, ...), which may be symbolic.

    Example:

    >>> step_numbers(ops.ones((2, 3, 1)))  # [0, 1, 2]
    """
    return StepNumbers()(sequence)


def steps_within(sequence: Any, lengths: Any) -> Any:
    """What `valid_steps` gives of the steps of a sequence (batch, steps, ...), which may be symbolic.

    Example:

    >>> steps_within(ops.ones((2, 3, 1)), ops.array([2, 0]))  # [[True, True, False], [False, False, False]]
    """
    return step_numbers(sequence) < ops.expand_dims(ops.cast(lengths, "int32"), -1)


@registered
class Lengths(keras.layers.Layer):
    """Length of each row of right-padded token ids: one past its last id that is not 0.

    Input: integers (batch, steps), padded with 0. Output: int32 (batch,).

    Example:

    >>> Lengths()(ops.array([[5, 7, 0], [0, 0, 0]]))  # [2, 0]
    """

    def call(self, ids):
        return ops.max(ops.where(ops.not_equal(ids, 0), step_numbers(ids) + 1, 0), axis=1, initial=0)

    def compute_output_spec(self, ids):
        return keras.KerasTensor((ids.shape[0],), "int32")


@registered
class Reverse(keras.layers.Layer):
    """Reverse each row up to its length and leave the padding behind it where it is.

    Inputs: (batch, steps, features) and lengths int32 (batch,). Output: like the first input.

    Example:

    >>> Reverse()(ops.array([[[1.0], [2.0], [0.0]]]), ops.array([2]))  # [[[2], [1], [0]]]
    """

    def call(self, sequence, lengths):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.reverse_sequence(sequence, lengths, seq_axis=1)
        position = ops.expand_dims(ops.arange(ops.shape(sequence)[1]), 0)
        mirrored = ops.expand_dims(lengths, 1) - 1 - position
        index = ops.where(mirrored >= 0, mirrored, position)
        return ops.take_along_axis(sequence, ops.expand_dims(index, -1), axis=1)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor(sequence.shape, sequence.dtype)


@registered
class ZeroPadding(keras.layers.Layer):
    """Set every step behind a row's length to 0.

    Inputs: (batch, steps, features) and lengths int32 (batch,). Output: like the first input.

    Example:

    >>> ZeroPadding()(ops.ones((1, 3, 1)), ops.array([2]))  # [[[1], [1], [0]]]
    """

    def call(self, sequence, lengths):
        return ops.where(ops.expand_dims(steps_within(sequence, lengths), -1), sequence, 0.0)

    def compute_output_spec(self, sequence, lengths):
        return keras.KerasTensor(sequence.shape, sequence.dtype)
