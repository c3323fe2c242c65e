"""Distributions of the next value (DeepAR): parameters, likelihood and draws."""

import typing
from collections.abc import Callable

import keras
import tensorflow as tf
from keras import ops

from lstm_zoo.layers import registered
from lstm_zoo.networks import compile_with_adam

SMALLEST = 1e-4  # standard deviation or dispersion, scaled


class Family(typing.NamedTuple):
    """What a distribution of three parameters is. Values are scaled, `scale` (batch, 1) is that of their window."""

    parameters: Callable
    """(three raw numbers, scale) -> the three parameters."""
    loss: Callable
    """(value, *parameters) -> the negative log-likelihood, but for constants."""
    draw: Callable
    """(*parameters, seed) -> a value."""
    counts: bool = False
    """Whether the values are counts, so that a window is scaled without being shifted."""


def _real(location, deviation, freedom, scale):
    return location, ops.softplus(deviation) + SMALLEST, ops.softplus(freedom) + 2.0


def _gaussian_loss(value, mean, deviation, _):
    return 0.5 * ((value - mean) / deviation) ** 2 + tf.math.log(deviation)


def _draw_gaussian(mean, deviation, _, seed):
    return mean + deviation * tf.random.stateless_normal(tf.shape(mean), seed)


def _student_loss(value, location, deviation, freedom):
    square = ((value - location) / deviation) ** 2
    constant = tf.math.lgamma(freedom / 2) - tf.math.lgamma((freedom + 1) / 2) + 0.5 * tf.math.log(freedom)
    return constant + tf.math.log(deviation) + (freedom + 1) / 2 * tf.math.log1p(square / freedom)


def _draw_student(location, deviation, freedom, seed):
    chi = tf.random.stateless_gamma(tf.shape(location), [seed[0] + 1, seed[1]], alpha=freedom / 2) / (freedom / 2)
    return location + deviation * tf.random.stateless_normal(tf.shape(location), seed) / tf.sqrt(chi)


def _count(mean, dispersion, _, scale):
    return ops.softplus(mean) + SMALLEST, ops.softplus(dispersion) + SMALLEST, ops.zeros_like(mean) + scale


def _count_loss(value, mean, dispersion, scale):
    count, mean, shape = value * scale, mean * scale, 1 / dispersion
    choose = tf.math.lgamma(count + shape) - tf.math.lgamma(shape) - tf.math.lgamma(count + 1)
    return -choose - shape * tf.math.log(shape / (shape + mean)) - count * tf.math.log(mean / (shape + mean))


def _draw_count(mean, dispersion, scale, seed):
    shape = 1 / dispersion
    rate = tf.random.stateless_gamma(tf.shape(mean), [seed[0] + 1, seed[1]], alpha=shape) / shape * mean * scale
    return tf.random.stateless_poisson(tf.shape(mean), seed, rate, tf.float32) / scale


# gaussian: mean, standard deviation, unused. student_t: location, scale, degrees of freedom above 2.
# negative_binomial: mean and dispersion (variance = mean + dispersion * mean^2), and the window's scale, which makes
# counts of scaled values.
FAMILIES = {
    "gaussian": Family(_real, _gaussian_loss, _draw_gaussian),
    "student_t": Family(_real, _student_loss, _draw_student),
    "negative_binomial": Family(_count, _count_loss, _draw_count, counts=True),
}


def family_of(distribution: str) -> Family:
    """The family of a distribution's name.

    Raises:
        ValueError: an unknown one.
    """
    if distribution not in FAMILIES:
        raise ValueError(f"distribution is one of {', '.join(FAMILIES)}. Received: {distribution!r}")
    return FAMILIES[distribution]


@registered
class Distribution(keras.layers.Layer):
    """Parameters of a distribution from raw numbers (batch, horizon, 3) and the scale (batch, 1): (batch, horizon, 3).

    Args:
        family: its name, see `FAMILIES`.
    """

    def __init__(self, family, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        family_of(family)
        self.family = family

    def call(self, raw, scale):
        numbers = (raw[..., place] for place in range(3))
        return ops.stack(FAMILIES[self.family].parameters(*numbers, scale), axis=-1)

    def compute_output_spec(self, raw, scale):
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
        value, weight = tf.unstack(target, axis=-1)
        return tf.where(weight > 0, FAMILIES[self.family].loss(value, *tf.unstack(parameters, axis=-1)), 0.0)

    def get_config(self):
        return {**super().get_config(), "family": self.family}


def compile_with_likelihood(network: keras.Model, learning_rate: float) -> keras.Model:
    """Compile a network that ends in a `Distribution` with the likelihood of the true values; returns it."""
    return compile_with_adam(network, learning_rate, NegativeLogLikelihood(network.get_layer("distribution").family))
