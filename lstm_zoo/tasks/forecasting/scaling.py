"""Windows in a graph: cut to the look-back, scaled by what is in them, and back. Pipeline and training share these
layers.

A window is scaled by its own values alone, so that a forecast of `a * y + b` is `a` times that of `y`, plus `b`, for
series that training never saw too - but for a floor, which is where it is.
"""

import math

import keras
import tensorflow as tf

from lstm_zoo.layers import registered

PERIODS = (86_400.0, 604_800.0, 365.2425 * 86_400.0)  # of the calendar, in seconds: day, week, year
CALENDAR = 2 * len(PERIODS)  # features of a time stamp
LEAST_CHANGE = 0.1  # of the standard deviation: the scale of a smooth window


@registered
class LastSteps(keras.layers.Layer):
    """The last `steps` steps of rows (batch, any, ...), with `fill` in front of shorter ones: (batch, steps, ...)."""

    def __init__(self, steps, fill=0.0, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.steps, self.fill = steps, fill

    def call(self, rows):
        rows = rows[:, -self.steps :]
        paddings = [[0, 0], [self.steps - tf.shape(rows)[1], 0], *([[0, 0]] * (len(rows.shape) - 2))]
        padded = tf.pad(rows, paddings, constant_values=tf.cast(self.fill, rows.dtype))
        return tf.ensure_shape(padded, (None, self.steps, *rows.shape[2:]))

    def compute_output_spec(self, rows):
        return keras.KerasTensor((rows.shape[0], self.steps, *rows.shape[2:]), rows.dtype)

    def get_config(self):
        return {**super().get_config(), "steps": self.steps, "fill": self.fill}


@registered
class Scale(keras.layers.Layer):
    """Scale each window by its own values, and tell how.

    Input: (batch, steps), float64 for exactness, NaN where nothing was observed.
    Outputs: float32 (batch, steps, 2): the scaled values, with the last observed one in the place of a missing one (0
    before the first), and 1 where a value was observed; the location (batch, 1) and the scale (batch, 1), such that
    `value = location + scale * scaled`. The scale of a constant window is 0; a window without values has the location
    NaN.

    Args:
        centre: True: the location is the last observed value (as in NLinear, Zeng et al. 2023,
            https://arxiv.org/abs/2205.13504) and the scale the root mean square of the changes from one step to the
            next, which a slow drift moves less than the standard deviation, but at least a tenth of the latter. False,
            for counts: the location is 0 and the scale 1 + the mean (as in DeepAR, Salinas et al. 2020,
            https://arxiv.org/abs/1704.04110).
    """

    def __init__(self, centre=True, **kwargs):
        super().__init__(**{"dtype": "float64", **kwargs})
        self.centre = centre

    def call(self, window):
        observed = tf.math.is_finite(window)
        values = tf.where(observed, window, 0.0)
        count = tf.reduce_sum(tf.cast(observed, window.dtype), 1, keepdims=True)
        mean = tf.math.divide_no_nan(tf.reduce_sum(values, 1, keepdims=True), count)
        place = last_observed(observed)
        filled = tf.gather(values, tf.maximum(place, 0), batch_dims=1)
        if self.centre:
            location = filled[:, -1:]
            spread = _root_mean(tf.where(observed, window - mean, 0.0), count)
            changes = tf.where(place[:, :-1] >= 0, filled[:, 1:] - filled[:, :-1], 0.0)
            scale = tf.maximum(_root_mean(changes, count - 1), LEAST_CHANGE * spread)
            scale = tf.where(spread > 1e-12 * tf.abs(mean), scale, 0.0)  # rounding alone: a constant window
        else:
            location, scale = tf.zeros_like(mean), 1.0 + mean
        scaled = tf.where(place >= 0, tf.math.divide_no_nan(filled - location, scale), 0.0)
        location = tf.where(count > 0, location, float("nan"))
        return tf.cast(tf.stack([scaled, tf.cast(observed, scaled.dtype)], -1), "float32"), location, scale

    def compute_output_spec(self, window):
        location, scale = (keras.KerasTensor((window.shape[0], 1), "float64") for _ in range(2))
        return keras.KerasTensor((*window.shape, 2), "float32"), location, scale

    def get_config(self):
        return {**super().get_config(), "centre": self.centre}


def _root_mean(values, count):
    return tf.sqrt(tf.math.divide_no_nan(tf.reduce_sum(values**2, 1, keepdims=True), count))


def last_observed(observed: tf.Tensor) -> tf.Tensor:
    """The step of the last observation up to each step of (batch, steps), -1 before the first: a running maximum."""
    steps = observed.shape[1]
    place = tf.where(observed, tf.range(steps), -1)
    reach = 1
    while reach < steps:  # each turn doubles how far back a step looks
        place = tf.maximum(place, tf.pad(place[:, :-reach], [[0, 0], [reach, 0]], constant_values=-1))
        reach *= 2
    return place


@registered
class Unscale(keras.layers.Layer):
    """`location + scale * scaled`: scaled forecasts (batch, horizon, any), location and scale (batch, 1) -> float64."""

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float64", **kwargs})

    def call(self, scaled, location, scale):
        return location[..., None] + scale[..., None] * tf.cast(scaled, "float64")

    def compute_output_spec(self, scaled, location, scale):
        return keras.KerasTensor(scaled.shape, "float64")


@registered
class Floor(keras.layers.Layer):
    """Forecasts that are not below what was never seen: (batch, horizon, any) and windows (batch, steps) -> the former.

    Its weight `least` (), which `fit` does not train, is the least that a forecast may be whose window has no value
    below that either. It begins at minus infinity, with which no forecast changes.
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float64", **kwargs})

    def build(self, forecast_shape, window_shape):
        free = keras.initializers.Constant(-math.inf)
        self.least = self.add_weight((), initializer=free, trainable=False, name="least")

    def call(self, forecast, window):
        below = tf.reduce_any(window < self.least, 1)[:, None, None]
        # A comparison, since the maximum of NaN and a number may be either.
        return tf.where(~below & (forecast < self.least), tf.cast(self.least, forecast.dtype), forecast)

    def compute_output_spec(self, forecast, window):
        return keras.KerasTensor(forecast.shape, "float64")


@registered
class Calendar(keras.layers.Layer):
    """Where in the day, the week and the year a time lies, as sines and cosines.

    Input: what a clock shows in seconds since 1970, int64 (batch, steps). Output: float32 (batch, steps, 6).
    """

    def call(self, seconds):
        seconds = tf.cast(seconds, "float64")
        angles = [2 * math.pi * tf.math.floormod(seconds, period) / period for period in PERIODS]
        return tf.cast(tf.stack([wave(angle) for angle in angles for wave in (tf.sin, tf.cos)], -1), "float32")

    def compute_output_spec(self, seconds):
        return keras.KerasTensor((*seconds.shape, CALENDAR), "float32")


@registered
class Covariates(keras.layers.Normalization):
    """Covariates at mean 0 and variance 1: (..., columns) -> the same.

    Args:
        names: of the columns, in their order.
    """

    def __init__(self, names, **kwargs):
        super().__init__(**kwargs)
        self.names = tuple(names)

    def get_config(self):
        return {**super().get_config(), "names": self.names}
