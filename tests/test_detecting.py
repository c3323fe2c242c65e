"""detecting.py: unusual values of a user's series."""

import json

import numpy as np
import pandas as pd
import pytest
import tiny
from tasks.forecasting import naive
from tasks.forecasting.series import HOURS, frame, train

import lstm_zoo

CALIBRATION = np.arange(1, 100) / 20


@pytest.fixture(scope="module")
def pipeline():
    """Naive forecasts, with 99 calibration scores up to 4.95."""
    return naive.pipeline(CALIBRATION)


def spiked():
    """The series a and b, of which a has a value far off."""
    data = frame()
    data.loc[30, "y"] = 50.0
    return data


def test_anomalies(pipeline, tmp_path):
    found = lstm_zoo.anomalies(pipeline, spiked(), output=tmp_path / "steps.csv", figure=tmp_path / "steps.png")
    assert list(found) == ["unique_id", "ds", "y", "median", "q0.1", "q0.9", "score", "p", "anomaly"]
    assert len(found) == 2 * 54
    unusual = found[found["anomaly"]]
    assert unusual["unique_id"].tolist() == ["a", "a"]
    assert unusual["ds"].tolist() == [HOURS[30], HOURS[31]]  # the way there, and the way back
    assert unusual["p"].tolist() == [0.01, 0.01]
    assert unusual["score"].iloc[0] > 4.95
    assert unusual["score"].iloc[1] < -4.95
    written = pd.read_csv(tmp_path / "steps.csv", parse_dates=["ds"])
    pd.testing.assert_frame_equal(written, found, check_dtype=False)
    assert (tmp_path / "steps.png").exists()
    for option in ({"output": tmp_path / "steps.csv"}, {"figure": tmp_path / "steps.png"}):
        with pytest.raises(FileExistsError, match="exists already"):
            lstm_zoo.anomalies(pipeline, spiked(), **option)


def test_what_train_returns_judges(tmp_path):
    data = spiked()
    data["y"] += np.random.default_rng(0).normal(scale=0.1, size=len(data))
    trained = train(tmp_path / "run", data[data["unique_id"] == "b"])
    found = lstm_zoo.anomalies(tmp_path / "run" / "pipeline.keras", data, alpha=0.2)
    pd.testing.assert_frame_equal(found, lstm_zoo.anomalies(trained, data, alpha=0.2))
    assert found.loc[found["score"].idxmax(), "ds"] == HOURS[30]
    assert found["p"].min() == 1 / 8  # 7 windows of a fifth of 60 steps
    with pytest.raises(ValueError, match="has 7 calibration scores, and so an alpha of at least 1/8"):
        lstm_zoo.anomalies(trained, data, alpha=0.01)
    with pytest.warns(UserWarning, match="alpha is 0.12, .* validated on 7 windows"):
        found = lstm_zoo.anomalies(trained, data)
    assert found["anomaly"].any()


def test_a_file_of_other_columns(pipeline, tmp_path):
    data = spiked().rename(columns={"ds": "day", "y": "load"})
    data["day"] = data["day"].dt.strftime("%Y%m%d%H")
    data.to_csv(tmp_path / "load.csv", sep=";", index=False)
    found = lstm_zoo.anomalies(pipeline, tmp_path / "load.csv", columns={"ds": "day", "y": "load"}, delimiter=";")
    assert found[found["anomaly"]]["ds"].tolist() == [2026010206, 2026010207]


def test_arrays_with_gaps(pipeline):
    y = np.tile([1.0, np.nan], 30)
    found = lstm_zoo.anomalies(pipeline, np.stack([y, y + 1]), alpha=0.5)
    assert found["unique_id"].nunique() == 2
    assert not found["anomaly"].any()


def test_anomalies_refuses(pipeline):
    for alpha in (0, 1, -0.1, "0.01", True, float("nan")):
        with pytest.raises(ValueError, match="alpha is a number between 0 and 1. Received"):
            lstm_zoo.anomalies(pipeline, frame(), alpha=alpha)
    with pytest.raises(ValueError, match="A forecasting pipeline is expected. Received: sentiment-bilstm"):
        lstm_zoo.anomalies(tiny.pipeline_for("sentiment/bilstm"), frame())
    with pytest.raises(ValueError, match="data is expected"):
        lstm_zoo.anomalies(pipeline)
    with pytest.raises(ValueError, match="No series has them"):
        lstm_zoo.anomalies(pipeline, np.ones((1, 4)))
    with pytest.raises(ValueError, match="figure ends in one of .*png.* Received: steps.txt"):
        lstm_zoo.anomalies(pipeline, frame(), figure="steps.txt")
    with pytest.raises(ValueError, match="The path of an output ends in"):
        lstm_zoo.anomalies(pipeline, frame(), output="steps.png")


def test_on_the_command_line(pipeline, tmp_path, call):
    name = tmp_path / "pipeline.keras"
    pipeline.save(name)
    spiked().to_csv(tmp_path / "data.csv", index=False)
    printed = call("anomalies", name, "--data", tmp_path / "data.csv")
    assert "Anomalies: 2 of 108 steps" in printed
    assert "2026-01-02 06" in printed
    assert "2026-01-02 05" not in printed
    words = ["--data", tmp_path / "data.csv", "--output", tmp_path / "steps.jsonl", "--json"]
    rows = json.loads(call("anomalies", name, *words))
    assert [row["ds"] for row in rows] == ["2026-01-02T06:00:00", "2026-01-02T07:00:00"]
    assert rows[0].keys() == {"unique_id", "ds", "y", "median", "q0.1", "q0.9", "score", "p"}
    assert len((tmp_path / "steps.jsonl").read_text().splitlines()) == 108
    assert "alpha is a number between 0 and 1" in call("anomalies", name, "--data", "data.csv", "--alpha", "2", code=2)
