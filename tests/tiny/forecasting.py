"""What the conformance tests know of forecasting: waves."""

import numpy as np
import pandas as pd

from lstm_zoo.tasks import forecasting


def waves(level):
    """40 steps of a wave of 6 steps around a level."""
    return level + np.sin(np.arange(40) * 2 * np.pi / 6)


TINY = {
    # waves of 6 steps at different levels, and one that begins late
    "examples": forecasting.TASK.read(
        {f"wave {level}": waves(level) for level in (0, 5, 100)} | {"short": waves(3)[20:]}
    ),
    "sizes": {"lookback": 12, "horizon": 6, "units": 8},
    # Long, short, of one value, constant, with gaps, without any value, of none, and huge.
    "raw": [
        waves(7).tolist(),
        [3.0, 4.0, 5.0],
        [2.0],
        [5.0] * 30,
        [1.0, float("nan"), 3.0, float("nan"), float("nan"), 2.0, 4.0, float("nan")],
        [float("nan")] * 3,
        [],
        (1e9 * waves(1)).tolist(),
    ],
    "empty": [],
    "learning": {"seq2seq": (0.03, 60)},  # it begins with a linear map that knows the waves: there is less to learn
    "networks": {
        "segment": {"segment": 6, "dropout": 0.0},
        "seq2seq": {"contexts": 4, "dropout": 0.0},
        "deepar": {"depth": 1},
    },
}


def write(folder):
    """The examples as a user's file, and what is asked on a command line: path, and words."""
    days = pd.date_range("2026-01-01", periods=40)
    frames = [pd.DataFrame({"unique_id": f"wave {level}", "ds": days, "y": waves(level)}) for level in (0, 5, 100)]
    pd.concat(frames).to_csv(folder / "data.csv", index=False)
    return folder / "data.csv", [str(folder / "data.csv")]
