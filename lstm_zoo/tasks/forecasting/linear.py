"""NLinear inside a network: the cheap forecast that it adds to, solved in closed form instead of trained.

A linear map from the look-back to the horizon, both less the last value (Zeng et al. 2023,
https://arxiv.org/abs/2205.13504), by ridge regression: a mean of four, which read the whole look-back, its last half,
quarter and eighth. Validation windows decide how strong their penalties are, and their shares.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import scipy.linalg
from keras import ops

from lstm_zoo.contract import Preprocessing
from lstm_zoo.layers import registered
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.stacking import shares_of
from lstm_zoo.tasks.forecasting.windows import batches, num_apart

PENALTIES = (1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0)  # in units of the mean square of the values of the windows
LEAST_PENALTY = 1e-10
PARTS = (1, 2, 4, 8)  # of the look-back that the maps read
# Times as many windows as other shares need: months 10 to 12 of ETTh1 liked half a look-back of 336 steps best, which
# in months 13 to 16 was among the worst. The prior shares are as the squares of the steps.
PRIOR = 10
LEAST_LOOKBACK = 4  # steps
TRAINING_WINDOWS, VALIDATION_WINDOWS = 60_000, 2_048  # that decide, at most
BATCH_SIZE = 2_048  # windows, 12 MB of 720 steps


@registered
class Linear(keras.layers.Layer):
    """Scaled values (batch, lookback, any), their first feature, to forecasts (batch, horizon), relative to the last.

    Its weights, which `fit` does not train, are 0 before they are solved: then it repeats the last value.

    Args:
        horizon: steps to forecast.
    """

    def __init__(self, horizon, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.horizon = horizon

    def build(self, history_shape):
        shape = (history_shape[1], self.horizon)
        self.kernel = self.add_weight(shape, initializer="zeros", trainable=False, name="kernel")
        self.bias = self.add_weight((self.horizon,), initializer="zeros", trainable=False, name="bias")

    def call(self, history):
        values = history[..., 0]
        return ops.matmul(values - values[:, -1:], self.kernel) + self.bias + values[:, -1:]

    def compute_output_spec(self, history):
        return keras.KerasTensor((history.shape[0], self.horizon), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "horizon": self.horizon}


class Ridge(NamedTuple):
    """What was chosen, and what came of it."""

    parts: list[tuple[int, float, float]]
    """Of each map the steps that it reads, its penalty, see `PENALTIES`, and its share."""
    kernel: np.ndarray
    """float64 (lookback, horizon)."""
    bias: np.ndarray
    """float64 (horizon,)."""


def choose(training: Sequence[Series], validating: Sequence[Series], preprocessing: Preprocessing) -> Ridge | None:
    """The linear map with the least absolute error on validation windows; None where no window is without a gap."""
    sums = _sums(training, preprocessing)
    if sums is None:
        return None
    lookback = preprocessing["lookback"]
    parts = zip(*_windows(validating, preprocessing, VALIDATION_WINDOWS))
    values, targets, weights = (np.concatenate(part) for part in parts)
    maps, errors = [], []
    for steps in dict.fromkeys(max(lookback // part, min(LEAST_LOOKBACK, lookback)) for part in PARTS):
        tried = []
        for penalty in PENALTIES:
            kernel, bias = _solved(sums, lookback, steps, penalty)
            error = values @ kernel + bias - targets
            tried.append((np.abs(weights * error).sum(), penalty, error))
        _, penalty, error = min(tried, key=lambda each: each[0])
        maps.append((steps, penalty))
        errors.append(error.ravel())
    prior = np.square([steps for steps, _ in maps], dtype="float64")
    windows = num_apart(validating, preprocessing) / PRIOR
    shares = shares_of(np.stack(errors, -1), weights.ravel(), prior / prior.sum(), windows)
    return _mixed(sums, lookback, [(*each, float(share)) for each, share in zip(maps, shares)])


def solve(training: Sequence[Series], preprocessing: Preprocessing, chosen: Ridge) -> Ridge:
    """The same map, as it is on other series."""
    sums = _sums(training, preprocessing)
    return chosen if sums is None else _mixed(sums, preprocessing["lookback"], chosen.parts)


def _mixed(sums, lookback, parts):
    solved = [(share, *_solved(sums, lookback, steps, penalty)) for steps, penalty, share in parts]
    kernel, bias = (sum(share * each[place] for share, *each in solved) for place in (0, 1))
    return Ridge(parts, kernel, bias)


def initialize(network: keras.Model, preprocessing: Preprocessing) -> None:
    """Give a network the linear map that was solved, if it has one."""
    if preprocessing["ridge"] is not None:
        network.get_layer("linear").set_weights([preprocessing["ridge"].kernel, preprocessing["ridge"].bias])


def refit(
    network: keras.Model, preprocessing: Preprocessing, series: Sequence[Series]
) -> tuple[keras.Model, Preprocessing]:
    """The same network with a linear map that has learnt from all series to their ends."""
    if preprocessing["ridge"] is not None:
        whole = [item._replace(first=0) for item in series if item.first]  # of each series the longer one
        preprocessing = {**preprocessing, "ridge": solve(whole, preprocessing, preprocessing["ridge"])}
        initialize(network, preprocessing)
    return network, preprocessing


def _sums(training, preprocessing):
    """Of all windows with all targets the sums of [x, 1]'[x, 1, y], weighed as the loss weighs them; None: of none."""
    sums = 0.0
    for values, targets, weights in _windows(training, preprocessing, TRAINING_WINDOWS):
        whole = (weights > 0).all(1)
        both = np.concatenate([values[whole], targets[whole]], 1)
        lookback = values.shape[1]
        both[:, lookback - 1] = 1  # the last value less itself is always 0, so that its column is free for the constant
        both *= weights[whole, :1]
        sums = sums + both[:, :lookback].T @ both
    return sums if np.any(sums) else None


def _solved(sums, lookback, steps, penalty):
    """Kernel (lookback, horizon) and bias (horizon,) of the map that reads the last steps alone."""
    gram, moments = sums[lookback - steps :, lookback - steps : lookback], sums[lookback - steps :, lookback:]
    ridge = np.full(steps, penalty * np.diag(gram)[:-1].mean() if steps > 1 else 0.0)
    ridge[-1] = 0  # the constant is free
    least = LEAST_PENALTY * np.diag(gram).max()  # of constant series too the sums can be solved
    solution = scipy.linalg.solve(gram + np.diag(ridge + least), moments, assume_a="pos")
    kernel = np.zeros((lookback, moments.shape[1]))
    kernel[lookback - steps : -1] = solution[:-1]
    return kernel, solution[-1]


def _windows(series, preprocessing, limit):
    """Batches of scaled values less the last (windows, lookback), targets and weights (windows, horizon), float64."""
    for inputs, answers in batches(series, preprocessing, BATCH_SIZE, limit=limit):
        values, answers = inputs["history"][..., 0].numpy().astype("float64"), answers.numpy().astype("float64")
        yield values - values[:, -1:], answers[..., 0] - values[:, -1:], answers[..., 1]
