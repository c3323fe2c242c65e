"""What the zoo holds: the table of contents, from names to the modules with the records of tasks and networks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from lstm_zoo.contract import Network, Task, unknown

if TYPE_CHECKING:
    import keras

# The table of contents: the name of each network -> the module whose `TASK` it belongs to. The first network of a task
# is its default. Names stand here, because a module of a task imports TensorFlow, which takes seconds.
MODELS = {
    "sentiment/wide": "lstm_zoo.tasks.sentiment.wide",
    "sentiment/bilstm": "lstm_zoo.tasks.sentiment",
    "sentiment/attention": "lstm_zoo.tasks.sentiment",
    "sentiment/awd": "lstm_zoo.tasks.sentiment.awd",
    "translation/attention": "lstm_zoo.tasks.translation",
    "translation/gnmt": "lstm_zoo.tasks.translation",
    "speech/ctc": "lstm_zoo.tasks.speech",
    "speech/streaming": "lstm_zoo.tasks.speech",
    "speech/attention": "lstm_zoo.tasks.speech",
    "speech/keyword": "lstm_zoo.tasks.speech.keyword",
    "forecasting/segment": "lstm_zoo.tasks.forecasting",
    "forecasting/seq2seq": "lstm_zoo.tasks.forecasting",
    "forecasting/deepar": "lstm_zoo.tasks.forecasting",
    "text_generation/character": "lstm_zoo.tasks.text_generation",
    "text_generation/awd": "lstm_zoo.tasks.text_generation.awd",
}
TASKS = tuple(dict.fromkeys(model.partition("/")[0] for model in MODELS))


def list_models() -> list[str]:
    """Names of all networks, `task/network`; a task's first network is its default.

    Example:

    >>> list_models()
    ['sentiment/wide', 'sentiment/bilstm', 'sentiment/attention', ...]
    """
    return list(MODELS)


def resolve(name: str) -> tuple[str, str]:
    """Task and network that a name means: "sentiment" or "sentiment/attention".

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    if name in TASKS:
        name = next(model for model in MODELS if model.startswith(f"{name}/"))
    if name not in MODELS:
        raise unknown("model", name, list_models() if str(name).partition("/")[0] in TASKS else [*TASKS, *MODELS])
    return tuple(name.split("/"))


def get_task(name: str) -> Task:
    """The record that "sentiment" or "sentiment/attention" belongs to.

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    return importlib.import_module(MODELS["/".join(resolve(name))]).TASK


def get_network(name: str) -> Network:
    """The record of a network, "sentiment/attention", or of the default one of a task.

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    return get_task(name).networks[resolve(name)[1]]


def model_of(pipeline: keras.Model) -> str:
    """The name, `task/network`, of the network in a pipeline.

    Raises:
        ValueError: a model that is no pipeline of the zoo.
    """
    task, _, network = str(getattr(pipeline, "name", "")).partition("-")
    if f"{task}/{network}" not in MODELS or all(layer.name != network for layer in getattr(pipeline, "layers", ())):
        expected = "A pipeline of the zoo is expected, as load and train return it: a keras.Model named task-network."
        raise ValueError(f"{expected} Received: {pipeline!r}")
    return f"{task}/{network}"


def records_of(pipeline: keras.Model) -> tuple[Task, Network]:
    """The records that a pipeline belongs to.

    Raises:
        ValueError: a model that is no pipeline of the zoo.
    """
    task = get_task(model := model_of(pipeline)).of(pipeline)
    return task, task.networks[resolve(model)[1]]
