"""Pictures of an LSTM while it reads: a heat map for each gate, its memory, and one unit, coloured onto the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from scipy.cluster import hierarchy

from lstm_zoo.steps import Steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_WIDTH, STEP_WIDTH = 18, 0.24  # inches, of a picture and of a step in a short one
MAX_LINES = 20  # of a text that one unit is coloured onto
# What is drawn of each, with a scale that people tell apart who see no red or green: Nunez et al. 2018,
# https://doi.org/10.1371/journal.pone.0199239.
MAPS = {
    "forget": "Forget gate: how much of the memory is kept",
    "input": "Input gate: how much is written",
    "output": "Output gate: how much of the memory is shown",
    "cell": "Cell: the memory, as tanh(c)",
}
MARKS = {"\n": "↵", "\t": "⇥", " ": "␣", "\u2581": "_"}  # of tokens that nobody sees
POSITIVE, NEGATIVE = (94, 60, 153), (230, 97, 1)  # the purple and the orange of Matplotlib's "PuOr"
STRENGTH = 0.65  # of the colours under a text, in which black letters are still read
MAX_COLUMNS = 200  # of the heat maps that the order of the units is found on


def picture(title: str, gates: dict[str, Any], steps: Steps, unit: int | None = None) -> Figure:
    """What an LSTM does at every step: its input, its gates, its memory, and how much of it is kept.

    The units are in one order in all heat maps, in which those that do alike are neighbours, see `order_of`.

    Args:
        title: of the picture.
        gates: of the LSTM, as `inspect` returns them.
        steps: what its steps are.
        unit: that is shown by itself: what is in its cell, coloured onto the text, or as a line. None: none.

    Returns:
        matplotlib.figure.Figure.
    """
    cells, count = np.tanh(gates["cell"]), len(gates["steps"])
    units = cells.shape[1]
    width = float(np.clip(2.5 + STEP_WIDTH * count, 7, MAX_WIDTH))
    columns = int(width * 8.5)
    lines = [] if unit is None or steps.separator is None else lines_of(gates["steps"], steps, columns)
    rows = [("unit", max(0.5, 0.25 * min(len(lines), MAX_LINES)) if lines else 1.4)] if unit is not None else []
    rows += [("draw", 2.0)] if steps.draw is not None else []
    rows += [*((name, 1.7) for name in MAPS), ("mean", 1.4)]
    names, heights = zip(*rows)
    figure = Figure(figsize=(width, 1.2 + sum(heights) + 0.35 * len(rows)), layout="constrained")
    every = dict(zip(names, figure.subplots(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]))
    figure.suptitle(f"{title}: {count} steps, {units} units, like beside like", fontweight="bold")

    order = order_of(gates)
    for name, told in MAPS.items():
        axes, signed = every[name], name == "cell"
        values = (cells if signed else gates[name])[:, order].T
        scale = {"cmap": "PuOr", "vmin": -1, "vmax": 1} if signed else {"cmap": "cividis", "vmin": 0, "vmax": 1}
        image = axes.imshow(values, aspect="auto", interpolation="nearest", **scale)
        figure.colorbar(image, ax=axes, pad=0.01, aspect=10, ticks=[-1, 0, 1] if signed else [0, 0.5, 1])
        axes.set(title=told, ylabel="unit")
        places = np.unique(np.linspace(0, units - 1, 5).astype(int))
        axes.set_yticks(places, order[places])
    every["mean"].plot(gates["forget"].mean(axis=1), color="black", linewidth=1, marker="." if count < 80 else None)
    every["mean"].set(title="Mean forget gate of all units: low where memory is dropped", ylabel="kept")
    if steps.draw is not None:
        steps.draw(every["draw"])
    if unit is not None and lines:
        colour_text(every.pop("unit"), lines, cells[:, unit], columns)
    elif unit is not None:
        every["unit"].plot(cells[:, unit], color="black", linewidth=1)
        every["unit"].axhline(0, color="grey", linewidth=0.5)
        every["unit"].set(ylim=(-1.05, 1.05), ylabel="tanh(c)")
    if unit is not None:
        told = ": orange below 0, purple above" if lines else ""
        told += f", in the first {MAX_LINES} lines" if len(lines) > MAX_LINES else ""
        figure.axes[0].set_title(f"Cell of unit {unit}{told}")
    for axes in every.values():
        axes.set_xlim(-0.5, count - 0.5)
        name_steps(axes, gates["steps"], int(width / STEP_WIDTH))
        axes.tick_params(labelbottom=axes is every["mean"])
    shown = len(every["mean"].get_xticks())
    every["mean"].set_xlabel(steps.kind if shown == count else f"{steps.kind}, {shown} of {count} named")
    return figure


def order_of(gates: dict[str, Any]) -> np.ndarray:
    """An order of the units, int (units,), in which those whose gates and cell are alike at all steps are neighbours,
    and of its two directions the one that begins with those that keep more of their memory.

    Ward's clusters (1963, https://doi.org/10.1080/01621459.1963.10500845), whose leaves are ordered as Bar-Joseph et
    al. 2001, https://doi.org/10.1093/bioinformatics/17.suppl_1.S22, have it.
    """
    units = gates["cell"].shape[1]
    if units < 2:
        return np.arange(units)
    parts = [gates["forget"], gates["input"], gates["output"], np.tanh(gates["cell"])]
    begins = np.linspace(0, len(gates["cell"]), min(len(gates["cell"]), MAX_COLUMNS), endpoint=False).astype(int)
    traces = np.concatenate([part[begins] for part in parts]).T
    order = hierarchy.leaves_list(hierarchy.linkage(traces, "ward", optimal_ordering=True))
    kept = gates["forget"].mean(axis=0)[order]
    return order if kept[: units // 2].sum() >= kept[-(units // 2) :].sum() else order[::-1]


def name_steps(axes: Axes, names: Sequence[Any], room: int) -> None:
    """Write what the steps are under axes, all of them or, where there is no room, every so many."""
    every = max(1, -(-len(names) // room))
    shown = [name_of(name) for name in names[::every]]
    long = max(map(len, shown)) > 1
    axes.set_xticks(range(0, len(names), every), shown, rotation=90 if long else 0, fontsize=8)


def name_of(step: Any) -> str:
    """What a step is, as people read it: seconds, a time, or a token, with a sign for what nobody sees."""
    if isinstance(step, float):
        return f"{step:.2f}"
    if hasattr(step, "isoformat"):
        return step.isoformat(" ", "minutes")
    return marked(str(step))


def marked(text: str) -> str:
    """A text with signs for what nobody sees, and in which Matplotlib finds no formula."""
    return "".join(MARKS.get(character, character) for character in text).replace("$", r"\$")


def lines_of(names: Sequence[str], steps: Steps, columns: int) -> list[list[tuple[int, str]]]:
    """A text in lines of at most so many characters: pairs (number of a step, its text with what is behind it)."""
    lines, room = [[]], columns
    for number, name in enumerate(names):
        shown = text_of(name, steps)
        if len(shown) > room:
            lines, room = [*lines, []], columns
        lines[-1].append((number, shown))
        room = 0 if name == "\n" else room - len(shown)
    return [line for line in lines if line]


def text_of(name: str, steps: Steps) -> str:
    """A step in a text, with the separator behind it; SentencePiece writes a space as "\u2581"."""
    return name.replace("\u2581", " ") + steps.separator


def colour_text(axes: Axes, lines: Sequence[Sequence[tuple[int, str]]], values: np.ndarray, columns: int) -> None:
    """Write the lines of a text, of at most so many characters, each step on the colour of its value from -1 to 1
    (Karpathy et al. 2016, https://arxiv.org/abs/1506.02078); of a long text the first ones."""
    for row, line in enumerate(lines[:MAX_LINES]):
        column = 0
        for number, shown in line:
            axes.barh(row, len(shown), 0.9, column, align="center", color=colour_of(values[number]))
            for place, character in enumerate(shown, column):
                if character != " ":
                    text = marked(character)
                    axes.text(place, row, text, va="center", family="monospace", fontsize=9)
            column += len(shown)
    axes.set(xlim=(0, columns), ylim=(min(len(lines), MAX_LINES) - 0.5, -0.5))
    axes.axis("off")


def colour_of(value: float) -> tuple[float, float, float]:
    """Red, green and blue, from 0 to 1: white at 0, orange at -1, purple at 1, light enough for black letters."""
    strength = STRENGTH * abs(float(value))
    full = POSITIVE if value > 0 else NEGATIVE
    return tuple(1 - strength * (1 - part / 255) for part in full)
