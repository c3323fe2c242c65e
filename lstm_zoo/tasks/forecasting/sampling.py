"""Sample paths: values drawn one after another, each going back into the network (DeepAR)."""

import keras
import tensorflow as tf

from lstm_zoo.layers import registered
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
        values = keras.ops.concatenate([history[..., 0], target], axis=1)
        observed = keras.ops.concatenate([history[..., 1], keras.ops.ones_like(target)], axis=1)
        first, end = max(self.seasons, default=1), values.shape[1]
        rows = [(values, 1), (observed, 1), *((values, season) for season in self.seasons)]
        return keras.ops.stack([row[:, first - lag : end - lag] for row, lag in rows], axis=-1)

    def compute_output_spec(self, history, target):
        steps = history.shape[1] + target.shape[1] - max(self.seasons, default=1)
        return keras.KerasTensor((history.shape[0], steps, 2 + len(self.seasons)), history.dtype)

    def get_config(self):
        return {**super().get_config(), "seasons": self.seasons}


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
        history, scale = inputs["history"], inputs["unit"]
        network = self.network
        seasons = network.get_layer("lags").seasons
        horizon = network.output_shape[1]
        lstms = [layer for layer in network.layers if layer.name.startswith("lstm_")]
        head, distribution = network.get_layer("head"), network.get_layer("distribution")
        draw = FAMILIES[distribution.family].draw
        rows, first = tf.shape(history)[0], max(seasons, default=1)
        values, observed = history[..., 0], history[..., 1]
        known_ahead = tf.zeros((rows, horizon, 0))
        past = network.get_layer("lags")(history, tf.zeros((rows, 0)))
        if "future" in inputs:
            past = tf.concat([past, history[:, first:, 2:]], -1)
            known_ahead = inputs["future"]
        if "identity" in inputs:
            vector = network.get_layer("identities")(inputs["identity"])[:, None]
            past = tf.concat([past, tf.repeat(vector, tf.shape(past)[1], 1)], -1)
            known_ahead = tf.concat([known_ahead, tf.repeat(vector, horizon, 1)], -1)
        states = []
        for lstm in lstms:
            past, *state = lstm(past)
            states.append(state)

        def series(row):
            recent, seen, known, row_scale, row_states = row

            def step(number, recent, seen, states, drawn):
                parts = [recent[:, -1:], seen, *(recent[:, -season, None] for season in seasons)]
                steps = tf.concat([*parts, tf.repeat(known[number, None], PATHS, 0)], -1)[:, None]
                after = []
                for lstm, state in zip(lstms, states):
                    steps, *state = lstm(steps, initial_state=state)
                    after.append(state)
                parameters = distribution(head(steps), row_scale[None])[:, 0]
                value = draw(*tf.unstack(parameters, axis=-1), seed=tf.stack([self.seed, number]))
                recent = tf.concat([recent[:, 1:], value[:, None]], 1)
                return number + 1, recent, tf.ones_like(seen), after, drawn.write(number, value)

            start = (
                0,
                tf.repeat(recent[None], PATHS, 0),
                tf.fill((PATHS, 1), seen),
                tf.nest.map_structure(lambda state: tf.repeat(state[None], PATHS, 0), row_states),
                tf.TensorArray("float32", horizon, element_shape=(PATHS,)),
            )
            drawn = tf.while_loop(lambda number, *_: number < horizon, step, start)[-1].stack()
            return _mean_and_quantiles(drawn, self.quantiles)

        row = (values[:, -first:], observed[:, -1], known_ahead, scale, states)
        shape = tf.TensorSpec((horizon, 1 + len(self.quantiles)), "float32")
        return tf.map_fn(series, row, fn_output_signature=shape)

    def with_network(self, network: keras.Model) -> "Sampler":
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
