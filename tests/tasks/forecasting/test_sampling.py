"""sampling.py: sample paths."""

import numpy as np
import pytest
from tasks.forecasting.series import train, wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import TASK, frames


def test_counts_are_forecast_as_counts(tmp_path):
    counts = np.random.default_rng(0).poisson(3 + 2 * np.sin(np.arange(60) * 2 * np.pi / 6), (4, 60))
    trained = train(tmp_path / "run", counts, "deepar", depth=1, distribution="negative_binomial")
    answer = lstm_zoo.predict(trained, counts)
    assert answer.min() >= 0
    np.testing.assert_allclose(answer[..., 1], np.round(answer[..., 1] * 10) / 10, atol=0.1)
    with pytest.raises(ValueError, match="forecasts counts; the series '0' has a value below 0"):
        lstm_zoo.predict(trained, -counts)
    with pytest.raises(ValueError, match="takes counts; the series '0' has a value below 0"):
        train(tmp_path / "other", -1.0 - counts, "deepar", distribution="negative_binomial")


def test_the_same_question_has_the_same_answer():
    preprocessing = TASK.adapt(frames.read(wave()[None]), lookback=12, horizon=6, distribution="student_t")
    network = lstm_zoo.build("forecasting/deepar", lookback=12, horizon=6, units=8, depth=1, seasons=(6,))
    pipeline = TASK.networks["deepar"].pipeline(network, preprocessing)
    np.testing.assert_array_equal(lstm_zoo.predict(pipeline, wave()), lstm_zoo.predict(pipeline, wave()))
