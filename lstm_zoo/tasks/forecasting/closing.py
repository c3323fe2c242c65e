"""What a run of forecasting ends with: its scores beside those of cheap forecasts, and a picture."""

import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo.tasks.forecasting import evaluation, scoring
from lstm_zoo.tasks.forecasting.pipelines import horizon_of
from lstm_zoo.tasks.forecasting.plots import drawn
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.windows import thinned

PICTURE = "forecasts.png"
MAX_SERIES = 4


def closing(
    pipeline: keras.Model, training: Sequence[Series], validating: Sequence[Series], folder: pathlib.Path
) -> dict[str, Any]:
    """The baselines on the validation windows, and in the folder a picture of the last forecast of four series."""
    horizon = horizon_of(pipeline)
    series, rows = scoring.scored(validating, horizon)
    some = [series[place] for place in thinned(np.arange(len(series)), MAX_SERIES)]
    last = np.array([(number, len(item.y) - horizon) for number, item in enumerate(some)])
    fans = scoring.forecast(pipeline, some, last)
    drawn([(item, begin, fan) for item, (_, begin), fan in zip(some, last, fans)], folder / PICTURE)
    return {"baselines": evaluation.baseline_metrics(training, series, rows, horizon)}
