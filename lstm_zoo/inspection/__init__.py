"""`inspect`: what the LSTMs of a pipeline do while they read - gates, memory, what they show -, and pictures of it."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_zoo import contract, files, registry
from lstm_zoo.answering import loaded
from lstm_zoo.caching import cached_in_model
from lstm_zoo.engines import in_tensorflow
from lstm_zoo.inspection.equations import Gates as Gates
from lstm_zoo.inspection.equations import run_equations as run_equations
from lstm_zoo.layers import Call, recorded_calls
from lstm_zoo.precision import in_float32
from lstm_zoo.reading import read_keywords

if TYPE_CHECKING:
    import keras

    from lstm_zoo.steps import Reading
    from lstm_zoo.tables.table import Columns

MAX_STEPS = 10_000  # of an item: the values of an LSTM of 640 units then take 150 MB


@in_float32()
def inspect(
    name: str | pathlib.Path | keras.Model,
    raw: Any,
    layer: str | None = None,
    *,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    unit: int | None = None,
    plot: str | pathlib.Path | None = None,
    html: str | pathlib.Path | None = None,
) -> dict[str, dict[str, Any]]:
    """What the LSTMs of a pipeline do at every step of one item: gates, memory, what they show.

    They are computed from the weights by the equations of an LSTM, and are what the layers compute. A decoder reads
    what it writes: the answer of the pipeline.

    Args:
        name: like that of `predict`.
        raw: one item of what the task reads, as `predict` takes it: a text, a recording, a series, a sentence.
        layer: an LSTM, or the beginning of the names of some: "lstm_0" means "lstm_0_forward" and "lstm_0_backward".
            None: all.
        columns, delimiter, target: of a table with a series, see `predict`.
        unit: of the LSTMs, from 0, which the pictures show by itself.
        plot: path of a new picture of the first of the LSTMs, whose ending tells its format: gates.png.
        html: path of a new page, one file, with pictures of all of the LSTMs, where units can be chosen.

    Returns:
        Dict: name of each LSTM, in the order in which they read, forward before backward, -> dict of `steps`, a list of
        what each step is (a token, its time in seconds or its time stamp), and `forget`, `input`, `output`,
        `candidate`, `cell` and `hidden`, float32 (steps, units) each, see `lstm_zoo.inspection.Gates`. Those of a
        backward LSTM are in the order of the item too.

    Raises:
        ValueError: what `predict` refuses; not one item; an item without steps, or with more than 10,000; a layer or a
            unit that there is not; a unit without a picture; an ending that no picture or page has.
        FileExistsError: the picture or the page exists.

    Example:

    >>> gates = inspect("sentiment", "Not bad at all!")["lstm_0_forward"]
    >>> gates["steps"], gates["forget"].shape
    (['not', 'bad', 'at', 'all', '!'], (5, 128))
    """
    if unit is not None and plot is None and html is None:
        raise ValueError(f"unit goes with plot or html, which show it. Received: unit={unit!r} without either")
    check_paths(plot=plot, html=html)
    pipeline = in_tensorflow(loaded(name))
    task, network = registry.records_of(pipeline)
    item = one_item(task, pipeline, raw, columns=columns, delimiter=delimiter, target=target)
    reading = network.read_item(pipeline, item)
    found = {lstm: gates._asdict() for lstm, gates in gates_of(pipeline, reading, layer).items()}
    lstms = {lstm: {"steps": list(reading.steps_of(lstm).names), **gates} for lstm, gates in found.items()}
    check_unit(lstms, unit)
    if plot is not None:
        from lstm_zoo.inspection.pictures import picture

        lstm = next(iter(lstms))
        with files.replacing(plot) as part:
            picture(f"{pipeline.name}, {lstm}", lstms[lstm], reading.steps_of(lstm), unit).savefig(part, dpi=120)
    if html is not None:
        from lstm_zoo.inspection.page import page

        files.write_text(html, page(pipeline.name, lstms, reading, unit))
    return lstms


def check_paths(*, html: str | pathlib.Path | None = None, **pictures: str | pathlib.Path | None) -> None:
    """Raise an error for paths of pictures and of a page, by the names of their options, that cannot be written to."""
    from matplotlib.backend_bases import FigureCanvasBase

    supported = tuple(f".{ending}" for ending in FigureCanvasBase.get_supported_filetypes())
    for option, path in {**pictures, "html": html}.items():
        if path is None:
            continue
        endings = (".html", ".htm") if option == "html" else supported
        if pathlib.Path(path).suffix.lower() not in endings:
            raise ValueError(f"{option} ends in one of {', '.join(endings)}. Received: {path}")
        files.check_new(path)


def items_of(task: contract.Task, pipeline: keras.Model, raw: Any, **given: Any) -> contract.Items:
    """The checked items of what a user gave, of a table as it was said to be read; an error for one that cannot be."""
    reading = read_keywords(task, pipeline, **given) if task.column is None else {}
    for option, value in given.items():
        if value is not None and task.column is not None:
            raise ValueError(f"{option} is for tables of series. Received: {value!r:.80} with items of {task.name}")
    items = task.prepare(raw, **reading)
    for item in items:
        if isinstance(item, Exception):
            raise item
    return items


def one_item(task: contract.Task, pipeline: keras.Model, raw: Any, **given: Any) -> Any:
    """The same of one item; an error for none or several."""
    items = items_of(task, pipeline, raw, **given)
    if len(items) != 1:
        raise ValueError(f"One item is expected: a text, sentence, recording or series. Received: {len(items)} of them")
    return items[0]


def gates_of(pipeline: keras.Model, reading: Reading, layer: str | None = None) -> dict[str, Gates]:
    """Name of each LSTM that reads an item, or of each that `layer` means, see `inspect` -> what it computes.

    Raises:
        ValueError: no steps, or too many; another layer.
    """
    longest = max(len(steps.names) for steps in reading.steps.values())
    if not longest:
        kind = next(iter(reading.steps.values())).kind
        raise ValueError(f"There is nothing to show: an LSTM makes no step where there is nothing. Received: 0 {kind}")
    if longest > MAX_STEPS:
        raise ValueError(f"An item of at most {MAX_STEPS} steps is looked into. Received: {longest}; give a part of it")
    calls = calls_of(pipeline, reading)
    stems = list(dict.fromkeys(stem_of(call.layer.name) for call in calls))
    names = sorted(
        {call.layer.name for call in calls}, key=lambda name: (stems.index(stem_of(name)), name.endswith("_backward"))
    )
    chosen = names if layer is None else [name for name in names if f"{name}_".startswith(f"{layer}_")]
    if not chosen:
        raise contract.unknown("layer", layer, names)
    return {
        name: joined(
            [call for call in calls if call.layer.name == name],
            len(reading.steps_of(name).names),
            backward=name.endswith("_backward"),
        )
        for name in chosen
    }


def stem_of(lstm: str) -> str:
    """The name of a layer of LSTMs, from that of one of its directions."""
    return lstm.removesuffix("_forward").removesuffix("_backward")


def calls_of(pipeline: keras.Model, reading: Reading) -> list[Call]:
    """The calls of the LSTMs of a pipeline that read an item, with NumPy arrays."""
    import tensorflow as tf

    graph, layers = _recording(pipeline, reading.run)
    tensors = tf.nest.map_structure(lambda tensor: None if tensor is None else tensor.numpy(), graph(reading.inputs))
    return [Call(layer, *values) for layer, values in zip(layers, tensors)]


@cached_in_model
def _recording(pipeline, run):
    """A graph of what a `run` of readings has LSTMs read: inputs -> what each of them got and gave; and a list of these
    LSTMs, which tracing fills. The loops of a graph are many times as fast as those of single operations."""
    import tensorflow as tf

    layers = []

    @tf.function(autograph=False, reduce_retracing=True)
    def graph(inputs):
        with recorded_calls() as calls:
            run(pipeline, inputs)
        layers[:] = [call.layer for call in calls]
        return [(call.sequences, call.states, call.outputs) for call in calls]

    return graph, layers


def joined(calls: Sequence[Call], steps: int, backward: bool) -> Gates:
    """What an LSTM computes in all of its calls, one after the other, of so many steps: what is behind is padding."""
    parts = [run_equations(call.sequences[:, :steps], call.layer.get_weights(), call.states) for call in calls]
    whole = (np.concatenate(values)[:steps] for values in zip(*parts))
    return Gates(*(values[::-1] if backward else values for values in whole))


def check_unit(lstms: dict[str, dict[str, Any]], unit: int | None) -> None:
    """Raise a ValueError for a unit that one of the LSTMs does not have."""
    for lstm, gates in lstms.items():
        units = gates["cell"].shape[1]
        if unit is not None and (not isinstance(unit, int) or isinstance(unit, bool) or not 0 <= unit < units):
            raise ValueError(f"{lstm} has {units} units, 0 to {units - 1}. Received: {unit!r}")
