"""Series that the tests of forecasting share, and how they train."""

import numpy as np
import pandas as pd

import lstm_zoo
from lstm_zoo.tasks.forecasting import dates
from lstm_zoo.tasks.forecasting.observations import regularity

SIZES = {"lookback": 12, "horizon": 6, "units": 8}
HOURS = pd.date_range("2026-01-01", periods=60, freq="h")


def wave(steps=60, level=10.0):
    """A wave of 6 steps around a level."""
    return level + np.sin(np.arange(steps) * 2 * np.pi / 6)


def frame(steps=60, **columns):
    """Two hourly series, a and b, in the long format."""
    hours = pd.date_range(HOURS[0], periods=steps, freq="h")
    both = [
        pd.DataFrame({"unique_id": name, "ds": hours, "y": wave(steps, level)}) for name, level in (("a", 1), ("b", 9))
    ]
    return pd.concat(both, ignore_index=True).assign(**columns)


def train(folder, data, network="seq2seq", **options):
    """A small pipeline, trained for one epoch."""
    defaults = {"epochs": 1, "batch_size": 16, "learning_rate": 0.01, "verbose": False, **SIZES}
    return lstm_zoo.train(f"forecasting/{network}", data, folder=folder, **{**defaults, **options})


def read_column(values):
    """The times of a column `ds` of one series, a row a value."""
    column = pd.Series(values)
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        column = column.astype("category" if isinstance(column.iloc[0], str) else object)
    return dates.read_stamps(column, "Row {}".format, regularity(np.zeros(len(column), "int32")))
