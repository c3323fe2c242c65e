"""Windows that are scored: of a split, of the user's series, and of a back-test."""

from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd

from lstm_zoo import batching
from lstm_zoo.contract import Evaluation
from lstm_zoo.tasks.forecasting import evaluation, windows
from lstm_zoo.tasks.forecasting.dates import written
from lstm_zoo.tasks.forecasting.frames import COLUMNS
from lstm_zoo.tasks.forecasting.pipelines import encode, forecast_of, horizon_of, length
from lstm_zoo.tasks.forecasting.series import Series, too_short
from lstm_zoo.tasks.forecasting.sources import shortened

BATCH_SIZE = 256  # windows that are forecast at once


def evaluate(pipeline: keras.Model, series: Sequence[Series]) -> Evaluation:
    """How good a pipeline is: every window from `first` on, for each series; for series without, its last window.

    Returns:
        Evaluation. Its metrics: see `evaluation.window_metrics`.

    Raises:
        ValueError: no series is longer than the horizon.
    """
    series, rows = scored(series, horizon_of(pipeline))
    forecasts = forecast(pipeline, series, rows)
    return Evaluation(
        metrics=evaluation.window_metrics(series, rows, forecasts), table=lambda: cutoffs(series, rows, forecasts)
    )


def baselines(
    pipeline: keras.Model, training: Sequence[Series], series: Sequence[Series]
) -> dict[str, dict[str, float]]:
    """Name -> metrics of naive, seasonal naive and NLinear, fitted on `training`, on the windows of `evaluate`."""
    horizon = horizon_of(pipeline)
    return evaluation.baseline_metrics(training, *scored(series, horizon), horizon)


def scored(series: Sequence[Series], horizon: int) -> tuple[list[Series], np.ndarray]:
    """The series, each with its `first`, and the windows that count, see `windows.origins`."""
    long = [item for item in series if len(item.y) > horizon]
    if not long:
        raise too_short(series, horizon)
    long = [item if item.first else item._replace(first=len(item.y) - horizon) for item in long]
    return long, windows.origins(long, 1, horizon)


def forecast(pipeline: keras.Model, series: Sequence[Series], rows: np.ndarray) -> np.ndarray:
    """Forecasts (windows, horizon, 10) of windows, each from what lies before it."""
    horizon = horizon_of(pipeline)
    items = [shortened(series[number], step, ahead=horizon) for number, step in rows]
    outputs = batching.run(pipeline, items, encode, length, batch_size=BATCH_SIZE)
    return np.stack([forecast_of(row) for row in outputs])


def rolling(
    series: Sequence[Series], horizon: int, count: int, stride: int | None = None
) -> tuple[list[Series], np.ndarray]:
    """The last `count` windows of each series, `stride` steps apart (None: the horizon), as `scored` gives them.

    Raises:
        ValueError: no series is longer than the horizon.
    """
    stride = stride or horizon
    starts = [len(item.y) - horizon - stride * np.arange(count - 1, -1, -1) for item in series]
    starts = [steps[steps > 0] for steps in starts]
    kept = [(item._replace(first=int(steps[0])), steps) for item, steps in zip(series, starts) if len(steps)]
    if not kept:
        raise too_short(series, horizon)
    rows = [np.stack([np.full_like(steps, number), steps], 1) for number, (_, steps) in enumerate(kept)]
    return [item for item, _ in kept], np.concatenate(rows)


def cutoffs(series: Sequence[Series], rows: np.ndarray, forecasts: np.ndarray) -> pd.DataFrame:
    """Forecasts of windows as a frame: `unique_id`, `cutoff` (the last time read), `ds`, `y`, mean, quantiles."""
    horizon = forecasts.shape[1]
    times = [written(item.ds, item.form) for item in series]
    tables = [
        pd.DataFrame(
            {
                "unique_id": series[number].unique_id,
                "cutoff": times[number][step - 1],
                "ds": times[number][step : step + horizon],
                "y": series[number].y[step : step + horizon],
                **dict(zip(COLUMNS, values.T)),
            }
        )
        for (number, step), values in zip(rows, forecasts)
    ]
    return pd.concat(tables, ignore_index=True)
