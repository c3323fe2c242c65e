"""The data sets of forecasting, and the user's own series cut for validation."""

import datetime
import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lstm_zoo import datasets
from lstm_zoo.datasets import ett, m4
from lstm_zoo.tasks.forecasting.grid import times_at
from lstm_zoo.tasks.forecasting.networks import HORIZON
from lstm_zoo.tasks.forecasting.series import Series

DAY, MONTH = datetime.timedelta(days=1), datetime.timedelta(days=30)
WINDOWS = 8_192  # for validation, of all series together, about
ETT_ENDS = {"train": 12, "validation": 16, "test": 20}  # months (Zhou et al. 2021)


def load_ett(name: str, split: str) -> list[Series]:
    """The channels of a file of ETT: the first 12 months, and the 4 and 4 months after them.

    Every window of a split is forecast, from `first` on; what lies before is there to be read.
    """
    step = ett.FILES[name].step
    ends = {part: months * MONTH // step for part, months in ETT_ENDS.items()}
    first = {"train": 0, "validation": ends["train"], "test": ends["validation"]}[split]
    return [
        Series(
            unique_id=channel["unique_id"],
            y=channel["y"][: ends[split]],
            ds=times_at(pd.Timestamp(np.datetime64(channel["start"], "s")), pd.Timedelta(step), np.arange(ends[split])),
            covariates=np.zeros((ends[split], 0), "float32"),
            step=pd.Timedelta(step),
            first=first,
            scale=float(channel["y"][: ends["train"]].std()),
            season=DAY // step,
            horizon=HORIZON,
        )
        for channel in datasets.load(f"ett/{name}")
    ]


def load_m4(name: str, split: str) -> list[Series]:
    """The series of a frequency of M4.

    The competition's training part but for its last steps, as many as it had forecast; these; and the competition's
    test.
    """
    return [_m4_series(example, split, m4.FREQUENCIES[name]) for example in datasets.load(f"m4/{name}")]


def _m4_series(example, split, frequency):
    horizon, season = frequency.horizon, frequency.season
    y = np.concatenate([example["y"], example["future"]])
    y = y[: {"train": -2 * horizon, "validation": -horizon, "test": None}[split]]
    first = 0 if split == "train" else len(y) - horizon
    history = y[: first or None]
    return Series(
        unique_id=example["unique_id"],
        y=y,
        ds=pd.RangeIndex(len(y)),
        covariates=np.zeros((len(y), 0), "float32"),
        first=first,
        scale=float(np.abs(history[season:] - history[:-season]).mean()) or None,
        season=season,
        horizon=horizon,
        spacing=frequency.step,
    )


DATASETS = {
    f"ett/{name}": datasets.Dataset(
        load=functools.partial(load_ett, name), license=f"ETT{name}, {ett.LICENSE}", limits=file.limits
    )
    for name, file in ett.FILES.items()
} | {
    f"m4/{name}": datasets.Dataset(
        load=functools.partial(load_m4, name), license=f"M4 {name.capitalize()}, {m4.LICENSE}", limits=frequency.limits
    )
    for name, frequency in m4.FREQUENCIES.items()
}


def split(series: Sequence[Series], seed: int = 0, horizon: int = HORIZON) -> tuple[list[Series], list[Series]]:
    """Set the end of every series aside for validation: the horizon at least, up to a fifth for more windows.

    The seed has no part in it.

    Returns:
        Two lists of `Series`: shorter ones for training, whole ones for validation.

    Raises:
        ValueError: no series is long enough to be cut.
    """
    long = [item for item in series if len(item.y) >= 2 * horizon]
    if not long:
        longest = max(len(item.y) for item in series)
        raise ValueError(
            f"No validation split: {2 * horizon} steps, twice the horizon, are needed. The longest has {longest}. "
            "Take a smaller horizon, or pass `validation`."
        )
    most = horizon - 1 + max(1, WINDOWS // len(long))  # steps: windows of a series begin at each
    firsts = [len(item.y) - max(horizon, min(len(item.y) // 5, most)) for item in long]
    return [shortened(item, first) for item, first in zip(long, firsts)], [
        item._replace(first=first) for item, first in zip(long, firsts)
    ]


def shortened(item: Series, steps: int, ahead: int = 0) -> Series:
    """A series as it was after `steps` steps, with the times and covariates of `ahead` more."""
    return item._replace(y=item.y[:steps], ds=item.ds[: steps + ahead], covariates=item.covariates[: steps + ahead])
