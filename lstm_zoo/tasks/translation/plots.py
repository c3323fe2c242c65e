"""What people look at: which words of a sentence each word of its translation came from."""

import pathlib
from typing import Any

from matplotlib.figure import Figure


def plot(answer: dict[str, Any], path: str | pathlib.Path) -> pathlib.Path:
    """Write a heat map of the attention of one translation.

    Args:
        answer: one of `lstm_zoo.predict("translation", texts, alignment=True)`.
        path: of the picture, whose ending tells its format: alignment.png.

    Returns:
        Path of the picture.

    Raises:
        ValueError: an answer without `alignment`.

    Example:

    >>> answer = lstm_zoo.predict("translation", ["Ein Hund rennt."], alignment=True)[0]
    >>> plot(answer, "alignment.png")
    """
    if not isinstance(answer, dict) or "alignment" not in answer:
        raise ValueError(f"An answer of predict(..., alignment=True) is expected. Received: {answer!r}")
    source, target, weights = (answer["alignment"][key] for key in ("source", "target", "weights"))
    figure = Figure(figsize=(2.5 + 0.35 * len(source), 2 + 0.3 * len(target)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(weights, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(source)), source, rotation=60, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(target)), target)
    axes.xaxis.tick_top()
    axes.set(xlabel="source", ylabel="translation")
    figure.colorbar(image, label="attention")
    figure.savefig(path, dpi=120)
    return pathlib.Path(path)
