"""profiles.py: `predict` warns of series that are unlike those of a file, or better forecast naively."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import HOURS, frame, train, wave

import lstm_zoo
from lstm_zoo.tasks.forecasting import profiles
from lstm_zoo.tasks.forecasting.quantiles import QUANTILES
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.sources import load_m4
from lstm_zoo.weights import archive
from lstm_zoo.weights.checks import is_profile

HOURLY = {"step": {"hours": 1.0, "words": "an hour"}, "length": 700, "missing": 0.0}
ADVICE = r"; `lstm_zoo.train\(\"forecasting\", data=...\)` learns from series of your own, .*backtest` measures"


def series_of(y, step=1, **fields):
    return Series(
        "a", np.asarray(y, float), pd.RangeIndex(len(y)), np.zeros((len(y), 0), "float32"), step=step, **fields
    )


def forecasts(values, asked=None):
    """A `run` that forecasts `values` for each of what it is asked, and keeps that in `asked`."""

    def run(items):
        if asked is not None:
            asked.extend(items)
        return [{"quantiles": np.tile(np.asarray(values, float)[:, None], len(QUANTILES))} for _ in items]

    return run


def told(series, profile=None, **options):
    defaults = {"horizon": 6, "lookback": 24, "fewest": 6, "reason": "its shortest season", "run": forecasts([0] * 6)}
    return profiles.unlike(series, profile, **{**defaults, **options})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A pipeline that has learnt waves of six hours, without a profile, like files that were published before."""
    noisy = frame(240)
    noisy["y"] += np.random.default_rng(0).normal(scale=0.3, size=len(noisy))
    pipeline = train(tmp_path_factory.mktemp("run"), noisy, seasons=(6,), epochs=3)
    archive.set_record(pipeline, {})
    return pipeline


class TestProfile:
    """What `train` writes."""

    def test_numbers(self):
        gap = [1, np.nan, 2, 3]
        training = [series_of(range(9)), series_of(gap, pd.Timedelta(hours=1)), series_of(gap, pd.Timedelta(hours=1))]
        profile = profiles.profile(None, training, training)
        assert profile == {"step": HOURLY["step"], "length": 4, "missing": 0.1176}
        assert is_profile(json.loads(json.dumps(profile)))
        assert profiles.profile(None, training[:1], [])["step"] is None

    @pytest.mark.parametrize(
        ("step", "hours", "words"),
        [
            (pd.Timedelta(minutes=15), 0.25, "15 minutes"),
            (pd.Timedelta(milliseconds=500), 0.5 / 3600, "0.5 seconds"),
            (pd.Timedelta(days=1), 24, "a day"),
            (pd.offsets.CustomBusinessDay(weekmask="Mon Tue Wed Thu Fri"), 24, "a day"),
            (pd.DateOffset(days=7), 168, "a week"),
            (pd.DateOffset(days=10), 240, "10 days"),
            (pd.DateOffset(months=1, day=31), 730.485, "a month"),
            (pd.offsets.BMonthEnd(1), 730.485, "a month"),
            (pd.DateOffset(months=3), 2191.455, "a quarter"),
            (pd.DateOffset(months=2), 1460.97, "2 months"),
            (pd.DateOffset(months=12), 8765.82, "a year"),
        ],
    )
    def test_steps(self, step, hours, words):
        assert profiles.profile(None, [series_of(range(9), step)], [])["step"] == {
            "hours": pytest.approx(hours, abs=1e-6),
            "words": words,
        }

    def test_of_whole_numbers_whose_spacing_is_known(self, monkeypatch):
        example = {"unique_id": "H1", "y": np.arange(200.0), "future": np.arange(48.0)}
        monkeypatch.setattr("lstm_zoo.datasets.load", {"m4/hourly": [example]}.get)
        assert profiles.profile(None, load_m4("hourly", "train"), [])["step"] == HOURLY["step"]

    @pytest.mark.parametrize(
        "wrong", [{"step": "an hour"}, {"step": {"hours": 0, "words": ""}}, {"length": None}, {"missing": "none"}]
    )
    def test_malformed(self, wrong):
        assert is_profile(HOURLY)
        assert not is_profile({**HOURLY, **wrong})

    def test_goes_into_the_file(self, tmp_path):
        pipeline = train(tmp_path / "run", frame())
        profile = archive.record_in(tmp_path / "run" / "pipeline.keras")["profile"]
        assert profile == {**HOURLY, "length": 48} == lstm_zoo.info(pipeline)["profile"]
        months = pd.DataFrame({"ds": pd.date_range("2020-01-31", periods=60, freq="ME"), "y": wave()})
        sentence = "these series have steps of a month, those that it learnt from steps of an hour"
        with pytest.warns(UserWarning, match=f"^{pipeline.name} is asked what it has not learnt: {sentence}{ADVICE}.$"):
            lstm_zoo.predict(lstm_zoo.load(tmp_path / "run" / "pipeline.keras"), months)


