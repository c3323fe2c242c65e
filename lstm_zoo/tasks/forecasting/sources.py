"""The data sets of forecasting, and the user's own series cut for validation."""

import numpy as np
import pandas as pd

from lstm_zoo import datasets
from lstm_zoo.tasks.forecasting.frames import Series, times_from
from lstm_zoo.tasks.forecasting.networks import HORIZON

DATASETS = {
    "ett/h1": datasets.Dataset(
        license="ETTh1, CC BY-ND 4.0 (Zhou et al. 2021)",
        limits="Hourly series like the loads and the oil temperature of one transformer; trained on one year of it.",
    ),
    "m4/hourly": datasets.Dataset(
        license="M4 Hourly, public data of the competition (Makridakis et al. 2020)",
        limits="Hourly series with a day and a week in them; trends and other spacings were never seen.",
    ),
}
MONTH = 30 * 24  # hours, in the ETT splits: 12, 4 and 4 months (Zhou et al. 2021)
ETT_ENDS = {"train": 12 * MONTH, "validation": 16 * MONTH, "test": 20 * MONTH}
HOUR = pd.Timedelta(hours=1)
M4_HORIZON = 48  # steps of the competition


def data(split, dataset="ett/h1"):
    """Series of a data set of the task.

    Args:
        split: "train", "validation" or "test".
        dataset: "ett/h1": the first 12 months, and the 4 and 4 months after them, in which every window is forecast; or
            "m4/hourly": the competition's training part but for its last 48 hours, these, and the competition's test.

    Returns:
        List of `Series`, whose `first` says where forecasts begin; what lies before is there to be read.

    Raises:
        ValueError: another split or data set.
        FileNotFoundError: not prepared and no network; the message says which file goes where.
    """
    datasets.check(dataset, split, DATASETS)
    cut = _ett if dataset == "ett/h1" else _m4
    return [cut(example, split) for example in datasets.load(dataset)]


def _ett(example, split):
    starts = {"train": 0, "validation": ETT_ENDS["train"], "test": ETT_ENDS["validation"]}
    y = example["y"][: ETT_ENDS[split]]
    return Series(
        unique_id=example["unique_id"],
        y=y,
        ds=times_from(np.datetime64(example["start"], "s"), HOUR, count=len(y)),
        covariates=np.zeros((len(y), 0), "float32"),
        step=HOUR,
        first=starts[split],
        scale=float(y[: ETT_ENDS["train"]].std()),
        season=24,
    )


def _m4(example, split):
    whole = np.concatenate([example["y"], example["future"]])
    ends = {"train": -2 * M4_HORIZON, "validation": -M4_HORIZON, "test": None}
    y = whole[: ends[split]]
    first = 0 if split == "train" else len(y) - M4_HORIZON
    history = y[: first or None]
    return Series(
        unique_id=example["unique_id"],
        y=y,
        ds=np.arange(len(y)),
        covariates=np.zeros((len(y), 0), "float32"),
        first=first,
        scale=float(np.abs(history[24:] - history[:-24]).mean()),
        season=24,
    )


def split(series, seed=0, horizon=HORIZON):
    """Set the last `horizon` steps of every series aside for validation. The seed has no part in it.

    Returns:
        Two lists of `Series`: shorter ones for training, whole ones for validation.

    Raises:
        ValueError: no series is long enough to be cut.
    """
    long = [one for one in series if len(one.y) >= 2 * horizon]
    if not long:
        longest = max(len(one.y) for one in series)
        raise ValueError(
            f"No validation split: {2 * horizon} steps, twice the horizon, are needed. The longest has {longest}. "
            "Take a smaller horizon, or pass `validation`."
        )
    return [shortened(one, len(one.y) - horizon) for one in long], [
        one._replace(first=len(one.y) - horizon) for one in long
    ]


def shortened(one, steps, ahead=0):
    """A series as it was after `steps` steps, with the times and covariates of `ahead` more."""
    return one._replace(y=one.y[:steps], ds=one.ds[: steps + ahead], covariates=one.covariates[: steps + ahead])
