"""Windows of many series: what training reads, and what scoring forecasts."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.forecasting.dates import wall_seconds
from lstm_zoo.tasks.forecasting.scaling import Calendar, Scale
from lstm_zoo.tasks.forecasting.series import Series


def origins(series: Sequence[Series], lookback: int, horizon: int) -> np.ndarray:
    """Every window of the series, as rows (number of the series, step of its first target).

    A window has all its `horizon` targets within the series, from `series.first` on. Where that is 0, its look-back is
    within the series too, or, in a series too short for that, as long as it can be.
    """
    rows = []
    for number, item in enumerate(series):
        last = len(item.y) - horizon
        first = item.first or min(lookback, last)
        steps = np.arange(max(first, 1), last + 1)
        rows.append(np.stack([np.full_like(steps, number), steps], 1))
    return np.concatenate(rows) if rows else np.zeros((0, 2), "int64")


def thinned(rows: np.ndarray, limit: int | None) -> np.ndarray:
    """At most so many rows, evenly over all; None: all."""
    if limit is None or len(rows) <= limit:
        return rows
    return rows[np.linspace(0, len(rows) - 1, limit).astype(int)]


def error_scale(item: Series) -> float:
    """The error that counts 1: `scale`, else the standard deviation of what lies before `first` (of all, for 0)."""
    if item.scale is not None:
        return item.scale
    deviation = np.nanstd(item.y[: item.first or None]) if np.isfinite(item.y).any() else 0.0
    return deviation or 1.0


def features_of(item: Series, preprocessing: Preprocessing) -> np.ndarray:
    """Covariates of every step as the network reads them, float32 (steps + ahead, covariates)."""
    columns = []
    if preprocessing["calendar"]:
        columns.append(Calendar()(wall_seconds(item.ds)[None])[0])
    if preprocessing["covariates"] is not None:
        columns.append(preprocessing["covariates"](item.covariates))
    return np.concatenate(columns, -1) if columns else np.zeros((len(item.ds), 0), "float32")


class Table:
    """All series behind one another, with a look-back of missing values before each, for windows by one gather."""

    def __init__(self, series: Sequence[Series], preprocessing: Preprocessing):
        self.lookback, self.horizon = preprocessing["lookback"], preprocessing["horizon"]
        gap = np.full(self.lookback, np.nan)
        self.start = np.cumsum([self.lookback, *(self.lookback + len(item.y) for item in series[:-1])])
        self.values = tf.constant(np.concatenate([part for item in series for part in (gap, item.y)]))
        features = [features_of(item, preprocessing) for item in series]
        blank = np.zeros((self.lookback, features[0].shape[1]), "float32")
        self.features = tf.constant(
            np.concatenate([part for item, known in zip(series, features) for part in (blank, known[: len(item.y)])])
        )
        self.error_scales = tf.constant([error_scale(item) for item in series], "float64")
        ids, names = preprocessing["ids"], [item.unique_id for item in series]
        self.identities = None if ids is None else tf.cast(ids(tf.constant(names)), "int32")
        self.scale = Scale(centre=preprocessing["centre"])

    def window(self, number: tf.Tensor, step: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Inputs of a network and targets, of vectors of series numbers and of first target steps."""
        place = tf.gather(self.start, number) + step
        past = place[:, None] + tf.range(-self.lookback, 0, dtype=place.dtype)
        ahead = place[:, None] + tf.range(self.horizon, dtype=place.dtype)
        scaled, location, scale = self.scale(tf.gather(self.values, past))
        target = tf.gather(self.values, ahead)
        observed = tf.math.is_finite(target)
        target = tf.where(observed, tf.math.divide_no_nan(target - location, scale), 0.0)
        weight = tf.where(observed, scale / tf.gather(self.error_scales, number)[:, None], 0.0)
        inputs = {"history": scaled, "target": tf.cast(target, "float32"), "unit": tf.cast(scale, "float32")}
        if self.features.shape[1]:
            inputs["history"] = tf.concat([scaled, tf.gather(self.features, past)], -1)
            inputs["future"] = tf.gather(self.features, ahead)
        if self.identities is not None:
            inputs["identity"] = tf.gather(self.identities, number)
        return inputs, tf.cast(tf.stack([target, weight], -1), "float32")


def batches(
    series: Sequence[Series],
    preprocessing: Preprocessing,
    batch_size: int,
    *,
    seed: int | None = None,
    first_epoch: int = 0,
    limit: int | None = None,
) -> tf.data.Dataset:
    """What `fit` eats: batches of windows, scaled.

    Args:
        series: list of `Series`.
        preprocessing: what `adapt` returned.
        batch_size: windows in a batch.
        seed: for training: endless batches, passes over all windows in an order that the seed fixes. None, for
            validation: every window once.
        first_epoch: number of the first pass.
        limit: the most windows, evenly over all. None: all.

    Returns:
        tf.data.Dataset of the dict that networks take, with inputs that one of them may lack, see `batching.read_by`,
        and targets (batch, horizon, 2): scaled values, and what a scaled error of 1 counts, in units of the series'
        `scale`; 0 for missing values.
    """
    rows = tf.constant(thinned(origins(series, preprocessing["lookback"], preprocessing["horizon"]), limit))
    table = Table(series, preprocessing)
    if seed is None:
        order = tf.data.Dataset.range(len(rows)).batch(batch_size)
    else:
        order = batching.bucketed(tf.zeros(len(rows)), batch_size, seed=seed, first_epoch=first_epoch)
    return order.map(lambda chosen: table.window(*tf.unstack(tf.gather(rows, chosen), axis=1)), num_parallel_calls=2)


def num_units(series: Sequence[Series], preprocessing: Preprocessing) -> int:
    """Number of windows in one pass."""
    return len(origins(series, preprocessing["lookback"], preprocessing["horizon"]))


def num_apart(series: Sequence[Series], preprocessing: Preprocessing) -> int:
    """How many of the windows do not overlap."""
    rows = origins(series, preprocessing["lookback"], preprocessing["horizon"])
    _, counts = np.unique(rows[:, 0], return_counts=True)
    return int(np.ceil(counts / preprocessing["horizon"]).sum())
