"""What of a pipeline holds no strings and no dates: its network as graphs, and what their numbers mean."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lstm_zoo import layers, networks
from lstm_zoo.layers.states import named_states, state_inputs
from lstm_zoo.tasks.forecasting.pipelines import covariate_names, describe


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a pipeline.

    Returns:
        Dict of `network`: the inputs of the network, see `forecasting.networks` -> `forecast` (batch, horizon, 10),
        mean and quantiles, scaled.
    """
    return {"network": keras.Model(network.input, {"forecast": network.output}, name=network.name)}


def sampling_graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The two networks that draw sample paths: one reads the past, the other a value that was drawn.

    Returns:
        Dict of `encoder`: `history` and, with series embeddings, `identity`, see `forecasting.networks` -> the states
        behind the past, `hidden_0`, `cell_0`, `hidden_1`... (batch, units); and `step`: `values` (batch, 2 + seasons),
        the last value, whether it was observed, 1 for a drawn one, and the values a season ago; `future` (batch,
        covariates), those of the step; `identity`; `unit` (batch, 1); and the states -> `parameters` (batch, 3), see
        `Distribution`, and the states after the step, `next_hidden_0` and so on.
    """
    lags, identities = network.get_layer("lags"), "identity" in network.input
    lookback, features = network.input["history"].shape[1:]
    first = max(lags.seasons, default=1)
    lstms = [layer for layer in network.layers if isinstance(layer, layers.LSTM)]

    def with_identity(steps, known):
        """Steps with the vector of their series, if series have vectors, which `known` tells."""
        if not identities:
            return steps
        vector = network.get_layer("identities")(known["identity"])
        repeated = keras.layers.RepeatVector(steps.shape[1])(vector)
        return ops.concatenate([steps, repeated], axis=-1)

    def known_inputs():
        return {"identity": keras.Input((), dtype="int32", name="identity")} if identities else {}

    history, known = keras.Input((lookback, features), name="history"), known_inputs()
    steps = ops.concatenate([lags(history, history[:, :0, 0]), history[:, first:, 2:]], axis=-1)
    steps, states = with_identity(steps, known), []
    for lstm in lstms:
        steps, *state = lstm(steps)
        states.append(state)
    encoder = keras.Model({"history": history, **known}, named_states(states), name="encoder")

    values, unit = keras.Input((2 + len(lags.seasons),), name="values"), keras.Input((1,), name="unit")
    inputs, states = {"values": values, **known_inputs(), "unit": unit}, state_inputs(lstm.units for lstm in lstms)
    steps = values
    if "future" in network.input:
        inputs["future"] = keras.Input(network.input["future"].shape[2:], name="future")
        steps = ops.concatenate([values, inputs["future"]], axis=-1)
    steps, after = with_identity(ops.expand_dims(steps, 1), inputs), []
    for lstm, state in zip(lstms, states):
        steps, *state = lstm(steps, initial_state=state)
        after.append(state)
    parameters = network.get_layer("distribution")(network.get_layer("head")(steps), unit)[:, 0]
    outputs = {"parameters": parameters, **named_states(after, "next_")}
    return {"encoder": encoder, "step": keras.Model({**inputs, **named_states(states)}, outputs, name="step")}


def metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean, and what is done before and after them.

    `lookback`, `horizon`, `quantiles` and `covariates`, see `describe`, with `mean` and `variance` of the latter;
    `calendar`, whether features of the time stand before them, see `Calendar`; `series`, the names of those that have
    an identity, from 0; `centre`, see `Scale`; `factors` (horizon, 4), see `Conformal`; `least`, see `Floor`, None for
    minus infinity.
    """
    layers = {layer.name: layer for layer in pipeline.layers}
    least = float(layers["floor"].least.numpy()) if "floor" in layers else -math.inf  # files from before have none
    told = {
        **describe(pipeline),
        "calendar": "calendar" in layers,
        "series": layers["ids"].get_vocabulary() if "ids" in layers else [],
        "centre": layers["scale"].centre,
        "factors": layers["calibrated"].factors.numpy().tolist(),
        "least": None if math.isinf(least) else least,
    }
    if covariate_names(pipeline):
        mean, variance = (ops.convert_to_numpy(layers["standardized"].get_weights()[place]) for place in (0, 1))
        told |= {"mean": mean.tolist(), "variance": variance.tolist()}
    return told


def sampling_metadata(pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `sampling_graphs` mean: the same, `seasons`, in steps, and the `distribution`."""
    network = networks.network_of(pipeline)
    seasons, family = network.get_layer("lags").seasons, network.get_layer("distribution").family
    return {**metadata(pipeline), "seasons": list(seasons), "distribution": family}
