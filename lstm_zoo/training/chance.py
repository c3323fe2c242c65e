"""Whether a trained pipeline tells labels apart at all: a run that never left chance says so."""

from __future__ import annotations

import collections
import math
import warnings
from collections.abc import Sequence

from lstm_zoo.registry import Evaluation, Examples, Task


def told_of(task: Task, validating: Examples, evaluation: Evaluation) -> dict[str, str]:
    """What a record says of a pipeline that is no better than chance: `chance`, a sentence; else nothing.

    Args:
        task: of the pipeline. One without labels has nothing to say.
        validating: examples that it was scored on.
        evaluation: its score on them.
    """
    if task.labels is None:
        return {}
    sentence = at_chance(list(map(str, task.labels(validating))), list(evaluation.table()["predicted_label"]))
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
