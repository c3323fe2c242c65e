"""Forecasting: how does a series go on, and how sure is that?

Data: ETTh1 (Zhou et al. 2021, https://arxiv.org/abs/2012.07436), two years of hourly loads and the oil temperature of a power
transformer, seven series; and M4 Hourly (Makridakis et al. 2020, https://doi.org/10.1016/j.ijforecast.2019.04.014), 414 series.
Measures: on ETTh1 MSE and MAE over all windows, in units of the training standard deviation; on M4 OWA, sMAPE and MASE;
on both the weighted quantile loss and the coverage of the 80 % interval. Points are means for MSE, medians for the others.
Networks: SegRNN's LSTM over segments, MQ-RNN's encoder with direct quantiles, and the autoregressive DeepAR.
"""

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import batching, layers
from lstm_zoo.forecasting import measures, windows
from lstm_zoo.forecasting.frames import Series, read, table, times_from
from lstm_zoo.forecasting.losses import compile_network
from lstm_zoo.forecasting.networks import HORIZON, LEARNING_RATE, LOOKBACK, NETWORKS, QUANTILES
from lstm_zoo.forecasting.sampling import Sampler
from lstm_zoo.forecasting.scaling import CALENDAR, Calendar, Covariates, LastSteps, Scale, Unscale
from lstm_zoo.forecasting.sources import DATASETS, data, shortened, split

BETTER = min  # of two scores
STEPS, BATCH = 2000, 256
SCORED = 256  # windows that are forecast at once

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "LEARNING_RATE",
    "NETWORKS",
    "STEPS",
    "adapt",
    "answers",
    "baselines",
    "compile_network",
    "count",
    "data",
    "encode",
    "examples",
    "fine_tune",
    "inputs",
    "pipeline",
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
        longest = max(len(one.y) for one in series)
        raise ValueError(f"No series is longer than the horizon of {horizon} steps. The longest has {longest}.")
    if calendar and any(one.ds.dtype.kind != "M" for one in series):
        raise ValueError("calendar needs time stamps in the column ds. Received: whole numbers")
    covariates = None
    if names:
        covariates = Covariates(names, name="covariates")
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


def fine_tune(pipeline, series):
    """Network and preprocessing to go on from: look-back, horizon, covariates and known series are those of the file."""
    network = layers.network_of(pipeline)
    names = {layer.name for layer in pipeline.layers}
    covariates = pipeline.get_layer("covariates") if "covariates" in names else None
    preprocessing = {
        "lookback": pipeline.get_layer("window").steps,
        "horizon": horizon_of(pipeline),
        "names": covariate_names(pipeline),
        "covariates": covariates,
        "calendar": "calendar" in names,
        "ids": pipeline.get_layer("ids") if "ids" in names else None,
        "counts": not pipeline.get_layer("scale").centre,
        "teacher": "target" in network.input,
    }
    _check_covariates(series, preprocessing["names"])
    return network, preprocessing


def horizon_of(pipeline):
    """Steps that a pipeline forecasts."""
    return pipeline.output["mean"].shape[1]


