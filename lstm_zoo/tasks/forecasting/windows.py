"""Windows of many series: what training reads, and what scoring forecasts."""

import numpy as np
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.tasks.forecasting.scaling import Calendar, Scale


def origins(series, lookback, horizon):
    """Every window of the series, as rows (number of the series, step of its first target).

    A window has all its `horizon` targets within the series, from `series.first` on. Where that is 0, its look-back is
    within the series too, or, in a series too short for that, as long as it can be.
    """
    rows = []
    for number, one in enumerate(series):
        last = len(one.y) - horizon
        first = one.first or min(lookback, last)
        steps = np.arange(max(first, 1), last + 1)
        rows.append(np.stack([np.full_like(steps, number), steps], 1))
    return np.concatenate(rows) if rows else np.zeros((0, 2), "int64")


def unit_of(one):
    """The error that counts 1: `scale`, else the standard deviation of what lies before `first` (of all, for 0)."""
    if one.scale is not None:
        return one.scale
    deviation = np.nanstd(one.y[: one.first or None]) if np.isfinite(one.y).any() else 0.0
    return deviation or 1.0


def features_of(one, preprocessing):
    """Covariates of every step as the network reads them, float32 (steps + ahead, covariates)."""
    parts = []
    if preprocessing["calendar"]:
        parts.append(Calendar()(one.ds.astype("int64")[None])[0])
    if preprocessing["covariates"] is not None:
        parts.append(preprocessing["covariates"](one.covariates))
    return np.concatenate(parts, -1) if parts else np.zeros((len(one.ds), 0), "float32")


class Table:
    """All series behind one another, with a look-back of missing values before each, for windows by one gather."""

    def __init__(self, series, preprocessing):
        self.lookback, self.horizon = preprocessing["lookback"], preprocessing["horizon"]
        gap = np.full(self.lookback, np.nan)
        self.start = np.cumsum([self.lookback, *(self.lookback + len(one.y) for one in series[:-1])])
        self.values = tf.constant(np.concatenate([part for one in series for part in (gap, one.y)]))
        features = [features_of(one, preprocessing) for one in series]
        blank = np.zeros((self.lookback, features[0].shape[1]), "float32")
        self.features = tf.constant(
            np.concatenate([part for one, known in zip(series, features) for part in (blank, known[: len(one.y)])])
        )
        self.units = tf.constant([unit_of(one) for one in series], "float64")
        ids = preprocessing["ids"]
        self.identities = None if ids is None else tf.cast(ids(tf.constant([one.unique_id for one in series])), "int32")
        self.scale = Scale(centre=not preprocessing["counts"])
        self.teacher = preprocessing["teacher"]

    def window(self, number, step):
        """Inputs of a network and targets, of vectors of series numbers and of first target steps."""
        place = tf.gather(self.start, number) + step
        past = place[:, None] + tf.range(-self.lookback, 0, dtype=place.dtype)
        ahead = place[:, None] + tf.range(self.horizon, dtype=place.dtype)
        scaled, location, unit = self.scale(tf.gather(self.values, past))
        target = tf.gather(self.values, ahead)
        observed = tf.math.is_finite(target)
        target = tf.where(observed, tf.math.divide_no_nan(target - location, unit), 0.0)
        weight = tf.where(observed, unit / tf.gather(self.units, number)[:, None], 0.0)
        inputs = {"history": scaled}
        if self.features.shape[1]:
            inputs["history"] = tf.concat([scaled, tf.gather(self.features, past)], -1)
            inputs["future"] = tf.gather(self.features, ahead)
        if self.identities is not None:
            inputs["identity"] = tf.gather(self.identities, number)
        if self.teacher:
            inputs["target"] = tf.cast(target, "float32")
            inputs["unit"] = tf.cast(unit, "float32")
        return inputs, tf.cast(tf.stack([target, weight], -1), "float32")


def batches(series, preprocessing, batch, *, seed=None, first_epoch=0):
    """Batches of windows, see `forecasting.examples`."""
    rows = tf.constant(origins(series, preprocessing["lookback"], preprocessing["horizon"]))
    table = Table(series, preprocessing)
    if seed is None:
        order = tf.data.Dataset.range(len(rows)).batch(batch)
    else:
        order = batching.bucketed(tf.zeros(len(rows)), batch, seed=seed, first_epoch=first_epoch)
    return order.map(lambda chosen: table.window(*tf.unstack(tf.gather(rows, chosen), axis=1)), num_parallel_calls=2)
