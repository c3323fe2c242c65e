"""`backtest`: how good would the forecasts have been?"""

import pathlib

from lstm_zoo.inference import loaded
from lstm_zoo.registry import task_of
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import measures, scoring
from lstm_zoo.tasks.forecasting.pipelines import horizon_of
from lstm_zoo.tasks.forecasting.sources import shortened


def backtest(name: str, data: str, *, windows: int = 5, stride: int | None = None, output: str | None = None):
    """Forecast series again from earlier points of their past, and measure: rolling-origin evaluation.

    Each forecast reads only what lies before its point.

    Args:
        name: a forecasting pipeline, like that of `predict`.
        data: series in any form that `predict` takes: a pandas frame, the path of a CSV or Parquet file, arrays.
        windows: forecasts of each series, the last of which ends with it; fewer for a shorter series.
        stride: steps from one forecast to the next. None: the horizon, so that they do not overlap.
        output: path of a CSV file to write the forecasts to: `unique_id`, `cutoff` (the last time that was read), `ds`,
            `y`, `mean` and the quantiles. It must not exist.

    Returns:
        Dict of measures, see `evaluate`, over all windows, and `baselines`: name -> the same, of naive, seasonal naive
        and NLinear, which learns from what lies before the first window of each series.

    Raises:
        ValueError: a pipeline of another task; no series longer than the horizon; windows or stride below 1.
        FileExistsError: the output exists.

    Example:

    >>> backtest("forecasting", "load.csv", windows=10, output="forecasts.csv")
    """
    pipeline = loaded(name)
    if task_of(pipeline) is not forecasting:
        raise ValueError(f"A forecasting pipeline is expected. Received: {pipeline.name}")
    for option, value in (("windows", windows), ("stride", 1 if stride is None else stride)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{option} is a whole number of at least 1. Received: {value!r}")
    if output is not None and pathlib.Path(output).exists():
        raise FileExistsError(f"{output} exists already. Choose another path, or remove it first.")
    horizon = horizon_of(pipeline)
    series, rows = scoring.rolling(forecasting.read(data), horizon, windows, stride)
    forecasts = scoring.forecast(pipeline, series, rows)
    if output is not None:
        scoring.cutoffs(series, rows, forecasts).to_csv(output, index=False)
    training = [shortened(one, one.first)._replace(first=0) for one in series]
    return {
        **measures.measures(series, rows, forecasts),
        "baselines": measures.baselines(training, series, rows, horizon),
    }
