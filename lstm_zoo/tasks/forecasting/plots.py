"""History and fan chart."""

import math
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lstm_zoo.tables.table import Columns
from lstm_zoo.tasks.forecasting.frames import COLUMNS, read
from lstm_zoo.tasks.forecasting.quantiles import QUANTILES
from lstm_zoo.tasks.forecasting.series import Series, times_of

MAX_SERIES = 12  # in one figure


def plot(
    history: Any,
    forecasts: pd.DataFrame | np.ndarray,
    path: str | pathlib.Path | None = None,
    *,
    steps: int | None = None,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
) -> Figure:
    """Draw the end of each series and the fan of its forecast: median, mean, and the intervals of 20 to 80 %.

    Args:
        history: what `predict` was given.
        forecasts: what it returned.
        path: of an image file to write; its ending says which kind.
        steps: of the past that are shown. None: four times the horizon.
        columns, delimiter, target: how a table is read, as `predict` was told.

    Returns:
        matplotlib.figure.Figure, of the first 12 series.

    Raises:
        ValueError: forecasts of other series than the history's.

    Example:

    >>> plot(frame, predict("forecasting", frame), "fan.png")
    """
    series = read(history, columns=columns, delimiter=delimiter, target=target)
    if isinstance(forecasts, pd.DataFrame):
        fans = {str(name): rows[COLUMNS].to_numpy() for name, rows in forecasts.groupby("unique_id", sort=False)}
    else:
        fans = {item.unique_id: rows for item, rows in zip(series, np.asarray(forecasts), strict=True)}
    shown = [item for item in series if item.unique_id in fans][:MAX_SERIES]
    if not shown:
        raise ValueError(f"The forecasts are of other series than the history: {list(fans)[:5]}")
    fans = [(item, len(item.y), fans[item.unique_id]) for item in shown]
    return drawn(fans, path, steps)


def drawn(
    fans: Sequence[tuple[Series, int, np.ndarray]], path: str | pathlib.Path | None = None, steps: int | None = None
) -> Figure:
    """Draw fans over their series.

    Args:
        fans: a series, the step at which its forecast begins, and the forecast (horizon, 10), each.
        path, steps: see `plot`.
    """
    columns = min(3, len(fans)) if len(fans) != 4 else 2
    rows = math.ceil(len(fans) / columns)
    figure = Figure(figsize=(5 * columns, 3 * rows), layout="constrained")
    for axes, (item, begin, fan) in zip(figure.subplots(rows, columns, squeeze=False).flat, fans):
        times = times_of(item, 0, max(len(item.y), begin + len(fan)))
        past = slice(max(0, begin - (steps or 4 * len(fan))), min(len(item.y), begin + len(fan)))
        ahead = times[begin : begin + len(fan)]
        axes.plot(times[past], item.y[past], color="black", linewidth=1, label="series")
        for low in range(len(QUANTILES) // 2):
            label = f"{QUANTILES[low]:.0%} to {QUANTILES[-1 - low]:.0%}" if low == 0 else None
            axes.fill_between(ahead, fan[:, 1 + low], fan[:, -1 - low], color="tab:blue", alpha=0.18, lw=0, label=label)
        axes.plot(ahead, fan[:, 1 + len(QUANTILES) // 2], color="tab:blue", label="median")
        axes.plot(ahead, fan[:, 0], color="tab:orange", linestyle="--", linewidth=1, label="mean")
        axes.set_title(item.unique_id)
        axes.tick_params(axis="x", labelrotation=30)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    for axes in figure.axes[len(fans) :]:
        axes.set_visible(False)
    if path is not None:
        figure.savefig(path, dpi=120)
    return figure
