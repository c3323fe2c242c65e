"""What `scripts/publish.py --out-of-domain` puts into the rows of published files."""

import json
import pathlib
from collections.abc import Mapping

from lstm_zoo.files import write_text
from lstm_zoo.weights import catalog


def write_out_of_domain(told: Mapping[str, Mapping[str, dict]], folder: pathlib.Path) -> None:
    """Write NAME.json for each published file that there is something to tell of.

    Args:
        told: name of a file -> name of other examples -> `metrics`, and `baselines` by their names, see
            `lstm_zoo.weights.checks.is_out_of_domain`. Names of files that are not published are left out.
        folder: made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (row["name"] for row in catalog.rows() if told.get(row["name"])):
        write_text(folder / f"{name}.json", json.dumps(told[name], indent=2) + "\n")
