"""`build`: the bare network of a task, untrained or that of a trained pipeline."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.registry import TASKS, get_network, get_task, model_of, resolve

if TYPE_CHECKING:
    import keras


@in_float32()
def build(name: str, *, weights: str | None = None, **hyperparameters: Any) -> keras.Model:
    """The bare network of a task: a keras.Model from token ids, frames or values to scores.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        weights: None for random weights; else a row of `weights.json`, by its name ("sentiment-bilstm-imdb") or the
            end of it, after the network ("imdb"), or the path of a `.keras` file: the trained network of that
            pipeline. A network that can begin with another one's weights also takes a row or file of that, under a
            new, untrained head: sentiment/awd of the language model text_generation/awd.
        hyperparameters: keywords of the network's function, like `units=256`. With `weights` the sizes are those
            of the file, and only `classes` can be given, which puts a new, untrained head on the network.

    Returns:
        keras.Model, not compiled.

    Raises:
        ValueError: an unknown name or unknown weights; with `weights`, another hyperparameter than `classes`.
        TypeError: a hyperparameter that the network's function does not have.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> build("sentiment", units=64).output_shape
    (None, 2)
    """
    check_process()
    if weights is None:
        return get_network(name).build(**hyperparameters)
    if fixed := set(hyperparameters) - {"classes"}:
        raise ValueError(f"With weights only `classes` can be given, the rest is fixed. Received: {sorted(fixed)}")
    from lstm_zoo import networks

    pipeline = load_weights(name, weights)
    own = model_of(pipeline) == "/".join(resolve(name))
    change = networks.replace_head if own else get_task(name).from_pretrained
    return change(networks.network_of(pipeline), **hyperparameters)


def load_weights(name: str, weights: str) -> keras.Model:
    """The pipeline that `weights` names for a network, or for the one that it can begin from, see `build`.

    Raises:
        ValueError: it holds another network.
    """
    from lstm_zoo.weights import is_row, load

    task, network = resolve(name)
    if not isinstance(weights, (str, pathlib.Path)) or pathlib.Path(weights, "saved_model.pb").exists():
        raise ValueError(
            "weights is a row of weights.json, or the path or address of a .keras file, which `save` writes of a "
            "pipeline. "
            f"Received: {weights!r:.160}"
        )
    weights = str(weights)
    whole = not is_row(weights) or weights.startswith(tuple(f"{task}-" for task in TASKS))
    pipeline = load(weights if whole else f"{task}-{network}-{weights}")
    source = get_task(name).pretrained_from
    expected = [f"{task}/{network}", *([] if source is None else [source])]
    if model_of(pipeline) not in expected:
        raise ValueError(f"{weights} holds {model_of(pipeline)}. Expected: {' or '.join(expected)}")
    return pipeline
