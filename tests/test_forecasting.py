"""forecasting: series in every form, exact scaling, honest windows, and answers that say how sure they are."""

import math

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import frames, measures, sampling, scaling, scoring, windows
from lstm_zoo.tasks.forecasting.parts import MEDIAN, QUANTILES, Quantiles, Seasonal

SIZES = {"lookback": 12, "horizon": 6, "units": 8}
HOURS = pd.date_range("2026-01-01", periods=60, freq="h")


def wave(steps=60, level=10.0):
    return level + np.sin(np.arange(steps) * 2 * np.pi / 6)


def frame(steps=60, **columns):
    """Two hourly series, a and b, in the long format."""
    hours = pd.date_range(HOURS[0], periods=steps, freq="h")
    both = [
        pd.DataFrame({"unique_id": name, "ds": hours, "y": wave(steps, level)}) for name, level in (("a", 1), ("b", 9))
    ]
    return pd.concat(both, ignore_index=True).assign(**columns)


def train(folder, data, network="seq2seq", **options):
    given = {"epochs": 3, "batch": 16, "learning_rate": 0.01, "verbose": False, **SIZES, **options}
    return lstm_zoo.train(f"forecasting/{network}", data, folder=folder, **given)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """A small trained pipeline."""
    return train(tmp_path_factory.mktemp("trained") / "run", np.stack([wave(level=level) for level in (0, 5, 50)]))


