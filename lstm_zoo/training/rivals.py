"""A fresh network beside one that begins with the weights of other labels: validation decides between the two.

What a network learnt of reviews is worth much for other reviews and little for questions to a bank, and nothing but
the score tells which it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstm_zoo import registry
from lstm_zoo.contract import Examples, Task
from lstm_zoo.weights import archive

if TYPE_CHECKING:
    import keras

FOLDER = "fresh"  # of the rival's run, within that of the run


def needed(task: Task, pretrained: keras.Model | None, training: Examples) -> bool:
    """Whether the examples have labels that a pretrained pipeline has but does not know, so that its head is new."""
    if pretrained is None or task.labels is None:
        return False
    source, _ = registry.records_of(pretrained)
    known = source.describe(pretrained).get("labels")
    return known is not None and not set(task.labels(training)) <= set(known)


def chosen(task: Task, pipeline: keras.Model, rival: keras.Model) -> keras.Model:
    """The better on validation of a pipeline and its fresh rival, of equals the first; its record says how it came so.

    The record is that of the pipeline's run, with what is the rival's own if that is returned.
    """
    records = [archive.record_of(each) for each in (pipeline, rival)]
    metrics = [record["metrics"]["validation"] for record in records]
    name = next(iter(metrics[0]))
    before, fresh = (scores[name] for scores in metrics)
    origin = records[0]["begun_from"]["name"]
    better = before != fresh and task.better(before, fresh) == fresh
    sentence = (
        f"On validation {name} is {before} begun as {origin}, and {fresh} begun from nothing: "
        f"the {'latter' if better else 'former'} is kept."
    )
    own = records[1 if better else 0].get("choice")  # what was chosen in its own run
    if better:
        fields = ("hyperparameters", "begun_from", "metrics", "reliability", "chance", "profile")
        pipeline, records[0] = rival, {**records[0], **{field: records[1].get(field) for field in fields}}
    archive.set_record(pipeline, {**records[0], "choice": f"{sentence} {own}" if own else sentence})
    return pipeline
