"""pipelines.py: the verbs on series."""

import datetime

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import HOURS, frame, train, wave

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import frames, pipelines, windows


@pytest.mark.parametrize("network", ["segment", "seq2seq", "deepar"])
def test_covariates_calendar_and_series_embeddings(network, tmp_path):
    steps, effect = 240, np.random.default_rng(0).choice([0.0, 1.0], 480)
    table = frame(steps, effect=effect, constant=np.repeat([0.0, 1.0], steps))
    table["y"] += 5 * effect
    own = {
        "segment": {"segment": 6, "dropout": 0.0, "epochs": 6},
        "seq2seq": {"contexts": 4, "epochs": 3},
        "deepar": {"depth": 1, "epochs": 2},
    }
    options = {"patience": 6, "batch_size": 8, "learning_rate": 0.03, **own[network]}
    options |= {"covariates": ["effect", "constant"], "calendar": True, "series_embeddings": 2}
    trained = train(tmp_path / "run", table, network, **options)
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
    with pytest.raises(ValueError, match="lacks the column constant. Received: unique_id, ds, y, effect"):
        lstm_zoo.predict(trained, future.drop(columns="constant"))
    with pytest.raises(ValueError, match="The covariates effect, constant are expected. Received: effect"):
        lstm_zoo.predict(trained, forecasting.read(future.drop(columns="constant"), covariates=["effect"]))
    with pytest.raises(ValueError, match="needed for 6 steps after the last y. Received: 0 for the series 'a'"):
        lstm_zoo.predict(trained, table)
    assert pipelines.read_options(trained) == {"covariates": ("effect", "constant")}


def test_arrays_give_arrays_and_frames_frames(pipeline, tmp_path):
    answer = lstm_zoo.predict(pipeline, wave())
    assert answer.shape == (1, 6, 10)
    assert np.all(np.diff(answer[..., 1:]) >= 0)
    table = lstm_zoo.predict(pipeline, frame())
    assert table["unique_id"].tolist() == ["a"] * 6 + ["b"] * 6
    assert table["ds"][0] == HOURS[-1] + pd.Timedelta(hours=1)
    frame().to_csv(tmp_path / "series.csv", index=False)
    pd.testing.assert_frame_equal(lstm_zoo.predict(pipeline, tmp_path / "series.csv"), table)


@pytest.mark.parametrize(
    "times",
    [
        pd.date_range("2026-03-20", periods=60, freq="h", tz="Europe/Berlin"),
        pd.period_range("2026-01", periods=60, freq="M").to_series().reset_index(drop=True),
        [datetime.date(2026, 1, 1) + datetime.timedelta(days=day) for day in range(60)],
        pd.date_range("2026-01-01", periods=60).strftime("%Y%m%d").astype("int64"),
        range(60),
    ],
    ids=["zone", "periods", "dates", "digits", "numbers"],
)
def test_answers_have_the_times_of_the_frame(pipeline, times):
    history = pd.DataFrame({"unique_id": "a", "ds": times, "y": wave()})
    answer = lstm_zoo.predict(pipeline, history.iloc[:54])
    assert answer["ds"].dtype == history["ds"].dtype
    assert len(answer.merge(history, on=["unique_id", "ds"])) == 6  # they join, all of them


def test_pandas_series_give_frames(pipeline):
    load = pd.Series(wave(), index=HOURS, name="load")
    for source in (load, [load], {"load": load}):
        answer = lstm_zoo.predict(pipeline, source)
        assert answer["unique_id"].tolist() == ["load"] * 6
        assert answer["ds"].iloc[0] == HOURS[-1] + pd.Timedelta(hours=1)
    assert lstm_zoo.predict(pipeline, [wave(), wave()]).shape == (2, 6, 10)


def test_the_calendar_is_that_of_local_clocks():
    local = pd.date_range("2026-03-20", periods=40, freq="D", tz="Europe/Berlin")  # clocks change on the 29th
    series = frames.read(pd.Series(np.arange(40.0), index=local))
    preprocessing = forecasting.TASK.adapt(series, lookback=12, horizon=6, calendar=True)
    day = windows.features_of(series[0], preprocessing)[:, :2]
    np.testing.assert_array_equal(day, np.broadcast_to([0.0, 1.0], (40, 2)))  # sine and cosine of midnight


def test_a_short_series_is_read_as_far_as_it_goes(pipeline):
    padded = np.concatenate([np.full(20, np.nan), wave()[:5]])
    np.testing.assert_array_equal(lstm_zoo.predict(pipeline, wave()[:5]), lstm_zoo.predict(pipeline, padded))


def test_fine_tuning_keeps_the_sizes(pipeline, tmp_path):
    lstm_zoo.save(pipeline, tmp_path / "first.keras")
    options = {"weights": str(tmp_path / "first.keras"), "epochs": 1, "batch_size": 8, "verbose": False}
    data = np.stack([wave(level=2)] * 3)
    tuned = lstm_zoo.train("forecasting/seq2seq", data, folder=tmp_path / "run", **{**options, "learning_rate": 1e-9})
    ours, theirs = (networks.network_of(each).trainable_weights for each in (tuned, pipeline))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.ones((2, 9)), {}, "12 steps, twice the horizon, are needed. The longest has 9"),
        (np.full((2, 30), np.nan), {}, "No series is longer than the horizon of 6 steps"),
        (np.ones((2, 60)), {"calendar": True}, "calendar needs time stamps"),
        (frame(), {"covariates": 3}, "covariates is a list of names of columns. Received: 3"),
    ],
)
def test_data_that_does_not_fit(tmp_path, data, options, message):
    with pytest.raises(ValueError, match=message):
        train(tmp_path / "run", data, **options)
    assert not (tmp_path / "run").exists()


def test_explain_is_for_attention(pipeline):
    with pytest.raises(ValueError, match="option of forecasting/seq2seq: 'explain'.*sentiment/attention"):
        lstm_zoo.predict(pipeline, wave(), explain=True)


def test_a_series_without_a_value_is_named(pipeline):
    late = np.r_[wave(), np.full(30, np.nan)]  # longer than the look-back of 12 steps
    with pytest.warns(UserWarning, match="'1' and 1 more has no value in its last 12 steps: its forecast is NaN"):
        answer = lstm_zoo.predict(pipeline, [wave(), [np.nan] * 20, late])
    assert np.isnan(answer).all(axis=(1, 2)).tolist() == [False, True, True]