class TestRead:
    """Series from every form."""

    def test_forms_agree(self, tmp_path):
        table = frame()
        table.to_csv(tmp_path / "series.csv", index=False)
        table.to_parquet(tmp_path / "series.parquet")
        expected = frames.read(table)
        assert [one.unique_id for one in expected] == ["a", "b"]
        assert expected[0].step == pd.Timedelta(hours=1)
        assert expected[0].season == 24
        for source in (
            tmp_path / "series.csv",
            str(tmp_path / "series.parquet"),
            [str(tmp_path / "series.csv")],
            expected,
        ):
            for ours, theirs in zip(frames.read(source), expected, strict=True):
                np.testing.assert_array_equal(ours.y, theirs.y)
                np.testing.assert_array_equal(ours.ds, theirs.ds)

    def test_arrays(self):
        for source in (np.ones((2, 5)), [[1, 1, 1, 1, 1], np.ones(5)], {"0": np.ones(5), "1": [1] * 5}):
            found = frames.read(source)
            assert [one.unique_id for one in found] == ["0", "1"]
            np.testing.assert_array_equal(found[1].y, np.ones(5))
        assert len(frames.read(np.ones(5))) == 1

    def test_rows_in_any_order_gaps_and_missing_values(self):
        table = frame().drop(index=[3, 4, 70])
        table.loc[7, "y"] = np.nan
        one, other = frames.read(table.sample(frac=1, random_state=0))
        one, other = (one, other) if one.unique_id == "a" else (other, one)
        assert np.flatnonzero(np.isnan(one.y)).tolist() == [3, 4, 7]
        assert np.flatnonzero(np.isnan(other.y)).tolist() == [10]
        np.testing.assert_array_equal(one.ds, HOURS.to_numpy().astype("datetime64[s]"))

    def test_the_rows_after_the_last_y_are_the_future(self):
        table = frame(temperature=np.arange(120.0))
        table.loc[50:59, "y"] = np.nan
        one = frames.read(table)[0]
        assert len(one.y) == 50
        assert one.covariates[:, 0].tolist() == list(range(60))

    @pytest.mark.parametrize(
        ("freq", "seasons"),
        [
            ("h", (24, 168)),
            ("15min", (96, 672)),
            ("D", (7,)),
            ("MS", (12,)),
            ("ME", (12,)),
            ("QS", (4,)),
            ("YS", ()),
            ("W", ()),
        ],
    )
    def test_calendar_steps(self, freq, seasons):
        times = pd.date_range("2020-01-01", periods=40, freq=freq)
        one = frames.read(pd.DataFrame({"unique_id": "a", "ds": times.delete([5, 6]), "y": 1.0}))[0]
        np.testing.assert_array_equal(one.ds, times.to_numpy().astype("datetime64[s]"))
        assert frames.seasons_of(one.step) == seasons
        future = frames.times_from(one.ds[0], one.step, count=42)[40:]
        np.testing.assert_array_equal(future, pd.date_range("2020-01-01", periods=42, freq=freq)[40:].to_numpy())

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda table: pd.concat([table, table.iloc[[5]]]), "row 5 has the time of another row"),
            (lambda table: table.assign(ds=table["ds"].mask(table.index == 7)), "row 7 has no time"),
            (lambda table: table.assign(y=table["y"].mask(table.index == 9, np.inf)), "row 9 is infinite"),
            (
                lambda table: table.assign(ds=table["ds"].mask(table.index == 59, HOURS[-1] + pd.Timedelta("90min"))),
                "differ",
            ),
            (lambda table: table.assign(x=np.where(table.index == 3, np.nan, 1.0)), "row 3 lacks a covariate"),
        ],
    )
    def test_a_bad_series_is_named_and_the_others_are_kept(self, change, reason):
        with pytest.warns(UserWarning, match=f"The series 'a' is left out: .*{reason}"):
            found = frames.read(change(frame()))
        assert [one.unique_id for one in found] == ["b"]
        broken = change(frame())[lambda table: table["unique_id"] == "a"]
        with (
            pytest.warns(UserWarning, match="is left out"),
            pytest.raises(ValueError, match="holds no series that can be read"),
        ):
            frames.read(broken)

    @pytest.mark.parametrize(
        ("source", "error", "message"),
        [
            (pd.DataFrame({"ds": [1], "y": [1.0]}), ValueError, "lacks the column unique_id.*Received: ds, y"),
            (frame().iloc[:0], ValueError, "the frame has no row"),
            (frame().assign(y="many"), ValueError, "Row 0 of the column y is no number. Received: 'many'"),
            (frame().assign(kind="x"), ValueError, "A covariate is a column of numbers. Received: 'kind'"),
            (frame().assign(ds=0.5), ValueError, "The column ds holds time stamps or whole numbers. Received: float64"),
            (np.ones((2, 2, 2)), ValueError, r"Received: shape \(2, 2, 2\)"),
            ([["a", "b"]], ValueError, "Series '0' is no array of numbers"),
            ({}, ValueError, "holds no series"),
            ("series.txt", ValueError, "A file .csv or .parquet is expected. Received: series.txt"),
            ("missing.csv", FileNotFoundError, "missing.csv does not exist"),
        ],
    )
    def test_what_is_no_data(self, source, error, message):
        with pytest.raises(error, match=message):
            frames.read(source)

    def test_an_infinite_array_is_named_and_keeps_its_place(self, pipeline):
        rows = [wave(), np.where(np.arange(60) == 3, np.inf, 1.0)]
        with pytest.warns(UserWarning, match="The series '1' is left out: step 3 is infinite"):
            answer = lstm_zoo.predict(pipeline, rows)
        assert np.isfinite(answer[0]).all()
        assert np.isnan(answer[1]).all()

    def test_a_lone_row(self):
        table = frame().iloc[:61]  # all of a, and one row of b
        assert [len(one.y) for one in frames.read(table)] == [60, 1]
        with (
            pytest.warns(UserWarning, match="'b' is left out: it has one row"),
            pytest.raises(ValueError, match="no series"),
        ):
            frames.read(table.iloc[60:])

    def test_a_million_rows(self):
        table = pd.DataFrame(
            {"unique_id": np.repeat(np.arange(500), 2000), "ds": np.tile(np.arange(2000), 500), "y": 1.0}
        )
        assert sum(len(one.y) for one in frames.read(table)) == 1_000_000