class TestUnlike:
    """When series are unlike others, and what is said."""

    def test_another_step(self):
        monthly = [series_of(np.zeros(60), pd.DateOffset(months=1))]
        assert told(monthly, HOURLY).startswith(
            "these series have steps of a month, those that it learnt from steps of an hour; `lstm_zoo.train("
        )
        assert told(monthly) is None
        assert told(monthly, {**HOURLY, "step": None}) is None
        assert told([series_of(np.zeros(60))], HOURLY) is None
        assert told([series_of(np.zeros(60), pd.Timedelta(minutes=60))], HOURLY) is None

    def test_months_of_other_lengths_are_months(self):
        four_weeks = {**HOURLY, "step": {"hours": 672.0, "words": "4 weeks"}}
        assert told([series_of(np.zeros(60), pd.DateOffset(months=1))], four_weeks) is None

    def test_short_series(self):
        short, long = series_of([1, 2]), series_of(np.zeros(60))
        assert told([short] * 2 + [long], HOURLY).startswith(
            "half of these series have 2 steps or fewer; it needs 6, its shortest season, and half of those that it "
            "learnt from have 700 or more; "
        )
        assert told([short]).startswith("half of these series have 2 steps or fewer; it needs 6, its shortest season; ")
        assert told([short, long]) is None

    def test_worse_than_repeating_the_last_value(self):
        rising = np.arange(60.0)
        sentence = told([series_of(rising)], run=forecasts([0] * 6))
        assert sentence.startswith(
            "on the last 6 steps of this series, forecast from what lies before, it errs by 56.50 times the usual "
            "change of a step, repeating the last value by 3.50; "
        )
        assert told([series_of(rising)], run=forecasts(np.arange(54, 60))) is None
        assert told([series_of(rising)], run=forecasts([53] * 6)) is None  # as good

    def test_worse_than_repeating_the_last_season(self):
        waves = [series_of(wave(level=level), season=6) for level in (0, 9)]
        assert told(waves, run=forecasts(wave(6))).startswith("on the last 6 steps of these 2 series, ")
        assert "repeating the last season by" in told(waves, run=forecasts(wave(6)))
        noise = np.random.default_rng(0).normal(size=60)
        assert told([series_of(10 * wave() + noise, season=6)], run=forecasts(10 * wave(6))) is None

    def test_only_what_lies_before_is_read(self):
        asked = []
        told([series_of(np.arange(60.0))], run=forecasts([0] * 6, asked))
        assert [item.y.tolist() for item in asked] == [list(range(54))]

    def test_of_short_series_the_second_half(self):
        asked, rising = [], series_of(np.arange(8.0))
        assert told([rising], fewest=1, run=forecasts([0] * 6, asked)).startswith("on the last 4 steps of this series")
        assert len(asked[0].y) == 4

    def test_at_most_so_many(self):
        asked = []
        sentence = told([series_of(np.arange(60.0))] * 1000, run=forecasts([0] * 6, asked))
        assert f" of {len(asked)} of these 1,000 series, " in sentence
        assert profiles.MOST / 2 <= len(asked) <= profiles.MOST

    @pytest.mark.parametrize(
        "y",
        [
            np.arange(5.0),  # shorter than the horizon
            np.full(60, np.nan),
            [*range(20), *[np.nan] * 34, *range(6)],  # nothing in what is read
            [7.0] * 60,  # no usual change
            [*range(54), *[np.nan] * 6],
        ],
        ids=["short", "unknown", "gap", "constant", "unknown at the end"],
    )
    def test_series_that_cannot_be_compared(self, y):
        assert told([series_of(y)], fewest=1) is None

    def test_nothing(self):
        assert told([]) is None


class TestPredict:
    """What `predict` warns of."""

    def test_what_it_needs(self, trained, pipeline):
        known = profiles.known(trained)
        assert (known["horizon"], known["lookback"], known["fewest"]) == (6, 12, 6)
        assert profiles.known(pipeline)["reason"] == "a tenth of the 12 that it reads"

    def test_what_it_has_learnt(self, trained):
        table = frame(240)
        table["y"] += np.random.default_rng(1).normal(scale=0.3, size=len(table))
        with warnings.catch_warnings(action="error", category=UserWarning):
            lstm_zoo.predict(trained, table)
            lstm_zoo.predict(trained, table["y"].to_numpy().reshape(2, -1))

    def test_walks_are_better_forecast_naively(self, trained):
        walks = np.random.default_rng(0).normal(size=(80, 200)).cumsum(1)
        walks[:, -6:] = walks[:, -7:-6]
        with warnings.catch_warnings(action="ignore"):
            before = lstm_zoo.predict(trained, walks[:1])
        with pytest.warns(UserWarning, match=rf"errs by [\d.]+ times .* the last value by 0.00{ADVICE}") as caught:
            after = lstm_zoo.predict(trained, walks)
        np.testing.assert_allclose(after[:1], before, rtol=1e-5)
        assert caught[0].filename == __file__
        assert len(caught) == 1

    @pytest.mark.parametrize("options", [["--json"], []])
    def test_on_a_command_line(self, trained, tmp_path, call, monkeypatch, options):
        path, table = lstm_zoo.save(trained, tmp_path / "mine.keras"), tmp_path / "walk.csv"
        walk = np.random.default_rng(0).normal(size=60).cumsum()
        walk[-6:] = walk[-7]
        pd.DataFrame({"ds": HOURS, "y": walk}).to_csv(table, index=False)
        errors = []
        monkeypatch.setattr("lstm_zoo.cli.show_warning", lambda message, *_: errors.append(str(message)))
        assert "errs by" not in call("predict", path, table, *options)
        assert [error.count("errs by") for error in errors] == [1]
