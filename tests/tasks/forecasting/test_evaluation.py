"""evaluation.py: metrics of windows, and of the baselines on them."""

import numpy as np
import pytest
from tasks.forecasting.series import wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import evaluation, frames, windows


def test_one_window_a_series_is_scored_like_m4():
    series = [item._replace(first=54, season=6) for item in frames.read({"a": wave(), "b": 3 * wave(level=5)})]
    rows = windows.origins(series, 12, 6)
    references = np.stack([item.y[54:] for item in series])
    metrics = evaluation.window_metrics(series, rows, references + 0.5)
    smape = np.mean(200 * 0.5 / (np.abs(references) + np.abs(references + 0.5)))
    assert list(metrics) == ["owa", "smape", "mase"]
    assert metrics["smape"] == pytest.approx(smape, abs=1e-4)


def test_a_perfect_forecast_scores_zero():
    series = [frames.read(wave()[None])[0]._replace(first=40, season=5)]
    rows = windows.origins(series, 12, 6)
    references = np.stack([wave()[step : step + 6] for _, step in rows])
    metrics = evaluation.window_metrics(series, rows, np.repeat(references[..., None], 10, -1))
    assert list(metrics) == ["mse", "mae", "mase", "weighted_quantile_loss", "crps", "coverage"]
    assert metrics == {**dict.fromkeys(metrics, 0.0), "coverage": 1.0}


def test_evaluate_has_three_baselines(pipeline):
    data = np.stack([wave(level=level) for level in (2, 20)])
    metrics = lstm_zoo.evaluate(pipeline, data, training=data[:, :54])
    assert metrics["baselines"].keys() == {"naive", "seasonal naive", "NLinear"}
    assert metrics["baselines"]["NLinear"]["owa"] < 0.1  # a wave is linear
    assert "baselines" not in lstm_zoo.evaluate(pipeline, data)
