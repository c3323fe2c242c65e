"""metrics.py: by hand, by an independent formula, and by published figures."""

import doctest
import math

import numpy as np
import pytest

from lstm_zoo.datasets import load
from lstm_zoo.tasks.forecasting import baselines, metrics

NAN = float("nan")


def test_the_examples_are_true():
    result = doctest.testmod(metrics)
    assert result.attempted
    assert not result.failed


def test_point_metrics_by_hand():
    y, forecast = [[1.0, -2.0], [NAN, 4.0]], [[2.0, 2.0], [9.0, 4.0]]
    assert metrics.mse(y, forecast) == pytest.approx(17 / 3)
    assert metrics.mae(y, forecast) == pytest.approx(5 / 3)
    assert metrics.smape(y, forecast) == pytest.approx((200 / 3 + 200 + 0) / 3)
    assert metrics.smape([0.0, 0.0], [0.0, 1.0]) == 100
    assert metrics.owa(10, 1, 20, 4) == pytest.approx((0.5 + 0.25) / 2)


def test_mase_scales_each_series_by_its_own_history():
    y, forecast = [[7.0, 8.0], [1.0, 2.0]], [[5.0, 6.0], [1.0, 12.0]]
    history = [[1.0, 2.0, 5.0, 4.0], [NAN, 0.0, 9.0, 5.0]]  # season 2: scales (4 + 2) / 2, and 5 of the one known step
    assert metrics.mase(y, forecast, history, season=2) == pytest.approx((2 / 3 + 2 / 3 + 0 + 2) / 4)
    assert metrics.mase(y[0], forecast[0], history[0], season=2) == pytest.approx(2 / 3)
    constant = [[1.0, 2.0, 5.0, 4.0], [3.0, 3.0, 3.0, 3.0]]
    assert metrics.mase(y, forecast, constant, season=2) == pytest.approx(2 / 3)


def test_quantile_metrics_by_hand():
    y, quantiles, levels = [10.0, NAN, -2.0], [[8.0, 11.0], [0.0, 0.0], [-1.0, 1.0]], [0.1, 0.9]
    pinball = [[0.2, 0.1], [0.9, 0.3]]
    assert metrics.quantile_loss(y, quantiles, levels) == pytest.approx(np.mean(pinball))
    assert metrics.crps_from_quantiles(y, quantiles, levels) == pytest.approx(2 * np.mean(pinball))
    by_level = 2 * np.sum(pinball, 0) / (10 + 2)
    assert metrics.weighted_quantile_loss(y, quantiles, levels) == pytest.approx(by_level.mean())
    assert metrics.coverage([1.0, 2.0, NAN, 4.0], [1.0, 0.0, 0.0, 5.0], [2.0, 1.0, 9.0, 6.0]) == pytest.approx(1 / 3)


def test_crps_of_samples_is_the_integral_of_the_squared_step():
    random = np.random.default_rng(0)
    y, samples = random.normal(size=(3, 2)), random.normal(size=(3, 2, 5)).round(1)  # rounded: some are equal
    grid = np.linspace(-8, 8, 160_001)
    steps = (samples[..., np.newaxis] <= grid).mean(-2) - (y[..., np.newaxis] <= grid)
    assert metrics.crps_from_samples(y, samples) == pytest.approx((steps**2).sum(-1).mean() * 1e-4, abs=1e-3)
    pairs = np.abs(samples[..., :, np.newaxis] - samples[..., np.newaxis, :]).mean((-1, -2))
    direct = np.abs(samples - y[..., np.newaxis]).mean(-1) - pairs / 2
    assert metrics.crps_from_samples(y, samples) == pytest.approx(direct.mean(), rel=1e-12)


def test_both_crps_agree_with_that_of_a_normal_distribution():
    samples = np.random.default_rng(0).normal(size=200_000)
    # Gneiting & Raftery 2007, equation 21, at y = 1
    density, share = math.exp(-0.5) / math.sqrt(2 * math.pi), (1 + math.erf(1 / math.sqrt(2))) / 2
    expected = (2 * share - 1) + 2 * density - 1 / math.sqrt(math.pi)
    levels = (np.arange(999) + 0.5) / 999
    assert metrics.crps_from_samples(1.0, samples) == pytest.approx(expected, abs=0.005)
    quantiles = np.quantile(samples, levels)
    assert metrics.crps_from_quantiles(1.0, quantiles, levels) == pytest.approx(expected, abs=0.005)


