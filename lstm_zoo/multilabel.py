"""Several labels an example: checked, split, weighed, learnt, answered and scored, each label by itself.

The labels of an example are a tuple, in their order and none of them twice, () for none; those of `classification`,
where one of them holds, are texts. Each label is a yes or no of its own: a sigmoid, and a threshold beside it.
"""

from __future__ import annotations

import collections
import itertools
import math
import pathlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from lstm_zoo import classification, layers, networks, outputs
from lstm_zoo.calibration import (
    RELIABILITY,
    best_thresholds,
    calibration_error,
    platt,
    plot_reliability,
    reliability,
)
from lstm_zoo.classification import check_label, lookup, ordered
from lstm_zoo.contract import Evaluation, Examples

MAX_LABELS = 1_000  # of one example: more are a text that was cut into labels
MAX_WEIGHT = 10.0  # of a positive example beside a negative one, however rare the label is
LISTS = (list, tuple, set, frozenset, np.ndarray)  # what several labels come in
PER_LABEL = "labels.csv"
BESIDE = (PER_LABEL, RELIABILITY)  # endings of what stands beside a table of examples


def is_multilabel(subject: Examples | keras.Model | Mapping[str, Any]) -> bool:
    """Whether each of checked examples has several labels, or a pipeline, or one that a card is of, answers several."""
    if isinstance(subject, Mapping):
        return "thresholds" in subject
    if isinstance(subject, keras.Model):
        return any(isinstance(layer, layers.Thresholds) for layer in subject.layers)
    return bool(subject) and isinstance(subject[0][1], tuple)


def check_label_cells(cells: Sequence[tuple[str, Any]], separator: str | None = None) -> list[str | tuple[str, ...]]:
    """Labels of checked form: a text of each row or, where the cells are lists, a tuple of each.

    Args:
        cells: pairs (place, cell) of all rows.
        separator: between the labels in a cell that is a text. None: a text is one label.

    Raises:
        ValueError: what is no label; one label in a row where others have lists; more than `MAX_LABELS` in one row. The
            message names the row.

    Example:

    >>> check_label_cells([("Row 0", "late;rude"), ("Row 1", "")], ";")
    [('late', 'rude'), ()]
    """
    if separator is not None:
        if not isinstance(separator, str) or not separator.strip():
            raise ValueError(f'label_separator is a text, like ";". Received: {separator!r:.160}')
        cells = [(place, _cut(cell, separator)) for place, cell in cells]
        if not any(len(cell) > 1 for _, cell in cells):
            warnings.warn(f"label_separator={separator!r} stands in no cell: is it another one?", stacklevel=3)
    if not any(isinstance(cell, LISTS) for _, cell in cells):
        return [check_label(cell, place) for place, cell in cells]
    labels = []
    for place, cell in cells:
        if not isinstance(cell, LISTS):
            raise ValueError(
                f"{place} has no list of labels, as others have: one label is a list of one, none an empty list. "
                f"Received: {cell!r:.160}"
            )
        if len(cell) > MAX_LABELS:
            raise ValueError(f"{place} has at most {MAX_LABELS:,} labels. Received: {len(cell):,}")
        labels.append(tuple(ordered(check_label(label, place) for label in cell)))
    return labels


def _cut(cell, separator):
    """The labels in a cell that is a text; a list as it is."""
    if isinstance(cell, LISTS):
        return cell
    cell = cell.decode() if isinstance(cell, bytes) else "" if cell is None else str(cell)
    return [part.strip() for part in cell.split(separator) if part.strip()]


def labels_of(examples: Sequence[tuple]) -> list[str]:
    """All labels of examples, one behind the other."""
    return list(itertools.chain.from_iterable(example[1] for example in examples))


