"""Sample paths: values drawn one after another, each going back into the network (DeepAR)."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from lstm_zoo.layers import registered
from lstm_zoo.layers.states import named_states, state_inputs
from lstm_zoo.onnx.model import parts_of
from lstm_zoo.tasks.forecasting.distributions import FAMILIES

PATHS = 200


@registered
class Lags(keras.layers.Layer):
    """What each step reads of the values before it.

    Inputs: history (batch, lookback, 2 or more) and target (batch, horizon). Output: (batch, steps, 2 + seasons), for
    each step from `max(seasons)` (1 without) to the end of the horizon: the value before and whether it was observed,
    and the values one season ago, for each season.
    """

    def __init__(self, seasons=(), **kwargs):
        super().__init__(**kwargs)
        self.seasons = tuple(seasons)

    def call(self, history, target):
        values = ops.concatenate([history[..., 0], target], axis=1)
        observed = ops.concatenate([history[..., 1], ops.ones_like(target)], axis=1)
        first, end = max(self.seasons, default=1), values.shape[1]
        rows = [(values, 1), (observed, 1), *((values, season) for season in self.seasons)]
        return ops.stack([row[:, first - lag : end - lag] for row, lag in rows], axis=-1)

    def compute_output_spec(self, history, target):
        steps = history.shape[1] + target.shape[1] - max(self.seasons, default=1)
        return keras.KerasTensor((history.shape[0], steps, 2 + len(self.seasons)), history.dtype)

    def get_config(self):
        return {**super().get_config(), "seasons": self.seasons}


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
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]

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


def _mean_and_quantiles(drawn, levels):
    """Of paths (horizon, paths): (horizon, 1 + levels), a quantile between two draws in proportion."""
    ordered = tf.sort(drawn, axis=1)
    places = [level * (PATHS - 1) for level in levels]
    low = tf.gather(ordered, [int(place) for place in places], axis=1)
    high = tf.gather(ordered, [min(int(place) + 1, PATHS - 1) for place in places], axis=1)
    share = tf.constant([place - int(place) for place in places], "float32")
    return tf.concat([tf.reduce_mean(drawn, 1, keepdims=True), low + share * (high - low)], 1)


@registered
class Sampler(keras.layers.Layer):
    """Mean and quantiles of sample paths drawn from a `deepar` network.

    Every series draws by itself, with the same seed: an answer does not depend on the batch, and does not change.

    Input: the dict of a network's inputs without `target`. Output: (batch, horizon, 1 + quantiles), scaled.

    Args:
        network: what `deepar` returned.
        quantiles: levels, rising.
        seed: of the draws.
    """

    def __init__(self, network, quantiles, seed=0, **kwargs):
        super().__init__(**{"name": network.name, **kwargs})
        self.network, self.quantiles, self.seed = network, tuple(quantiles), seed

    def call(self, inputs):
        history, horizon = inputs["history"], self.network.output_shape[1]
        parts = parts_of(self.network, sampling_graphs)
        encoder, step = parts["encoder"], parts["step"]
        seasons = self.network.get_layer("lags").seasons
        draw = FAMILIES[self.network.get_layer("distribution").family].draw
        known = {name: inputs[name] for name in ("future", "identity", "unit") if name in inputs}

        def series(row):
            of_step = {name: tf.repeat(row[name][None], PATHS, 0) for name in ("identity", "unit") if name in row}

            def draw_next(number, recent, seen, states, drawn):
                parts = [recent[:, -1:], seen, *(recent[:, -season, None] for season in seasons)]
                read = {**of_step, "values": tf.concat(parts, 1), **states}
                if "future" in row:
                    read["future"] = tf.repeat(row["future"][number, None], PATHS, 0)
                after = step({name: read[name] for name in step.input})
                value = draw(*tf.unstack(after["parameters"], axis=-1), seed=tf.stack([self.seed, number]))
                recent = tf.concat([recent[:, 1:], value[:, None]], 1)
                states = {name: after[f"next_{name}"] for name in states}
                return number + 1, recent, tf.ones_like(seen), states, drawn.write(number, value)

            start = (
                0,
                tf.repeat(row["recent"][None], PATHS, 0),
                tf.fill((PATHS, 1), row["seen"]),
                {name: tf.repeat(state[None], PATHS, 0) for name, state in row["states"].items()},
                tf.TensorArray("float32", horizon, element_shape=(PATHS,)),
            )
            drawn = tf.while_loop(lambda number, *_: number < horizon, draw_next, start)[-1].stack()
            return _mean_and_quantiles(drawn, self.quantiles)

        recent = {"recent": history[:, -max(seasons, default=1) :, 0], "seen": history[:, -1, 1]}
        states = encoder({name: inputs[name] for name in encoder.input})
        shape = tf.TensorSpec((horizon, 1 + len(self.quantiles)), "float32")
        return tf.map_fn(series, {**known, **recent, "states": states}, fn_output_signature=shape)

    def with_network(self, network: keras.Model) -> Sampler:
        """The same for another network."""
        return type(self)(network, self.quantiles, self.seed)

    def compute_output_spec(self, inputs):
        batch = inputs["history"].shape[0]
        return keras.KerasTensor((batch, self.network.output_shape[1], 1 + len(self.quantiles)), "float32")

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network, "quantiles": self.quantiles, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})
