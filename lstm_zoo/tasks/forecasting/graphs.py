"""What of a pipeline holds no strings and no dates: its network as graphs, and what their numbers mean."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from lstm_zoo import networks
from lstm_zoo.tasks.forecasting.pipelines import covariate_names, describe


def graphs(network: keras.Model) -> dict[str, keras.Model]:
    """The network of a pipeline.

    Returns:
        Dict of `network`: the inputs of the network, see `forecasting.networks` -> `forecast` (batch, horizon, 10),
        mean and quantiles, scaled.
    """
    return {"network": keras.Model(network.input, {"forecast": network.output}, name=network.name)}


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
    """What the numbers of `sampling.sampling_graphs` mean: the same, `seasons`, in steps, and the `distribution`."""
    network = networks.network_of(pipeline)
    seasons, family = network.get_layer("lags").seasons, network.get_layer("distribution").family
    return {**metadata(pipeline), "seasons": list(seasons), "distribution": family}
