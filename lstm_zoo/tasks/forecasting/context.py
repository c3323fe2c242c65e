"""How good forecasts are by how many values of the past are read."""

from collections.abc import Sequence

import keras
import numpy as np

from lstm_zoo import batching
from lstm_zoo.steps import Context
from lstm_zoo.tasks.forecasting import evaluation
from lstm_zoo.tasks.forecasting.pipelines import encode, forecast_of, horizon_of, length
from lstm_zoo.tasks.forecasting.scoring import BATCH_SIZE, scored
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.sources import shortened
from lstm_zoo.tasks.forecasting.windows import thinned

MAX_WINDOWS = 512


def longest(pipeline: keras.Model, series: Sequence[Series]) -> int:
    """The look-back of a pipeline, or what the longest series has before what is forecast of it."""
    series, rows = scored(series, horizon_of(pipeline))
    return int(min(pipeline.get_layer("window").steps, rows[:, 1].max()))


def score(pipeline: keras.Model, series: Sequence[Series], count: int) -> dict[str, float]:
    """Metrics where only the last values before each window are read; those before them are missing.

    Of the windows that `evaluate` forecasts at most 512 count, evenly over all.
    """
    horizon = horizon_of(pipeline)
    series, rows = scored(series, horizon)
    rows = thinned(rows, MAX_WINDOWS)
    items = [latest(shortened(series[number], step, ahead=horizon), count) for number, step in rows]
    outputs = batching.run(pipeline, items, encode, length, batch_size=BATCH_SIZE)
    return evaluation.window_metrics(series, rows, np.stack([forecast_of(row) for row in outputs]))


def latest(item: Series, count: int) -> Series:
    """A series without what lies before its last values; times and covariates of the steps ahead stay."""
    begin = max(0, len(item.y) - count)
    return item._replace(y=item.y[begin:], ds=item.ds[begin:], covariates=item.covariates[begin:])


VALUES = Context(kind="values of the past", longest=longest, score=score)
