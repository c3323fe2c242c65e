"""Windows that are scored: of a split, of the user's series, and of a back-test."""

import numpy as np
import pandas as pd

from lstm_zoo import batching
from lstm_zoo.tasks.forecasting import measures, windows
from lstm_zoo.tasks.forecasting.frames import COLUMNS, too_short
from lstm_zoo.tasks.forecasting.pipelines import encode, forecast_of, horizon_of, size
from lstm_zoo.tasks.forecasting.sources import shortened

BATCH = 256  # windows that are forecast at once


def score(pipeline, series):
    """Measures of a pipeline: every window from `first` on, for each series; for series without, its last window.

    Returns:
        Dict, see `measures.measures`.

    Raises:
        ValueError: no series is longer than the horizon.
    """
    series, rows = scored(series, horizon_of(pipeline))
    return measures.measures(series, rows, forecast(pipeline, series, rows))


def scored(series, horizon):
    """The series, each with its `first`, and the windows that count, see `windows.origins`."""
    long = [one for one in series if len(one.y) > horizon]
    if not long:
        raise too_short(series, horizon)
    long = [one if one.first else one._replace(first=len(one.y) - horizon) for one in long]
    return long, windows.origins(long, 1, horizon)


def forecast(pipeline, series, rows):
    """Forecasts (windows, horizon, 10) of windows, each from what lies before it."""
    horizon = horizon_of(pipeline)
    items = [shortened(series[number], step, ahead=horizon) for number, step in rows]
    outputs = batching.run(pipeline, items, encode, size, batch=BATCH)
    return np.stack([forecast_of(row) for row in outputs])


def baselines(pipeline, training, series):
    """Name -> measures of naive, seasonal naive and NLinear, fitted on `training`, on the windows of `score`."""
    horizon = horizon_of(pipeline)
    return measures.baselines(training, *scored(series, horizon), horizon)


def rolling(series, horizon, count, stride=None):
    """The last `count` windows of each series, `stride` steps apart (None: the horizon), as `scored` gives them.

    Raises:
        ValueError: no series is longer than the horizon.
    """
    stride = stride or horizon
    starts = [len(one.y) - horizon - stride * np.arange(count - 1, -1, -1) for one in series]
    starts = [steps[steps > 0] for steps in starts]
    kept = [(one._replace(first=int(steps[0])), steps) for one, steps in zip(series, starts) if len(steps)]
    if not kept:
        raise too_short(series, horizon)
    rows = [np.stack([np.full_like(steps, number), steps], 1) for number, (_, steps) in enumerate(kept)]
    return [one for one, _ in kept], np.concatenate(rows)


def cutoffs(series, rows, forecasts):
    """Forecasts of windows as a frame: `unique_id`, `cutoff` (the last time read), `ds`, `y`, mean, quantiles."""
    horizon = forecasts.shape[1]
    tables = [
        pd.DataFrame(
            {
                "unique_id": series[number].unique_id,
                "cutoff": series[number].ds[step - 1],
                "ds": series[number].ds[step : step + horizon],
                "y": series[number].y[step : step + horizon],
                **dict(zip(COLUMNS, values.T)),
            }
        )
        for (number, step), values in zip(rows, forecasts)
    ]
    return pd.concat(tables, ignore_index=True)
