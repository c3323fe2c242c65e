"""scaling.py: raw units in, raw units out."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tasks.forecasting.series import wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import scaling


def test_last_steps():
    cut = scaling.LastSteps(3, fill=-1.0)
    np.testing.assert_array_equal(cut(tf.constant([[1.0, 2, 3, 4]])), [[2, 3, 4]])
    np.testing.assert_array_equal(cut(tf.constant([[1.0]])), [[-1, -1, 1]])
    np.testing.assert_array_equal(cut(tf.zeros((1, 0))), [[-1, -1, -1]])


def test_scale_and_back():
    window = np.array([[np.nan, 4.0, np.nan, np.nan, 8.0, np.nan]])
    scaled, location, scale = scaling.Scale()(tf.constant(window))
    assert location[0, 0] == 8
    assert scale[0, 0] == 4
    np.testing.assert_array_equal(scaled[0, :, 0], [0, -1, -1, -1, 0, 0])
    np.testing.assert_array_equal(scaled[0, :, 1], [0, 1, 0, 0, 1, 0])
    np.testing.assert_array_equal(scaling.Unscale()(scaled, location, scale)[0, 1:5, 0], [4, 4, 4, 8])


def test_a_smooth_window_has_the_scale_of_its_spread():
    ramp = np.arange(1000.0)
    _, _, scale = scaling.Scale()(tf.constant(ramp[None]))
    assert scale[0, 0].numpy() == pytest.approx(0.1 * ramp.std())


def test_counts_are_not_shifted():
    _, location, scale = scaling.Scale(centre=False)(tf.constant([[2.0, 4.0]], "float64"))
    assert (location[0, 0], scale[0, 0]) == (0, 4)


def test_a_forecast_moves_with_its_series(pipeline):
    rows = np.random.default_rng(0).normal(size=(4, 40)).cumsum(1)
    np.testing.assert_allclose(
        lstm_zoo.predict(pipeline, 1000 * rows + 5), 1000 * lstm_zoo.predict(pipeline, rows) + 5, rtol=1e-3
    )


def test_small_changes_at_a_high_level_are_seen(pipeline):
    near = lstm_zoo.predict(pipeline, wave()[None])
    far = lstm_zoo.predict(pipeline, wave()[None] + 1e9)
    np.testing.assert_allclose(far - 1e9, near, atol=1e-4)


def test_a_constant_series_stays_where_it_is(pipeline):
    np.testing.assert_array_equal(lstm_zoo.predict(pipeline, np.full((1, 30), 0.1)), 0.1)


def test_calendar_is_that_of_the_clock():
    noon = pd.Timestamp("2026-11-23 12:00").value // 10**9
    day_sine, day_cosine, *_ = scaling.Calendar()(tf.constant([[noon]]))[0, 0].numpy()
    assert day_sine == pytest.approx(0, abs=1e-6)
    assert day_cosine == pytest.approx(-1)