class TestScaling:
    """Raw units in, raw units out."""

    def test_last_steps(self):
        cut = scaling.LastSteps(3, fill=-1.0)
        np.testing.assert_array_equal(cut(tf.constant([[1.0, 2, 3, 4]])), [[2, 3, 4]])
        np.testing.assert_array_equal(cut(tf.constant([[1.0]])), [[-1, -1, 1]])
        np.testing.assert_array_equal(cut(tf.zeros((1, 0))), [[-1, -1, -1]])

    def test_scale_and_back(self):
        window = np.array([[np.nan, 4.0, np.nan, np.nan, 8.0, np.nan]])
        scaled, location, unit = scaling.Scale()(tf.constant(window))
        assert location[0, 0] == 8
        assert unit[0, 0] == 4
        np.testing.assert_array_equal(scaled[0, :, 0], [0, -1, -1, -1, 0, 0])
        np.testing.assert_array_equal(scaled[0, :, 1], [0, 1, 0, 0, 1, 0])
        np.testing.assert_array_equal(scaling.Unscale()(scaled, location, unit)[0, 1:5, 0], [4, 4, 4, 8])

    def test_a_smooth_window_has_the_unit_of_its_spread(self):
        ramp = np.arange(1000.0)
        _, _, unit = scaling.Scale()(tf.constant(ramp[None]))
        assert unit[0, 0].numpy() == pytest.approx(0.1 * ramp.std())

    def test_counts_are_not_shifted(self):
        _, location, unit = scaling.Scale(centre=False)(tf.constant([[2.0, 4.0]], "float64"))
        assert (location[0, 0], unit[0, 0]) == (0, 4)

    def test_a_forecast_moves_with_its_series(self, pipeline):
        rows = np.random.default_rng(0).normal(size=(4, 40)).cumsum(1)
        np.testing.assert_allclose(
            lstm_zoo.predict(pipeline, 1000 * rows + 5), 1000 * lstm_zoo.predict(pipeline, rows) + 5, rtol=1e-3
        )

    def test_small_changes_at_a_high_level_are_seen(self, pipeline):
        near = lstm_zoo.predict(pipeline, wave()[None])
        far = lstm_zoo.predict(pipeline, wave()[None] + 1e9)
        np.testing.assert_allclose(far - 1e9, near, atol=1e-4)

    def test_a_constant_series_stays_where_it_is(self, pipeline):
        np.testing.assert_array_equal(lstm_zoo.predict(pipeline, np.full((1, 30), 0.1)), 0.1)

    def test_calendar_is_that_of_the_clock(self):
        noon = pd.Timestamp("2026-11-23 12:00").value // 10**9
        day_sine, day_cosine, *_ = scaling.Calendar()(tf.constant([[noon]]))[0, 0].numpy()
        assert day_sine == pytest.approx(0, abs=1e-6)
        assert day_cosine == pytest.approx(-1)


class TestParts:
    """What the networks are made of."""

    def test_naive_forecasts(self):
        values = np.arange(8, dtype="float32")[None, :, None]
        bases, differences, unit = Seasonal(horizon=3, seasons=(2, 4))(values)
        last, short, long, changed, shifted = np.moveaxis(np.array(bases[0]), -1, 0)
        assert last.tolist() == [7, 7, 7]
        assert short.tolist() == [6, 7, 6]
        assert long.tolist() == [4, 5, 6]
        assert changed.tolist() == [8, 9, 10]  # the short season, plus how it changed a long one ago
        assert shifted.tolist() == [8, 9, 10]  # the long season, at today's level
        assert differences[0].numpy().tolist() == [0, 0, 2, 2, 2, 2, 2, 2]
        assert unit[0, 0] == 2

    def test_quantiles_cannot_cross(self):
        raw = keras.random.normal((50, 4, len(QUANTILES) + 2), stddev=10.0, seed=0)
        answer = Quantiles()(raw, keras.random.normal((50, 4, 2), seed=1), keras.ops.ones((50, 1))).numpy()
        assert np.all(np.diff(answer[..., 1:], axis=-1) >= 0)

    @pytest.mark.parametrize("network", ["segment", "seq2seq"])
    def test_seasons_start_from_a_seasonal_forecast(self, network):
        built = lstm_zoo.build(f"forecasting/{network}", lookback=24, horizon=6, units=4, seasons=(6,), **(
            {"segment": 6} if network == "segment" else {}
        ))  # fmt: skip
        head = built.get_layer("head")
        head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
        kernel, bias = head.get_weights()
        per_step = len(QUANTILES) + 2
        bias.reshape(-1, per_step)[:, -1] = 50.0  # all the weight on the season
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
                {"family": "cauchy"},
                "family is one of gaussian, student_t, negative_binomial. Received: 'cauchy'",
            ),
        ],
    )
    def test_sizes_that_do_not_fit(self, name, sizes, message):
        with pytest.raises(ValueError, match=message):
            lstm_zoo.build(f"forecasting/{name}", **sizes)


