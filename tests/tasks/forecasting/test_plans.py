"""plans.py: what suits series."""

import numpy as np
import pandas as pd
import pytest
from tasks.forecasting.series import wave

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.tasks.forecasting import frames, plans


def series(step, count, number=1):
    """Series of noise with such a step."""
    times = pd.date_range("2020-01-01", periods=count, freq=step)
    rows = np.random.default_rng(0).normal(10, 1, (number, count))
    return frames.read([pd.Series(y, times, name=str(place)) for place, y in enumerate(rows)])


@pytest.mark.parametrize(
    ("step", "count", "horizon", "seasons"),
    [
        ("h", 2000, 48, [24, 168]),
        ("15min", 5000, 96, [96, 672]),
        ("D", 700, 14, [7]),
        ("B", 700, 10, [5]),
        ("W", 400, 13, [52]),
        ("MS", 200, 18, [12]),
        ("QS", 100, 8, [4]),
        ("YS", 60, 6, []),
    ],
)
@pytest.mark.parametrize("network", ["segment", "seq2seq", "deepar"])
def test_a_step_decides(step, count, horizon, seasons, network):
    suited = plans.suited(network, series(step, count), {})
    assert (suited["horizon"], suited["seasons"]) == (horizon, seasons)
    registry.get_network(f"forecasting/{network}").build(
        **{
            key: value
            for key, value in suited.items()
            if key not in ("batch_size", "epochs", "patience", "learning_rate")
        }
    )


@pytest.mark.parametrize("length", [3, 5, 10, 20, 30, 60, 97, 150, 1000])
@pytest.mark.parametrize("horizon", [None, 1, 2, 7, 13, 97])
def test_every_length_can_be_built(length, horizon):
    given = {} if horizon is None else {"horizon": horizon}
    suited = {**given, **plans.suited("segment", frames.read(wave(length)[None]), given)}
    lstm_zoo.build("forecasting/segment", **{key: suited[key] for key in ("lookback", "horizon", "segment", "seasons")})


@pytest.mark.parametrize("season", [4, 7, 11, 12, 24])
def test_whole_numbers_are_looked_through_for_seasons(season):
    generator = np.random.default_rng(0)
    y = np.tile(generator.normal(size=season), 20) + generator.normal(0, 0.2, 20 * season)
    found = plans.suited("segment", frames.read(y[None]), {"horizon": 4})["seasons"]
    assert found[0] == season
    noise = generator.normal(size=500)
    assert plans.suited("segment", frames.read(noise[None]), {})["seasons"] == []


def test_what_is_given_goes_before_and_the_rest_fits():
    suited = plans.suited("segment", series("h", 2000), {"lookback": 96, "horizon": 24})
    assert "lookback" not in suited
    assert suited["seasons"] == [24]
    assert 96 % suited["segment"] == 24 % suited["segment"] == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"horizon": 0}, "horizon is a whole number of at least 1. Received: 0"),
        ({"horizon": True}, "horizon is a whole number of at least 1. Received: True"),
        ({"horizon": 2.5}, "horizon is a whole number"),
        ({"lookback": -3}, "lookback is a whole number of at least 1. Received: -3"),
        ({"seasons": 12}, "seasons is a list of whole numbers of steps"),
        ({"seasons": ["12"]}, "seasons is a list"),
    ],
)
def test_sizes_that_no_series_can_be_cut_by(given, message):
    with pytest.raises(ValueError, match=message):
        plans.suited("segment", series("h", 2000), given)


@pytest.mark.parametrize("lookback", [7, 24, 50, 100, 336])
@pytest.mark.parametrize("horizon", [1, 6, 12, 48])
def test_a_look_back_that_is_given_has_whole_segments(lookback, horizon):
    suited = plans.suited("segment", series("h", 2000), {"lookback": lookback, "horizon": horizon})
    if horizon <= lookback:
        assert lookback % suited["segment"] == horizon % suited["segment"] == 0


def test_a_run_tells_what_was_chosen_and_how_it_ended(tmp_path, capsys):
    lstm_zoo.train("forecasting", wave(90)[None], folder=tmp_path / "run", epochs=1)
    told = capsys.readouterr().err
    assert "By the data: horizon 12" in told
    assert "seasonal naive" in told
    assert "forecasts.png" in told
    assert lstm_zoo.predict(tmp_path / "run" / "pipeline.keras", wave(90)).shape == (1, 12, 10)
