"""quantiles.py: forecasts that are ordered."""

import keras
import numpy as np

from lstm_zoo.tasks.forecasting.quantiles import QUANTILES, Quantiles


def test_quantiles_cannot_cross():
    raw = keras.random.normal((50, 4, len(QUANTILES) + 2), stddev=10.0, seed=0)
    answer = Quantiles()(raw, keras.random.normal((50, 4, 2), seed=1), keras.ops.ones((50, 1))).numpy()
    assert np.all(np.diff(answer[..., 1:], axis=-1) >= 0)