class TestDistributions:
    """DeepAR's likelihoods and draws."""

    def test_losses_are_negative_log_likelihoods(self):
        from scipy import stats

        value, mean, spread = 1.3, 0.4, 0.7
        gaussian, student, counts = (
            sampling.FAMILIES[name][0] for name in ("gaussian", "student_t", "negative_binomial")
        )

        def same(ours, theirs, at):
            """Equal but for a constant: the difference between two values."""
            assert float(ours(value) - ours(at)) == pytest.approx(float(theirs(value) - theirs(at)), rel=1e-4)

        same(lambda x: gaussian(x, mean, spread, 0.0), lambda x: -stats.norm(mean, spread).logpdf(x), 0.1)
        same(lambda x: student(x, mean, spread, 3.0), lambda x: -stats.t(3, mean, spread).logpdf(x), 0.1)
        shape = 1 / spread
        theirs = stats.nbinom(shape, shape / (shape + 3 * mean))
        ours = [float(counts(count / 3, mean, spread, 3.0)) for count in (0.0, 5.0)]
        assert ours[1] - ours[0] == pytest.approx(theirs.logpmf(0) - theirs.logpmf(5), rel=1e-4)

    @pytest.mark.parametrize("family", sampling.FAMILIES)
    def test_draws_have_the_mean_and_variance_of_the_family(self, family):
        first, second, third = (np.full(200_000, number, "float32") for number in (0.8, 0.5, 6.0))
        drawn = sampling.FAMILIES[family][1](
            tf.constant(first), tf.constant(second), tf.constant(third), seed=[1, 2]
        ).numpy()
        variance = {"gaussian": 0.25, "student_t": 0.25 * 6 / 4, "negative_binomial": (4.8 + 0.5 * 4.8**2) / 36}[family]
        assert drawn.mean() == pytest.approx(0.8, rel=0.02)
        assert drawn.var() == pytest.approx(variance, rel=0.05)

    def test_counts_are_forecast_as_counts(self, tmp_path):
        counts = np.random.default_rng(0).poisson(3 + 2 * np.sin(np.arange(60) * 2 * np.pi / 6), (4, 60))
        trained = train(tmp_path / "run", counts, "deepar", depth=1, family="negative_binomial")
        answer = lstm_zoo.predict(trained, counts)
        assert answer.min() >= 0
        np.testing.assert_allclose(answer[..., 1], np.round(answer[..., 1] * 10) / 10, atol=0.1)
        with pytest.raises(ValueError, match="forecasts counts; the series '0' has a value below 0"):
            lstm_zoo.predict(trained, -counts)
        with pytest.raises(ValueError, match="takes counts; the series '0' has a value below 0"):
            train(tmp_path / "other", -1.0 - counts, "deepar", family="negative_binomial")

    def test_the_same_question_has_the_same_answer(self, tmp_path):
        trained = train(tmp_path / "run", np.stack([wave(), wave(level=3)]), "deepar", depth=1, epochs=1, seasons=(6,))
        np.testing.assert_array_equal(lstm_zoo.predict(trained, wave()), lstm_zoo.predict(trained, wave()))


