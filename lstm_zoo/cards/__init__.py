"""Cards: what is known of a pipeline, a published one or one's own, as a dict and as a page."""

from __future__ import annotations

import math
import pathlib
from typing import TYPE_CHECKING, Any

from lstm_zoo import networks, registry
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.weights import archive, catalog, is_row, load, locate, places

if TYPE_CHECKING:
    import keras

# What a record says, of a row and of a run; each is None where it does not.
RECORDED = (
    "hyperparameters",
    "data",
    "data_license",
    "target",
    "examples",
    "begun_from",
    "choice",
    "metrics",
    "reliability",
    "chance",
    "baselines",
    "out_of_domain",
    "profile",
    "signature",
    "command",
    "commit",
    "seed",
    "versions",
    "license",
    "limits",
)


@in_float32()
def info(name: str | pathlib.Path | keras.Model) -> dict[str, Any]:
    """What is known of a pipeline: its network, what it learnt from, how good it is, and its file.

    Args:
        name: what `load` takes, or a pipeline that `load` or `train` returned. Of a row whose file is not on this
            machine nothing is downloaded.

    Returns:
        Dict of plain values, None for what is not known: `name`, `network` and its `hyperparameters`, `parameters`,
        also by the network's `layers`; what the task tells of it, like `labels` or the size of the `vocabulary`;
        `data` that it was trained on, its `languages`, `data_license`, `target` and number of `examples`, and what it
        was `begun_from`, and the `choice` between that and a fresh network, or of a threshold; `metrics` by split,
        `baselines`, and both `out_of_domain`, on other kinds of examples; of labels their `reliability` on validation,
        see `lstm_zoo.calibration.reliability`, and a sentence on `chance` where they are no better; the `profile` of
        its texts or series, see `Task.profile`; `command`, `commit`, `seed`, `versions`; `license`, `limits`; `file`,
        its `bytes`, `sha256`, and the `dtype` that it keeps weights in.

    Raises:
        ValueError: an unknown name, or a file that is no pipeline.
        FileNotFoundError: a path, repository or address that does not exist.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> info("sentiment")["labels"]
    ['negative', 'positive']
    """
    check_process()
    if not isinstance(name, (str, pathlib.Path)):
        model, record = registry.model_of(name), archive.record_of(name)
        nowhere = dict.fromkeys(("file", "bytes", "sha256", "dtype"))
        return {"name": record.get("name", name.name), **_of_pipeline(name), **_of_record(model, record), **nowhere}
    row = catalog.find(str(name)) if is_row(name) else None
    if row is not None and places.present(row) is None:
        facts = {"network": row["network"], "parameters": row["parameters"], "layers": None}
        file = {"file": None, "bytes": row["bytes"], "sha256": row["sha256"], "dtype": None}
        return {"name": row["name"], **facts, **_of_record(row["network"], row), **file}
    path = locate(name)
    pipeline = load(path)
    record = archive.record_of(pipeline)
    title = record.get("name") or path.name
    return {"name": title, **_of_pipeline(pipeline), **_of_record(registry.model_of(pipeline), record), **of_file(path)}


def _of_pipeline(pipeline):
    """What the model itself tells."""
    task, _ = registry.records_of(pipeline)
    network = networks.network_of(pipeline)
    layers = [*_layers(network), *_layers_around(pipeline, network)]
    model = {"network": registry.model_of(pipeline), "parameters": pipeline.count_params(), "layers": layers}
    return {**model, **task.describe(pipeline)}


def _layers(network, prefix=""):
    """The layers with parameters, those within another network too."""
    for layer in network.layers:
        if getattr(layer, "layers", None):
            yield from _layers(layer, f"{prefix}{layer.name}/")
        elif layer.count_params():
            kind = type(layer).__name__
            yield {"layer": f"{prefix}{layer.name}", "type": kind, "parameters": layer.count_params()}


def _layers_around(pipeline, network):
    """The layers of a pipeline with parameters that are not its network's."""
    inner = {id(weight) for weight in network.weights}
    for layer in pipeline.layers:
        if own := sum(math.prod(weight.shape) for weight in layer.weights if id(weight) not in inner):
            yield {"layer": layer.name, "type": type(layer).__name__, "parameters": own}


def _of_record(model, record):
    """What the record of its training tells."""
    dataset = registry.get_task(model).datasets.get(record.get("data"))
    languages = list(dataset.languages) if dataset else None
    return {**{field: record.get(field) for field in RECORDED}, "languages": languages}


def of_file(path: pathlib.Path) -> dict[str, Any]:
    """Path, size, hash and dtype of a `.keras` file."""
    import pooch

    sha256, dtype = pooch.file_hash(str(path)), archive.dtype_in(path)
    return {"file": str(path), "bytes": path.stat().st_size, "sha256": sha256, "dtype": dtype}
