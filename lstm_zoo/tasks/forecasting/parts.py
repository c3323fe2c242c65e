"""Parts of the forecasting networks: naive forecasts to start from, ordered quantiles, places in the horizon."""

import keras
from keras import ops

from lstm_zoo.layers import registered

QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MEDIAN = QUANTILES.index(0.5)
WIDE = keras.initializers.RandomNormal(stddev=1.0)  # of vectors that tell places and series apart from the start


@registered
class Seasonal(keras.layers.Layer):
    """Naive forecasts of a window, and how much it differs from one season to the next.

    Input: `history` (batch, lookback, any), its first feature the scaled values.
    Outputs: forecasts (batch, horizon, bases), the differences to the season before (batch, lookback), 0 in the first
    season, and the unit of the differences (batch, 1), their mean size, 1 where there is none.
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

        bases = [ops.zeros_like(values[:, :1]) + values[:, -1:] + ops.zeros((1, self.horizon))]
        bases += [again(season) for season in self.seasons]
        differences, unit = ops.zeros_like(values), ops.ones_like(values[:, :1])
        if self.seasons:
            short = self.seasons[0]
            changes = values[:, short:] - values[:, :-short]
            size = ops.mean(ops.abs(changes), axis=1, keepdims=True)
            unit = ops.where(size > 0, size, 1.0)
            differences = ops.pad(changes, [[0, 0], [short, 0]])
        if len(self.seasons) == 2:
            short, long = self.seasons
            level = values[:, -short:], values[:, lookback - long - short : lookback - long]
            shift = ops.mean(level[0], axis=1, keepdims=True) - ops.mean(level[1], axis=1, keepdims=True)
            bases += [again(short) + again(long) - again(short, ago=long), again(long) + shift]
        return ops.stack(bases, axis=-1), differences, unit

    def compute_output_spec(self, history):
        batch, lookback = history.shape[:2]
        return (
            keras.KerasTensor((batch, self.horizon, self.bases), history.dtype),
            keras.KerasTensor((batch, lookback), history.dtype),
            keras.KerasTensor((batch, 1), history.dtype),
        )

    def get_config(self):
        return {**super().get_config(), "horizon": self.horizon, "seasons": self.seasons}


@registered
class Quantiles(keras.layers.Layer):
    """Mean and quantiles from what a network says of each step: a mixture of naive forecasts plus what it adds.

    Inputs: raw (batch, horizon, quantiles + bases), bases (batch, horizon, bases), unit (batch, 1).
    Output: (batch, horizon, 1 + quantiles): the mean, then the quantiles, which cannot cross: each adds a positive
    step, upwards and downwards from the median. The mean is that of the quantiles, as the expectation is the integral
    of the quantile function; a head of its own, trained on squared errors, was worse on ETTh1's validation split.
    """

    def call(self, raw, bases, unit):
        raw, bases, unit = (ops.cast(values, "float32") for values in (raw, bases, unit))
        count = len(QUANTILES)
        base = bases
        if bases.shape[-1] > 1:
            weights = ops.softmax(raw[..., count:], axis=-1)
            base = ops.sum(weights * bases, axis=-1, keepdims=True)
        unit = ops.expand_dims(unit, -1)
        median = base + unit * raw[..., MEDIAN : MEDIAN + 1]
        gaps = unit * ops.softplus(raw[..., :count]) / MEDIAN
        above = median + ops.cumsum(gaps[..., MEDIAN + 1 :], axis=-1)
        below = median - ops.flip(ops.cumsum(ops.flip(gaps[..., :MEDIAN], -1), axis=-1), -1)
        quantiles = ops.concatenate([below, median, above], axis=-1)
        return ops.concatenate([ops.mean(quantiles, axis=-1, keepdims=True), quantiles], axis=-1)

    def compute_output_spec(self, raw, bases, unit):
        return keras.KerasTensor((*bases.shape[:2], 1 + len(QUANTILES)), "float32")


@registered
class Identities(keras.layers.Embedding):
    """A trained vector for each known series: integers (batch,) -> (batch, units), zeros for 0, an unknown one."""

    def __init__(self, count, units, **kwargs):
        super().__init__(1 + count, units, embeddings_initializer=WIDE, **kwargs)
        self.count, self.units = count, units

    def call(self, identity):
        return ops.where(ops.expand_dims(identity, -1) > 0, super().call(identity), 0.0)

    def get_config(self):
        return {**keras.layers.Layer.get_config(self), "count": self.count, "units": self.units}


@registered
class Positions(keras.layers.Layer):
    """A trained vector for each of `count` places, for every row: any (batch, ...) -> (batch, count, units)."""

    def __init__(self, count, units, **kwargs):
        super().__init__(**kwargs)
        self.count, self.units = count, units

    def build(self, rows_shape):
        self.vectors = self.add_weight((self.count, self.units), initializer=WIDE, name="vectors")

    def call(self, rows):
        return ops.zeros((ops.shape(rows)[0], 1, 1), self.compute_dtype) + ops.cast(self.vectors, self.compute_dtype)

    def compute_output_spec(self, rows):
        return keras.KerasTensor((rows.shape[0], self.count, self.units), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "count": self.count, "units": self.units}
