"""Several opinions on the same labels made one."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered

CENTRE = 100  # words: of a text of this length the weights are what they are


def relative_length(lengths: Any) -> Any:
    """What a slope is multiplied by: 0 for a text of `CENTRE` words, about 1 for one 2.7 times as long."""
    return ops.log((1.0 + lengths) / (1.0 + CENTRE))


@registered
class LogLinearPool(keras.layers.Layer):
    """The weighted sum of the log-probabilities of several models, whose weights may change with the length of a row.

    Source: Genest and Zidek 1986, https://doi.org/10.1214/ss/1177013825. One model alone is calibrated by its weight,
    the inverse of a temperature (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

    Input: a list of logits (batch, classes), and lengths, integers (batch,). Output: logits float32 (batch, classes).
    The weight of a model is `weights + slopes * relative_length(length)`, at least 0. An untrained pool hears
    the first model alone.

    Args:
        models: how many there are.

    Example:

    >>> logits = ops.array([[1.0, 2.0]])
    >>> LogLinearPool(2)([logits, -logits], ops.array([5])).shape  # (1, 2)
    """

    def __init__(self, models: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.models = models

    def build(self, *_):
        first = [1.0] + [0.0] * (self.models - 1)
        self.pool = self.add_weight((self.models,), lambda *_, **__: ops.array(first), name="weights")
        self.slopes = self.add_weight((self.models,), "zeros", name="slopes")

    def opinion(self, logits: Any) -> Any:
        """What is weighed of the logits of a model."""
        return ops.log_softmax(logits)

    def call(self, logits: Sequence[Any], lengths: Any) -> Any:
        length = relative_length(ops.cast(lengths, "float32"))
        weights = ops.maximum(length[:, None] * self.slopes + self.pool, 0.0)  # (batch, models)
        opinions = ops.stack([self.opinion(ops.cast(each, "float32")) for each in logits], axis=1)
        return ops.sum(weights[:, :, None] * opinions, axis=1)

    def get_config(self):
        return {**super().get_config(), "models": self.models}


@registered
class LogitPool(LogLinearPool):
    """The weighted sum of the logits of several models, of labels each of which holds or not.

    Input and weights: see `LogLinearPool`; behind the sum a scale and a bias of each label, which begin as 1 and 0.

    Args:
        models: how many there are.

    Example:

    >>> logits = ops.array([[1.0, 2.0]])
    >>> LogitPool(2)([logits, -logits], ops.array([5]))  # [[1., 2.]]
    """

    def build(self, logits_shape, *_):
        super().build()
        labels = logits_shape[0][-1]
        self.scales = self.add_weight((labels,), "ones", name="scales")
        self.biases = self.add_weight((labels,), "zeros", name="biases")

    def opinion(self, logits: Any) -> Any:
        """What is weighed of the logits of a model."""
        return logits

    def call(self, logits: Sequence[Any], lengths: Any) -> Any:
        return super().call(logits, lengths) * self.scales + self.biases
