"""From raw series to forecasts: the pipeline, and what `predict` gives it and makes of its answers."""

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.tasks.forecasting.frames import Series, read, table, times_from
from lstm_zoo.tasks.forecasting.parts import QUANTILES
from lstm_zoo.tasks.forecasting.sampling import Sampler
from lstm_zoo.tasks.forecasting.scaling import Calendar, Covariates, LastSteps, Scale, Unscale


def pipeline(network, preprocessing):
    """One model from histories in raw units to forecasts in raw units.

    Returns:
        keras.Model. It takes a dict: `history` float64 (batch, any), the past of each row up to now, NaN where nothing
        is known, of which the last `lookback` steps are read; with identities `unique_id` string (batch,); with
        covariates `covariates` float32 (batch, any + horizon, columns), those of the same past steps and of the future
        ones; with the calendar `time` int64 (batch, any + horizon), their times in seconds since 1970. It gives `mean`
        float64 (batch, horizon) and `quantiles` float64 (batch, horizon, 9), rising from 0.1 to 0.9; NaN for a row
        without any value.
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


def horizon_of(pipeline):
    """Steps that a pipeline forecasts."""
    return pipeline.output["mean"].shape[1]


def fixed(pipeline):
    """Hyperparameters that the data are cut by and trained weights fix."""
    return {"lookback": pipeline.get_layer("window").steps, "horizon": horizon_of(pipeline)}


def fine_tune(pipeline, series):
    """Network and preprocessing to go on from: look-back, horizon, covariates and identities are the file's."""
    network = networks.network_of(pipeline)
    names = {layer.name for layer in pipeline.layers}
    covariates = pipeline.get_layer("standardized") if "standardized" in names else None
    preprocessing = {
        **fixed(pipeline),
        "names": covariate_names(pipeline),
        "covariates": covariates,
        "calendar": "calendar" in names,
        "ids": pipeline.get_layer("ids") if "ids" in names else None,
        "counts": not pipeline.get_layer("scale").centre,
        "teacher": "target" in network.input,
    }
    check_covariates(series, preprocessing["names"])
    return network, preprocessing


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
    check_covariates(series, names)
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


def check_covariates(series, names):
    for one in series:
        if one.names != tuple(names):
            known, given = (", ".join(columns) or "(none)" for columns in (names, one.names))
            raise ValueError(f"The covariates {known} are expected. Received: {given}, of the series {one.unique_id!r}")


def answers(outputs, series, raw):
    """Forecasts in the form of what was given.

    Returns:
        For frames and files a frame: `unique_id`, `ds`, `mean` and the quantiles `q0.1` to `q0.9`, a row a series and
        step. For arrays an array (series, horizon, 10): mean and quantiles.
    """
    forecasts = [forecast_of(row) for row in outputs]
    if isinstance(raw, np.ndarray) or (
        isinstance(raw, (list, tuple)) and not isinstance(raw[0] if raw else 0, (str, Series))
    ):
        return np.stack(forecasts) if forecasts else np.zeros((0, 0, 1 + len(QUANTILES)))
    return table(series, forecasts)


def forecast_of(row):
    """Mean and quantiles (horizon, 10) of one row of a pipeline's outputs."""
    return np.concatenate([row["mean"][:, None], row["quantiles"]], axis=1)
