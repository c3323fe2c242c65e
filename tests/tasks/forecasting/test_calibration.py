"""calibration.py, stacking.py, shares.py, conformal.py: what validation decides of a pipeline."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tasks.forecasting.series import train, wave

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import conformal
from lstm_zoo.tasks.forecasting.pipelines import encode
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN, QUANTILES
from lstm_zoo.tasks.forecasting.shares import Shares
from lstm_zoo.tasks.forecasting.stacking import shares_of

LEVELS = np.array([-1.28155157, -0.84162123, -0.52440051, -0.2533471, 0, 0.2533471, 0.52440051, 0.84162123, 1.28155157])


def forecasts(windows, horizon, width=1.0):
    """Of noise around 0 a forecast of so wide a normal distribution."""
    return np.tile(np.concatenate([[0.0], width * LEVELS]), (windows, horizon, 1))


def test_shares_begin_as_the_network_and_move_median_mean_and_quantiles():
    layer = Shares()
    forecast, bases = forecasts(2, 3) + 1, np.stack([np.full((2, 3), 5.0), np.full((2, 3), 9.0)], -1)
    np.testing.assert_allclose(layer(forecast, bases), forecast, rtol=1e-6)
    layer.set_weights([np.array([0.5, 0.5, 0.0])])
    moved = keras.ops.convert_to_numpy(layer(forecast, bases))
    np.testing.assert_allclose(moved, forecast + 2, rtol=1e-6)  # half way from 1 to 5


def test_the_better_forecasts_are_heard():
    generator = np.random.default_rng(0)
    errors = generator.normal(size=(5000, 3)) * [1.0, 1.0, 10.0]
    shares = shares_of(errors, np.ones(5000), np.full(3, 1 / 3), windows=500)
    assert shares.sum() == pytest.approx(1)
    assert shares[:2] == pytest.approx([0.5, 0.5], abs=0.03)
    assert shares[2] < 0.03


def test_few_windows_leave_the_prior_and_many_do_not():
    errors = np.random.default_rng(0).normal(size=(200, 2)) * [1.0, 1.3]
    prior = np.array([0.2, 0.8])
    few, many = (shares_of(errors, np.ones(200), prior, windows) for windows in (1, 10_000))
    assert abs(few - prior).max() < abs(many - prior).max()
    assert many[0] > 0.5


@pytest.mark.parametrize("width", [0.5, 1.0, 2.0])
def test_intervals_hold_whatever_their_width_was(width):
    generator = np.random.default_rng(0)
    layer = conformal.Conformal(4)
    layer.build((None, 4, 10))
    targets, told = generator.normal(size=(2000, 4)), forecasts(2000, 4, width)
    conformal.calibrate(layer, targets, told, windows=2000)
    conformal.keep_scores(layer, targets, keras.ops.convert_to_numpy(layer(told)))
    targets = generator.normal(size=(2000, 4))
    calibrated = keras.ops.convert_to_numpy(layer(forecasts(2000, 4, width)))
    for pair in range(conformal.PAIRS):
        within = (targets >= calibrated[..., 1 + pair]) & (targets <= calibrated[..., -1 - pair])
        assert within.mean() == pytest.approx(QUANTILES[-1 - pair] - QUANTILES[pair], abs=0.02)
    assert np.all(np.diff(calibrated[..., 1:]) >= 0)
    np.testing.assert_array_equal(calibrated[..., [0, 1 + MEDIAN]], 0)
    scores = layer.get_weights()[1]
    assert np.isfinite(scores).all()
    assert np.mean(scores > 1) == pytest.approx(0.2, abs=0.03)


def test_few_windows_make_wider_intervals():
    targets = np.random.default_rng(0).normal(size=(20, 4))
    widths = []
    for windows in (2, 1000):
        layer = conformal.Conformal(4)
        layer.build((None, 4, 10))
        conformal.calibrate(layer, targets, forecasts(20, 4), windows)
        widths.append(layer.get_weights()[0].mean())
    assert widths[0] > widths[1]


def test_few_windows_have_a_fan_all_the_same():
    layer = conformal.Conformal(4)
    layer.build((None, 4, 10))
    conformal.calibrate(layer, np.random.default_rng(0).normal(size=(3, 4)), forecasts(3, 4), windows=1)
    assert np.all(np.diff(keras.ops.convert_to_numpy(layer(forecasts(1, 4)))[..., 1:]) > 0)


def test_missing_values_and_medians_that_hit_count_as_within():
    targets = np.array([[0.0, np.nan, 3.0]])
    np.testing.assert_array_equal(conformal.distances(targets, np.zeros((1, 3, 10)))[0], [0, np.nan, np.inf])
    layer = conformal.Conformal(3)
    layer.build((None, 3, 10))
    conformal.calibrate(layer, np.full((2, 3), np.nan), forecasts(2, 3), windows=2)
    conformal.keep_scores(layer, np.full((2, 3), np.nan), forecasts(2, 3))
    factors, scores = layer.get_weights()
    np.testing.assert_array_equal(factors, 1)
    assert np.isnan(scores).all()


@pytest.mark.parametrize("network", ["segment", "seq2seq", "deepar"])
def test_a_run_calibrates_and_its_file_keeps_that(network, tmp_path):
    own = {"segment": {"segment": 6}}.get(network, {})
    noise = np.random.default_rng(0).normal(0, 0.5, (4, 120))
    pipeline = train(tmp_path / "run", wave(120) + noise, network, **own)
    again = lstm_zoo.load(tmp_path / "run" / "pipeline.keras")
    factors = again.get_layer("calibrated").get_weights()[0]
    assert np.abs(factors - 1).max() > 0
    np.testing.assert_array_equal(factors, pipeline.get_layer("calibrated").get_weights()[0])
    if network != "deepar":
        shares = networks.network_of(again).get_layer("shares").get_weights()[0]
        assert shares.sum() == pytest.approx(1)
        assert shares[0] < 1
    assert lstm_zoo.info(again)["metrics"]["validation"]["coverage"] > 0.7
    assert set(lstm_zoo.info(again)["baselines"]) == {"naive", "seasonal naive", "NLinear"}
    assert (tmp_path / "run" / "forecasts.png").exists()


@pytest.fixture(scope="module")
def counts():
    """Rare sales, of which most steps have none."""
    return np.random.default_rng(0).poisson(0.4, (4, 120)).astype("float64")


@pytest.mark.parametrize("network", ["seq2seq", "deepar"])
@pytest.mark.filterwarnings("ignore:alpha is:UserWarning", "ignore:The series:UserWarning")
def test_what_was_never_negative_is_not_forecast_below_0(network, counts, tmp_path):
    pipeline = train(tmp_path / "run", counts, network)
    inputs = encode(pipeline, forecasting.read(counts))
    free = keras.Model(pipeline.input, pipeline.get_layer("unscale").output).predict_on_batch(inputs)
    assert free.min() < 0
    for known in (pipeline, lstm_zoo.load(tmp_path / "run" / "pipeline.keras")):
        answer = lstm_zoo.predict(known, counts)
        assert answer.min() == 0
        assert np.isnan(lstm_zoo.predict(known, [[np.nan] * 20])).all()
    if network == "seq2seq":  # deepar draws other paths
        np.testing.assert_array_equal(answer, np.maximum(free, 0))
        np.testing.assert_allclose(lstm_zoo.predict(pipeline, counts - 9), free - 9, rtol=1e-3)  # a past below 0
    assert lstm_zoo.anomalies(pipeline, counts)[["q0.1", "median"]].min().min() >= 0
    saved = tf.saved_model.load(str(lstm_zoo.export(pipeline, tmp_path / "exported")))
    assert saved.serve(inputs)["quantiles"].numpy().min() == 0


def test_who_has_a_floor(counts, tmp_path):
    late = counts.copy()
    late[0, -1] = -1

    def floored(data, **options):
        options = {name: forecasting.read(value) if name == "validation" else value for name, value in options.items()}
        return forecasting.adapt(forecasting.read(data), lookback=12, horizon=6, **options)["nonnegative"]

    assert floored(counts)
    assert not floored(late)
    assert not floored(counts, validation=late)
    assert not floored(counts, nonnegative=False)
    assert floored(late, nonnegative=True)
    with pytest.raises(ValueError, match="nonnegative is True or False. Received: 'no'"):
        train(tmp_path / "run", counts, nonnegative="no")


def test_a_floor_leaves_the_share_of_anomalies(tmp_path):
    pipeline = train(tmp_path / "run", np.random.default_rng(1).poisson(0.4, (20, 240)), epochs=2)
    found = lstm_zoo.anomalies(pipeline, np.random.default_rng(2).poisson(0.4, (20, 240)), alpha=0.1)
    assert 0.01 < found["anomaly"].mean() < 0.13