@pytest.mark.filterwarnings("error")
def test_nothing_known_is_nan_and_a_gap_in_the_forecast_shows():
    unknown, some = [NAN, NAN], [1.0, 2.0]
    assert math.isnan(metrics.mse(unknown, some))
    assert math.isnan(metrics.mase(some, some, [3.0, 3.0], season=1))
    assert math.isnan(metrics.weighted_quantile_loss([0.0], [[1.0]], [0.5]))
    assert math.isnan(metrics.coverage(unknown, some, some))
    for value in (
        metrics.smape(some, unknown),
        metrics.coverage(some, some, unknown),
        metrics.quantile_loss(some, [[NAN], [1.0]], [0.5]),
        metrics.crps_from_samples(some, [[1.0, NAN], [1.0, 2.0]]),
    ):
        assert math.isnan(value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.mse([1.0], [1.0, 2.0]), r"Received: \(1,\) and \(2,\)"),
        (lambda: metrics.smape(1.0, [1.0]), r"Received: \(\) and \(1,\)"),
        (lambda: metrics.coverage([1.0], [1.0], [1.0, 2.0]), r"Received: \(1,\) and \(2,\)"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], season=2), "from 1 to 1, of 2 values. Received: 2"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], season=0), "Received: 0"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], season=1.0), "Received: 1.0"),
        (lambda: metrics.mase([1.0], [1.0], [[1.0, 2.0]], season=1), r"y \(1,\), history \(1, 2\)"),
        (lambda: metrics.quantile_loss([1.0], [[1.0, 2.0]], [0.5]), r"here \(1, 1\). Received: \(1, 2\)"),
        (lambda: metrics.quantile_loss([1.0], [[1.0]], [1.0]), r"between 0 and 1. Received: \[1.0\]"),
        (lambda: metrics.weighted_quantile_loss([1.0], [[]], []), r"Received: \[\]"),
        (lambda: metrics.crps_from_samples([1.0], [[]]), r"y \(1,\), samples \(1, 0\)"),
        (lambda: metrics.crps_from_samples([1.0], [1.0]), r"y \(1,\), samples \(1,\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_published_figures_of_m4_hourly(prepared):
    prepared("m4/hourly")
    series = load("m4/hourly")
    y, histories = np.stack([item["future"] for item in series]), [item["y"] for item in series]
    padded = np.stack([np.pad(y, (960 - len(y), 0), constant_values=NAN) for y in histories])

    def scores(forecast):
        return metrics.smape(y, forecast), metrics.mase(y, forecast, padded, season=24)

    naive2 = scores(np.stack([baselines.naive2(history, 48, 24) for history in histories]))
    seasonal = scores(baselines.seasonal_naive(padded, 48, 24))
    # Makridakis et al. 2020, and the competition's own table of results
    assert naive2 == pytest.approx((18.383, 2.395), abs=5e-4)
    assert seasonal == pytest.approx((13.912, 1.193), abs=5e-4)
    assert scores(baselines.naive(padded, 48)) == pytest.approx((43.003, 11.608), abs=5e-4)
    # published as 0.627; the unrounded figures give 0.6275
    assert metrics.owa(*seasonal, *naive2) == pytest.approx(0.6275, abs=5e-5)


def test_published_figures_of_etth1(prepared):
    prepared("ett/h1")
    month, look_back, horizon = 30 * 24, 336, 96
    values = np.stack([channel["y"] for channel in load("ett/h1")], -1)
    values = (values - values[: 12 * month].mean(0)) / values[: 12 * month].std(0)

    def windows(start, end):
        both = np.lib.stride_tricks.sliding_window_view(values[start:end], look_back + horizon, axis=0)
        return both[..., :look_back], both[..., look_back:]

    history, y = windows(16 * month - look_back, 20 * month)
    assert len(y) == 4 * month - horizon + 1
    # Zeng et al. 2023: repeating the last value, and NLinear trained by gradient descent
    last = baselines.naive(history, horizon)
    assert (metrics.mse(y, last), metrics.mae(y, last)) == pytest.approx((1.295, 0.713), abs=1e-3)
    linear = baselines.nlinear_predict(history, *baselines.nlinear_fit(*windows(0, 12 * month), penalty=1e3))
    assert (metrics.mse(y, linear), metrics.mae(y, linear)) == pytest.approx((0.374, 0.394), abs=5e-3)