def split(examples: Sequence[tuple], seed: int = 0) -> tuple[list[tuple], list[tuple]]:
    """Set a tenth of the examples aside for validation, about the same share of every label.

    An example counts by the rarest of its labels, see `classification.split`. One with a label that would not be learnt
    otherwise is learnt.

    Raises:
        ValueError: too few examples to set one aside.
    """
    counts = collections.Counter(labels_of(examples))
    rarest = [min(labels, key=counts.get, default="no label") for _, labels in examples]
    rows, held_out = classification.split(list(enumerate(rarest)), seed)
    learnt = {label for row, _ in rows for label in examples[row][1]}
    held_out = {row for row, _ in held_out if learnt.issuperset(examples[row][1])}
    return (
        [example for row, example in enumerate(examples) if row not in held_out],
        [example for row, example in enumerate(examples) if row in held_out],
    )


def positive_weights(
    labels: Sequence[tuple[str, ...]], names: Sequence[str], class_weight: str | Mapping[str, float] | None = "balanced"
) -> np.ndarray:
    """What an example that has a label weighs beside one that has it not, float32 (labels,).

    Args:
        labels: of each example.
        names: of all labels.
        class_weight: "balanced": as many times as there are more of the latter, from 1 to `MAX_WEIGHT`. Or label ->
            weight, 1 for others. None: 1 for all.
    """
    if class_weight != "balanced":
        return np.array([(class_weight or {}).get(name, 1.0) for name in names], np.float32)
    counts = collections.Counter(itertools.chain.from_iterable(labels))
    return np.array([np.clip(len(labels) / max(1, counts[name]) - 1, 1.0, MAX_WEIGHT) for name in names], np.float32)


def indicators(labels: Sequence[tuple[str, ...]], names: Sequence[str]) -> np.ndarray:
    """Which labels the examples have: bool (examples, labels).

    Raises:
        ValueError: a label that is none of the names.
    """
    classification.check_labels(itertools.chain.from_iterable(labels), names)
    number = {name: place for place, name in enumerate(names)}
    found = np.zeros((len(labels), len(names)), bool)
    for row, own in enumerate(labels):
        found[row, [number[label] for label in own]] = True
    return found


