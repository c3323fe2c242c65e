"""What the zoo holds, by name: tasks, their networks, and `build`.

A task is a module of this package, or a folder with a module `networks`; `NETWORKS` in it names the networks. A network
that tells a story of its own, with other data and another measure, is a folder in the folder of its task, like
`speech/keyword`. Names are read from the source text, because importing a task imports TensorFlow, which takes seconds.
"""

import ast
import difflib
import functools
import importlib
import pathlib

TASKS = ("sentiment", "translation", "speech", "forecasting", "text_generation")


def unknown(kind, name, known):
    """A ValueError for an unknown name, which suggests the nearest known one."""
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return ValueError(f"Unknown {kind}: {name!r}.{hint} Known: {', '.join(known)}")


def networks(task):
    """Names of a task's networks; the first is the default."""
    return list(_homes(task))


@functools.cache
def _homes(task):
    """Network -> the module whose story it is: the task's own, or one in its folder."""
    folder = pathlib.Path(__file__).parent / task
    own = [folder / "networks.py" if folder.is_dir() else folder.with_suffix(".py")]
    homes = {}
    for source in [*own, *sorted(folder.glob("*/networks.py"))]:
        home = ".".join((source.parent if folder.is_dir() else folder).relative_to(folder.parents[1]).parts)
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NETWORKS":
                homes.update({key.value: home for key in node.value.keys})
    if not homes:
        raise LookupError(f"{own[0]} assigns no NETWORKS")
    return homes


def list_models() -> list[str]:
    """Names of all networks, `task/network`; a task's first network is its default.

    Example:

    >>> list_models()
    ['sentiment/bilstm', 'sentiment/attention', 'sentiment/awd', ...]
    """
    return [f"{task}/{network}" for task in TASKS for network in networks(task)]


def resolve(name):
    """Task and network that a name means: "sentiment" or "sentiment/attention".

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    task, _, network = str(name).partition("/")
    if task not in TASKS:
        raise unknown("model", name, [*TASKS, *list_models()])
    if network and network not in networks(task):
        raise unknown("model", name, list_models())
    return task, network or networks(task)[0]


def task_module(name):
    """The module that tells the story of "sentiment" or "sentiment/attention": that of the task, or one in its folder.

    Raises:
        ValueError: an unknown name; the message suggests the nearest.
    """
    task, network = resolve(name)
    return importlib.import_module(_homes(task)[network])


def task_of(pipeline):
    """The task module that a pipeline belongs to, which its name tells: `task-network`.

    Raises:
        ValueError: a model that is no pipeline of the zoo.
    """
    task, _, network = str(getattr(pipeline, "name", "")).partition("-")
    layers = {layer.name for layer in getattr(pipeline, "layers", ())}
    if f"{task}/{network}" not in list_models() or network not in layers:
        raise ValueError(
            "A pipeline of the zoo is expected, as load and train return it: a keras.Model named task-network. "
            f"Received: {pipeline!r}"
        )
    return task_module(f"{task}/{network}")


def build(name: str, *, weights: str | None = None, **hyperparameters):
    """The bare network of a task: a functional keras.Model from token ids, frames or values to scores.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        weights: None for random weights; else a row of `weights.json`, by its name ("sentiment-bilstm-imdb") or the
            end of it, after the network ("imdb"), or the path of a `.keras` file: the trained network of that
            pipeline. For sentiment/awd also a row or file of the language model text_generation/awd, under a new,
            untrained head.
        hyperparameters: keywords of the network's function, like `units=256`. With `weights` the sizes are those
            of the file, and only `classes` can be given, which puts a new, untrained head on the network.

    Returns:
        keras.Model, not compiled.

    Raises:
        ValueError: an unknown name or unknown weights; with `weights`, another hyperparameter than `classes`.
        TypeError: a hyperparameter that the network's function does not have.

    Example:

    >>> build("sentiment", units=64).output_shape
    (None, 2)
    """
    task, network = resolve(name)
    if weights is None:
        function, _ = task_module(name).NETWORKS[network]
        return function(**hyperparameters)
    if fixed := set(hyperparameters) - {"classes"}:
        raise ValueError(f"With weights only `classes` can be given, the rest is fixed. Received: {sorted(fixed)}")
    from lstm_zoo import layers

    pipeline = load_weights(task, network, weights)
    change = layers.replace_head if pipeline.name == f"{task}-{network}" else task_module(name).begin
    return change(layers.network_of(pipeline), **hyperparameters)


def load_weights(task, network, weights):
    """The pipeline that `weights` names for this network, or for the one that it begins from, its `FOUNDATION`.

    Raises:
        ValueError: it holds another network.
    """
    from lstm_zoo.weights import load

    weights = str(weights)
    whole = weights.endswith(".keras") or weights.startswith(tuple(f"{task}-" for task in TASKS))
    pipeline = load(weights if whole else f"{task}-{network}-{weights}")
    held, name = pipeline.name.replace("-", "/", 1), f"{task}/{network}"
    expected = [name, *([task_module(name).FOUNDATION] if hasattr(task_module(name), "FOUNDATION") else [])]
    if held not in expected:
        raise ValueError(f"{weights} holds {held}. Expected: {' or '.join(expected)}")
    return pipeline
