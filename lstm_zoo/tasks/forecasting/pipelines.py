"""From raw series to forecasts: the pipeline, and what `predict` gives it and makes of its answers."""

import contextlib
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.forecasting.conformal import Conformal
from lstm_zoo.tasks.forecasting.dates import wall_seconds
from lstm_zoo.tasks.forecasting.forms import gives_arrays
from lstm_zoo.tasks.forecasting.frames import read, table
from lstm_zoo.tasks.forecasting.linear import choose, initialize
from lstm_zoo.tasks.forecasting.quantiles import QUANTILES
from lstm_zoo.tasks.forecasting.sampling import Sampler
from lstm_zoo.tasks.forecasting.scaling import Calendar, Covariates, Floor, LastSteps, Scale, Unscale
from lstm_zoo.tasks.forecasting.series import Series, never_negative, times_of


def pipeline(network: keras.Model, preprocessing: Preprocessing) -> keras.Model:
    """One model from histories in raw units to forecasts in raw units.

    Returns:
        keras.Model. It takes a dict: `history` float64 (batch, any), the past of each row up to now, NaN where nothing
        is known, of which the last `lookback` steps are read; with series embeddings `unique_id` string (batch,); with
        covariates `covariates` float32 (batch, any + horizon, columns), those of the same past steps and of the future
        ones; with the calendar `time` int64 (batch, any + horizon), what local
        clocks show at their times, in seconds since 1970. It gives `mean`
        float64 (batch, horizon) and `quantiles` float64 (batch, horizon, 9), rising from 0.1 to 0.9; NaN for a row
        without any value.
    """
    inputs, features, window, location, scale = _features(preprocessing)
    return _pipeline(network, inputs, network(features), window, location, scale, preprocessing)


def sampling_pipeline(network: keras.Model, preprocessing: Preprocessing) -> keras.Model:
    """The same of a network whose forecasts are sample paths."""
    inputs, features, window, location, scale = _features(preprocessing)
    features["unit"] = keras.ops.cast(scale, "float32")
    scaled = Sampler(network, QUANTILES)(features)
    return _pipeline(network, inputs, scaled, window, location, scale, preprocessing)


def _features(preprocessing):
    """Inputs of a pipeline, and of them what a network reads, the windows, their location and their scale."""
    lookback, horizon = preprocessing["lookback"], preprocessing["horizon"]
    inputs = {"history": keras.Input((None,), dtype="float64", name="history")}
    window = LastSteps(lookback, float("nan"), name="window")(inputs["history"])
    scaled, location, scale = Scale(centre=preprocessing["centre"], name="scale")(window)
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
    return inputs, features, window, location, scale


def _pipeline(network, inputs, scaled, window, location, scale, preprocessing):
    forecast = Unscale(name="unscale")(preprocessing["conformal"](scaled), location, scale)
    forecast = preprocessing["floor"](forecast, window)
    outputs = {"mean": forecast[..., 0], "quantiles": forecast[..., 1:]}
    return keras.Model(inputs, outputs, name=f"forecasting-{network.name}")


def horizon_of(pipeline: keras.Model) -> int:
    """Steps that a pipeline forecasts."""
    return pipeline.output["mean"].shape[1]


def frozen_hyperparameters(pipeline: keras.Model) -> dict[str, int]:
    """Hyperparameters that the data are cut by and trained weights fix."""
    return {"lookback": pipeline.get_layer("window").steps, "horizon": horizon_of(pipeline)}


