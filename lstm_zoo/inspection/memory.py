"""`memory`: how far back a pipeline remembers - what its answer hangs on, and how fast its units forget."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_zoo import files, registry
from lstm_zoo.answering import loaded
from lstm_zoo.inspection import check_paths, gates_of, items_of
from lstm_zoo.layers import recorded_calls
from lstm_zoo.precision import in_float32
from lstm_zoo.progress import track

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from lstm_zoo.steps import Reading


@in_float32()
def memory(
    name: str | pathlib.Path | keras.Model, raw: Any, *, plot: str | pathlib.Path | None = None
) -> dict[str, Any]:
    """How far back a pipeline remembers: what its answer hangs on by distance, and the half-lives of its units.

    The gradient is that of the answer - the logit of a label or of the next token, the next value of a series - with
    respect to what the first LSTMs read, step by step (saliency, Simonyan et al. 2014,
    https://arxiv.org/abs/1312.6034). It tells what a small change would do, by all ways that there are: through the
    memory of the LSTMs, and through what looks at their steps, like attention.

    The half-life of a unit is the number of steps after which half of what is in its cell is forgotten, if nothing is
    written: -ln 2 / mean of ln f, where f is its forget gate (as the time scales of Mahto et al. 2021,
    https://arxiv.org/abs/2009.12727). The mean counts every step: a unit that keeps all for a line of a text and
    nothing at its end has a half-life of a few steps.

    Args:
        name: like that of `predict`.
        raw: one item or several of what the task reads, as `predict` takes them. The more, the smoother.
        plot: path of a new picture, whose ending tells its format: memory.png.

    Returns:
        Dict: `distance`, int (distances,), steps from one that is read to the last one or, where every step has an
        answer, as in recognized speech, to the one in the middle: 0 is this one, what comes after it is negative;
        `gradient`, float64 (distances,), the norm of the gradient by distance, of which the largest of each item counts
        1, and the mean of the items that reach so far; `half_life`, dict of each LSTM -> float64 (units,), in its
        steps, infinite for a unit that forgets nothing.

    Raises:
        ValueError: what `inspect` refuses, but for several items; none of them.
        FileExistsError: the picture exists.

    Example:

    >>> found = memory("sentiment", ["A moving film.", "Two hours of nothing at all."])
    >>> found["distance"], found["half_life"]["lstm_0_forward"].shape
    (array([0, 1, 2, 3, 4, 5, 6]), (128,))
    """
    check_paths(plot)
    pipeline = loaded(name)
    task, network = registry.records_of(pipeline)
    items = items_of(task, pipeline, raw)
    if not len(items):
        raise ValueError("An item is expected: a text, sentence, recording or series. Received: none")
    curves, logs, steps = [], {}, {}
    for item in track(items, "reading"):
        reading = network.read_item(pipeline, item)
        for lstm, gates in gates_of(reading).items():
            # f can be below what float32 has.
            kept = np.log(np.maximum(gates.forget, np.finfo("float32").tiny), dtype="float64").sum(axis=0)
            logs[lstm], steps[lstm] = logs.get(lstm, 0) + kept, steps.get(lstm, 0) + len(gates.forget)
        curves.append(gradient_by_distance(reading))
    with np.errstate(divide="ignore"):
        half_life = {lstm: np.log(2) / np.abs(logs[lstm] / steps[lstm]) for lstm in logs}
    distance = np.unique(np.concatenate([distance for distance, _ in curves]))
    total, count = np.zeros((2, len(distance)))
    for own, norms in curves:
        places = np.searchsorted(distance, own)
        total[places] += norms / (norms.max() or 1)
        count[places] += 1
    found = {"distance": distance, "gradient": total / count, "half_life": half_life}
    if plot is not None:
        with files.replacing(plot) as part:
            picture(pipeline.name, found).savefig(part, dpi=120)
    return found


def gradient_by_distance(reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Distances, int (steps,), and the norms of the gradient of an answer with respect to what is read there."""
    import tensorflow as tf

    def run():
        with recorded_calls() as calls:
            scores = reading.run()
        # A backward LSTM reads the same, reversed: what the forward one reads leads to both.
        first = next(call for call in calls if not call.layer.name.endswith("_backward"))
        names.append(first.layer.name)
        [gradient] = tf.gradients(tf.reduce_max(scores), first.sequences)
        return tf.norm(gradient[0], axis=-1)

    names = []
    norms = tf.function(run, autograph=False)().numpy()[: len(reading.steps_of(names[0]).names)]
    answered = len(norms) - 1 if reading.answered is None else reading.answered
    return answered - np.arange(len(norms)), norms


def picture(title: str, found: dict[str, Any]) -> Figure:
    """What `memory` found: the gradient by distance, and the half-lives of the units of each LSTM, the longest first.

    Args:
        title: of the picture.
        found: as `memory` returns it.

    Returns:
        matplotlib.figure.Figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    figure.suptitle(title, fontweight="bold")
    gradient, units = figure.subplots(1, 2)
    known = found["gradient"] > 0
    gradient.plot(found["distance"][known], found["gradient"][known], color="black", linewidth=1)
    gradient.set(yscale="log", xlabel="steps from what is read to the answer", ylabel="gradient, of an item's largest")
    gradient.set_title("What the answer hangs on, by distance")
    for number, (lstm, half_life) in enumerate(found["half_life"].items()):
        shares = np.linspace(0, 100, len(half_life))
        style = {"color": f"C{number % 10}", "linestyle": ("-", "--", ":", "-.")[number % 4]}
        units.plot(shares, np.sort(half_life)[::-1], label=lstm, **style)
    units.set(yscale="log", xlabel="% of the units, the longest first", ylabel="steps")
    units.set_title("Half-life of what is in a cell")
    units.legend(fontsize="small")
    return figure