def examples(series, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of windows, scaled.

    Args:
        series: list of `Series`.
        preprocessing: what `adapt` returned.
        batch: windows in a batch.
        seed: for training: endless batches, passes over all windows in an order that the seed fixes. None, for validation:
            every window once.
        first_epoch: number of the first pass.

    Returns:
        tf.data.Dataset of the dict that a network takes and targets (batch, horizon, 2): scaled values, and what a
        scaled error of 1 counts, in units of the series' `scale`; 0 for missing values.
    """
    return windows.batches(series, preprocessing, batch, seed=seed, first_epoch=first_epoch).prefetch(tf.data.AUTOTUNE)


def count(series, preprocessing):
    """Number of examples in one pass."""
    return len(windows.origins(series, preprocessing["lookback"], preprocessing["horizon"]))


def pipeline(network, preprocessing):
    """One model from histories in raw units to forecasts in raw units.

    Returns:
        keras.Model. It takes a dict: `history` float64 (batch, any), the past of each row up to now, NaN where nothing is
        known, of which the last `lookback` steps are read; with identities `unique_id` string (batch,); with covariates
        `covariates` float32 (batch, any + horizon, columns), those of the same past steps and of the future ones; with the
        calendar `time` int64 (batch, any + horizon), their times in seconds since 1970. It gives `mean` float64 (batch, horizon) and `quantiles` float64 (batch, horizon, 9), rising from
        0.1 to 0.9; NaN for a row without any value.
    """
    lookback, horizon = preprocessing["lookback"], preprocessing["horizon"]
    inputs = {"history": keras.Input((None,), dtype="float64", name="history")}
    window = LastSteps(lookback, float("nan"), name="window")(inputs["history"])
    scaled, location, unit = Scale(centre=not preprocessing["counts"], name="scale")(window)
    features, known = {"history": scaled}, []
    if preprocessing["calendar"]:
        inputs["time"] = keras.Input((None,), dtype="int64", name="time")
        times = LastSteps(lookback + horizon, name="time_window")(inputs["time"])
        known.append(Calendar(name="calendar")(times))
    if preprocessing["names"]:
        shape = (None, len(preprocessing["names"]))
        inputs["covariates"] = keras.Input(shape, dtype="float32", name="covariates")
        columns = LastSteps(lookback + horizon, name="covariate_window")(inputs["covariates"])
        known.append(preprocessing["covariates"](columns))
    if known:
        known = keras.layers.Concatenate()(known) if len(known) > 1 else known[0]
        features["history"] = keras.layers.Concatenate()([scaled, known[:, :lookback]])
        features["future"] = known[:, lookback:]
    if preprocessing["ids"] is not None:
        inputs["unique_id"] = keras.Input((), dtype="string", name="unique_id")
        features["identity"] = preprocessing["ids"](inputs["unique_id"])
    if preprocessing["teacher"]:
        features["unit"] = keras.ops.cast(unit, "float32")
        network = Sampler(network, QUANTILES)
    forecast = Unscale(name="unscale")(network(features), location, unit)
    answer = {"mean": forecast[..., 0], "quantiles": forecast[..., 1:]}
    return keras.Model(inputs, answer, name=f"forecasting-{network.name}")


def covariate_names(pipeline):
    """Names of the covariates that a pipeline reads, in their order."""
    names = [layer.names for layer in pipeline.layers if isinstance(layer, Covariates)]
    return names[0] if names else ()


def inputs(raw):
    """Checked pipeline inputs, a list of `Series`, from what a user gave, see `read`."""
    if hasattr(raw, "__len__") and not len(raw) and not isinstance(raw, str):
        return []
    return read(raw)


def encode(pipeline, series):
    """The dict of tensors that a pipeline takes, of series that are forecast from their end."""
    lookback, horizon = pipeline.get_layer("window").steps, horizon_of(pipeline)
    names = covariate_names(pipeline)
    _check_covariates(series, names)
    steps = min(lookback, max(len(one.y) for one in series))
    history = np.full((len(series), steps), np.nan)
    known = np.zeros((len(series), steps + horizon, len(names)), "float32")
    times = np.zeros((len(series), steps + horizon), "int64")
    for row, one in enumerate(series):
        past = min(steps, len(one.y))
        history[row, steps - past :] = one.y[len(one.y) - past :]
        if names:
            columns = one.covariates[len(one.y) - past : len(one.y) + horizon]
            if len(columns) < past + horizon:
                raise ValueError(
                    f"The covariates {', '.join(names)} are needed for {horizon} steps after the last y. Received: "
                    f"{len(columns) - past} for the series {one.unique_id!r}"
                )
            known[row, steps - past :] = columns
        if not pipeline.get_layer("scale").centre and np.nanmin(one.y, initial=0) < 0:
            raise ValueError(f"This network forecasts counts; the series {one.unique_id!r} has a value below 0.")
        if "time" in pipeline.input:
            ahead = times_from(one.ds[0], one.step, count=len(one.y) + horizon)[len(one.y) - past :]
            times[row, steps - past :] = ahead.astype("datetime64[s]").astype("int64")
    encoded = {"history": tf.constant(history), "covariates": tf.constant(known), "time": tf.constant(times)}
    encoded["unique_id"] = tf.constant([one.unique_id for one in series])
    return {name: encoded[name] for name in pipeline.input}


def size(_):
    """What batches are sorted by: nothing, every window is as long as the look-back."""
    return 1


def _check_covariates(series, names):
    for one in series:
        if one.names != tuple(names):
            raise ValueError(
                f"The covariates {', '.join(names) or '(none)'} are expected. Received: {', '.join(one.names) or '(none)'} "
                f"of the series {one.unique_id!r}"
            )


def answers(outputs, series, raw):
    """Forecasts in the form of what was given.

    Returns:
        For frames and files a frame: `unique_id`, `ds`, `mean` and the quantiles `q0.1` to `q0.9`, a row a series and step.
        For arrays an array (series, horizon, 10): mean and quantiles.
    """
    forecasts = [_forecast(row) for row in outputs]
    if isinstance(raw, np.ndarray) or (
        isinstance(raw, (list, tuple)) and not isinstance(raw[0] if raw else 0, (str, Series))
    ):
        return np.stack(forecasts) if forecasts else np.zeros((0, 0, 1 + len(QUANTILES)))
    return table(series, forecasts)


def _forecast(row):
    return np.concatenate([row["mean"][:, None], row["quantiles"]], axis=1)


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
        longest = max(len(one.y) for one in series)
        raise ValueError(f"No series is longer than the horizon of {horizon} steps. The longest has {longest}.")
    long = [one if one.first else one._replace(first=len(one.y) - horizon) for one in long]
    return long, windows.origins(long, 1, horizon)


def forecast(pipeline, series, rows):
    """Forecasts (windows, horizon, 10) of windows, each from what lies before it."""
    horizon = horizon_of(pipeline)
    items = [shortened(series[number], step, ahead=horizon) for number, step in rows]
    outputs = batching.run(pipeline, items, encode, size, batch=SCORED)
    return np.stack([_forecast(row) for row in outputs])


def baselines(pipeline, training, series):
    """Name -> measures of naive, seasonal naive and NLinear, fitted on `training`, on the windows of `score`."""
    horizon = horizon_of(pipeline)
    return measures.baselines(training, *scored(series, horizon), horizon)
