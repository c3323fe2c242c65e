"""What readers share: packages, rows of unlike length as one array, and labels of probabilities."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

NONE = "[none]"  # the label of what is none of the words

Run = Callable[..., np.ndarray]  # arrays by the names of a network's inputs -> its output


def need(package: str) -> Any:
    """A package; an ImportError that tells how to get it, where it is not installed.

    Example:

    >>> need("numpy").__name__
    'numpy'
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(f"This folder needs {package}: pip install {package}") from error


def padded(rows: Sequence[Any], dtype: str) -> np.ndarray:
    """Rows (any, ...) as one array (rows, longest, ...), 0 behind each; one step at least.

    Example:

    >>> padded([[5, 7], [2]], "int32").tolist()
    [[5, 7], [2, 0]]
    """
    rows = [np.asarray(row, dtype) for row in rows]
    whole = np.zeros((len(rows), max(1, *map(len, rows)), *rows[0].shape[1:]), dtype)
    for place, row in enumerate(rows):
        whole[place, : len(row)] = row
    return whole


def labelled(probabilities: np.ndarray, told: Mapping[str, Any], scores: bool) -> Iterator[dict[str, Any]]:
    """Answers to probabilities (rows, labels).

    Args:
        probabilities: in the order of the labels.
        told: metadata of the network: `labels`; `thresholds`, where several may hold; `threshold`, below which the
            answer is `[none]`.
        scores: whether each has the probabilities of all labels.

    Example:

    >>> next(labelled(np.array([[0.25, 0.75]]), {"labels": ["bad", "good"]}, False))
    {'label': 'good', 'score': 0.75}
    """
    names = told["labels"]
    for row in probabilities:
        if "thresholds" in told:
            holds = [place for place in np.argsort(-row, kind="stable") if row[place] >= told["thresholds"][place]]
            answer = {"labels": [names[place] for place in holds]}
        else:
            best = _best(row, names, told.get("threshold"))
            answer = {"label": names[best], "score": float(row[best])}
        yield answer | ({"scores": dict(zip(names, map(float, row)))} if scores else {})


def _best(row, names, threshold):
    """The place of the most probable label; with a threshold that of the best word, if it reaches it."""
    if threshold is None:
        return row.argmax()
    none = names.index(NONE)
    best = np.where(np.arange(len(row)) == none, -1, row).argmax()
    return best if row[best] >= threshold else none
