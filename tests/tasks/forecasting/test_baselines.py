"""baselines.py: by hand, by another implementation, and what a test at 90 % lets through."""

import doctest

import numpy as np
import pytest

from lstm_zoo.tasks.forecasting import baselines

NAN = float("nan")


def test_the_examples_are_true():
    result = doctest.testmod(baselines)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: baselines.naive([], 1), r"Received the shape: \(0,\)"),
        (lambda: baselines.naive([1.0], 0), "horizon is a whole number from 1. Received: 0"),
        (
            lambda: baselines.seasonal_naive([1.0], 1, 2),
            r"a season of 2 values is expected. Received the shape: \(1,\)",
        ),
        (lambda: baselines.seasonal_naive([1.0], 1, 1.5), "season is a whole number from 1. Received: 1.5"),
        (lambda: baselines.naive2([1.0, NAN], 1, 1), r"Received: 1 NaN in \(2,\)"),
        (lambda: baselines.naive2([[1.0, 2.0]], 1, 1), r"Received: 0 NaN in \(1, 2\)"),
        (lambda: baselines.nlinear_fit(np.ones((2, 3)), np.ones((3, 1))), r"windows \(2, 3\), targets \(3, 1\)"),
        (
            lambda: baselines.nlinear_fit(np.ones((2, 3)), np.ones((2, 1)), -1),
            "penalty is a number from 0. Received: -1",
        ),
        (lambda: baselines.nlinear_fit(np.full((2, 3), NAN), np.ones((2, 1))), r"without a gap .* \(2, 3\)"),
        (lambda: baselines.nlinear_predict(np.ones(2), np.ones((3, 1)), np.ones(1)), r"3 values .* shape: \(2,\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.filterwarnings("error")
def test_naive_forecasts_repeat_what_was_last_observed():
    history = [[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, NAN, NAN], [NAN] * 5]
    assert baselines.naive(history, 2)[:2].tolist() == [[5, 5], [3, 3]]
    assert baselines.seasonal_naive(history, 3, season=2)[:2].tolist() == [[4, 5, 4], [2, 3, 2]]
    assert np.isnan(baselines.seasonal_naive(history, 3, season=2)[2]).all()
    assert baselines.seasonal_naive(history[0], 7, season=5).tolist() == [1, 2, 3, 4, 5, 1, 2]


@pytest.mark.parametrize("season", [4, 5])
@pytest.mark.parametrize("extra", [0, 2])
def test_naive2_goes_on_with_level_times_season(season, extra):
    indices = np.linspace(0.5, 1.5, season)  # of mean 1
    times = np.arange(12 * season + extra)
    expected = 30 * indices[np.arange(len(times), len(times) + 7) % season]
    np.testing.assert_allclose(baselines.naive2(30 * indices[times % season], 7, season), expected)


def test_naive2_is_naive_without_a_season():
    noise = np.random.default_rng(2).uniform(1, 2, 200)
    wave = np.tile([1.0, 2.0, 3.0, 2.0], 50)
    assert baselines.is_seasonal(wave, 4)
    for history, season in ((noise, 4), (wave - 2, 4), (np.ones(50), 4), (wave, 1), (wave[:11], 4)):
        assert baselines.naive2(history, 3, season).tolist() == [history[-1]] * 3
    assert not baselines.is_seasonal(np.tile(np.arange(1.0, 25), 4), 24)  # R's acf of 96 values ends at lag 19


def test_a_tenth_of_noise_looks_seasonal():
    seasonal = [baselines.is_seasonal(np.random.default_rng(seed).uniform(1, 2, 200), 4) for seed in range(500)]
    assert 0.06 < np.mean(seasonal) < 0.14  # a test at 90 %


def test_nlinear_is_the_ridge_regression_of_scikit_learn(monkeypatch):
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    windows, targets = random.normal(size=(40, 3, 6)), random.normal(size=(40, 3, 2))
    windows[5, 1, 2] = targets[6, 2, 0] = NAN  # these two are left out
    monkeypatch.setattr(baselines, "BLOCK", 7 * 3 * 6)  # several blocks, the last one short
    kernel, bias = baselines.nlinear_fit(windows, targets, penalty=3.0)
    known = ~(np.isnan(windows).any(-1) | np.isnan(targets).any(-1))
    last = windows[known][:, -1:]
    ridge = Ridge(alpha=3.0)
    ridge.fit(windows[known] - last, targets[known] - last)
    np.testing.assert_allclose(kernel, ridge.coef_.T, atol=1e-10)
    np.testing.assert_allclose(bias, ridge.intercept_, atol=1e-10)
    forecast = baselines.nlinear_predict(windows, kernel, bias)
    np.testing.assert_allclose(forecast[known], ridge.predict(windows[known] - last) + last, atol=1e-10)
    assert np.isnan(forecast[5, 1]).all()


def test_nlinear_follows_shift_and_survives_a_constant_series():
    series = np.sin(np.arange(200.0)) + np.random.default_rng(0).normal(scale=0.1, size=200)
    windows = np.lib.stride_tricks.sliding_window_view(series, 12)
    fitted = baselines.nlinear_fit(windows[:, :8], windows[:, 8:])
    forecast = baselines.nlinear_predict(series[-8:], *fitted)
    np.testing.assert_allclose(baselines.nlinear_predict(series[-8:] + 1e4, *fitted), forecast + 1e4, rtol=1e-9)
    flat = baselines.nlinear_fit(np.full((9, 4), 2.0), np.full((9, 3), 2.0))
    np.testing.assert_allclose(baselines.nlinear_predict(np.full(4, 5.0), *flat), 5.0)
