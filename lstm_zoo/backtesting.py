"""`backtest`: how good would the forecasts have been?"""

from __future__ import annotations

import pathlib
import tempfile
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo import outputs
from lstm_zoo.answering import loaded
from lstm_zoo.precision import in_float32
from lstm_zoo.progress import track
from lstm_zoo.reading import read_keywords
from lstm_zoo.registry import records_of
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import evaluation, scoring
from lstm_zoo.tasks.forecasting.frames import COLUMNS
from lstm_zoo.tasks.forecasting.pipelines import covariate_names, horizon_of
from lstm_zoo.tasks.forecasting.rivals import forecasts as rival_forecasts
from lstm_zoo.tasks.forecasting.rivals import models_of
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.sources import shortened
from lstm_zoo.training import train
from lstm_zoo.weights import archive


@in_float32()
def backtest(
    name: str | pathlib.Path | keras.Model,
    data: Any = None,
    *,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    windows: int = 5,
    stride: int | None = None,
    refit: bool | dict[str, Any] = False,
    rivals: str | Sequence[str] | None = None,
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
        refit: train a fresh pipeline before each cutoff, of the same network and hyperparameters, on what lies before
            it in all series, the last horizon for validation as in `train`: one training a time at which windows begin,
            in a temporary folder. A dict: further options of `train`, like {"epochs": 3}; else they are its defaults.
            False: the pipeline as it is, which may have learnt from the windows.
        rivals: names of models of statsforecast that take the length of a season, like "AutoETS" and "Theta", on a
            command line with a comma between them. Each is fitted on all that lies before a window, a gap as the value
            before it.
        output: path of a table to write the forecasts to, in a format that `predict` writes: `unique_id`, `cutoff`
            (the last time that was read), `ds`, `y`, `mean` and the quantiles. It must not exist.

    Returns:
        Dict of metrics, see `evaluate`, over all windows, and `baselines`: name -> the same, of naive, seasonal naive
        and NLinear, which learns from what lies before the first window of each series, if that is long enough, and of
        the rivals. A warning says where a rival could not be fitted and the naive forecast stands in.

    Raises:
        ValueError: a pipeline of another task; no series longer than the horizon; windows or stride below 1; `refit`
            of a pipeline without a record of its training, or where what lies before a window is too short to train
            on; an unknown rival, or one that can be fitted before no window.
        ImportError: rivals, and statsforecast is missing.
        FileExistsError: the output exists.

    Example:

    >>> backtest("forecasting", "load.csv", windows=10, output="forecasts.csv")
    """
    pipeline = loaded(name)
    task, _ = records_of(pipeline)
    if task.name != forecasting.TASK.name:
        raise ValueError(f"A forecasting pipeline is expected. Received: {pipeline.name}")
    if data is None:
        raise ValueError("data is expected: a table or arrays, as predict takes them. Received: None")
    for option, value in (("windows", windows), ("stride", 1 if stride is None else stride)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{option} is a whole number of at least 1. Received: {value!r}")
    models = models_of(rivals)
    training = None if refit is False else training_of(pipeline, refit)
    if output is not None:
        outputs.check_path(output)
    horizon = horizon_of(pipeline)
    reading = read_keywords(task, pipeline, columns=columns, delimiter=delimiter, target=target)
    read = forecasting.read(data, **reading)
    series, rows = scoring.rolling(read, horizon, windows, stride)
    fewest = int(np.bincount(rows[:, 0]).min())
    if fewest < windows or len(series) < len(read):
        warnings.warn(
            f"Not every series is long enough for {windows} windows: the shortest has {fewest}, and "
            f"{len(read) - len(series)} of {len(read)} series have none.",
            stacklevel=3,
        )
    if training is None:
        forecasts = scoring.forecast(pipeline, series, rows)
    else:
        forecasts = refitted_forecasts(training, series, rows, horizon)
    if output is not None:
        outputs.write(scoring.cutoffs(series, rows, forecasts), output)
    past = [shortened(item, item.first)._replace(first=0) for item in series]
    rivalling = {
        name: evaluation.window_metrics(series, rows, points)
        for name, points in rival_forecasts(models, series, rows, horizon).items()
    }
    return {
        **evaluation.window_metrics(series, rows, forecasts),
        "baselines": {**evaluation.baseline_metrics(past, series, rows, horizon), **rivalling},
    }


def training_of(pipeline: keras.Model, refit: bool | dict[str, Any]) -> dict[str, Any]:
    """What `train` is called with, but for data and folder, to train a pipeline of the same kind.

    Raises:
        ValueError: `refit` is neither True nor a dict; a pipeline without a record of its training.
    """
    if refit is not True and not isinstance(refit, dict):
        raise ValueError(f"refit is True, False or a dict of options of train. Received: {refit!r:.160}")
    record = archive.record_of(pipeline)
    if not {"network", "hyperparameters"} <= record.keys():
        raise ValueError(
            f"refit reads network and hyperparameters in the record that train gives a pipeline. {pipeline.name} has "
            "none: it was neither trained by train nor loaded from a file of it."
        )
    hyperparameters = {key: value for key, value in record["hyperparameters"].items() if key != "covariates"}
    names = list(covariate_names(pipeline))  # where the record has their number
    options = {} if refit is True else refit
    return {"name": record["network"], "covariates": names, "verbose": False, **hyperparameters, **options}


def refitted_forecasts(
    training: dict[str, Any], series: Sequence[Series], rows: np.ndarray, horizon: int
) -> np.ndarray:
    """Forecasts (windows, horizon, 10) of windows, by pipelines that are trained on what lies before them.

    Windows that begin at the same time share a pipeline. All series end there for its training, so that none knows of
    another's future.

    Args:
        training: what `train` is called with, see `training_of`.
        series, rows: see `evaluation.window_metrics`.
        horizon: steps of a forecast.

    Raises:
        ValueError: what lies before a window is too short to train on.
    """
    times = [series[number].ds[step] for number, step in rows]
    forecasts = np.empty((len(rows), horizon, len(COLUMNS)))
    for time in track(sorted(set(times)), "refit"):  # the shortest past first, so that an error comes early
        past = [shortened(item, item.ds[: len(item.y)].searchsorted(time)) for item in series]
        past = [item._replace(first=0) for item in past if np.isfinite(item.y).any()]
        with tempfile.TemporaryDirectory() as folder:
            try:
                pipeline = train(data=past, folder=folder, **training)
            except ValueError as error:
                raise ValueError(f"refit cannot train on what lies before {time}: {error}") from error
        mine = np.array([other == time for other in times])
        forecasts[mine] = scoring.forecast(pipeline, series, rows[mine])
    return forecasts