class TestWindows:
    """What training reads and scoring forecasts."""

    def test_origins(self):
        def one(steps, first=0):
            return frames.read(np.ones((1, steps)))[0]._replace(first=first)

        rows = windows.origins([one(30), one(10), one(5), one(30, first=28)], lookback=12, horizon=6)
        assert rows.tolist() == [*([0, step] for step in range(12, 25)), [1, 4]]

    def test_every_window_is_seen_once_a_pass(self):
        series = frames.read(np.arange(60.0)[None])
        preprocessing = forecasting.adapt(series, lookback=12, horizon=6)
        count = forecasting.count(series, preprocessing)
        passes = forecasting.examples(series, preprocessing, 10, seed=0)
        steps = math.ceil(count / 10)
        seen = [len(inputs["history"]) for inputs, _ in passes.take(2 * steps)]
        assert count == 60 - 6 - 12 + 1
        assert sum(seen) == 2 * count

    def test_training_sees_what_the_pipeline_sees(self, pipeline):
        series = [frames.read(wave()[None])[0]._replace(first=30)]
        network = pipeline.get_layer("seq2seq")
        _, preprocessing = forecasting.fine_tune(pipeline, series)
        inputs, targets = next(iter(forecasting.examples(series, preprocessing, 4)))
        rows = windows.origins(series, 12, 6)[:4]
        through = scoring.forecast(pipeline, series, rows)
        past = np.stack([wave()[step - 12 : step] for _, step in rows])
        unit = np.sqrt((np.diff(past) ** 2).sum(1) / 11)[:, None, None]
        last = np.array([wave()[step - 1] for _, step in rows])[:, None, None]
        np.testing.assert_allclose(network(inputs) * unit + last, through, rtol=1e-5)
        truth = np.stack([wave()[step : step + 6] for _, step in rows])
        np.testing.assert_allclose(targets[..., 0] * unit[..., 0] + last[..., 0], truth, rtol=1e-5)
        np.testing.assert_allclose(
            targets[..., 1], np.broadcast_to(unit[..., 0] / wave()[:30].std(), (4, 6)), rtol=1e-5
        )

    def test_forecasts_do_not_look_into_the_future(self, pipeline, tmp_path):
        clean, poisoned = wave(), wave()
        poisoned[40:] = 1e6
        series = [frames.read(rows[None])[0]._replace(first=30) for rows in (clean, poisoned)]
        ours, theirs = (scoring.forecast(pipeline, [one], np.array([[0, 34], [0, 40]])) for one in series)
        np.testing.assert_array_equal(ours, theirs)
        # Nor does training: the steps set aside for validation move nothing but the validation loss.
        poisoned = clean.copy()
        poisoned[54:] = 1e6
        runs = [
            train(tmp_path / str(number), np.stack([rows] * 2), epochs=1).get_weights()
            for number, rows in enumerate((clean, poisoned))
        ]
        for one, other in zip(*runs):
            np.testing.assert_array_equal(one, other)

    def test_missing_targets_count_nothing(self):
        y = wave()
        y[50:53] = np.nan
        series = [frames.read(y[None])[0]._replace(first=50)]
        preprocessing = forecasting.adapt(series, lookback=12, horizon=6)
        _, targets = next(iter(forecasting.examples(series, preprocessing, 1)))
        assert (targets[0, :, 1] == 0).numpy().tolist() == [True] * 3 + [False] * 3


