"""Forecasting: how does a series go on, and how sure is that?

Data: ETTh1 (Zhou et al. 2021, https://arxiv.org/abs/2012.07436), two years of hourly loads and the oil temperature of a
power transformer, seven series; and M4 Hourly (Makridakis et al. 2020,
https://doi.org/10.1016/j.ijforecast.2019.04.014), 414 series.
Measures: on ETTh1 MSE and MAE over all windows, in units of the training standard deviation; on M4 OWA, sMAPE and MASE;
on both the weighted quantile loss and the coverage of the 80 % interval. Points are means for MSE, medians for the
others.
Networks: SegRNN's LSTM over segments, MQ-RNN's encoder with direct quantiles, and the autoregressive DeepAR.
"""

import keras
import numpy as np

from lstm_zoo.tasks.forecasting import windows
from lstm_zoo.tasks.forecasting.frames import Series, read, too_short
from lstm_zoo.tasks.forecasting.losses import compile_network
from lstm_zoo.tasks.forecasting.networks import HORIZON, LEARNING_RATE, LOOKBACK, NETWORKS
from lstm_zoo.tasks.forecasting.pipelines import answers, encode, fine_tune, fixed, inputs, pipeline, size
from lstm_zoo.tasks.forecasting.plots import plot
from lstm_zoo.tasks.forecasting.scaling import CALENDAR, Covariates
from lstm_zoo.tasks.forecasting.scoring import baselines, score
from lstm_zoo.tasks.forecasting.sources import DATASETS, data, split

BETTER = min  # of two scores
MONITOR = "val_loss"  # what tells the best epoch
PATIENCE = 2  # epochs
STEPS, BATCH = 2000, 256

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "Series",
    "adapt",
    "answers",
    "baselines",
    "compile_network",
    "count",
    "data",
    "encode",
    "examples",
    "fine_tune",
    "fixed",
    "inputs",
    "pipeline",
    "plot",
    "read",
    "score",
    "size",
    "sizes",
    "split",
]


def adapt(series, lookback=LOOKBACK, horizon=HORIZON, identities=0, calendar=False, family=None):
    """Preprocessing, adapted on training series.

    Args:
        series: list of `Series`.
        lookback: steps of the past that a network reads.
        horizon: steps that it forecasts.
        identities: the most series that get a vector of their own, in the order given.
        calendar: read from `ds` where in the day, the week and the year each step lies.
        family: of a `deepar` network's distribution.

    Returns:
        Dict of layers and settings that `examples`, `sizes` and `pipeline` read.

    Raises:
        ValueError: series with different covariates, none that is longer than the horizon, negative values under
            "negative_binomial".
    """
    names = series[0].names
    for one in series:
        if one.names != names:
            raise ValueError(
                f"All series have the same covariates: {names}. Received: {one.names} of {one.unique_id!r}"
            )
        if family == "negative_binomial" and np.nanmin(one.y, initial=0) < 0:
            raise ValueError(f"negative_binomial takes counts; the series {one.unique_id!r} has a value below 0.")
    if not any(np.isfinite(one.y[:-horizon]).any() for one in series):
        raise too_short(series, horizon)
    if calendar and any(one.ds.dtype.kind != "M" for one in series):
        raise ValueError("calendar needs time stamps in the column ds. Received: whole numbers")
    covariates = None
    if names:
        covariates = Covariates(names, name="standardized")
        covariates.adapt(np.concatenate([one.covariates for one in series]))
    known = [one.unique_id for one in series[: int(identities)]]
    return {
        "lookback": lookback,
        "horizon": horizon,
        "names": names,
        "covariates": covariates,
        "calendar": calendar,
        "ids": keras.layers.StringLookup(vocabulary=known, name="ids") if known else None,
        "counts": family == "negative_binomial",
        "teacher": family is not None,
    }


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    ids = preprocessing["ids"]
    return {
        "covariates": len(preprocessing["names"]) + CALENDAR * preprocessing["calendar"],
        "identities": 0 if ids is None else ids.vocabulary_size() - 1,
    }


def examples(series, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of windows, scaled.

    Args:
        series: list of `Series`.
        preprocessing: what `adapt` returned.
        batch: windows in a batch.
        seed: for training: endless batches, passes over all windows in an order that the seed fixes. None, for
            validation: every window once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of the dict that a network takes and targets (batch, horizon, 2): scaled values, and what a
        scaled error of 1 counts, in units of the series' `scale`; 0 for missing values.
    """
    return windows.batches(series, preprocessing, batch, seed=seed, first_epoch=first_epoch)


def count(series, preprocessing):
    """Number of examples in one pass."""
    return len(windows.origins(series, preprocessing["lookback"], preprocessing["horizon"]))
