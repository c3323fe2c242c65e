"""What `segment` and `seq2seq` have in common: the cheap forecasts that they begin with, and how they add to them."""

from collections.abc import Sequence

import keras
from keras import ops

from lstm_zoo.tasks.forecasting.linear import Linear
from lstm_zoo.tasks.forecasting.quantiles import Quantiles
from lstm_zoo.tasks.forecasting.seasonal import Seasonal, check_seasons
from lstm_zoo.tasks.forecasting.shares import Shares


def inputs_of(lookback: int, horizon: int, covariates: int, series_embeddings: int) -> dict[str, keras.KerasTensor]:
    """The inputs that every network of forecasting has, by name, see `networks`."""
    inputs = {"history": keras.Input((lookback, 2 + covariates), name="history")}
    if covariates:
        inputs["future"] = keras.Input((horizon, covariates), name="future")
    if series_embeddings:
        inputs["identity"] = keras.Input((), dtype="int32", name="identity")
    return inputs


def begin(
    lookback: int, horizon: int, covariates: int, series_embeddings: int, seasons: Sequence[int]
) -> tuple[dict[str, keras.KerasTensor], keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """The inputs, the steps that are read, and the cheap forecasts.

    With seasons the steps have one feature more: what changed since the season before, in units of the usual change.

    Returns:
        Dict of inputs, steps (batch, lookback, features), forecasts of the layers `Seasonal` and `Linear` (batch,
        horizon, bases), and the scale of the former.
    """
    check_seasons(seasons, lookback)
    inputs = inputs_of(lookback, horizon, covariates, series_embeddings)
    naive, differences, scale = Seasonal(horizon, seasons, name="seasonal")(inputs["history"])
    linear = Linear(horizon, name="linear")(inputs["history"])
    bases = keras.layers.Concatenate(dtype="float32", name="bases")([naive, ops.expand_dims(linear, -1)])
    if not seasons:
        return inputs, inputs["history"], bases, scale
    change = ops.clip(differences / scale, -8.0, 8.0)
    steps = keras.layers.Concatenate()([inputs["history"], ops.expand_dims(change, -1)])
    return inputs, steps, bases, scale


def combined(raw: keras.KerasTensor, bases: keras.KerasTensor, scale: keras.KerasTensor) -> keras.KerasTensor:
    """Mean and quantiles (batch, horizon, 10): what a network says, (batch, horizon, 9 + bases), added to the bases
    (batch, horizon, bases) in units of the scale (batch, 1), and then each heard as much as its share."""
    return Shares(name="shares")(Quantiles(name="quantiles")(raw, bases, scale), bases)
