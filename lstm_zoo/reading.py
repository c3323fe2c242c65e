"""How a task's examples are read: what a user says of his data, and what a trained pipeline decides of it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from lstm_zoo.contract import Examples, Task
from lstm_zoo.registry import get_task, model_of
from lstm_zoo.tables.table import listed
from lstm_zoo.weights import archive

if TYPE_CHECKING:
    import keras


def read_keywords(task: Task, pipeline: keras.Model | None = None, **given: Any) -> dict[str, Any]:
    """Keywords of a task's `read`: those that were given, and those that a trained pipeline decides or remembers.

    Args:
        task: whose examples are read.
        pipeline: that is to read them; None: one that is yet to be trained.
        given: what a user said; None stands for nothing.

    Raises:
        ValueError: a keyword that the task does not have, or that the pipeline decides.
    """
    known = inspect.signature(task.read).parameters
    given = {name: value for name, value in given.items() if value is not None}
    decided = {} if pipeline is None or task.read_options is None else task.read_options(pipeline)
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{name} is nothing that {task.name} reads. Received: {name}={value!r:.80}")
        if name in decided and listed(name, value) != list(decided[name]):
            raise ValueError(f"The pipeline decides {name}: {decided[name]!r:.80}. Received: {value!r:.80}")
    usual = [] if pipeline is None else archive.target_of(pipeline)
    return {**given, **decided, **({"usual_target": usual} if usual else {})}


def check_target(reading: dict[str, Any], dataset: str | None, others: Any) -> None:
    """Raise a ValueError for a `target` among the keywords of `read` where all examples are of a task's data set.

    Args:
        reading: the keywords.
        dataset: the name of the data set. None: the examples are the user's own.
        others: further examples of the user's own that are read. None: none.
    """
    if "target" in reading and dataset is not None and others is None:
        raise ValueError(f"target is for tables. Received: {reading['target']!r:.80} with the data set {dataset}")


def check_kind(pipeline: keras.Model, examples: Examples) -> None:
    """Raise a ValueError for examples of another kind than a pipeline learnt from: with several labels, or with one."""
    task = get_task(model_of(pipeline))
    if task.of(pipeline) is not task.of(examples):
        learnt, received = (
            "several labels" if task.of(kind) is task.variant else "one label" for kind in (pipeline, examples)
        )
        raise ValueError(
            f"{pipeline.name} gives {learnt} an example, and these have {received}. Several are lists, or cells that "
            f"label_separator splits. Received: {examples[0]!r:.160}"
        )
