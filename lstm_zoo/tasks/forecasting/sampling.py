"""Distributions of the next value, and sample paths drawn from them one value after another (DeepAR)."""

import keras
import tensorflow as tf

from lstm_zoo.layers import registered

SMALLEST = 1e-4  # standard deviation or dispersion, scaled
PATHS = 200


def _gaussian_loss(value, location, scale, _):
    return 0.5 * ((value - location) / scale) ** 2 + tf.math.log(scale)


def _student_loss(value, location, scale, freedom):
    square = ((value - location) / scale) ** 2
    constant = tf.math.lgamma(freedom / 2) - tf.math.lgamma((freedom + 1) / 2) + 0.5 * tf.math.log(freedom)
    return constant + tf.math.log(scale) + (freedom + 1) / 2 * tf.math.log1p(square / freedom)


def _count_loss(value, mean, dispersion, unit):
    count, mean, shape = value * unit, mean * unit, 1 / dispersion
    choose = tf.math.lgamma(count + shape) - tf.math.lgamma(shape) - tf.math.lgamma(count + 1)
    return -choose - shape * tf.math.log(shape / (shape + mean)) - count * tf.math.log(mean / (shape + mean))


def _draw_gaussian(location, scale, _, seed):
    return location + scale * tf.random.stateless_normal(tf.shape(location), seed)


def _draw_student(location, scale, freedom, seed):
    chi = tf.random.stateless_gamma(tf.shape(location), [seed[0] + 1, seed[1]], alpha=freedom / 2) / (freedom / 2)
    return location + scale * tf.random.stateless_normal(tf.shape(location), seed) / tf.sqrt(chi)


def _draw_count(mean, dispersion, unit, seed):
    shape = 1 / dispersion
    rate = tf.random.stateless_gamma(tf.shape(mean), [seed[0] + 1, seed[1]], alpha=shape) / shape * mean * unit
    return tf.random.stateless_poisson(tf.shape(mean), seed, rate, tf.float32) / unit


# The negative log-likelihood (but for constants) of a scaled value, and a draw, each of three parameters.
FAMILIES = {
    "gaussian": (_gaussian_loss, _draw_gaussian),
    "student_t": (_student_loss, _draw_student),
    "negative_binomial": (_count_loss, _draw_count),
}


@registered
class Distribution(keras.layers.Layer):
    """Parameters of a distribution from raw numbers (batch, horizon, 3) and the unit (batch, 1): (batch, horizon, 3).

    gaussian: mean, standard deviation, unused. student_t: location, scale, degrees of freedom above 2.
    negative_binomial: mean and dispersion (variance = mean + dispersion * mean^2), and the unit, which makes counts of
    scaled values.
    """

    def __init__(self, family, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        if family not in FAMILIES:
            raise ValueError(f"family is one of {', '.join(FAMILIES)}. Received: {family!r}")
        self.family = family

    def call(self, raw, unit):
        first, second, third = tf.unstack(raw, axis=-1)
        second = tf.math.softplus(second) + SMALLEST
        if self.family == "negative_binomial":
            first = tf.math.softplus(first) + SMALLEST
            third = tf.zeros_like(third) + unit
        else:
            third = 2.0 + tf.math.softplus(third)
        return tf.stack([first, second, third], -1)

    def compute_output_spec(self, raw, unit):
        return keras.KerasTensor(raw.shape, "float32")

    def get_config(self):
        return {**super().get_config(), "family": self.family}


@registered
class NegativeLogLikelihood(keras.losses.Loss):
    """Of the true values under the forecast distributions.

    Args:
        family: see `Distribution`.

    Targets are (batch, horizon, 2): scaled values, and a weight that is 0 where there is none.
    """

    def __init__(self, family, **kwargs):
        super().__init__(**kwargs)
        self.family = family

    def call(self, target, parameters):
        negative_log_likelihood, _ = FAMILIES[self.family]
        value, weight = tf.unstack(target, axis=-1)
        return tf.where(weight > 0, negative_log_likelihood(value, *tf.unstack(parameters, axis=-1)), 0.0)

    def get_config(self):
        return {**super().get_config(), "family": self.family}


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
        history, unit = inputs["history"], inputs["unit"]
        network = self.network
        seasons = network.get_layer("lags").seasons
        horizon = network.output_shape[1]
        lstms = [layer for layer in network.layers if layer.name.startswith("lstm_")]
        head, distribution = network.get_layer("head"), network.get_layer("distribution")
        _, draw = FAMILIES[distribution.family]
        rows, first = tf.shape(history)[0], max(seasons, default=1)
        values, observed = history[..., 0], history[..., 1]
        fixed = tf.zeros((rows, horizon, 0))
        past = network.get_layer("lags")(history, tf.zeros((rows, 0)))
        if "future" in inputs:
            past = tf.concat([past, history[:, first:, 2:]], -1)
            fixed = inputs["future"]
        if "identity" in inputs:
            vector = network.get_layer("identities")(inputs["identity"])[:, None]
            past = tf.concat([past, tf.repeat(vector, tf.shape(past)[1], 1)], -1)
            fixed = tf.concat([fixed, tf.repeat(vector, horizon, 1)], -1)
        states = []
        for lstm in lstms:
            past, *state = lstm(past)
            states.append(state)

        def series(row):
            recent, seen, known, row_unit, row_states = row

            def step(number, recent, seen, states, drawn):
                parts = [recent[:, -1:], seen, *(recent[:, -season, None] for season in seasons)]
                steps = tf.concat([*parts, tf.repeat(known[number, None], PATHS, 0)], -1)[:, None]
                after = []
                for lstm, state in zip(lstms, states):
                    steps, *state = lstm(steps, initial_state=state)
                    after.append(state)
                parameters = distribution(head(steps), row_unit[None])[:, 0]
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
            ordered = tf.sort(drawn, axis=1)
            place = [level * (PATHS - 1) for level in self.quantiles]
            low = tf.gather(ordered, [int(at) for at in place], axis=1)
            high = tf.gather(ordered, [min(int(at) + 1, PATHS - 1) for at in place], axis=1)
            share = tf.constant([at - int(at) for at in place], "float32")
            return tf.concat([tf.reduce_mean(drawn, 1, keepdims=True), low + share * (high - low)], 1)

        row = (values[:, -first:], observed[:, -1], fixed, unit, states)
        shape = tf.TensorSpec((horizon, 1 + len(self.quantiles)), "float32")
        return tf.map_fn(series, row, fn_output_signature=shape)

    def around(self, network):
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
