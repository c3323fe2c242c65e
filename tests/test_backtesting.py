"""backtesting.py: forecasts from earlier points of the past."""

import json

import numpy as np
import pandas as pd
import pytest
import tiny
from tasks.forecasting.series import HOURS, frame, train, wave

import lstm_zoo
from lstm_zoo import backtesting
from lstm_zoo.weights import archive


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


def test_a_file_of_other_columns_in_a_time_zone(pipeline, tmp_path):
    local = HOURS.tz_localize("Europe/Berlin") + pd.Timedelta(days=86)  # clocks change on the 29th of March
    table = pd.DataFrame({"meter": "007", "time": local, "load": np.arange(60.0), "wind": 1.0})
    table.to_csv(tmp_path / "load.csv", sep=";", index=False)
    columns = {"unique_id": "meter", "ds": "time", "y": "load"}
    with pytest.warns(UserWarning, match="left out: wind|time zone Europe/Berlin"):
        metrics = lstm_zoo.backtest(
            pipeline,
            tmp_path / "load.csv",
            columns=columns,
            delimiter=";",
            windows=2,
            output=tmp_path / "forecasts.csv",
        )
    assert metrics == lstm_zoo.backtest(pipeline, table.drop(columns="wind"), columns=columns, windows=2)
    written = pd.read_csv(tmp_path / "forecasts.csv", dtype=str)
    assert set(written["unique_id"]) == {"007"}
    assert written["ds"].tolist() == [str(time) for time in local[-12:]]
    assert written["cutoff"].iloc[0] == str(local[-13])


def test_a_baseline_that_has_nothing_to_learn_from_is_left_out(pipeline):
    metrics = lstm_zoo.backtest(pipeline, frame(steps=18), windows=3)
    assert metrics["baselines"].keys() == {"naive", "seasonal naive"}


def test_seasons_longer_than_what_baselines_read(pipeline):
    times = pd.date_range("2026-01-01", periods=900, freq="2min")  # a day of 720 steps
    metrics = lstm_zoo.backtest(pipeline, pd.DataFrame({"ds": times, "y": np.arange(900) % 720}), windows=1)
    assert metrics["baselines"]["seasonal naive"]["smape"] == 0


def test_backtest_refuses(pipeline):
    with pytest.raises(ValueError, match="A forecasting pipeline is expected. Received: sentiment-bilstm"):
        lstm_zoo.backtest(tiny.pipeline_for("sentiment/bilstm"), frame())
    with pytest.raises(ValueError, match="data is expected: a table or arrays"):
        lstm_zoo.backtest(pipeline)
    with pytest.raises(ValueError, match="windows is a whole number of at least 1. Received: 0"):
        lstm_zoo.backtest(pipeline, frame(), windows=0)
    with pytest.raises(ValueError, match="No series is longer than the horizon"):
        lstm_zoo.backtest(pipeline, np.ones((1, 4)))


def test_series_that_are_too_short_for_all_windows_are_said(pipeline):
    with pytest.warns(UserWarning, match="Not every series is long enough for 20 windows: the shortest has 9"):
        lstm_zoo.backtest(pipeline, frame(), windows=20)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small pipeline that `train` returned."""
    return train(tmp_path_factory.mktemp("trained") / "run", frame())


def test_refit_forecasts_each_window_by_what_is_trained_before_it(trained, tmp_path):
    options = {"epochs": 1, "batch_size": 16, "learning_rate": 0.01}
    metrics = lstm_zoo.backtest(trained, frame(), windows=2, refit=options, output=tmp_path / "forecasts.csv")
    assert metrics.keys() == {"mse", "mae", "mase", "weighted_quantile_loss", "crps", "coverage", "baselines"}
    table = pd.read_csv(tmp_path / "forecasts.csv", parse_dates=["cutoff"])
    for steps in (48, 54):
        past = frame().groupby("unique_id").head(steps)
        answer = lstm_zoo.predict(train(tmp_path / str(steps), past), past)
        mine = table[table["cutoff"] == HOURS[steps - 1]]
        np.testing.assert_allclose(mine["mean"], answer["mean"], rtol=1e-5)


def test_refit_shows_training_nothing_from_a_cutoff_on(trained, monkeypatch):
    seen = []

    def spy(data, folder, **options):
        seen.append((data, options))
        return trained

    monkeypatch.setattr(backtesting, "train", spy)
    late = frame().iloc[:-3]  # series b ends three hours before a: its windows begin at other times
    lstm_zoo.backtest(trained, late, windows=2, refit=True)
    assert [[len(item.y) for item in data] for data, _ in seen] == [[45, 45], [48, 48], [51, 51], [54, 54]]
    assert seen[0][1]["name"] == "forecasting/seq2seq"
    assert seen[0][1].items() >= {"lookback": 12, "horizon": 6, "units": 8, "verbose": False}.items()
    seen.clear()
    lstm_zoo.backtest(trained, {"a": wave(30), "b": wave(60)}, windows=1, refit=True)
    assert [[len(item.y) for item in data] for data, _ in seen] == [[24, 24], [30, 54]]


def test_refit_reads_the_covariates_of_the_pipeline(tmp_path):
    data = frame(price=np.arange(120.0))
    pipeline = train(tmp_path / "run", data, covariates=["price"])
    assert "owa" in lstm_zoo.backtest(pipeline, data, windows=1, refit={"epochs": 1, "batch_size": 16})


def test_refit_refuses(pipeline, trained):
    with pytest.raises(ValueError, match="forecasting-seq2seq has none: it was neither trained by train nor loaded"):
        lstm_zoo.backtest(pipeline, frame(), refit=True)
    with pytest.raises(ValueError, match="refit is True, False or a dict of options of train. Received: 3"):
        lstm_zoo.backtest(trained, frame(), refit=3)
    with pytest.raises(ValueError, match=r"cannot train on what lies before 2026-01-01 10:00:00: No validation split"):
        lstm_zoo.backtest(trained, frame(steps=16), windows=1, refit=True)


def test_refit_on_the_command_line(trained, tmp_path, monkeypatch, call):
    frame().to_csv(tmp_path / "data.csv", index=False)
    archive.write(trained, tmp_path / "pipeline.keras")
    monkeypatch.setattr(backtesting, "train", lambda **_: trained)
    words = ["backtest", tmp_path / "pipeline.keras", "--data", tmp_path / "data.csv", "--windows", "2", "--json"]
    assert json.loads(call(*words, "--refit")) == json.loads(call(*words))