def cross_entropy(targets: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy (batch,), the mean over the labels.

    Args:
        targets: (batch, labels), 0 for a label that an example has not, else what it weighs.
        logits: (batch, labels).
    """
    targets = ops.cast(targets, logits.dtype)
    positive = ops.cast(targets > 0, logits.dtype)
    return ops.mean(ops.where(targets > 0, targets, 1.0) * (ops.softplus(logits) - positive * logits), axis=-1)


def answer(logits: keras.KerasTensor, layer: keras.layers.StringLookup) -> dict[str, keras.KerasTensor]:
    """What a pipeline answers to logits (batch, labels), which a `labels` layer numbers.

    Returns:
        Dict of `labels` (batch, labels) string, "" in the place of one whose probability is below its threshold, and
        `probabilities` (batch, labels), in the layer's order, which do not add up to 1.
    """
    probabilities = keras.layers.Activation("sigmoid", name="probabilities", dtype="float32")(logits)
    numbers = layers.Thresholds(name="thresholds")(probabilities)
    names = lookup(layer.get_vocabulary(), invert=True, oov_token="")
    return {"labels": names(numbers), "probabilities": probabilities}


def decode(rows: Sequence[dict[str, Any]], *_: Any) -> list[dict[str, Any]]:
    """Plain Python answers, the most probable label first: `[{"labels": ["late", "rude"]}, {"labels": []}, ...]`."""
    answers = []
    for row in rows:
        order = np.argsort(-row["probabilities"], kind="stable")
        answers.append({"labels": [row["labels"][place].decode() for place in order if row["labels"][place]]})
    return answers


def thresholds_of(pipeline: keras.Model) -> dict[str, float]:
    """Label -> its threshold, to four digits."""
    [thresholds] = pipeline.get_layer("thresholds").get_weights()
    names = classification.describe(pipeline)["labels"]
    return dict(zip(names, (round(float(threshold), 4) for threshold in thresholds)))


def calibrate(
    pipeline: keras.Model,
    probabilities: np.ndarray,
    labels: Sequence[tuple[str, ...]],
    weights: np.ndarray,
    scale: Callable[[keras.Model, np.ndarray, np.ndarray], None] = networks.scale_logits,
) -> None:
    """Have probabilities mean what they say, and fit the thresholds, by examples that nothing has learnt from.

    Args:
        pipeline: whose head and thresholds are set.
        probabilities: (examples, labels), its answers.
        labels: the right ones, of each example.
        weights: (labels,), `positive_weights` that it learnt with, which raise the odds so many times.
        scale: (network, slopes, biases) -> None, has it give logits times slopes plus biases.
    """
    right = indicators(labels, pipeline.get_layer("labels").get_vocabulary())
    probabilities = np.clip(np.asarray(probabilities, np.float64), 1e-7, 1 - 1e-7)
    logits = np.log(probabilities / (1 - probabilities))
    slopes, biases = platt(logits, right, -np.log(weights))
    scale(networks.network_of(pipeline), slopes, biases)
    fitted = best_thresholds(1 / (1 + np.exp(-(logits * slopes + biases))), right)
    pipeline.get_layer("thresholds").set_weights([fitted.astype(np.float32)])


def metrics(right: np.ndarray, answered: np.ndarray) -> dict[str, float]:
    """Micro F1, the mean over the labels of their F1, and the share of examples all of whose labels are right.

    Args:
        right, answered: bool (examples, labels).

    Example:

    >>> metrics(np.array([[True, False], [True, True]]), np.array([[True, False], [True, False]]))
    {'micro_f1': 0.8, 'macro_f1': 0.5, 'exact_match': 0.5}
    """
    hits, counts = (right & answered).sum(0), right.sum(0) + answered.sum(0)
    of_label = 2 * hits / np.maximum(counts, 1)
    values = 2 * hits.sum() / max(1, counts.sum()), of_label[counts > 0].mean() if counts.any() else 1.0
    values = *values, (right == answered).all(1).mean()
    return dict(zip(("micro_f1", "macro_f1", "exact_match"), (round(float(value), 4) for value in values)))


def evaluation(
    examples: Mapping[str, Sequence[Any]],
    references: Sequence[tuple[str, ...]],
    answers: Sequence[dict[str, Any]],
    probabilities: np.ndarray,
    thresholds: Mapping[str, float],
) -> Evaluation:
    """How good labels are, with a table of examples and one of labels.

    The calibration error is that of all labels of all examples together, each a yes or no: where one label is told too
    often and another too seldom at the same probability, it sees neither.

    Args:
        examples: title -> cells of what the table says of each example.
        references: the right labels.
        answers: as many of the pipeline.
        probabilities: (examples, labels), in the order of `thresholds`.
        thresholds: of every label that it knows.
    """
    names, predictions = list(thresholds), [answer["labels"] for answer in answers]
    right, answered = indicators(references, names), indicators(predictions, names)
    diagram = reliability(np.ravel(probabilities), right.ravel())

    def table():
        correct = (right == answered).all(1)
        labels = {"labels": list(map(list, references)), "predicted_labels": predictions, "correct": correct}
        return pd.DataFrame({**examples, **labels})

    def write(path: pathlib.Path):
        outputs.write(per_label(right, answered, thresholds), outputs.beside(path, PER_LABEL))
        plot_reliability(diagram, outputs.beside(path, RELIABILITY))

    measured = {**metrics(right, answered), "calibration_error": calibration_error(diagram)}
    return Evaluation(metrics=measured, reliability=diagram, table=table, write=write)


def per_label(right: np.ndarray, answered: np.ndarray, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """A row a label: how many examples have it, precision, recall and F1, and its threshold; None for 0 of 0."""
    rows = []
    for place, (name, threshold) in enumerate(thresholds.items()):
        hits, support, found = ((right & answered)[:, place].sum(), right[:, place].sum(), answered[:, place].sum())
        shares = {"precision": (hits, found), "recall": (hits, support), "f1": (2 * hits, support + found)}
        shares = {key: round(float(part / whole), 4) if whole else math.nan for key, (part, whole) in shares.items()}
        rows.append({"label": name, "support": int(support), **shares, "threshold": threshold})
    return pd.DataFrame(rows)
