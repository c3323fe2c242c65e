"""Whether what a server is asked is like what its model learnt from."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lstm_zoo.answering import warning_of
from lstm_zoo.serving.requests import Instance
from lstm_zoo.tasks.forecasting.dates import wall_seconds
from lstm_zoo.tasks.forecasting.series import Series
from lstm_zoo.text.profiles import FEW


class Watch:
    """Looks at each `FEW` texts or recordings that come together or one after another, and warns once of such as are
    unlike.

    At series it looks once, since that takes a forecast of them.

    Args:
        name: of the model.
        unlike: function of texts, of recordings, or of series and `run`, that gives a sentence where they are unlike
            others, else None. None: never.
        outputs_of: function of instances that gives the outputs of the model, a dict each.
    """

    def __init__(
        self,
        name: str,
        unlike: Callable[..., str | None] | None,
        outputs_of: Callable[[list[Instance]], list[dict[str, Any]]] | None = None,
    ):
        self.name, self.unlike, self.outputs_of = name, unlike, outputs_of
        self.instances: list[Instance] = []

    def look_at(self, instances: Sequence[Instance]) -> None:
        """Count further instances, dicts of the inputs of a model of texts, of recordings or of series."""
        if self.unlike is None:
            return
        self.instances += instances
        if len(self.instances) < FEW:
            return
        instances, self.instances = self.instances, []
        unlike, name = self.unlike, self.name
        if "history" in instances[0]:
            self.unlike = None
            sentence = unlike([series_of(instance) for instance in instances], run=self._run)
        elif "waveform" in instances[0]:
            sentence = unlike([recording_of(instance) for instance in instances])
        else:
            texts = (text for instance in instances for text in instance.values())
            sentence = unlike([text.decode("utf-8", "replace") for text in texts])
        if sentence:
            self.unlike = None
            warnings.warn(warning_of(name, sentence), stacklevel=2)

    def _run(self, series):
        return self.outputs_of([instance_of(item) for item in series])


def series_of(instance: Instance) -> Series:
    """The series of an instance: its times are those that local clocks show, or whole numbers."""
    y = np.asarray(instance["history"], "float64")
    seconds, covariates = instance.get("time"), instance.get("covariates", np.zeros((len(y), 0), "float32"))
    ds = pd.RangeIndex(len(y)) if seconds is None else pd.DatetimeIndex(seconds.astype("datetime64[s]"))
    return Series(instance.get("unique_id", b"").decode("utf-8", "replace"), y, ds, covariates)


def recording_of(instance: Instance) -> np.ndarray:
    """The recording of an instance, float32 (samples,)."""
    return np.asarray(instance["waveform"], "float32")[: int(instance["samples"])]


def instance_of(item: Series) -> Instance:
    """The instance of a series as `series_of` gives it, with all that a model may read."""
    instance = {"history": item.y, "unique_id": item.unique_id.encode(), "covariates": item.covariates}
    return instance | ({"time": wall_seconds(item.ds)} if isinstance(item.ds, pd.DatetimeIndex) else {})
