"""What every training of scripts/gpu_training.py is made of: networks of the zoo, and steps in JAX."""

import functools
import importlib.util
import pathlib
import sys
import time
import types

import jax
import jax.numpy as jnp
import numpy as np

WARMUP, LAST_RATE = 100, 0.02  # as those of lstm_zoo.training, which needs TensorFlow
BEGAN = time.time()
MACHINE = jax.devices()[0].device_kind


def networks_of(name):
    """The module `name` of the zoo, where TensorFlow is missing too.

    Modules of the same package import TensorFlow, and use it for what is not needed here.
    """
    missing = "tensorflow" not in sys.modules and importlib.util.find_spec("tensorflow") is None
    if missing:
        sys.modules["tensorflow"] = types.ModuleType("tensorflow")
    try:
        return importlib.import_module(f"lstm_zoo.{name}")
    finally:
        if missing:
            del sys.modules["tensorflow"]


sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # the zoo is not installed there
language, plays, sentiment, unfreezing = (
    networks_of(name)
    for name in (
        "text_generation.awd.networks",
        "text_generation.networks",
        "sentiment.awd.networks",
        "sentiment.awd.unfreezing",
    )
)


def say(*words):
    """Print, after the seconds since the start."""
    print(f"[{time.time() - BEGAN:6.1f} s]", *words, flush=True)


def schedule(peak, steps):
    """Learning rate of each step: a linear warm-up, then a cosine down to `LAST_RATE` of the peak."""
    warmup, step = min(WARMUP, steps // 10), np.arange(steps)
    share = (step - warmup) / max(1, steps - warmup)
    cosine = LAST_RATE + (1 - LAST_RATE) * (1 + np.cos(np.pi * share)) / 2
    return (peak * np.where(step < warmup, step / max(1, warmup), cosine)).astype("float32")


def values(variables):
    """Copies of what Keras variables hold: a step gives its own away."""
    return [jnp.array(variable.value) for variable in variables]


class Training:
    """Steps of an optimizer on variables of Keras, compiled once for every shape of the data.

    Args:
        trainable, other: the variables.
        optimizer: of Keras; its learning rate is given with each step.
        gradients: function of the values of both, and of data, that gives loss, gradients, the new values of the other
            ones, and whatever else.
    """

    def __init__(self, trainable, other, optimizer, gradients):
        self.trainable, self.other = trainable, other
        optimizer.build(trainable)
        self.fresh = [np.asarray(variable.value) for variable in optimizer.variables]
        place = [variable.name for variable in optimizer.variables].index("learning_rate")

        @functools.partial(jax.jit, donate_argnums=0)
        def run(state, rate, *data):
            trainable, other, moments = state
            loss, changes, other, more = gradients(trainable, other, *data)
            moments = [*moments[:place], rate, *moments[place + 1 :]]
            trainable, moments = optimizer.stateless_apply(moments, changes, trainable)
            return (trainable, other, moments), loss, more

        self.run = run

    def begin(self):
        """Begin from the values that the variables have, as if no step had been taken."""
        self.state = values(self.trainable), values(self.other), [jnp.array(value) for value in self.fresh]

    def step(self, rate, *data):
        """Take a step. Returns the loss, and whatever else the gradients gave."""
        self.state, loss, more = self.run(self.state, rate, *data)
        return loss, more

    def end(self):
        """Give the variables the values of now, and go on."""
        for variables, now in zip((self.trainable, self.other), self.state):
            for variable, value in zip(variables, now):
                variable.assign(jnp.array(value))
