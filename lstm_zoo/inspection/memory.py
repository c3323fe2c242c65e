"""`memory`: how far back a pipeline remembers - what its answer hangs on, how fast its units forget, what it needs."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_zoo import files, registry
from lstm_zoo.answering import loaded
from lstm_zoo.caching import cached_in_model
from lstm_zoo.engines import in_tensorflow
from lstm_zoo.inspection import check_paths, gates_of, items_of
from lstm_zoo.layers import recorded_calls
from lstm_zoo.precision import in_float32
from lstm_zoo.progress import track
from lstm_zoo.reading import check_kind, read_keywords

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lstm_zoo.steps import Reading
    from lstm_zoo.tables.table import Columns


@in_float32()
def memory(
    name: str | pathlib.Path | keras.Model,
    raw: Any = None,
    *,
    data: Any = None,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    plot: str | pathlib.Path | None = None,
) -> dict[str, Any]:
    """How far back a pipeline remembers: what its answer hangs on, how fast its units forget, what it has to read.

    The gradient is that of the answer - the logit of a label or of the next token, the next value of a series - with
    respect to what the first LSTMs read, step by step (saliency, Simonyan et al. 2014,
    https://arxiv.org/abs/1312.6034). It tells what a small change would do, by all ways that there are: through the
    memory of the LSTMs, and through what looks at their steps, like attention.

    The half-life of a unit is the number of steps after which half of what is in its cell is forgotten, if nothing is
    written: -ln 2 / mean of ln f, where f is its forget gate (as the time scales of Mahto et al. 2021,
    https://arxiv.org/abs/2009.12727). The mean counts every step: a unit that keeps all for a line of a text and
    nothing at its end has a half-life of a few steps.

    Of `data`, examples with their answers, the metric of the task is measured again and again where 1, 2, 4, 8 and so
    on of what is read - words, values of the past - is all that the pipeline is given, and where it is given all (as
    Khandelwal et al. 2018, https://arxiv.org/abs/1805.04623): it gets no better from where on nothing is remembered, or
    nothing more is worth it. Of language models and translations that is `token_nll`, nats of a right token, of
    which all are right before it. See the guide for what it is for each task.

    Args:
        name: like that of `predict`.
        raw: one item or several of what the task reads, as `predict` takes them. The more, the smoother. None: the
            gradient and the half-lives are not computed.
        data: examples with their answers, in any form that `evaluate` takes. None: what has to be read is not measured.
        columns, delimiter, target: of a table that is `data`, see `predict`.
        plot: path of a new picture, whose ending tells its format: memory.png.

    Returns:
        Dict. Of `raw` it has `distance`, int (distances,), steps from one that is read to the last one or, where every
        step has an answer, as in recognized speech, to the one in the middle: 0 is this one, what comes after it is
        negative; `gradient`, float64 (distances,), the norm of the gradient by distance, of which the largest of each
        item counts 1, and the mean of the items that reach so far; `half_life`, dict of each LSTM -> float64 (units,),
        in its steps, infinite for a unit that forgets nothing. Of `data` it has `context`, int (counts,), how much is
        read, at last all; `context_kind`, what that is: "words"; `metric`, its name; and `score`, float64 (counts,).

    Raises:
        ValueError: what `inspect` refuses, but for several items; none of them; neither items nor data; data that
            `evaluate` refuses; a network for which what it has to read is not measured.
        FileExistsError: the picture exists.

    Example:

    >>> found = memory("sentiment", ["A moving film.", "Two hours of nothing at all."])
    >>> found["distance"], found["half_life"]["lstm_0_forward"].shape
    (array([0, 1, 2, 3, 4, 5, 6]), (128,))
    >>> found = memory("sentiment", data=[("good film", "positive"), ("a very bad film", "negative")])
    >>> found["context"], found["metric"]
    (array([1, 2, 4]), 'accuracy')
    """
    check_paths(plot=plot)
    if raw is None and data is None:
        raise ValueError("Items, data= or both are expected. Received: neither")
    pipeline = in_tensorflow(loaded(name))
    found = {} if raw is None else remembered(pipeline, raw)
    if data is not None:
        found |= score_by_context(pipeline, data, columns=columns, delimiter=delimiter, target=target)
    if plot is not None:
        with files.replacing(plot) as part:
            picture(pipeline.name, found).savefig(part, dpi=120)
    return found


def remembered(pipeline: keras.Model, raw: Any) -> dict[str, Any]:
    """What `memory` tells of items: the gradient by distance, and the half-lives."""
    task, network = registry.records_of(pipeline)
    items = items_of(task, pipeline, raw)
    if not len(items):
        raise ValueError("An item is expected: a text, sentence, recording or series. Received: none")
    curves, logs, steps = [], {}, {}
    for item in track(items, "reading"):
        reading = network.read_item(pipeline, item)
        for lstm, gates in gates_of(pipeline, reading).items():
            # f can be below what float32 has.
            kept = np.log(np.maximum(gates.forget, np.finfo("float32").tiny), dtype="float64").sum(axis=0)
            logs[lstm], steps[lstm] = logs.get(lstm, 0) + kept, steps.get(lstm, 0) + len(gates.forget)
        curves.append(gradient_by_distance(pipeline, reading))
    with np.errstate(divide="ignore"):
        half_life = {lstm: np.log(2) / np.abs(logs[lstm] / steps[lstm]) for lstm in logs}
    distance = np.unique(np.concatenate([distance for distance, _ in curves]))
    total, count = np.zeros((2, len(distance)))
    for own, norms in curves:
        places = np.searchsorted(distance, own)
        total[places] += norms / (norms.max() or 1)
        count[places] += 1
    return {"distance": distance, "gradient": total / count, "half_life": half_life}


def score_by_context(pipeline: keras.Model, data: Any, **reading: Any) -> dict[str, Any]:
    """What `memory` tells of examples: their score by how much is read."""
    task, _ = registry.records_of(pipeline)
    if task.context is None:
        raise ValueError(f"What {pipeline.name} has to read is not measured: give items, and no data")
    examples = task.read(data, **read_keywords(task, pipeline, **reading))
    check_kind(pipeline, examples)
    longest = task.context.longest(pipeline, examples)
    counts = [*(2**power for power in range((longest - 1).bit_length())), longest]
    scores = [task.context.score(pipeline, examples, count) for count in track(counts, "reading")]
    metric = next(iter(scores[0]))
    return {
        "context": np.array(counts),
        "context_kind": task.context.kind,
        "metric": metric,
        "score": np.array([metrics[metric] for metrics in scores], "float64"),
    }


def gradient_by_distance(pipeline: keras.Model, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Distances, int (steps,), and the norms of the gradient of an answer with respect to what is read there."""
    graph, names = _differentiating(pipeline, reading.run)
    norms = graph(reading.inputs).numpy()
    norms = norms[: len(reading.steps_of(names[0]).names)]
    answered = len(norms) - 1 if reading.answered is None else reading.answered
    return answered - np.arange(len(norms)), norms


@cached_in_model
def _differentiating(pipeline, run):
    """A graph of the gradient of a `run` of readings: inputs -> its norm at each step of the LSTM that reads first; and
    a list of the name of this one, which tracing fills."""
    import tensorflow as tf

    names = []

    @tf.function(autograph=False, reduce_retracing=True)
    def graph(inputs):
        with recorded_calls() as calls:
            scores = run(pipeline, inputs)
        # A backward LSTM reads the same, reversed: what the forward one reads leads to both.
        first = next(call for call in calls if not call.layer.name.endswith("_backward"))
        names[:] = [first.layer.name]
        [gradient] = tf.gradients(tf.reduce_max(scores), first.sequences)
        return tf.norm(gradient[0], axis=-1)

    return graph, names


def picture(title: str, found: dict[str, Any]) -> Figure:
    """What `memory` found: the gradient by distance and the half-lives of the units of each LSTM, the longest first;
    the score by how much is read.

    Args:
        title: of the picture.
        found: as `memory` returns it.

    Returns:
        matplotlib.figure.Figure.
    """
    from matplotlib.figure import Figure

    drawn = [draw_gradient, draw_half_lives] if "gradient" in found else []
    drawn += [draw_context] if "context" in found else []
    figure = Figure(figsize=(5 * len(drawn), 4.2), layout="constrained")
    figure.suptitle(title, fontweight="bold")
    for draw, axes in zip(drawn, figure.subplots(1, len(drawn), squeeze=False)[0]):
        draw(axes, found)
    return figure


def draw_gradient(axes: Axes, found: dict[str, Any], **style: Any) -> None:
    """Draw the gradient by distance."""
    known = found["gradient"] > 0
    axes.plot(found["distance"][known], found["gradient"][known], **{"color": "black", "linewidth": 1, **style})
    axes.set(yscale="log", xlabel="steps from what is read to the answer", ylabel="gradient, of an item's largest")
    axes.set_title("What the answer hangs on, by distance")


def draw_half_lives(axes: Axes, found: dict[str, Any]) -> None:
    """Draw the half-lives of the units of each LSTM."""
    for number, (lstm, half_life) in enumerate(found["half_life"].items()):
        shares = np.linspace(0, 100, len(half_life))
        style = {"color": f"C{number % 10}", "linestyle": ("-", "--", ":", "-.")[number % 4]}
        axes.plot(shares, np.sort(half_life)[::-1], label=lstm, **style)
    axes.set(yscale="log", xlabel="% of the units, the longest first", ylabel="steps")
    axes.set_title("Half-life of what is in a cell")
    axes.legend(fontsize="small")


def draw_context(axes: Axes, found: dict[str, Any], **style: Any) -> None:
    """Draw the score by how much is read."""
    axes.plot(found["context"], found["score"], **{"color": "black", "linewidth": 1, "marker": ".", **style})
    axes.set(xlabel=f"{found['context_kind']} that are read", ylabel=found["metric"])
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_title("What has to be read")
