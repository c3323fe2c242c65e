"""Anomalies: values further from the forecast of one step ahead than values of validation windows were.

Conformal anomaly detection (Laxhammar and Falkman 2010, Conformal prediction for distribution-independent anomaly
detection in streaming vessel data, StreamKDD): the p-value of a step is the share of calibration scores, with its own,
that are at least as large (Vovk et al. 2005, https://doi.org/10.1007/b106715).
"""

import math
import pathlib
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lstm_zoo.progress import track
from lstm_zoo.tasks.forecasting import conformal, scoring
from lstm_zoo.tasks.forecasting.dates import written
from lstm_zoo.tasks.forecasting.pipelines import horizon_of
from lstm_zoo.tasks.forecasting.plots import MAX_SERIES
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN
from lstm_zoo.tasks.forecasting.series import Series

LAYER = "calibrated"  # of a pipeline, see `conformal.Conformal`
CHUNK = 2048  # steps whose whole forecasts are kept at a time, of which one step counts
INTERVAL = [1, 1 + MEDIAN, -1]  # of a forecast: the quantiles 0.1, 0.5 and 0.9
ROUNDING = 1e-12  # of the median: a value so near is the median, where an interval has no width


class Judged(NamedTuple):
    """Steps of series, and how unusual each value is.

    Fields:
        series: list of `Series`.
        rows: (steps, 2): the number of the series and the step.
        forecasts: (steps, 10): mean and quantiles of each step, from what lies before it.
        scores: (steps,): the distance of the value from the median in half widths of the interval, above it positive;
            infinite where the interval has no width, NaN for a missing value.
        p: (steps,): the p-values, NaN for a missing value.
        anomaly: bool (steps,): whether they are at most alpha.
        threshold: the greatest calibration score that is none.
    """

    series: Sequence[Series]
    rows: np.ndarray
    forecasts: np.ndarray
    scores: np.ndarray
    p: np.ndarray
    anomaly: np.ndarray
    threshold: float


def calibration_of(pipeline: keras.Model, alpha: float) -> np.ndarray:
    """The calibration scores of a pipeline, rising, float64.

    Raises:
        ValueError: a pipeline without them, or with too few for any p-value to be as small as `alpha`.
    """
    layers = {layer.name: layer for layer in pipeline.layers}
    if LAYER not in layers:
        raise ValueError(
            f"{pipeline.name} has no layer {LAYER!r}, which tells what is usual on validation: its file is older than "
            "that layer. Train it again."
        )
    scores = keras.ops.convert_to_numpy(layers[LAYER].scores).astype("float64")
    scores = scores[~np.isnan(scores)]
    if 1 / (len(scores) + 1) > alpha:
        raise ValueError(
            f"{pipeline.name} has {len(scores)} calibration scores, and so an alpha of at least 1/{len(scores) + 1}; "
            f"train on more or longer series for a smaller one. Received: {alpha}"
        )
    return scores


def judge(pipeline: keras.Model, series: Sequence[Series], calibration: np.ndarray, alpha: float) -> Judged:
    """Every step of the series that has enough past, see `rows_of`.

    Args:
        pipeline: of forecasting.
        series: list of `Series`.
        calibration: rising scores.
        alpha: the greatest p-value of an anomaly.

    Raises:
        ValueError: no step has enough past.
    """
    rows = rows_of(series, pipeline.get_layer("window").steps)
    forecasts = _next_steps(pipeline, series, rows)
    scores = scores_of(np.array([series[number].y[step] for number, step in rows]), forecasts)
    p = p_values(scores, calibration)
    usual = calibration[p_values(calibration, calibration) > alpha]  # the least has the p-value 1
    return Judged(series, rows, forecasts, scores, p, anomaly=p <= alpha, threshold=usual[-1])


def rows_of(series: Sequence[Series], lookback: int) -> np.ndarray:
    """The steps that have enough past: of the `lookback` steps before them at least half have a value.

    Returns:
        (steps, 2): the number of the series and the step. A warning names a series without any.

    Raises:
        ValueError: there are none.
    """
    rows, short = [], []
    for item_number, item in enumerate(series):
        known = np.concatenate([[0], np.cumsum(np.isfinite(item.y))])
        steps = np.arange(1, len(item.y))
        steps = steps[2 * (known[steps] - known[np.maximum(steps - lookback, 0)]) >= lookback]
        rows.append(np.stack([np.full_like(steps, item_number), steps], 1))
        short += [] if len(steps) else [item.unique_id]
    needed = f"Half of the {lookback} steps before a step are needed to judge it."
    if len(short) == len(series):
        longest = max((len(item.y) for item in series), default=0)
        raise ValueError(f"{needed} No series has them: the longest has {longest} steps.")
    if short:
        warnings.warn(
            f"{needed} {len(short)} of {len(series)} series, like {short[0]!r}, have no such step.", stacklevel=5
        )
    return np.concatenate(rows)


