"""Whether a trained pipeline tells labels apart at all: a run that never left chance says so."""

from __future__ import annotations

import collections
import itertools
import math
import warnings
from collections.abc import Sequence

from lstm_zoo.contract import Evaluation, Examples, Task


def told_of(task: Task, validating: Examples, evaluation: Evaluation) -> dict[str, str]:
    """What a record says of a pipeline that is no better than chance: `chance`, a sentence; else nothing.

    Args:
        task: of the pipeline. One without labels has nothing to say.
        validating: examples that it was scored on.
        evaluation: its score on them.
    """
    if task.labels is None:
        return {}
    answered = evaluation.table()
    if "predicted_label" not in answered:  # several a text
        sentence = multilabel_at_chance(answered["labels"], answered["predicted_labels"])
    else:
        sentence = at_chance(list(map(str, task.labels(validating))), list(answered["predicted_label"]))
    return {"chance": sentence} if sentence else {}


def warn(sentence: str, epochs: int) -> None:
    """Warn of a pipeline that was trained for so many epochs and is no better than chance, as `sentence` tells."""
    warnings.warn(
        f"{sentence} It was trained for {epochs} epochs: look at curves.png in the folder of the run. While the "
        "training loss falls, try more epochs and patience; if it does not, a smaller batch_size, another "
        "learning_rate, or weights= to begin with. Few examples of a label, or labels that are not in the text or "
        "sound, end here too.",
        stacklevel=5,
    )


def at_chance(references: Sequence[str], predictions: Sequence[str | None]) -> str | None:
    """A sentence with the numbers where predictions are no better than chance, else None.

    Chance is twofold, and both have to be reached: the accuracy of always answering the most frequent label, give or
    take a standard deviation less one row, so that of 4 rows 3 right ones are above it and of 1,000 those of a coin,
    505, are not; and the mean over the labels of their recall, which is 1 / labels for whatever is answered without
    looking, give or take a standard deviation. By the accuracy alone a network with balanced weights, which finds a
    rare label at the price of a few frequent ones, would be below it.

    Args:
        references: the right labels.
        predictions: as many that were answered, None for no answer.

    Example:

    >>> at_chance(["good", "good", "bad", "bad"], ["good"] * 4)
    'On 4 examples for validation it is no better than chance: accuracy 0.500, always answering 'bad' 0.500; ...'
    """
    rows, of_label, answered = len(references), collections.Counter(references), collections.Counter(predictions)
    label, most = max(sorted(of_label.items()), key=lambda item: item[1])
    hits = collections.Counter(right for right, prediction in zip(references, predictions) if right == prediction)
    right, labels = sum(hits.values()), len(of_label)
    recall = sum(hits[name] / count for name, count in of_label.items()) / labels
    share = {name: answered[name] / rows for name in of_label}
    spread = math.sqrt(sum(share[name] * (1 - share[name]) / count for name, count in of_label.items())) / labels
    margin = max(0.0, math.sqrt(most * (1 - most / rows)) - 1)
    if labels < 2 or right > most + margin or recall > 1 / labels + spread + 1e-9:
        return None
    return (
        f"On {rows:,} examples for validation it is no better than chance: accuracy {right / rows:.3f}, always "
        f"answering {label!r} {most / rows:.3f}; mean recall of its labels {recall:.3f}, guessing {1 / labels:.3f}."
    )


def multilabel_at_chance(references: Sequence[Sequence[str]], predictions: Sequence[Sequence[str]]) -> str | None:
    """A sentence with the numbers where sets of labels are no better than the best one for all examples, else None.

    That one is the labels from the most frequent on, as many as have the highest micro F1.

    Args:
        references: the right labels of each example.
        predictions: as many that were answered.

    Example:

    >>> multilabel_at_chance([["late"], ["late", "rude"]], [["late"], ["late"]])
    "On 2 examples for validation it is no better than chance: micro F1 0.800, always answering 'late' 0.800."
    """
    counts = collections.Counter(label for labels in references for label in labels).most_common()
    rows, support = len(references), sum(count for _, count in counts)
    hits = itertools.accumulate(count for _, count in counts)
    always = [2 * right / (support + rows * size) for size, right in enumerate(hits, 1)]
    right = sum(len(set(labels) & set(answered)) for labels, answered in zip(references, predictions))
    reached = 2 * right / max(1, support + sum(map(len, predictions)))
    best = max(always, default=0.0)
    if not always or reached > best + 1e-9:
        return None
    names = ", ".join(repr(label) for label, _ in counts[: always.index(best) + 1][:10])
    return (
        f"On {rows:,} examples for validation it is no better than chance: micro F1 {reached:.3f}, always answering "
        f"{names} {best:.3f}."
    )
