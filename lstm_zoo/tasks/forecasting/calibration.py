"""What validation decides of a trained pipeline: what each part of a forecast counts, and how wide intervals are.

Combined forecasts are hard to beat (Bates and Granger 1969, https://doi.org/10.1057/jors.1969.103). Shares are at least
0 and sum to 1, as in stacking (Breiman 1996, https://doi.org/10.1007/BF00117832); where data do not pay for a network
its share is 0, and the answer is that of the others.
"""

from collections.abc import Sequence

import keras
import numpy as np

from lstm_zoo import networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.forecasting import conformal, scoring
from lstm_zoo.tasks.forecasting.quantiles import MEDIAN
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.tasks.forecasting.stacking import shares_of
from lstm_zoo.tasks.forecasting.windows import batches, num_apart, thinned

WINDOWS = 2_048  # for validation that decide, at most


def calibrate(pipeline: keras.Model, preprocessing: Preprocessing, series: Sequence[Series]) -> None:
    """Fit to validation windows what each part of a forecast counts, then the width of its intervals.

    A floor comes after that: of what it cuts off nobody could tell how far from the median it was. What anomalies are
    judged by is the whole forecast, floor and all.
    """
    network, apart = networks.network_of(pipeline), num_apart(series, preprocessing)
    if any(layer.name == "shares" for layer in network.layers):
        errors, weights = _errors(network, preprocessing, series)
        prior = np.zeros(errors.shape[1])
        prior[[0, -1]] = 0.5  # network and linear map: the naive forecasts are in the network's mixture
        network.get_layer("shares").set_weights([shares_of(errors, weights, prior, apart)])
    series, rows = scoring.scored(series, preprocessing["horizon"])
    rows = thinned(rows, WINDOWS)
    steps = np.arange(preprocessing["horizon"])
    targets = np.stack([series[number].y[step + steps] for number, step in rows])
    layer = pipeline.get_layer("calibrated")
    conformal.calibrate(layer, targets, scoring.forecast(pipeline, series, rows), apart)
    if preprocessing["nonnegative"]:
        pipeline.get_layer("floor").set_weights([np.zeros(())])
    conformal.keep_scores(layer, targets, scoring.forecast(pipeline, series, rows))


def _errors(network, preprocessing, series):
    """Errors (targets, forecasts) of the network and of its bases, and what they count (targets,)."""
    forecast, bases = network.get_layer("quantiles").output, network.get_layer("bases").output
    model = keras.Model(network.input, [forecast, bases])
    errors, weights = [], []
    for inputs, answers in batches(series, preprocessing, scoring.BATCH_SIZE, limit=WINDOWS):
        answers = answers.numpy().astype("float64")
        forecast, bases = model.predict_on_batch({name: inputs[name] for name in network.input})
        points = np.concatenate([forecast[..., 1 + MEDIAN, None], bases], -1)
        errors.append((points - answers[..., :1]).reshape(-1, points.shape[-1]))
        weights.append(answers[..., 1].ravel())
    return np.concatenate(errors), np.concatenate(weights)
