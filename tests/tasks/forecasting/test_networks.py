"""networks.py: what the networks start from, and sizes that they refuse."""

import numpy as np
import pytest
from tasks.forecasting.series import wave

import lstm_zoo
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN, QUANTILES


@pytest.mark.parametrize("network", ["segment", "seq2seq"])
def test_seasons_start_from_a_seasonal_forecast(network):
    own = {"segment": 6} if network == "segment" else {}
    built = lstm_zoo.build(f"forecasting/{network}", lookback=24, horizon=6, units=4, seasons=(6,), **own)
    head = built.get_layer("head")
    head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
    kernel, bias = head.get_weights()
    per_step = len(QUANTILES) + 3  # the last value, the season, the linear map
    bias.reshape(-1, per_step)[:, -2] = 50.0  # all the weight on the season
    head.set_weights([kernel, bias])
    history = np.stack([wave(24), np.ones(24)], -1)[None].astype("float32")
    np.testing.assert_allclose(built({"history": history})[0, :, 1 + MEDIAN], wave(30)[24:], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "sizes", "message"),
    [
        ("segment", {"lookback": 50, "segment": 12}, "lookback is a multiple of segment. Received: lookback=50"),
        ("segment", {"lookback": 48, "horizon": 7, "segment": 12}, "horizon is a multiple of segment"),
        ("seq2seq", {"seasons": (168, 24)}, "the short one first"),
        ("seq2seq", {"seasons": (24, 168), "lookback": 100}, "fit into lookback together"),
        ("seq2seq", {"depth": 0}, "depth is at least 1. Received: 0"),
        (
            "deepar",
            {"distribution": "cauchy"},
            "distribution is one of gaussian, student_t, negative_binomial. Received: 'cauchy'",
        ),
    ],
)
def test_sizes_that_do_not_fit(name, sizes, message):
    with pytest.raises(ValueError, match=message):
        lstm_zoo.build(f"forecasting/{name}", **sizes)
