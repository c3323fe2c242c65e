"""linear.py: NLinear inside a network."""

import numpy as np
import pytest
from tasks.forecasting.series import train, wave

from lstm_zoo import networks
from lstm_zoo.tasks.forecasting import TASK, baselines, frames, linear


def test_a_rule_of_the_past_is_found():
    y = np.random.default_rng(0).normal(size=400)
    for step in range(4, 400):
        y[step] = 5 + 0.9 * y[step - 4] + 0.1 * y[step]
    series = frames.read(y[None])
    preprocessing = TASK.adapt(series, 8, 1)
    layer = linear.Linear(1)
    layer.build((None, 8, 2))
    layer.set_weights([preprocessing["ridge"].kernel, preprocessing["ridge"].bias])
    for inputs, targets in TASK.batches(series, preprocessing, 512):
        errors = targets[..., 0] - layer(inputs["history"])
        naive = targets[..., 0]  # less the last value
        assert np.abs(errors).mean() < 0.5 * np.abs(naive).mean()


def test_it_is_the_ridge_regression_of_the_baselines():
    y = wave(80) + np.random.default_rng(0).normal(0, 0.3, 80)
    series = frames.read(y[None])
    preprocessing = TASK.adapt(series, lookback=8, horizon=2)
    sums = linear._sums(series, preprocessing)
    kernel, bias = linear._solved(sums, 8, 8, 0.0)
    windows = np.lib.stride_tricks.sliding_window_view(y, 10)
    # every window weighs as in the loss: scale and error scale
    past, weights = [], []
    for values, _, weight in linear._windows(series, preprocessing, None):
        past.append(values)
        weights.append(weight[:, :1])
    scale = (windows[:, :8] - windows[:, 7:8])[:, :1] / np.concatenate(past)[:, :1]
    theirs = baselines.nlinear_predict(windows[:, :8], *baselines.nlinear_fit(windows[:, :8], windows[:, 8:]))
    ours = (np.concatenate(past) @ kernel + bias) * scale + windows[:, 7:8]
    assert np.abs(ours - theirs).mean() < 0.1 * np.abs(theirs - windows[:, 8:]).mean()


@pytest.mark.parametrize("y", [np.ones(60), np.where(np.arange(60) % 3, np.nan, wave())])
def test_series_without_a_whole_window_or_without_change_repeat_the_last_value(y, tmp_path):
    pipeline = train(tmp_path / "run", np.stack([y, wave() * 0 + 2]))
    kernel, _ = networks.network_of(pipeline).get_layer("linear").get_weights()
    np.testing.assert_array_equal(kernel, 0)


def test_a_users_own_data_are_learnt_to_their_ends(tmp_path):
    y = wave(120) + np.random.default_rng(0).normal(0, 0.1, 120)
    changed = y.copy()
    changed[-3:] += 1  # within the last validation window
    kernels = [
        networks.network_of(train(tmp_path / str(number), rows[None])).get_layer("linear").get_weights()[0]
        for number, rows in enumerate((y, changed))
    ]
    assert np.abs(kernels[0] - kernels[1]).max() > 0
