"""anomalies.py: values that are further from the forecast than chance would have them."""

import numpy as np
import pytest
from tasks.forecasting import naive
from tasks.forecasting.series import SIZES, frame, wave

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.tasks import forecasting
from lstm_zoo.tasks.forecasting import anomalies, conformal

CALIBRATION = np.arange(1, 100) / 20  # 99 scores up to 4.95


def judged(y, calibration=CALIBRATION, alpha=0.05):
    """Steps of one series, by naive forecasts with an interval of 1 to both sides."""
    return anomalies.judge(naive.pipeline(calibration), forecasting.read({"a": y}), np.asarray(calibration), alpha)


def test_a_score_counts_half_widths_and_p_the_calibration_scores_beyond():
    y = np.cumsum(np.random.default_rng(0).normal(scale=3, size=40))
    found = judged(y)
    np.testing.assert_array_equal(found.rows[:, 1], np.arange(6, 40))  # half of a look-back of 12
    np.testing.assert_allclose(found.scores, np.diff(y)[5:])
    np.testing.assert_allclose(found.forecasts[:, [1, 5, 9]], y[5:-1, None] + [-1, 0, 1])
    for score, p in zip(found.scores, found.p):
        assert p == (1 + sum(other >= abs(score) for other in CALIBRATION)) / 100
    assert found.anomaly.any()
    np.testing.assert_array_equal(found.anomaly, found.p <= 0.05)
    np.testing.assert_array_equal(found.anomaly, np.abs(found.scores) > found.threshold)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_as_many_usual_steps_are_anomalies_as_alpha_says(alpha):
    rng = np.random.default_rng(1)
    found = judged(np.cumsum(rng.normal(size=4000)), np.sort(np.abs(rng.normal(size=999))), alpha)
    assert found.anomaly.mean() == pytest.approx(alpha, rel=0.35)


def test_each_side_of_an_interval_has_its_own_width():
    forecasts = np.array([[0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]] * 3)
    np.testing.assert_allclose(anomalies.scores_of(np.array([8.0, -2.0, 0.0]), forecasts), [2, -2, 0])


def test_gaps_are_passed_over():
    y = np.zeros(60)
    y[20], y[30:46] = np.nan, np.nan
    found = judged(y)
    steps = found.rows[:, 1].tolist()
    assert 20 in steps
    assert 30 in steps
    assert steps[steps.index(36) :][:2] == [36, 52]  # less than half of the look-back is known between them
    missing = np.isnan(y[found.rows[:, 1]])
    assert np.isnan(found.scores[missing]).all()
    assert np.isnan(found.p[missing]).all()
    assert not found.anomaly.any()
    assert not found.scores[~missing].any()


def test_after_a_constant_past_any_other_value_is_an_anomaly():
    scores = anomalies.scores_of(np.array([0.3, 0.1 + 0.2, 0.4, 0.2]), np.full((4, 10), 0.3))
    assert scores.tolist() == [0, 0, np.inf, -np.inf]
    assert anomalies.p_values(scores, CALIBRATION).tolist() == [1, 1, 0.01, 0.01]


def test_short_series():
    short = {"long": np.zeros(20), "short": np.zeros(5), "sparse": [1, np.nan, np.nan] * 10}
    with pytest.warns(UserWarning, match="2 of 3 series, like 'short', have no such step"):
        rows = anomalies.rows_of(forecasting.read(short), 12)
    assert set(rows[:, 0]) == {0}
    with pytest.raises(ValueError, match="Half of the 12 steps before .* No series has them: the longest has 6 steps"):
        anomalies.rows_of(forecasting.read({"a": np.zeros(6)}), 12)


def test_a_step_is_forecast_from_what_lies_before_it(pipeline):
    found = anomalies.judge(pipeline, forecasting.read(frame()), CALIBRATION, 0.05)
    assert len(found.rows) == 2 * (60 - 6)
    for place in (0, 20, 53, 60):
        number, step = found.rows[place]
        y = found.series[number].y[:step]
        np.testing.assert_allclose(found.forecasts[place], lstm_zoo.predict(pipeline, y)[0, 0], rtol=1e-5)


def test_covariates_behind_the_end_are_those_of_the_last_step():
    series = forecasting.read(frame(price=np.arange(120.0)), covariates=["price"])
    prepared = forecasting.adapt(series, lookback=12, horizon=6)
    network = lstm_zoo.build("forecasting/seq2seq", covariates=1, **SIZES)
    reading = registry.get_network("forecasting/seq2seq").pipeline(network, prepared)
    found = anomalies.judge(reading, series, CALIBRATION, 0.05)
    known = [item._replace(covariates=np.append(item.covariates, [item.covariates[-1]] * 6, axis=0)) for item in series]
    np.testing.assert_array_equal(found.forecasts, anomalies.judge(reading, known, CALIBRATION, 0.05).forecasts)
    assert np.isfinite(found.forecasts).all()


def test_many_steps_are_forecast_bit_by_bit(pipeline, monkeypatch):
    series = forecasting.read(frame())
    whole = anomalies.judge(pipeline, series, CALIBRATION, 0.05)
    monkeypatch.setattr(anomalies, "CHUNK", 50)
    np.testing.assert_allclose(anomalies.judge(pipeline, series, CALIBRATION, 0.05).forecasts, whole.forecasts)


def test_calibration_scores():
    np.testing.assert_allclose(anomalies.calibration_of(naive.pipeline(CALIBRATION[::-1]), 0.01), CALIBRATION)
    with pytest.raises(ValueError, match="has 99 calibration scores, and so an alpha of at least 1/100;.* 0.005"):
        anomalies.calibration_of(naive.pipeline(CALIBRATION), 0.005)
    with pytest.raises(ValueError, match="no layer 'calibrated', .* Train it again"):
        anomalies.calibration_of(naive.pipeline(None), 0.01)


def test_windows_without_a_width_are_calibration_scores_too():
    layer = conformal.Conformal(1)
    layer.build((None, 1, 10))
    conformal.keep_scores(layer, np.array([[0.0], [1.0], [1.0], [np.nan]]), np.zeros((4, 1, 10)))
    scores = layer.get_weights()[1]
    assert scores[:3].tolist() == [0, np.inf, np.inf]
    assert np.isnan(scores[3:]).all()
    np.testing.assert_allclose(anomalies.p_values(np.array([9, np.inf]), scores[:3]), [3 / 4, 3 / 4])


def test_plot(tmp_path):
    y = wave(60)
    y[40] = 99
    series = forecasting.read({f"wave {number}": y for number in range(14)})
    found = anomalies.judge(naive.pipeline(CALIBRATION), series, CALIBRATION, 0.05)
    figure = anomalies.plot(found, tmp_path / "anomalies.png")
    assert [axes.get_title() for axes in figure.axes] == [f"wave {number}" for number in range(12)]
    [marked] = [line for line in figure.axes[0].lines if line.get_label() == "anomaly"]
    assert marked.get_xydata().tolist() == [[40, 99], [41, y[41]]]
    assert (tmp_path / "anomalies.png").read_bytes().startswith(b"\x89PNG")
