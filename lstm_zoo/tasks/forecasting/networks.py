"""The networks of forecasting: scaled windows -> scaled forecasts, and their search spaces.

Every network takes a dict: `history` float32 (batch, lookback, 2 + covariates), the scaled value, whether it was
observed, and the covariates of each step; with covariates `future` (batch, horizon, covariates); with series embeddings
`identity` int32 (batch,), which of the known series a row is, 0 for another one. `segment` and `seq2seq` give (batch,
horizon, 10): the mean and the nine quantiles of `QUANTILES`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from lstm_zoo import layers
from lstm_zoo.contract import Network
from lstm_zoo.networks import compile_with_adam
from lstm_zoo.tasks.forecasting import reading
from lstm_zoo.tasks.forecasting.combining import begin, combined, inputs_of
from lstm_zoo.tasks.forecasting.distributions import Distribution, compile_with_likelihood
from lstm_zoo.tasks.forecasting.embeddings import Identities, Positions
from lstm_zoo.tasks.forecasting.graphs import graphs, metadata, sampling_metadata
from lstm_zoo.tasks.forecasting.pipelines import pipeline, sampling_pipeline
from lstm_zoo.tasks.forecasting.quantiles import QUANTILES, quantile_loss
from lstm_zoo.tasks.forecasting.sampling import Lags, sampling_graphs
from lstm_zoo.tasks.forecasting.seasonal import check_seasons

if TYPE_CHECKING:
    import keras_tuner

LOOKBACK, HORIZON = 720, 96


def segment(
    *,
    lookback: int = LOOKBACK,
    horizon: int = HORIZON,
    covariates: int = 0,
    series_embeddings: int = 0,
    segment: int = 48,
    units: int = 256,
    seasons: Sequence[int] = (),
    dropout: float = 0.5,
) -> keras.Model:
    """An LSTM over segments of the past; every future segment is decoded from its last state, all at once.

    As in SegRNN (Lin et al. 2023, https://arxiv.org/abs/2308.11200), whose recurrence has as many steps as the
    look-back has segments. Each future segment is one step of the same LSTM from the same state; its input tells which
    it is.

    Args:
        lookback: steps of the past that are read, a multiple of `segment`.
        horizon: steps that are forecast, a multiple of `segment`.
        covariates: number of known covariates of each step, past and future.
        series_embeddings: number of series that have a vector of their own; 0: none.
        segment: steps of a segment.
        units: width of the LSTM.
        seasons: lengths of the seasons in steps, at most two, like (24, 168), which fit into `lookback` together. Their
            naive forecasts then stand beside the last value and the linear map in the mixture that the network weighs
            for each step, and adds to.
        dropout: dropout before the head.

    Returns:
        keras.Model: dict of inputs, see the module -> (batch, horizon, 10).

    Raises:
        ValueError: `lookback` or `horizon` is no multiple of `segment`; seasons that do not fit.

    Example:

    >>> segment(lookback=96, horizon=48, units=8)({"history": keras.ops.zeros((1, 96, 2))}).shape  # (1, 48, 10)
    """
    for name, steps in (("lookback", lookback), ("horizon", horizon)):
        if steps < segment or steps % segment:
            raise ValueError(f"{name} is a multiple of segment. Received: {name}={steps}, segment={segment}")
    inputs, steps, bases, scale = begin(lookback, horizon, covariates, series_embeddings, seasons)
    ahead = horizon // segment
    segments = keras.layers.Reshape((lookback // segment, -1))(steps)
    segments = keras.layers.Dense(units, "relu", name="segments")(segments)
    lstm = layers.LSTM(units, return_state=True, name="lstm")
    _, hidden, cell = lstm(segments)

    queries = [Positions(ahead, units, name="positions")(hidden)]
    known = bases - bases[..., :1]
    known = keras.layers.Concatenate()([known, inputs["future"]]) if covariates else known
    known = keras.layers.Reshape((ahead, -1))(known)
    queries.append(keras.layers.Dense(units, "relu", name="known")(known))
    if series_embeddings:
        vector = Identities(series_embeddings, units, name="identities")(inputs["identity"])
        queries.append(ops.expand_dims(vector, 1))
    query = keras.layers.Add()(queries)
    states = [ops.repeat(state, ahead, axis=0) for state in (hidden, cell)]
    decoded, _, _ = lstm(ops.reshape(query, (-1, 1, units)), initial_state=states)
    decoded = keras.layers.Dropout(dropout)(ops.reshape(decoded, (-1, ahead, units)))
    values = len(QUANTILES) + bases.shape[-1]
    raw = keras.layers.Dense(segment * values, dtype="float32", name="head")(decoded)
    raw = keras.layers.Reshape((horizon, values))(raw)
    return keras.Model(inputs, combined(raw, bases, scale), name="segment")


def seq2seq(
    *,
    lookback: int = 168,
    horizon: int = HORIZON,
    covariates: int = 0,
    series_embeddings: int = 0,
    units: int = 128,
    depth: int = 1,
    contexts: int = 16,
    seasons: Sequence[int] = (),
    dropout: float = 0.2,
) -> keras.Model:
    """An LSTM that reads the past step by step; a decoder gives all quantiles of all steps at once.

    As in MQ-RNN (Wen et al. 2017, https://arxiv.org/abs/1711.11053): from the last state a dense layer makes a context
    for each future step and one for all of them, and a second, shared one turns contexts and covariates into quantiles.

    Args:
        lookback: steps of the past that are read.
        horizon: steps that are forecast.
        units: width of an LSTM, and of the shared decoder.
        depth: LSTM layers.
        contexts: width of the context of a future step.
        dropout: dropout between the LSTMs and before the head.
        Everything else: see `segment`.

    Returns:
        keras.Model: dict of inputs, see the module -> (batch, horizon, 10).

    Raises:
        ValueError: seasons that do not fit; a depth below 1.

    Example:

    >>> seq2seq(lookback=24, horizon=6, units=8)({"history": keras.ops.zeros((1, 24, 2))}).shape  # (1, 6, 10)
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")
    inputs, steps, bases, scale = begin(lookback, horizon, covariates, series_embeddings, seasons)
    for layer in range(depth):
        steps = layers.LSTM(units, return_sequences=layer < depth - 1, name=f"lstm_{layer}")(steps)
        if layer < depth - 1 and dropout:
            steps = layers.variational_dropout(dropout)(steps)
    state = steps
    if series_embeddings:
        vector = Identities(series_embeddings, units, name="identities")(inputs["identity"])
        state = keras.layers.Concatenate()([state, vector])
    own = keras.layers.Dense(horizon * contexts, "relu", name="contexts")(state)
    common = keras.layers.Dense(contexts, "relu", name="common_context")(state)
    known = [keras.layers.Reshape((horizon, contexts))(own), keras.layers.RepeatVector(horizon)(common)]
    known += [bases - bases[..., :1]]
    known += [inputs["future"]] if covariates else []
    decoded = keras.layers.Dense(units, "relu", name="decoder")(keras.layers.Concatenate()(known))
    decoded = keras.layers.Dropout(dropout)(decoded)
    raw = keras.layers.Dense(len(QUANTILES) + bases.shape[-1], dtype="float32", name="head")(decoded)
    return keras.Model(inputs, combined(raw, bases, scale), name="seq2seq")


def deepar(
    *,
    lookback: int = 168,
    horizon: int = HORIZON,
    covariates: int = 0,
    series_embeddings: int = 0,
    units: int = 64,
    depth: int = 2,
    distribution: str = "student_t",
    seasons: Sequence[int] = (),
    dropout: float = 0.1,
) -> keras.Model:
    """An autoregressive LSTM: from each value to the distribution of the next; forecasts are sample paths.

    As in DeepAR (Salinas et al. 2020, https://arxiv.org/abs/1704.04110). In training the true values of the horizon go
    in (`target`, scaled; for counts the scale of the window too, `unit`); the pipeline draws 200 paths instead, each
    value going back in.

    Args:
        lookback: steps of the past that are read.
        horizon: steps that are forecast.
        units: width of an LSTM.
        depth: LSTM layers.
        distribution: "student_t", "gaussian" or, for counts, "negative_binomial".
        seasons: lengths of the seasons in steps, at most two, like (24, 168): values so long ago are read as well.
        dropout: dropout between the LSTMs.
        Everything else: see `segment`.

    Returns:
        keras.Model: dict of inputs, see the module, `target` (batch, horizon), and `unit` (batch, 1) -> the parameters
        of the distribution of each future step, (batch, horizon, 3), see `Distribution`.

    Raises:
        ValueError: an unknown distribution; seasons that do not fit; a depth below 1.

    Example:

    >>> network = deepar(lookback=24, horizon=6, units=8)
    >>> zeros = keras.ops.zeros
    >>> network({"history": zeros((1, 24, 2)), "target": zeros((1, 6)), "unit": zeros((1, 1))}).shape  # (1, 6, 3)
    """
    check_seasons(seasons, lookback)
    if depth < 1:
        raise ValueError(f"depth is at least 1. Received: {depth}")
    inputs = inputs_of(lookback, horizon, covariates, series_embeddings)
    inputs["target"] = keras.Input((horizon,), name="target")
    inputs["unit"] = keras.Input((1,), name="unit")
    vector = None
    if series_embeddings:
        vector = Identities(series_embeddings, units, name="identities")(inputs["identity"])
    first = max(seasons, default=1)
    steps = Lags(seasons, name="lags")(inputs["history"], inputs["target"])
    if covariates:
        known = keras.layers.Concatenate(axis=1)([inputs["history"][:, first:, 2:], inputs["future"]])
        steps = keras.layers.Concatenate()([steps, known])
    if series_embeddings:
        repeated = keras.layers.RepeatVector(lookback + horizon - first)(vector)
        steps = keras.layers.Concatenate()([steps, repeated])
    for layer in range(depth):
        steps = layers.LSTM(units, return_sequences=True, return_state=True, name=f"lstm_{layer}")(steps)[0]
        if layer < depth - 1 and dropout:
            steps = layers.variational_dropout(dropout)(steps)
    raw = keras.layers.Dense(3, dtype="float32", name="head")(steps[:, lookback - first :])
    parameters = Distribution(distribution, name="distribution")(raw, inputs["unit"])
    return keras.Model(inputs, parameters, name="deepar")


def segment_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `segment`."""
    return {
        "units": hp.Int("units", 32, 512, step=32, default=256),
        "dropout": hp.Float("dropout", 0.1, 0.6, step=0.1, default=0.5),
    }


def seq2seq_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `seq2seq`."""
    return {
        "units": hp.Int("units", 32, 256, step=32, default=128),
        "depth": hp.Int("depth", 1, 2, default=1),
        "contexts": hp.Int("contexts", 8, 32, step=8, default=16),
        "dropout": hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.2),
    }


def deepar_space(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Search space of `deepar`."""
    return {
        "units": hp.Int("units", 32, 128, step=32, default=64),
        "depth": hp.Int("depth", 1, 3, default=2),
        "dropout": hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.1),
    }


_compile = functools.partial(compile_with_adam, loss=quantile_loss)
NETWORKS = {
    "segment": Network(
        build=segment,
        space=segment_space,
        compile=_compile,
        pipeline=pipeline,
        read_item=reading.read_segments,
        graphs=graphs,
        metadata=metadata,
        portable=True,
    ),
    "seq2seq": Network(
        build=seq2seq,
        space=seq2seq_space,
        compile=_compile,
        pipeline=pipeline,
        read_item=reading.read_history,
        graphs=graphs,
        metadata=metadata,
        portable=True,
    ),
    "deepar": Network(
        build=deepar,
        space=deepar_space,
        compile=compile_with_likelihood,
        pipeline=sampling_pipeline,
        read_item=reading.read_history_and_forecast,
        graphs=sampling_graphs,
        metadata=sampling_metadata,
    ),
}
