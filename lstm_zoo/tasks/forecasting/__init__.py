"""Forecasting: how does a series go on, and how sure is that?

Data: ETTh1 (Zhou et al. 2021, https://arxiv.org/abs/2012.07436), two years of hourly loads and the oil temperature of a
power transformer, seven series; and M4 Hourly (Makridakis et al. 2020,
https://doi.org/10.1016/j.ijforecast.2019.04.014), 414 series.
Metrics: on ETTh1 MSE and MAE over all windows, in units of the training standard deviation; on M4 OWA, sMAPE and MASE;
on both the weighted quantile loss and the coverage of the 80 % interval. Points are means for MSE, medians for the
others.
Networks: SegRNN's LSTM over segments, MQ-RNN's encoder with direct quantiles, and the autoregressive DeepAR.
"""

from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd

from lstm_zoo.contract import Preprocessing, Task
from lstm_zoo.tasks.forecasting import scoring
from lstm_zoo.tasks.forecasting.calibration import calibrate
from lstm_zoo.tasks.forecasting.closing import closing
from lstm_zoo.tasks.forecasting.conformal import Conformal
from lstm_zoo.tasks.forecasting.context import VALUES
from lstm_zoo.tasks.forecasting.distributions import family_of
from lstm_zoo.tasks.forecasting.frames import read as read
from lstm_zoo.tasks.forecasting.linear import choose, initialize, refit
from lstm_zoo.tasks.forecasting.networks import HORIZON, LOOKBACK, NETWORKS
from lstm_zoo.tasks.forecasting.pipelines import (
    decode,
    describe,
    encode,
    fine_tune,
    frozen_hyperparameters,
    length,
    prepare,
    read_options,
)
from lstm_zoo.tasks.forecasting.plans import suited
from lstm_zoo.tasks.forecasting.plots import plot as plot
from lstm_zoo.tasks.forecasting.profiles import known, profile, unlike
from lstm_zoo.tasks.forecasting.scaling import CALENDAR, Covariates, Floor
from lstm_zoo.tasks.forecasting.series import Series as Series
from lstm_zoo.tasks.forecasting.series import never_negative, too_short
from lstm_zoo.tasks.forecasting.sources import DATASETS, split
from lstm_zoo.tasks.forecasting.windows import batches, num_units


def adapt(
    series: Sequence[Series],
    lookback: int = LOOKBACK,
    horizon: int = HORIZON,
    series_embeddings: int = 0,
    calendar: bool = False,
    distribution: str | None = None,
    nonnegative: bool | None = None,
    validation: Sequence[Series] | None = None,
) -> Preprocessing:
    """Preprocessing, adapted on training series.

    Args:
        series: list of `Series`.
        lookback: steps of the past that a network reads.
        horizon: steps that it forecasts.
        series_embeddings: the most series that get a vector of their own, in the order given.
        calendar: read from `ds` where in the day, the week and the year each step lies.
        distribution: of a `deepar` network; the others have a linear map.
        nonnegative: whether forecasts of a past without a value below 0 are not below 0. None: if no value of the
            training and the validation series is.
        validation: validation series, by which a linear map is chosen. None: by the training series.

    Returns:
        Dict of layers and settings that `batches`, `data_hyperparameters` and a network's `pipeline` read.

    Raises:
        ValueError: series with different covariates, none that is longer than the horizon, an unknown distribution,
            negative values under one of counts.
    """
    names = series[0].names
    counts = distribution is not None and family_of(distribution).counts
    for item in series:
        if item.names != names:
            raise ValueError(
                f"All series have the same covariates: {names}. Received: {item.names} of {item.unique_id!r}"
            )
        if counts and np.nanmin(item.y, initial=0) < 0:
            raise ValueError(f"{distribution} takes counts; the series {item.unique_id!r} has a value below 0.")
    if not any(np.isfinite(item.y[:-horizon]).any() for item in series):
        raise too_short(series, horizon)
    if calendar and not all(isinstance(item.ds, pd.DatetimeIndex) for item in series):
        raise ValueError("calendar needs time stamps in the column ds. Received: whole numbers")
    covariates = None
    if names:
        covariates = Covariates(names, name="standardized")
        covariates.adapt(np.concatenate([item.covariates for item in series]))
    known = [item.unique_id for item in series[: int(series_embeddings)]]
    prepared = {
        "lookback": lookback,
        "horizon": horizon,
        "names": names,
        "covariates": covariates,
        "calendar": calendar,
        "ids": keras.layers.StringLookup(vocabulary=known, name="ids") if known else None,
        "centre": not counts,
        "conformal": Conformal(horizon, name="calibrated"),
        "floor": Floor(name="floor"),
        "nonnegative": never_negative([*series, *(validation or [])]) if nonnegative is None else nonnegative,
        "ridge": None,
    }
    if distribution is None:
        prepared["ridge"] = choose(series, series if validation is None else validation, prepared)
    return prepared


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    ids = preprocessing["ids"]
    return {
        "covariates": len(preprocessing["names"]) + CALENDAR * preprocessing["calendar"],
        "series_embeddings": 0 if ids is None else ids.vocabulary_size() - 1,
    }


TASK = Task(
    name="forecasting",
    summary="how a series goes on, and how sure that is",
    example='data="load.csv"',
    hub_task="time-series-forecasting",
    networks=NETWORKS,
    datasets=DATASETS,
    read=read,
    read_options=read_options,
    split=split,
    adapt=adapt,
    data_hyperparameters=data_hyperparameters,
    frozen_hyperparameters=frozen_hyperparameters,
    initialize=initialize,
    fine_tune=fine_tune,
    calibrate=calibrate,
    refit=refit,
    suited=suited,
    closing=closing,
    batches=batches,
    num_units=num_units,
    monitor="val_loss",
    learning_rate=1e-3,
    batch_size=256,  # windows
    train_steps=2000,
    patience=2,
    column=None,
    chunk=4096,  # series
    prepare=prepare,
    encode=encode,
    length=length,
    decode=decode,
    profile=profile,
    known=known,
    unlike=unlike,
    describe=describe,
    evaluate=scoring.evaluate,
    baselines=scoring.baselines,
    better=min,
    context=VALUES,
)
