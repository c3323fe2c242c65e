"""Naive forecasts inside a network: what it starts from, and adds to."""

from collections.abc import Sequence

import keras
from keras import ops

from lstm_zoo.layers import registered


def check_seasons(seasons: Sequence[int], lookback: int) -> None:
    """Raise a ValueError for seasons that `Seasonal` cannot compare within a look-back."""
    if len(seasons) > 2 or list(seasons) != sorted(set(seasons)) or sum(seasons) > lookback or 0 in seasons:
        raise ValueError(
            "seasons are at most two whole numbers of steps, the short one first, which fit into lookback together. "
            f"Received: {seasons!r}, lookback={lookback}"
        )


@registered
class Seasonal(keras.layers.Layer):
    """Naive forecasts of a window, and how much it differs from one season to the next.

    Input: `history` (batch, lookback, any), its first feature the scaled values.
    Outputs: forecasts (batch, horizon, bases), the differences to the season before (batch, lookback), 0 in the first
    season, and the scale of the differences (batch, 1), their mean size, 1 where there is none.
    The bases are: the last value and, for each season, the last one over again; with two seasons also the last short
    one plus its change a long one ago, and the last long one shifted to the level of the last short one.

    Args:
        horizon: steps to forecast.
        seasons: lengths of the seasons in steps, short before long, like (24, 168); none: the last value alone.
    """

    def __init__(self, horizon, seasons=(), **kwargs):
        super().__init__(**kwargs)
        self.horizon, self.seasons = horizon, tuple(seasons)

    @property
    def bases(self):
        """Number of naive forecasts."""
        return 1 + len(self.seasons) + 2 * (len(self.seasons) == 2)

    def call(self, history):
        values = history[..., 0]
        lookback = values.shape[1]

        def again(season, ago=0):
            last = values[:, lookback - ago - season : lookback - ago]
            return ops.tile(last, (1, -(-self.horizon // season)))[:, : self.horizon]

        bases = [ops.zeros_like(values[:, :1]) + values[:, -1:] + ops.zeros((1, self.horizon), values.dtype)]
        bases += [again(season) for season in self.seasons]
        differences, scale = ops.zeros_like(values), ops.ones_like(values[:, :1])
        if self.seasons:
            short = self.seasons[0]
            changes = values[:, short:] - values[:, :-short]
            size = ops.mean(ops.abs(changes), axis=1, keepdims=True)
            scale = ops.where(size > 0, size, 1.0)
            differences = ops.pad(changes, [[0, 0], [short, 0]])
        if len(self.seasons) == 2:
            short, long = self.seasons
            level = values[:, -short:], values[:, lookback - long - short : lookback - long]
            shift = ops.mean(level[0], axis=1, keepdims=True) - ops.mean(level[1], axis=1, keepdims=True)
            bases += [again(short) + again(long) - again(short, ago=long), again(long) + shift]
        return ops.stack(bases, axis=-1), differences, scale

    def compute_output_spec(self, history):
        batch, lookback = history.shape[:2]
        return (
            keras.KerasTensor((batch, self.horizon, self.bases), history.dtype),
            keras.KerasTensor((batch, lookback), history.dtype),
            keras.KerasTensor((batch, 1), history.dtype),
        )

    def get_config(self):
        return {**super().get_config(), "horizon": self.horizon, "seasons": self.seasons}
