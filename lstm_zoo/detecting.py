"""`anomalies`: which values of series are unusual?"""

from __future__ import annotations

import numbers
import pathlib
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import pandas as pd

from lstm_zoo import outputs
from lstm_zoo.answering import loaded
from lstm_zoo.inspection import check_paths
from lstm_zoo.precision import in_float32
from lstm_zoo.reading import read_keywords
from lstm_zoo.registry import records_of
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting.anomalies import calibration_of, judge, plot, table

ALPHA = 0.01


@in_float32()
def anomalies(
    name: str | pathlib.Path | keras.Model,
    data: Any = None,
    *,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    alpha: float | None = None,
    output: str | pathlib.Path | None = None,
    figure: str | pathlib.Path | None = None,
) -> pd.DataFrame:
    """Find values that are unusual, each by the forecast of its step from what lies before it.

    The score of a step is the distance of its value from the median, in units of the half width of the 80 % interval
    on its side. Its p-value compares that with the scores that validation windows had when the pipeline was trained: a
    series that goes on as those did has about the share `alpha` of its steps called anomalies, whatever it is
    distributed like (conformal anomaly detection, Laxhammar and Falkman 2010). What is an anomaly is past to the steps
    after it all the same.

    Args:
        name: a forecasting pipeline, like that of `predict`. Of its horizon the first step counts.
        data: series in any form that `predict` takes: a pandas frame, the path of a CSV or Parquet file, arrays.
        columns: what the columns of a table are called, {"y": "load"}, see `predict`.
        delimiter: of a CSV file, see `predict`.
        target: the column of values, or the columns of a wide table that are series, see `predict`.
        alpha: the greatest p-value of an anomaly, between 0 and 1. None: 0.01, or, with a warning, what is the least
            that the pipeline's calibration scores can tell.
        output: path of a table to write all steps to, in a format that `predict` writes. It must not exist.
        figure: path of a new picture of the first 12 series, whose ending tells its format: anomalies.png. The interval
            outside of which values are anomalies is behind them.

    Returns:
        Frame, a row a step: `unique_id`, `ds`, `y`, `median`, `q0.1`, `q0.9`, `score`, positive above the median and
        infinite where the interval has no width and the value is another, as after a constant past; `p`, and `anomaly`,
        whether that is at most `alpha`. The steps are those for which at least half of the look-back has values before
        them. A missing value has no score, and is no anomaly. Covariates of steps after the last count as they were
        last.

    Raises:
        ValueError: a pipeline of another task, or one without calibration scores, or with fewer than 1 / alpha - 1; no
            series with enough past; an alpha that is not between 0 and 1.
        FileExistsError: output or figure exists.

    Example:

    >>> found = anomalies("runs/load/pipeline.keras", "load.csv", figure="anomalies.png")
    >>> found[found["anomaly"]]
    """
    pipeline = loaded(name)
    task, _ = records_of(pipeline)
    if task.name != forecasting.TASK.name:
        raise ValueError(f"A forecasting pipeline is expected. Received: {pipeline.name}")
    if data is None:
        raise ValueError("data is expected: a table or arrays, as predict takes them. Received: None")
    if alpha is not None and (isinstance(alpha, bool) or not isinstance(alpha, numbers.Real) or not 0 < alpha < 1):
        raise ValueError(f"alpha is a number between 0 and 1. Received: {alpha!r}")
    calibration = calibration_of(pipeline, 1.0 if alpha is None else alpha)
    if alpha is None:
        alpha = max(ALPHA, 1 / (len(calibration) + 1))
        if alpha > ALPHA:
            warnings.warn(
                f"alpha is {alpha:.2g}, so that as large a share of ordinary steps are called anomalies by chance: "
                f"{pipeline.name} was validated on {len(calibration)} windows, which cannot tell a smaller one.",
                stacklevel=3,
            )
    if output is not None:
        outputs.check_path(output)
    check_paths(figure=figure)
    reading = read_keywords(task, pipeline, columns=columns, delimiter=delimiter, target=target)
    series = forecasting.read(data, **reading)
    judged = judge(pipeline, series, calibration, alpha)
    found = table(judged)
    if output is not None:
        outputs.write(found, output)
    if figure is not None:
        plot(judged, figure)
    return found