class TestTrainAndPredict:
    """The verbs."""

    @pytest.mark.parametrize("network", ["segment", "seq2seq", "deepar"])
    def test_covariates_calendar_and_identities(self, network, tmp_path):
        steps, effect = 240, np.random.default_rng(0).choice([0.0, 1.0], 480)
        table = frame(steps, effect=effect, constant=np.repeat([0.0, 1.0], steps))
        table["y"] += 5 * effect
        sizes = {"segment": {"segment": 6, "dropout": 0.0}, "seq2seq": {"contexts": 4}, "deepar": {"depth": 1}}
        trained = train(
            tmp_path / "run", table, network, calendar=True, identities=2, epochs=15, patience=15, **sizes[network]
        )
        future = table.copy()
        future.loc[[*range(steps - 6, steps), *range(2 * steps - 6, 2 * steps)], "y"] = np.nan
        answer = lstm_zoo.predict(trained, future)
        assert list(answer) == ["unique_id", "ds", *frames.COLUMNS]
        np.testing.assert_array_equal(answer["ds"][:6], table["ds"][steps - 6 : steps])
        ahead = future["y"].isna()
        with_effect, without = (
            lstm_zoo.predict(trained, future.assign(effect=future["effect"].mask(ahead, value))) for value in (1.0, 0.0)
        )
        assert (with_effect["q0.5"] - without["q0.5"]).mean() > 2.5  # of the 5 that it does
        other = lstm_zoo.predict(trained, future.replace({"unique_id": {"a": "unknown"}}))
        assert not np.allclose(other["mean"][:6], answer["mean"][:6])
        with pytest.raises(ValueError, match="The covariates effect, constant are expected. Received: effect"):
            lstm_zoo.predict(trained, future.drop(columns="constant"))
        with pytest.raises(ValueError, match="needed for 6 steps after the last y. Received: 0 for the series 'a'"):
            lstm_zoo.predict(trained, table)

    def test_arrays_give_arrays_and_frames_frames(self, pipeline, tmp_path):
        answer = lstm_zoo.predict(pipeline, wave())
        assert answer.shape == (1, 6, 10)
        assert np.all(np.diff(answer[..., 1:]) >= 0)
        table = lstm_zoo.predict(pipeline, frame())
        assert table["unique_id"].tolist() == ["a"] * 6 + ["b"] * 6
        assert table["ds"][0] == HOURS[-1] + pd.Timedelta(hours=1)
        frame().to_csv(tmp_path / "series.csv", index=False)
        pd.testing.assert_frame_equal(lstm_zoo.predict(pipeline, tmp_path / "series.csv"), table)

    def test_a_short_series_is_read_as_far_as_it_goes(self, pipeline):
        padded = np.concatenate([np.full(20, np.nan), wave()[:5]])
        np.testing.assert_array_equal(lstm_zoo.predict(pipeline, wave()[:5]), lstm_zoo.predict(pipeline, padded))

    def test_fine_tuning_keeps_the_sizes(self, pipeline, tmp_path):
        lstm_zoo.save(pipeline, tmp_path / "first.keras")
        options = {"weights": str(tmp_path / "first.keras"), "epochs": 1, "batch": 8, "verbose": False}
        data = np.stack([wave(level=2)] * 3)
        tuned = lstm_zoo.train(
            "forecasting/seq2seq", data, folder=tmp_path / "run", **{**options, "learning_rate": 1e-9}
        )
        np.testing.assert_allclose(lstm_zoo.predict(tuned, data), lstm_zoo.predict(pipeline, data), rtol=1e-5)

    @pytest.mark.parametrize(
        ("data", "options", "message"),
        [
            (np.ones((2, 9)), {}, "12 steps, twice the horizon, are needed. The longest has 9"),
            (np.full((2, 30), np.nan), {}, "No series is longer than the horizon of 6 steps"),
            (np.ones((2, 60)), {"calendar": True}, "calendar needs time stamps"),
            (frame(), {"covariates": 3}, "covariates is 0 with this data. Received: 3"),
        ],
    )
    def test_data_that_does_not_fit(self, tmp_path, data, options, message):
        with pytest.raises(ValueError, match=message):
            train(tmp_path / "run", data, **options)
        assert not (tmp_path / "run").exists()

    def test_explain_is_for_attention(self, pipeline):
        with pytest.raises(ValueError, match="explain is for sentiment/attention. Received: forecasting-seq2seq"):
            lstm_zoo.predict(pipeline, wave(), explain=True)


