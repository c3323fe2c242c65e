"""The published files: a row of `weights.json` says where a file is and proves what it is."""

import json
import pathlib
from typing import Any

from lstm_zoo.registry import TASKS, resolve, unknown

ROWS = pathlib.Path(__file__).with_name("weights.json")
# What a row has; nothing may be missing or empty. Where a metric has a signature, as BLEU has, `signature` tells it.
FIELDS = {
    "name": str,
    "network": str,
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


def rows() -> list[dict[str, Any]]:
    """All rows of `weights.json`."""
    return json.loads(ROWS.read_text(encoding="utf-8"))


def find(name: str) -> dict[str, Any]:
    """The row that a name means: a row's name, or a task or task/network, for the first row of it.

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    is_model = str(name).partition("/")[0] in TASKS
    prefix = f"{'-'.join(resolve(name))}-" if is_model else None
    for row in rows():
        if row["name"] == name or (is_model and row["name"].startswith(prefix)):
            return row
    raise unknown("weights", name, [*TASKS, *(row["name"] for row in rows())])
