"""rivals.py: models of statsforecast beside a network; a package of that name is played where there is none."""

import json
import sys
import types

import numpy as np
import pytest
from tasks.forecasting.series import frame, wave

import lstm_zoo
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import evaluation, rivals, scoring


class SeasonBefore:
    """As a model of statsforecast: the last season again."""

    def __init__(self, season_length=1, alias="SeasonBefore"):
        self.season = season_length

    def forecast(self, y, h):
        assert np.isfinite(y).all()
        return {"mean": np.resize(y[-self.season :], h)}


class Choosy(SeasonBefore):
    """One that needs 50 steps."""

    def forecast(self, y, h):
        if len(y) < 50:
            raise ZeroDivisionError("too short")
        return super().forecast(y, h)


class Infinite(SeasonBefore):
    """One that explodes."""

    def forecast(self, y, h):
        return {"mean": np.full(h, np.inf)}


class WindowAverage:
    """One that needs more than a season."""

    def __init__(self, season_length, window_size):
        pass


@pytest.fixture
def played(monkeypatch):
    """A package statsforecast with the models above."""
    models = types.ModuleType("statsforecast.models")
    for kind in (SeasonBefore, Choosy, Infinite, WindowAverage):
        setattr(models, kind.__name__, kind)
    models.season_length = 24  # no class
    monkeypatch.setitem(sys.modules, "statsforecast", types.ModuleType("statsforecast"))
    monkeypatch.setitem(sys.modules, "statsforecast.models", models)


def test_models_by_name(played):
    assert rivals.models_of("SeasonBefore, Choosy") == {"SeasonBefore": SeasonBefore, "Choosy": Choosy}
    assert rivals.models_of(None) == {}
    with pytest.raises(ValueError, match="Unknown model of statsforecast: 'SesonBefore'. Did you mean 'SeasonBefore'?"):
        rivals.models_of(["SesonBefore"])
    with pytest.raises(ValueError, match="Unknown model of statsforecast: 'WindowAverage'"):
        rivals.models_of(["WindowAverage"])
    with pytest.raises(ValueError, match="rivals is a list of names of models of statsforecast. Received: 3"):
        rivals.models_of(3)


def test_a_rival_reads_what_lies_before_each_window_without_gaps(played):
    y = np.arange(40.0)
    y[[0, 24]] = np.nan
    series, rows = scoring.rolling(forecasting.read({"a": y}), horizon=3, count=4, stride=4)
    points = rivals.forecasts({"SeasonBefore": SeasonBefore}, series, rows, 3)["SeasonBefore"]
    np.testing.assert_array_equal(
        points, np.repeat([[23.0], [28.0], [32.0], [36.0]], 3, axis=1) - [[-0.0], [0], [0], [0]]
    )


def test_rivals_stand_among_the_baselines_on_the_same_windows(played, pipeline):
    data = frame()
    data["y"] += np.random.default_rng(0).normal(size=len(data))
    metrics = lstm_zoo.backtest(pipeline, data, windows=3, rivals=["SeasonBefore"])
    assert metrics["baselines"].keys() == {"naive", "seasonal naive", "NLinear", "SeasonBefore"}
    assert metrics["baselines"]["SeasonBefore"] == metrics["baselines"]["seasonal naive"]


def test_a_window_that_a_rival_cannot_be_fitted_before_gets_the_naive_forecast(played, pipeline):
    with pytest.warns(UserWarning, match="Choosy cannot be fitted before 2 of 4 windows: too short. The naive"):
        metrics = lstm_zoo.backtest(pipeline, frame(), windows=2, rivals="Choosy")
    series, rows = scoring.rolling(forecasting.read(frame()), 6, 2)
    points = np.stack(
        [
            np.repeat(series[number].y[step - 1], 6) if step < 50 else np.resize(series[number].y[step - 24 : step], 6)
            for number, step in rows
        ]
    )
    assert metrics["baselines"]["Choosy"] == evaluation.window_metrics(series, rows, points)
    with pytest.raises(ValueError, match="Infinite cannot be fitted before 4 of 4 windows: its forecast is not finite"):
        lstm_zoo.backtest(pipeline, frame(), windows=2, rivals="Infinite")


def test_rivals_on_the_command_line(played, tmp_path, call, request):
    frame().to_csv(tmp_path / "data.csv", index=False)
    golden = request.config.rootpath / "tests" / "goldens" / "forecasting-seq2seq.keras"
    words = ["backtest", golden, "--data", tmp_path / "data.csv", "--windows", "2", "--rivals", "SeasonBefore,Choosy"]
    assert "Choosy" in call(*words)
    baselines = json.loads(call(*words, "--json"))["baselines"]
    assert {"naive", "SeasonBefore", "Choosy"} <= baselines.keys()


def test_without_statsforecast(pipeline, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    monkeypatch.delitem(sys.modules, "statsforecast.models", raising=False)
    with pytest.raises(ImportError, match=r"rivals needs statsforecast.* pip install 'lstm_zoo\[statsforecast\]'"):
        lstm_zoo.backtest(pipeline, frame(), rivals=["AutoETS"])


def test_models_of_statsforecast(pipeline):
    pytest.importorskip("statsforecast", reason="statsforecast is not installed: pip install 'lstm_zoo[statsforecast]'")
    data = {"wave": wave(60) + np.random.default_rng(0).normal(scale=0.1, size=60)}
    metrics = lstm_zoo.backtest(pipeline, data, windows=2, rivals="AutoETS,Theta")
    assert metrics["baselines"]["AutoETS"].keys() == metrics["baselines"]["naive"].keys()
    assert metrics["baselines"]["Theta"] != metrics["baselines"]["AutoETS"]
    with pytest.raises(ValueError, match="Did you mean 'AutoETS'?"):
        lstm_zoo.backtest(pipeline, data, rivals="AutoEST")
    known = rivals.models_of(["AutoCES", "SeasonalNaive"])
    points = rivals.forecasts(known, *scoring.rolling(forecasting.read(data), 6, 2), 6)
    assert all(np.isfinite(values).all() for values in points.values())
