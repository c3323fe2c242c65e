"""How the LSTMs of forecasts read a series, for `inspect`."""

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.caching import cached_in_model, graph_of
from lstm_zoo.steps import Reading, Steps
from lstm_zoo.tasks.forecasting.pipelines import encode, forecast_of, horizon_of
from lstm_zoo.tasks.forecasting.series import Series, times_of


def read_segments(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTM of a `segment` reads a series: segment by segment, then once for each of those that it forecasts."""
    lookback, horizon = pipeline.get_layer("window").steps, horizon_of(pipeline)
    width = lookback // networks.network_of(pipeline).get_layer("segments").output.shape[1]
    inputs = encode(pipeline, [item])
    steps = steps_over(pipeline, item, inputs, 0, (lookback + horizon) // width, width)
    return Reading(run=next_value, inputs=inputs, steps={"": steps})


def read_history(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTMs of a `seq2seq` read a series: the look-back, value by value."""
    inputs = encode(pipeline, [item])
    steps = steps_over(pipeline, item, inputs, 0, pipeline.get_layer("window").steps)
    return Reading(run=next_value, inputs=inputs, steps={"": steps})


def next_value(pipeline: keras.Model, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """The mean of the forecast of the first step ahead, (1, 1)."""
    return pipeline(inputs)["mean"][:, :1]


def read_history_and_forecast(pipeline: keras.Model, item: Series) -> Reading:
    """How the LSTMs of a `deepar` read a series: the look-back, then the mean of the forecast, value by value."""
    network, inputs = networks.network_of(pipeline), encode(pipeline, [item])
    features, scaled = graph_of(_sampling(pipeline), rows=1)(inputs)
    first = max(network.get_layer("lags").seasons, default=1)  # value that the first step is to predict
    lookback = pipeline.get_layer("window").steps
    count = lookback + horizon_of(pipeline) - first
    return Reading(
        run=first_value,
        inputs={**features, "target": scaled[..., 0]},
        steps={"": steps_over(pipeline, item, inputs, first - 1, count)},
        answered=lookback - first,
    )


@cached_in_model
def _sampling(pipeline):
    """A model from what a `deepar` takes to what its network reads of it, and to its forecast in the same units."""
    network, sampler = networks.network_of(pipeline), pipeline.get_layer("deepar")
    names = {name: name for name in network.input if name != "target"}
    return keras.Model(pipeline.input, [keras.tree.pack_sequence_as(names, sampler.input), sampler.output])


def first_value(pipeline: keras.Model, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """What the network of a `deepar` makes of the first step that it reads, (1, 1)."""
    return networks.network_of(pipeline)(inputs, training=False)[:, 0, :1]


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
    forecast = graph_of(pipeline, rows=1)(inputs)
    mean, *quantiles = forecast_of({name: value.numpy()[0] for name, value in forecast.items()}).T

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
