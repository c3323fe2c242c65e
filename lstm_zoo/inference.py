"""`predict` and `evaluate`: what a trained pipeline answers, and how often it is right."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lstm_zoo import batching
from lstm_zoo.options import check_options, fields_of
from lstm_zoo.precision import in_float32
from lstm_zoo.registry import model_of, records_of
from lstm_zoo.weights import load, locate
from lstm_zoo.weights.catalog import find

if TYPE_CHECKING:
    import keras


@in_float32()
def predict(name: str, raw: Any, **options: Any) -> Any:
    """Answers of a pipeline for plain Python input, in the order given.

    They are computed in batches of like length.

    Args:
        name: a task ("sentiment"), the name of a row of `weights.json`, the path of a `.keras` file, or a pipeline
            that `load` or `train` returned.
        raw: one item or a list (iterable, array, tensor) of items of what the task reads: texts, recordings, series,
            prompts, of any length, empty too. A lone item is a list of one, an empty list gives an empty list.
        options: those of the network, which `lstm-zoo predict NAME --help` and the guide of its task list; None stands
            for the default.

    Returns:
        List of dicts, one an item, in the form of the task's guide; of forecasting a frame or an array.

    Raises:
        ValueError: an unknown name, an item that the task does not read, an option that the network does not have, or
            one outside of what it may be.

    Example:

    >>> predict("sentiment", ["A moving, beautifully shot film."])
    [{'label': 'positive', 'score': 0.99...}]
    """
    pipeline = loaded(name)
    task, network = records_of(pipeline)
    chosen = check_options(model_of(pipeline), options)
    if network.with_beams is not None and chosen.beams is not None:
        pipeline = _searching(pipeline, chosen.beams)
    check_inputs(pipeline, network.options, options)
    items = task.prepare(raw)
    encode = functools.partial(encoded, task=task, options=chosen)
    outputs = batching.run(pipeline, items, encode, task.length)
    answers = task.decode(outputs, items, raw)
    if network.annotate is not None:
        network.annotate(answers, items, outputs, pipeline, chosen)
    return answers


def encoded(pipeline: keras.Model, items: list, *, task: Any, options: Any = None) -> Any:
    """The tensors that a pipeline takes: those of the items, and the options that are inputs of it, one value a row."""
    tensors = task.encode(pipeline, items)
    for name, field in fields_of(type(options) if options is not None else None).items():
        graph_input = field.metadata["bounds"].graph_input
        if graph_input is not None and graph_input in pipeline.input:
            import tensorflow as tf

            value, dtype = getattr(options, name), pipeline.input[graph_input].dtype
            tensors[graph_input] = tf.fill([len(items)], tf.cast(value, dtype))
    return tensors


def check_inputs(pipeline: keras.Model, options: type | None, given: dict[str, Any]) -> None:
    """Raise a ValueError for options that were given and are inputs which this pipeline does not have."""
    inputs = {name: field.metadata["bounds"].graph_input for name, field in fields_of(options).items()}
    for name, value in given.items():
        if value is not None and inputs[name] is not None and inputs[name] not in pipeline.input:
            raise ValueError(f"A pipeline that searches samples nothing, and does not take {name}. Received: {value!r}")


def stream(name: str, raw: Any, **options: Any) -> Iterator[str] | None:
    """What `predict` answers with the same arguments, as parts of a text while they are written, prompts first.

    Returns:
        Iterator of `str`; None where an answer comes as a whole.
    """
    pipeline = loaded(name)
    task, network = records_of(pipeline)
    chosen = check_options(model_of(pipeline), options)
    if network.stream is None or (network.with_beams is not None and chosen.beams is not None):
        return None
    return network.stream(pipeline, task.prepare(raw), chosen)


@in_float32()
def evaluate(name: str, data: Any = None, *, split: str = "test", training: Any = None) -> dict[str, Any]:
    """Metrics of a pipeline, and of cheap baselines on the same examples.

    Args:
        name: like that of `predict`.
        data: the user's own examples, in any form that `train` takes, or the name of one of the task's data sets. None:
            the data set of the row, or the task's first.
        split: "train", "validation" or "test" of a data set of the task; without meaning for the user's own.
        training: what the baselines learn from. None: the train split of the data set, or, for the user's own, no
            baselines.

    Returns:
        Dict of the task's metrics, the most important first - for sentiment `accuracy` and `macro_f1` - and
        `baselines`: name -> the same metrics of cheap baselines, for sentiment a bag of bigrams with logistic
        regression.

    Raises:
        ValueError: an unknown name or split, malformed data, a label that the pipeline does not know.

    Example:

    >>> evaluate("sentiment", data=[("good film", "positive"), ("bad film", "negative")])
    {'accuracy': 1.0, 'macro_f1': 1.0}
    """
    pipeline = loaded(name)
    task, _ = records_of(pipeline)
    if data is None:
        data = find(name)["data"] if _is_row(name) else next(iter(task.datasets))
    if isinstance(data, str) and data in task.datasets:
        training = task.data("train", data) if training is None else training
        data = task.data(split, data)
    examples = task.read(data)
    metrics = task.score(pipeline, examples)
    if training is not None:
        metrics["baselines"] = task.baselines(pipeline, task.read(training), examples)
    return metrics


def _is_row(name):
    return isinstance(name, str) and not name.endswith(".keras")


def loaded(name: str | keras.Model) -> keras.Model:
    """The pipeline that a name means, kept for the next call; a pipeline itself as it is."""
    if not isinstance(name, (str, pathlib.Path)):
        return name
    path = locate(name)
    return _loaded(path.resolve(), path.stat().st_mtime_ns, path.stat().st_size)


@functools.lru_cache(maxsize=4)
def _loaded(path, *version):
    # Loading takes a second: a loop of predictions by name should do it once, and again when the file has changed.
    return load(path)


@functools.lru_cache(maxsize=1)
def _searching(pipeline, beams):
    # The same: its first answer compiles the search, which takes seconds.
    _, network = records_of(pipeline)
    return network.with_beams(pipeline, beams)
