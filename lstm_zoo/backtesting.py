"""`backtest`: how good would the forecasts have been?"""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo import outputs
from lstm_zoo.answering import loaded
from lstm_zoo.precision import in_float32
from lstm_zoo.registry import records_of
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import evaluation, scoring
from lstm_zoo.tasks.forecasting.pipelines import horizon_of, read_options
from lstm_zoo.tasks.forecasting.sources import shortened


@in_float32()
def backtest(
    name: str | pathlib.Path | keras.Model,
    data: Any,
    *,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    windows: int = 5,
    stride: int | None = None,
    output: str | pathlib.Path | None = None,
) -> dict[str, Any]:
    """Forecast series again from earlier points of their past, and measure.

    A rolling-origin evaluation: each forecast reads only what lies before its point.

    Args:
        name: a forecasting pipeline, like that of `predict`.
        data: series in any form that `predict` takes: a pandas frame, the path of a CSV or Parquet file, arrays.
        columns: what the columns of a table are called, {"y": "load"}, see `predict`.
        delimiter: of a CSV file, see `predict`.
        target: the column of values, or the columns of a wide table that are series, see `predict`.
        windows: forecasts of each series, the last of which ends with it; fewer for a shorter series.
        stride: steps from one forecast to the next. None: the horizon, so that they do not overlap.
        output: path of a table to write the forecasts to, in a format that `predict` writes: `unique_id`, `cutoff`
            (the last time that was read), `ds`, `y`, `mean` and the quantiles. It must not exist.

    Returns:
        Dict of metrics, see `evaluate`, over all windows, and `baselines`: name -> the same, of naive, seasonal naive
        and NLinear, which learns from what lies before the first window of each series, if that is long enough.

    Raises:
        ValueError: a pipeline of another task; no series longer than the horizon; windows or stride below 1.
        FileExistsError: the output exists.

    Example:

    >>> backtest("forecasting", "load.csv", windows=10, output="forecasts.csv")
    """
    pipeline = loaded(name)
    task, _ = records_of(pipeline)
    if task.name != forecasting.TASK.name:
        raise ValueError(f"A forecasting pipeline is expected. Received: {pipeline.name}")
    for option, value in (("windows", windows), ("stride", 1 if stride is None else stride)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{option} is a whole number of at least 1. Received: {value!r}")
    if output is not None:
        outputs.check_path(output)
    horizon = horizon_of(pipeline)
    options = read_options(pipeline)
    read = forecasting.read(data, columns=columns, delimiter=delimiter, target=target, **options)
    series, rows = scoring.rolling(read, horizon, windows, stride)
    fewest = int(np.bincount(rows[:, 0]).min())
    if fewest < windows or len(series) < len(read):
        warnings.warn(
            f"Not every series is long enough for {windows} windows: the shortest has {fewest}, and "
            f"{len(read) - len(series)} of {len(read)} series have none.",
            stacklevel=3,
        )
    forecasts = scoring.forecast(pipeline, series, rows)
    if output is not None:
        outputs.write(scoring.cutoffs(series, rows, forecasts), output)
    training = [shortened(item, item.first)._replace(first=0) for item in series]
    return {
        **evaluation.window_metrics(series, rows, forecasts),
        "baselines": evaluation.baseline_metrics(training, series, rows, horizon),
    }
