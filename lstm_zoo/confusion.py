"""Which labels are taken for which."""

import pathlib
from collections.abc import Sequence

import pandas as pd

from lstm_zoo import outputs

CONFUSION = ("confusion.csv", "confusion.png")  # endings of what stands beside a table of labels


def write_confusion(
    references: Sequence[str], predictions: Sequence[str], path: pathlib.Path, names: Sequence[str]
) -> None:
    """Write a confusion matrix, rows the right labels, as a table and as a plot.

    Args:
        references, predictions: labels.
        path: of a table, beside which `.confusion.csv` and `.confusion.png` are written.
        names: of the labels that there are, in their order.
    """
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

    counts = confusion_matrix(references, predictions, labels=names)
    frame = pd.DataFrame(counts, columns=names)
    frame.insert(0, "label", names, allow_duplicates=True)
    outputs.beside(path, CONFUSION[0]).write_text(outputs.csv_of(frame), encoding="utf-8")
    size = 2.5 + 0.5 * min(len(names), 60)  # inches
    figure = Figure(figsize=(size, size), layout="constrained")
    plot = ConfusionMatrixDisplay(counts, display_labels=names)
    rotation = "vertical" if max(map(len, names)) > 3 else "horizontal"
    plot.plot(
        ax=figure.subplots(), cmap="Blues", colorbar=False, include_values=len(names) <= 30, xticks_rotation=rotation
    )
    plot.ax_.set(xlabel="predicted label", ylabel="label")
    figure.savefig(outputs.beside(path, CONFUSION[1]), dpi=150)