def _next_steps(pipeline, series, rows):
    horizon = horizon_of(pipeline)
    series = [_with_covariates_ahead(item, horizon) for item in series]
    parts = []
    for first in track(range(0, len(rows), CHUNK), pipeline.name, shown=len(rows) > CHUNK):
        parts.append(scoring.forecast(pipeline, series, rows[first : first + CHUNK])[:, 0].copy())
    return np.concatenate(parts)


def _with_covariates_ahead(item, horizon):
    """A series whose last steps can be forecast too: covariates that are not known stay as they were last."""
    missing = len(item.y) + horizon - len(item.covariates)
    if not item.names or missing <= 0:
        return item
    return item._replace(covariates=np.pad(item.covariates, ((0, missing), (0, 0)), mode="edge"))


def scores_of(y: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """Signed distances (steps,) of values from the median, see `conformal.distances`.

    A value on the median has the score 0, also where the interval has no width, as after a constant past; another one
    then has an infinite score.

    Args:
        y: (steps,), NaN where nothing was observed.
        forecasts: (steps, 10), mean and quantiles.
    """
    median = forecasts[:, 1 + MEDIAN]
    y = np.where(np.abs(y - median) <= ROUNDING * np.abs(median), median, y)
    return np.sign(y - median) * conformal.distances(y[:, None], forecasts[:, None])[:, 0]


def p_values(scores: np.ndarray, calibration: np.ndarray) -> np.ndarray:
    """(1 + number of calibration scores at least as large) / (1 + number of calibration scores); NaN of NaN."""
    smaller = np.searchsorted(calibration, np.abs(scores))
    p = (1 + len(calibration) - smaller) / (1 + len(calibration))
    return np.where(np.isnan(scores), np.nan, p)


def table(judged: Judged) -> pd.DataFrame:
    """A row a step: `unique_id`, `ds`, `y`, `median`, `q0.1`, `q0.9`, `score`, `p`, and whether it is an `anomaly`."""
    parts = []
    for item_number in np.unique(judged.rows[:, 0]):
        item, mine = judged.series[item_number], judged.rows[:, 0] == item_number
        steps, (low, median, high) = judged.rows[mine, 1], judged.forecasts[mine][:, INTERVAL].T
        columns = {"y": item.y[steps], "median": median, "q0.1": low, "q0.9": high}
        columns |= {"score": judged.scores[mine], "p": judged.p[mine], "anomaly": judged.anomaly[mine]}
        parts.append(pd.DataFrame({"unique_id": item.unique_id, "ds": written(item.ds[steps], item.form), **columns}))
    return pd.concat(parts, ignore_index=True)


def plot(judged: Judged, path: str | pathlib.Path) -> Figure:
    """Draw the first 12 series that were judged: values, the interval within which they are usual, and anomalies.

    Args:
        judged: what `judge` returned.
        path: of an image file to write; its ending says which kind.
    """
    shown = np.unique(judged.rows[:, 0])[:MAX_SERIES]
    columns = 1 if len(shown) < 4 else 2
    rows = math.ceil(len(shown) / columns)
    figure = Figure(figsize=(16 / columns, 3 * rows), layout="constrained")
    for axes, item_number in zip(figure.subplots(rows, columns, squeeze=False).flat, shown):
        item, mine = judged.series[item_number], judged.rows[:, 0] == item_number
        times, steps = item.ds[: len(item.y)], judged.rows[mine, 1]
        band = np.full((len(item.y), len(INTERVAL)), np.nan)  # where nothing was judged there is none
        band[steps] = judged.forecasts[mine][:, INTERVAL]
        low, median, high = band.T
        for width, strength, label in ((judged.threshold, 0.2, "usual"), (1, 0.4, "80 % interval")):
            if not np.isfinite(width):
                continue
            below, above = median - width * (median - low), median + width * (high - median)
            axes.fill_between(times, below, above, color="tab:blue", alpha=strength, lw=0, label=label)
        axes.plot(times, item.y, color="black", linewidth=1, label="value")
        unusual = steps[judged.anomaly[mine]]
        axes.plot(times[unusual], item.y[unusual], "o", color="tab:red", markersize=5, label="anomaly")
        axes.set_title(item.unique_id)
        axes.tick_params(axis="x", labelrotation=30)
    figure.axes[0].legend(fontsize="small", loc="upper left")
    for axes in figure.axes[len(shown) :]:
        axes.set_visible(False)
    figure.savefig(path, dpi=120)
    return figure
