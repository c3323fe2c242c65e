"""How the LSTMs of forecasts read a series, for `inspect`."""

import functools

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.steps import Reading, Steps
from lstm_zoo.tasks.forecasting.pipelines import encode, forecast_of, horizon_of
from lstm_zoo.tasks.forecasting.series import Series, times_of


def read_segments(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTM of a `segment` reads a series: segment by segment, then once for each of those that it forecasts."""
    lookback, horizon = pipeline.get_layer("window").steps, horizon_of(pipeline)
    width = lookback // networks.network_of(pipeline).get_layer("segments").output.shape[1]
    inputs = encode(pipeline, [item])
    steps = steps_over(pipeline, item, inputs, 0, (lookback + horizon) // width, width)
    return Reading(run=functools.partial(next_value, pipeline, inputs), steps={"": steps})


def read_history(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTMs of a `seq2seq` read a series: the look-back, value by value."""
    inputs = encode(pipeline, [item])
    steps = steps_over(pipeline, item, inputs, 0, pipeline.get_layer("window").steps)
    return Reading(run=functools.partial(next_value, pipeline, inputs), steps={"": steps})


def next_value(pipeline: keras.Model, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """The mean of the forecast of the first step ahead, (1, 1)."""
    return pipeline(inputs)["mean"][:, :1]


def read_history_and_forecast(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTMs of a `deepar` read a series: the look-back, then the mean of the forecast, value by value."""
    network, sampler = networks.network_of(pipeline), pipeline.get_layer("deepar")
    names = {name: name for name in network.input if name != "target"}
    features = keras.tree.pack_sequence_as(names, sampler.input)
    inputs = encode(pipeline, [item])
    features, scaled = keras.Model(pipeline.input, [features, sampler.output])(inputs)
    first = max(network.get_layer("lags").seasons, default=1)  # value that the first step is to predict
    lookback = pipeline.get_layer("window").steps
    count = lookback + horizon_of(pipeline) - first

    def run():
        return network({**features, "target": scaled[..., 0]}, training=False)[:, 0, :1]

    return Reading(run=run, steps={"": steps_over(pipeline, item, inputs, first - 1, count)}, answered=lookback - first)


def steps_over(
    pipeline: keras.Model, item: Series, inputs: dict[str, tf.Tensor], first: int, count: int, width: int = 1
) -> Steps:
    """So many steps of an LSTM over `width` values each, from the value `first` of the look-back on, named by their
    first time. Where a series is shorter than the look-back, there are times before it, without values.

    `inputs` is what the pipeline takes of the series.
    """
    lookback, horizon = pipeline.get_layer("window").steps, horizon_of(pipeline)
    begin = len(item.y) - lookback
    history = np.concatenate([np.full(max(0, -begin), np.nan), item.y[max(0, begin) :]])
    mean, *quantiles = forecast_of({name: value.numpy()[0] for name, value in pipeline(inputs).items()}).T

    def draw(axes):
        places = (np.arange(lookback + horizon) - first + 0.5) / width - 0.5
        axes.plot(places[:lookback], history, color="black", linewidth=1, label="series")
        axes.fill_between(places[lookback:], quantiles[0], quantiles[-1], alpha=0.3, lw=0, label="10% to 90%")
        axes.plot(places[lookback:], mean, linestyle="--", label="mean of the forecast")
        axes.set_title("The series, and its forecast")
        axes.legend(fontsize="small", loc="upper left")

    last = begin + first + count * width
    names = list(times_of(item, begin + first, last)[::width])
    return Steps(names=names, kind="time", draw=draw)
