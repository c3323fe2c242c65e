"""How a pipeline answers: loaded by its name, its options checked, items to answers."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import warnings
from typing import TYPE_CHECKING, Any

from lstm_zoo import batching
from lstm_zoo.contract import Items, Network, Task
from lstm_zoo.engines import TENSORFLOW, check_engine, with_engine
from lstm_zoo.options import check_options, fields_of
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.registry import model_of, records_of
from lstm_zoo.weights import archive, load, locate
from lstm_zoo.weights.places import is_address

if TYPE_CHECKING:
    import keras

MAX_LOADED = 16  # files whose pipelines are kept, those asked last: more than there are networks


@dataclasses.dataclass
class Answerer:
    """A pipeline with the options that it answers by: a function from what a user has to plain Python answers."""

    pipeline: keras.Model
    task: Task
    network: Network
    options: Any
    """The options record of the network; None for one without options."""
    has_looked: bool = False
    """Whether it has looked at items, the first of them, if they are like what the pipeline learnt from."""

    def __call__(self, raw: Any, **reading: Any) -> Any:
        """Answers for one item or an iterable of them, in their order.

        Args:
            raw: what the task's `prepare` takes.
            reading: keywords of the task's `prepare`.
        """
        return self.answer(self.task.prepare(raw, **reading), raw)

    @in_float32()
    def answer(self, items: Items, raw: Any = None) -> Any:
        """Answers for checked items, computed in batches of like length; the first ones that are unlike what the
        pipeline learnt from are warned of."""
        self._look_at(items)
        encode = functools.partial(encoded, task=self.task, options=self.options)
        run = self.task.run or batching.run
        outputs = run(self.pipeline, items, encode, self.task.length)
        answers = self.task.decode(outputs, items, raw)
        if self.network.annotate is not None:
            self.network.annotate(answers, items, outputs, self.pipeline, self.options)
        return answers

    def _look_at(self, items):
        if self.has_looked or self.task.unlike is None or not items:
            return
        self.has_looked = True
        profile = archive.profile_of(self.pipeline)
        if told := self.task.unlike(items, profile, **self.task.known(self.pipeline)):
            warnings.warn(warning_of(self.pipeline.name, told), stacklevel=6)


def warning_of(name: str, sentence: str) -> str:
    """What is warned of where a pipeline of a name is asked what is unlike its training data, as `sentence` says."""
    return f"{name} is asked what it has not learnt: {sentence}."


@in_float32()
def answerer(name: str | pathlib.Path | keras.Model, options: dict[str, Any], engine: str | None = None) -> Answerer:
    """The pipeline that a name means, with options, in an engine, see `loaded`.

    Raises:
        ValueError: an unknown name or engine; an option that the network does not have, or one outside of what it may
            be.
        RuntimeError: TensorFlow cannot run in this process.
    """
    pipeline = loaded(name, engine)
    task, network = records_of(pipeline)
    chosen = check_options(model_of(pipeline), options)
    if network.with_words is not None:
        pipeline = network.with_words(pipeline, chosen)
    if network.with_beams is not None and chosen.beams is not None:
        pipeline = network.with_beams(pipeline, chosen.beams)
    check_inputs(pipeline, network.options, options)
    return Answerer(pipeline, task, network, chosen)


def encoded(pipeline: keras.Model, items: Items, *, task: Task, options: Any = None) -> Any:
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


def loaded(name: str | pathlib.Path | keras.Model, engine: str | None = None) -> keras.Model:
    """The pipeline that a name means, kept for the next call; a pipeline itself as it is.

    Args:
        name: see `load`, or a pipeline.
        engine: see `load`; None: TensorFlow for a name, its own for a pipeline. A pipeline gets another one anew each
            time, for its weights may have changed.

    Raises:
        ValueError: an unknown name or engine.
        RuntimeError: TensorFlow cannot run in this process.
    """
    check_process()
    if not isinstance(name, (str, pathlib.Path)):
        return name if engine is None else with_engine(name, engine)
    engine = TENSORFLOW if engine is None else engine
    check_engine(engine)
    path = _downloaded(str(name)) if is_address(str(name)) else locate(name)
    newest, version = _newest(path.absolute(), engine), (path.stat().st_mtime_ns, path.stat().st_size)
    pipeline = newest.get(version)
    if pipeline is None:
        pipeline = load(path, engine=engine)
        newest.clear()
        newest[version] = pipeline
    return pipeline


@functools.cache
def _downloaded(address):
    # The hub is asked for the latest revision once a process, not for every answer.
    return locate(address)


@functools.lru_cache(maxsize=MAX_LOADED)
def _newest(path, engine):
    """The version of a file that was read last -> its pipeline with an engine: loading takes a second, and a first
    answer another, so that a loop of predictions by name should do both once, and again when the file has changed."""
    return {}
