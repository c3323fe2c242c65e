"""seasonal.py: the naive forecasts that networks start from."""

import numpy as np

from lstm_zoo.tasks.forecasting.seasonal import Seasonal


def test_naive_forecasts():
    values = np.arange(8, dtype="float32")[None, :, None]
    bases, differences, scale = Seasonal(horizon=3, seasons=(2, 4))(values)
    last, short, long, changed, shifted = np.moveaxis(np.array(bases[0]), -1, 0)
    assert last.tolist() == [7, 7, 7]
    assert short.tolist() == [6, 7, 6]
    assert long.tolist() == [4, 5, 6]
    assert changed.tolist() == [8, 9, 10]  # the short season, plus how it changed a long one ago
    assert shifted.tolist() == [8, 9, 10]  # the long season, at today's level
    assert differences[0].numpy().tolist() == [0, 0, 2, 2, 2, 2, 2, 2]
    assert scale[0, 0] == 2
