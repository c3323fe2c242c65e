"""The published files: a row of `weights.json` says where a file is and proves what it is."""

import json
import pathlib
from typing import Any

from lstm_zoo.contract import unknown
from lstm_zoo.registry import TASKS, resolve

ROWS = pathlib.Path(__file__).with_name("weights.json")
# What a row has; nothing may be missing or empty.
FIELDS = {
    "name": str,
    "network": str,
    "hyperparameters": dict,
    "file": str,
    "sha256": str,
    "bytes": int,
    "parameters": int,
    "data": str,
    "data_license": str,
    "license": str,
    "metrics": dict,
    "baselines": dict,
    "command": str,
    "commit": str,
    "seed": int,
    "versions": dict,
    "limits": str,
}
# What a row can have: how its first metric is computed, where there are several ways, as of BLEU; time and machine of
# its training; how good it is on other kinds of examples, see `lstm_zoo.weights.checks.is_out_of_domain`; of labels
# how often they hold on validation, by their probability, see `lstm_zoo.calibration.reliability`.
OPTIONAL = {"signature": str, "training": dict, "out_of_domain": dict, "reliability": dict}


# Rows that were published once -> the one to use in their place.
RETIRED = {
    "speech-ctc-an4": "speech-ctc-an4_all",
    "speech-ctc-an4_restarted": "speech-ctc-an4_all",
    "sentiment-attention-imdb_searched": "sentiment-attention-imdb",
    "forecasting-segment-m4_hourly": "forecasting-segment-m4_hourly_h48",
    "forecasting-segment-m4_hourly_searched": "forecasting-segment-m4_hourly_h48",
    "forecasting-segment-etth1": "forecasting-segment-etth1_h96",
    "forecasting-segment-etth1_192": "forecasting-segment-etth1_h192",
    "forecasting-segment-etth1_336": "forecasting-segment-etth1_h336",
    "forecasting-segment-etth1_720": "forecasting-segment-etth1_h336",
}


def rows() -> list[dict[str, Any]]:
    """All rows of `weights.json`."""
    return json.loads(ROWS.read_text(encoding="utf-8"))


def find(name: str) -> dict[str, Any]:
    """The row that a name means: a row's name, or a task or task/network, for the first row of it.

    Raises:
        ValueError: an unknown name, of which the message suggests the nearest, or one that was retired, of which it
            names the successor.
    """
    is_model = str(name).partition("/")[0] in TASKS
    prefix = f"{'-'.join(resolve(name))}-" if is_model else None
    for row in rows():
        if row["name"] == name or (is_model and row["name"].startswith(prefix)):
            return row
    if name in RETIRED:
        raise ValueError(f"{name} is no longer published. Its successor is {RETIRED[name]}.")
    raise unknown("weights", name, [*TASKS, *(row["name"] for row in rows())])


def row_of(path: pathlib.Path) -> dict[str, Any] | None:
    """The row whose published file, byte for byte, a path is; None for a file of somebody's own."""
    from lstm_zoo.weights.places import is_whole

    return next((row for row in rows() if is_whole(path, row)), None)
