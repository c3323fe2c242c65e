"""backtesting.py: forecasts from earlier points of the past."""

import numpy as np
import pandas as pd
import pytest
import tiny
from tasks.forecasting.series import HOURS, frame

import lstm_zoo


@pytest.fixture(scope="module")
def pipeline():
    """A small pipeline with the weights it starts from."""
    return tiny.pipeline_for("forecasting/seq2seq")


def test_backtest(pipeline, tmp_path):
    metrics = lstm_zoo.backtest(pipeline, frame(), windows=3, output=tmp_path / "forecasts.csv")
    assert next(iter(metrics)) == "mse"
    assert metrics["baselines"].keys() == {"naive", "seasonal naive", "NLinear"}
    table = pd.read_csv(tmp_path / "forecasts.csv", parse_dates=["cutoff", "ds"])
    assert len(table) == 2 * 3 * 6
    assert (
        table.groupby(["unique_id", "cutoff"])["ds"].min() > table.groupby(["unique_id", "cutoff"])["cutoff"].max()
    ).all()
    merged = table.merge(frame(), on=["unique_id", "ds"], suffixes=("", "_true"))
    np.testing.assert_allclose(merged["y"], merged["y_true"])
    last = lstm_zoo.predict(pipeline, frame().groupby("unique_id").head(54))
    np.testing.assert_allclose(table[table["cutoff"] == HOURS[53]]["mean"], last["mean"], rtol=1e-6)
    with pytest.raises(FileExistsError, match="exists already"):
        lstm_zoo.backtest(pipeline, frame(), output=tmp_path / "forecasts.csv")


def test_backtest_refuses(pipeline):
    with pytest.raises(ValueError, match="A forecasting pipeline is expected. Received: sentiment-bilstm"):
        lstm_zoo.backtest(tiny.pipeline_for("sentiment/bilstm"), frame())
    with pytest.raises(ValueError, match="windows is a whole number of at least 1. Received: 0"):
        lstm_zoo.backtest(pipeline, frame(), windows=0)
    with pytest.raises(ValueError, match="No series is longer than the horizon"):
        lstm_zoo.backtest(pipeline, np.ones((1, 4)))
