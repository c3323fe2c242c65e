"""plots.py: history and fan."""

import pytest
from tasks.forecasting.series import frame, wave

import lstm_zoo
from lstm_zoo.tasks import forecasting


def test_plot(pipeline, tmp_path):
    figure = forecasting.plot(frame(), lstm_zoo.predict(pipeline, frame()), tmp_path / "fan.png")
    assert [axes.get_title() for axes in figure.axes] == ["a", "b"]
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")
    forecasting.plot(wave()[None], lstm_zoo.predict(pipeline, wave()))
    forecasting.plot(frame().rename(columns={"y": "load"}), lstm_zoo.predict(pipeline, frame()), columns={"y": "load"})
    with pytest.raises(ValueError, match="of other series than the history"):
        forecasting.plot({"other": wave()}, lstm_zoo.predict(pipeline, frame()))