def describe(pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data: the steps that it reads and forecasts, its quantiles and covariates."""
    return {
        **frozen_hyperparameters(pipeline),
        "quantiles": list(QUANTILES),
        "covariates": list(covariate_names(pipeline)),
    }


def fine_tune(
    pipeline: keras.Model, series: Sequence[Series], validation: Sequence[Series] | None = None
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: look-back, horizon, covariates and known series are the file's.

    The linear map is solved anew, of these series: that of the file may have learnt what they are validated on.

    Raises:
        ValueError: series with other covariates.
    """
    network = networks.network_of(pipeline)
    names = {layer.name for layer in pipeline.layers}
    covariates = pipeline.get_layer("standardized") if "standardized" in names else None
    preprocessing = {
        **frozen_hyperparameters(pipeline),
        "names": covariate_names(pipeline),
        "covariates": covariates,
        "calendar": "calendar" in names,
        "ids": pipeline.get_layer("ids") if "ids" in names else None,
        "centre": pipeline.get_layer("scale").centre,
        "conformal": Conformal(horizon_of(pipeline), name="calibrated"),
        "floor": Floor(name="floor"),
        "nonnegative": never_negative([*series, *(validation or [])]),
        "ridge": None,
    }
    check_covariates(series, preprocessing["names"])
    if any(layer.name == "linear" for layer in network.layers):
        preprocessing["ridge"] = choose(series, series if validation is None else validation, preprocessing)
        initialize(network, preprocessing)
    return network, preprocessing


def covariate_names(pipeline: keras.Model) -> tuple[str, ...]:
    """Names of the covariates that a pipeline reads, in their order."""
    names = [layer.names for layer in pipeline.layers if isinstance(layer, Covariates)]
    return names[0] if names else ()


def read_options(pipeline: keras.Model) -> dict[str, Any]:
    """What `read` and `prepare` have to know of a pipeline: the columns that it needs."""
    return {"covariates": covariate_names(pipeline)}


def prepare(
    raw: Any,
    *,
    columns: Columns = None,
    delimiter: str | None = None,
    covariates: Sequence[str] = (),
    target: str | Sequence[str] | None = None,
    usual_target: Sequence[str] = (),
) -> list[Series]:
    """Checked pipeline inputs from what a user gave, see `read`; none of nothing."""
    with contextlib.suppress(TypeError):  # of what has no length, like a data set or a sparse matrix
        if not len(raw) and not isinstance(raw, str):
            return []
    options = {"columns": columns, "delimiter": delimiter, "covariates": covariates}
    return read(raw, target=target, usual_target=usual_target, **options)


def encode(pipeline: keras.Model, series: Sequence[Series]) -> dict[str, tf.Tensor]:
    """The dict of tensors that a pipeline takes, of series that are forecast from their end.

    Raises:
        ValueError: other covariates than the pipeline's, or none for the steps ahead; a value below 0 among counts.
    """
    lookback, horizon = pipeline.get_layer("window").steps, horizon_of(pipeline)
    names = covariate_names(pipeline)
    check_covariates(series, names)
    steps = min(lookback, max(len(item.y) for item in series))
    history = np.full((len(series), steps), np.nan)
    known = np.zeros((len(series), steps + horizon, len(names)), "float32")
    times = np.zeros((len(series), steps + horizon), "int64")
    for row, item in enumerate(series):
        past = min(steps, len(item.y))
        history[row, steps - past :] = item.y[len(item.y) - past :]
        if names:
            columns = item.covariates[len(item.y) - past : len(item.y) + horizon]
            if len(columns) < past + horizon:
                raise ValueError(
                    f"The covariates {', '.join(names)} are needed for {horizon} steps after the last y. Received: "
                    f"{len(columns) - past} for the series {item.unique_id!r}"
                )
            known[row, steps - past :] = columns
        if not pipeline.get_layer("scale").centre and np.nanmin(item.y, initial=0) < 0:
            raise ValueError(f"This network forecasts counts; the series {item.unique_id!r} has a value below 0.")
        if "time" in pipeline.input:
            times[row, steps - past :] = wall_seconds(times_of(item, len(item.y) - past, len(item.y) + horizon))
    if unknown := [item.unique_id for item, row in zip(series, history) if np.isnan(row).all()]:
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        warnings.warn(
            f"The series {unknown[0]!r}{more} has no value in its last {lookback} steps: its forecast is NaN.",
            stacklevel=2,
        )
    encoded = {"history": tf.constant(history), "covariates": tf.constant(known), "time": tf.constant(times)}
    encoded["unique_id"] = tf.constant([item.unique_id for item in series])
    return {name: encoded[name] for name in pipeline.input}


def length(_: Series) -> int:
    """What batches are sorted by: nothing, every window is as long as the look-back."""
    return 1


def check_covariates(series: Sequence[Series], names: Sequence[str]) -> None:
    """Raise a ValueError where a series has other covariates than those with these names."""
    for item in series:
        if item.names != tuple(names):
            known, received = (", ".join(columns) or "(none)" for columns in (names, item.names))
            raise ValueError(
                f"The covariates {known} are expected. Received: {received}, of the series {item.unique_id!r}"
            )


def decode(outputs: Sequence[dict[str, np.ndarray]], series: Sequence[Series], raw: Any) -> pd.DataFrame | np.ndarray:
    """Forecasts in the form of what was given.

    Returns:
        For frames and files a frame: `unique_id`, `ds`, `mean` and the quantiles `q0.1` to `q0.9`, a row a series and
        step. For arrays an array (series, horizon, 10): mean and quantiles.
    """
    forecasts = [forecast_of(row) for row in outputs]
    if gives_arrays(raw):
        return np.stack(forecasts) if forecasts else np.zeros((0, 0, 1 + len(QUANTILES)))
    return table(series, forecasts)


def forecast_of(row: dict[str, np.ndarray]) -> np.ndarray:
    """Mean and quantiles (horizon, 10) of one row of a pipeline's outputs."""
    return np.concatenate([row["mean"][:, None], row["quantiles"]], axis=1)
