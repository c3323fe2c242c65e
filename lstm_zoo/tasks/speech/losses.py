"""What the networks of speech are trained to lower."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers import registered, valid_steps
from lstm_zoo.layers.seq2seq import SmoothedCrossEntropy

LABEL_SMOOTHING = 0.05


@registered
class CTC(keras.losses.Loss):
    """Connectionist temporal classification, over the characters of a text, so that a long one counts as a short one.

    Targets are int32 (batch, characters), padded with 0, predictions logits (batch, steps, characters), as BlankPadding
    gives them. Source: Graves et al. 2006, https://doi.org/10.1145/1143844.1143891.

    Example:

    >>> CTC()(ops.array([[1]]), ops.zeros((1, 2, 2)))  # 0.287...: three of the four ways through two steps
    """

    def call(self, target, logits):
        target = ops.cast(target, "int32")
        lengths = ops.sum(ops.cast(target > 0, "int32"), -1)
        steps = ops.full(ops.shape(logits)[:1], ops.shape(logits)[1], dtype="int32")
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Sparse labels take TensorFlow's kernel, eight times as fast as its operations on dense ones.
            sparse = tf.sparse.from_dense(target)
            loss = tf.nn.ctc_loss(sparse, logits, None, steps, logits_time_major=False, blank_index=0)
        else:
            loss = ops.ctc_loss(target, logits, lengths, steps, mask_index=0)
        return loss / ops.cast(ops.maximum(lengths, 1), loss.dtype)


@keras.saving.register_keras_serializable("lstm_zoo", name="Spelled")
class CharacterCrossEntropy(SmoothedCrossEntropy):
    """Cross-entropy of each character of a text and of its end, over their number, with a little label smoothing.

    Targets and predictions: like those of CTC, of which the first 0 of a row is its end.
    """

    def __init__(self, smoothing: float = LABEL_SMOOTHING, reduction: str = "sum_over_batch_size", **kwargs: Any):
        super().__init__(smoothing, reduction=reduction, **kwargs)

    def call(self, target, logits):
        target = ops.cast(target, "int32")
        lengths = 1 + ops.sum(ops.cast(target > 0, "int32"), -1)
        valid = ops.cast(valid_steps(lengths, ops.shape(target)[1]), "float32")
        return ops.sum(valid * super().call(target, logits), -1) / ops.cast(lengths, "float32")