class TestScores:
    """Measures, baselines, back-tests and pictures."""

    def test_one_window_a_series_is_scored_like_m4(self):
        series = [one._replace(first=54, season=6) for one in frames.read({"a": wave(), "b": 3 * wave(level=5)})]
        rows = windows.origins(series, 12, 6)
        truth = np.stack([one.y[54:] for one in series])
        found = measures.measures(series, rows, truth + 0.5)
        smape = np.mean(200 * 0.5 / (np.abs(truth) + np.abs(truth + 0.5)))
        assert list(found) == ["owa", "smape", "mase"]
        assert found["smape"] == pytest.approx(smape, abs=1e-4)

    def test_a_perfect_forecast_scores_zero(self):
        series = [frames.read(wave()[None])[0]._replace(first=40, season=5)]
        rows = windows.origins(series, 12, 6)
        truth = np.stack([wave()[step : step + 6] for _, step in rows])
        found = measures.measures(series, rows, np.repeat(truth[..., None], 10, -1))
        assert list(found) == ["mse", "mae", "mase", "weighted_quantile_loss", "crps", "coverage"]
        assert found == {**dict.fromkeys(found, 0.0), "coverage": 1.0}

    def test_evaluate_has_three_baselines(self, pipeline):
        data = np.stack([wave(level=level) for level in (2, 20)])
        found = lstm_zoo.evaluate(pipeline, data, training=data[:, :54])
        assert found["baselines"].keys() == {"naive", "seasonal naive", "NLinear"}
        assert found["baselines"]["NLinear"]["owa"] < 0.1  # a wave is linear
        assert "baselines" not in lstm_zoo.evaluate(pipeline, data)

    def test_backtest(self, pipeline, tmp_path):
        found = lstm_zoo.backtest(pipeline, frame(), windows=3, output=tmp_path / "forecasts.csv")
        assert next(iter(found)) == "mse"
        assert found["baselines"].keys() == {"naive", "seasonal naive", "NLinear"}
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

    def test_backtest_refuses(self, pipeline, trained):
        with pytest.raises(ValueError, match="A forecasting pipeline is expected. Received: sentiment-bilstm"):
            lstm_zoo.backtest(trained[0], frame())
        with pytest.raises(ValueError, match="windows is a whole number of at least 1. Received: 0"):
            lstm_zoo.backtest(pipeline, frame(), windows=0)
        with pytest.raises(ValueError, match="No series is longer than the horizon"):
            lstm_zoo.backtest(pipeline, np.ones((1, 4)))

    def test_plot(self, pipeline, tmp_path):
        figure = forecasting.plot(frame(), lstm_zoo.predict(pipeline, frame()), tmp_path / "fan.png")
        assert [axes.get_title() for axes in figure.axes] == ["a", "b"]
        assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")
        forecasting.plot(wave()[None], lstm_zoo.predict(pipeline, wave()))
        with pytest.raises(ValueError, match="of other series than the history"):
            forecasting.plot({"other": wave()}, lstm_zoo.predict(pipeline, frame()))


class TestData:
    """The data sets of the task."""

    def test_ett_splits(self, prepared):
        prepared("ett/h1")
        train_part, validation, test = (forecasting.data(split) for split in ("train", "validation", "test"))
        assert len(test) == 7
        assert [len(part[0].y) for part in (train_part, validation, test)] == [8640, 11520, 14400]
        assert len(windows.origins(test, 720, 96)) == 7 * (2880 - 96 + 1)
        assert str(test[0].ds[0]) == "2016-07-01T00:00:00"
        standardised = train_part[0].y / train_part[0].scale
        assert standardised.std() == pytest.approx(1)

    def test_baselines_on_ett(self, prepared):
        prepared("ett/h1")
        test, train_part = forecasting.data("test"), forecasting.data("train")
        found = measures.baselines(train_part, test, windows.origins(test, 720, 96), 96)
        assert found["naive"]["mse"] == pytest.approx(1.295, abs=0.002)  # published: 1.295, NLinear 0.374
        assert found["NLinear"]["mse"] < 0.374

    def test_m4_splits(self, prepared):
        prepared("m4/hourly")
        train_part, validation, test = (
            forecasting.data(split, "m4/hourly") for split in ("train", "validation", "test")
        )
        assert len(test) == 414
        for one, other, last in zip(train_part, validation, test):
            assert (len(other.y) - len(one.y), len(last.y) - len(other.y)) == (48, 48)
            assert (other.first, last.first) == (len(one.y), len(other.y))

    @pytest.mark.parametrize(("split", "dataset"), [("training", "ett/h1"), ("test", "ett/h2")])
    def test_unknown_split_or_data_set(self, split, dataset):
        with pytest.raises(ValueError, match="Received: '(training|ett/h2)'"):
            forecasting.data(split, dataset)
