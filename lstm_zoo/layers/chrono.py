"""Biases of an LSTM that remembers as long as it will have to."""

from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.serialization import registered


@registered
class ChronoInitializer(keras.initializers.RandomUniform):
    """Biases of an LSTM whose units begin with memories of 1 to `longest` steps.

    A forget gate f that stays where it is keeps a share of f a step, and so remembers 1 / (1 - f) steps. With u drawn
    from U(1, longest - 1) for each unit, the biases of the forget, input, candidate and output gates are

        b_f = log(u),  b_i = -b_f,  b_g = b_o = 0

    Source: Tallec and Ollivier 2018, https://arxiv.org/abs/1804.11188. `layers.LSTM` takes it as it is;
    `keras.layers.LSTM` needs `unit_forget_bias=False` beside it.

    Args:
        longest: steps of the longest dependency that is expected, at least 2, such as the steps of a sequence.
        seed: of the draw, see `keras.initializers.RandomUniform`.

    Raises:
        ValueError: a `longest` below 2.

    Example:

    >>> LSTM(8, bias_initializer=ChronoInitializer(1000))(keras.ops.zeros((2, 5, 3))).shape  # (2, 8)
    """

    def __init__(self, longest: float, seed: int | None = None):
        if not longest >= 2:
            raise ValueError(f"longest is at least 2 steps. Received: {longest}")
        super().__init__(1, longest - 1, seed)
        self.longest = longest

    def __call__(self, shape: tuple[int], dtype: str | None = None) -> Any:
        units = shape[0] // 4
        forget = ops.log(super().__call__((units,), dtype))
        return ops.concatenate([-forget, forget, ops.zeros((2 * units,), forget.dtype)])

    def get_config(self) -> dict[str, Any]:
        return {"longest": self.longest, "seed": super().get_config()["seed"]}
