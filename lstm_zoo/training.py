"""`train`: from pairs to a pipeline, the only caller of `fit`.

A run lives in a folder: `pipeline.keras` (the result), `history.csv` and `curves.png` (what happened), `settings.json`
(what was asked for) and, until it is finished, `checkpoint/` (what `resume=True` goes on from).
"""

import hashlib
import inspect
import json
import math
import pathlib
import shutil

import keras
import numpy as np

from lstm_zoo.checkpoints import Checkpoint, write
from lstm_zoo.weights import load
from lstm_zoo.zoo import build, load_weights, resolve, task_module

WARMUP = 100  # steps in which the learning rate rises; at most a tenth of all
MOST_EPOCHS = 20  # of small data, by default
LAST_RATE = 0.02  # of the peak learning rate, at the end of the cosine


def train(
    name: str,
    data=None,
    validation=None,
    *,
    weights: str | None = None,
    folder: str | None = None,
    resume: bool = False,
    epochs: int | None = None,
    batch: int | None = None,
    learning_rate: float | None = None,
    patience: int = 2,
    seed: int = 0,
    mixed_precision: bool = False,
    verbose: bool = True,
    **hyperparameters,
):
    """Train a network and return its pipeline.

    The learning rate rises over the first steps and falls along a cosine; gradients are clipped; training stops early
    where the validation loss does, and the best epoch is what counts. The same seed repeats a run exactly on a CPU.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        data: the user's own examples in any form that the task reads (sentiment: pairs (text, label), a
            `tf.data.Dataset` of them, the path of a CSV or TSV file with the columns text and label, or of a folder
            with a sub-folder of text files a label; forecasting: a pandas frame, the path of a CSV or Parquet file of
            one, or arrays), or the name of one of the task's data sets ("imdb_reviews"; "ett/h1", "m4/hourly"). None:
            the task's first data set.
        validation: the same, for validation. None: a part of `data` (sentiment: a tenth of each label; forecasting: the
            last steps of every series), or the validation split of the data set.
        weights: start from a trained pipeline: a data set ("imdb"), a row of `weights.json` or a `.keras` file. Its
            vocabulary is kept; other labels than its own get a new head.
        folder: where the run is kept. None: `runs/task-network`.
        resume: go on with the run in `folder` after the last epoch that it finished; a finished run is just loaded.
        epochs: the most passes over the data. None: as many as make the task's number of steps (sentiment: 1,050, which
            are 3 passes over IMDb; forecasting: 2,000), at most 20.
        batch: examples in a step. None: the task's default, like `learning_rate`.
        learning_rate: the peak.
        patience: stop after this many epochs without a lower validation loss.
        seed: of the weights, the dropout, the order of the batches and the validation split.
        mixed_precision: compute in 16 bits (float16 on a GPU, bfloat16 on a CPU). The pipeline is in float32 all
            the same.
        verbose: show a progress bar.
        hyperparameters: keywords of the network's function, like `units=256`, and of the task's `adapt`; none together
            with `weights`. What the data decide, like the number of classes, is theirs; `vocabulary` is the most words
            that are told apart.

    Returns:
        keras.Model: the pipeline, which is also in `folder/pipeline.keras`.

    Raises:
        ValueError: an unknown name; data that is empty, malformed or of one label only; a folder that holds a run
            already (without `resume`) or another run than the one asked for (with it).
        TypeError: a hyperparameter that the network does not have.
        FloatingPointError: the loss became NaN or infinite.

    Example:

    >>> pairs = [("good film", "good"), ("bad film", "bad")] * 50
    >>> pipeline = train("sentiment", data=pairs, epochs=2, units=8, folder="runs/example")
    """
    task_name, network_name = resolve(name)
    task = task_module(task_name)
    batch = task.BATCH if batch is None else batch
    learning_rate = task.LEARNING_RATE if learning_rate is None else learning_rate
    for option, value in (
        ("epochs", 1 if epochs is None else epochs),
        ("batch", batch),
        ("learning_rate", learning_rate),
        ("patience", patience),
    ):
        if not value > 0:
            raise ValueError(f"{option} is above 0. Received: {value}")
    folder = pathlib.Path(folder or f"runs/{task_name}-{network_name}")

    function, _ = task.NETWORKS[network_name]
    defaults = {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}
    if weights and hyperparameters:
        raise ValueError(f"With weights the network is fixed. Received: {', '.join(hyperparameters)}")
    before = load_weights(task_name, network_name, weights) if weights else None
    chosen = {**defaults, **hyperparameters, **(task.fixed(before) if weights else {})}
    dataset = next(iter(task.DATASETS)) if data is None else data
    dataset = dataset if isinstance(dataset, str) and dataset in task.DATASETS else None  # None: the user's own
    training, validating = _examples_of(task, dataset, data, validation, seed, chosen)
    settings = {
        "name": f"{task_name}/{network_name}",
        "dataset": dataset,
        "hyperparameters": hyperparameters,
        "weights": str(weights) if weights else None,
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "patience": patience,
        "seed": seed,
        "mixed_precision": mixed_precision,
        "data": fingerprint(training, validating),
    }
    if _finished(folder, settings, resume):
        return load(folder / "pipeline.keras")

    keras.utils.set_random_seed(seed)
    if weights:
        network, preprocessing = task.fine_tune(before, training)
    else:
        options = _taken(task.adapt, chosen)
        preprocessing = task.adapt(training, **options)
        sizes = task.sizes(preprocessing)
        for key in sizes.keys() & hyperparameters.keys() - options.keys():
            if hyperparameters[key] != sizes[key]:
                raise ValueError(f"{key} is {sizes[key]} with this data. Received: {hyperparameters[key]}")
        preparing = options.keys() - defaults.keys()  # what `adapt` reads and the network does not
        own = {key: value for key, value in hyperparameters.items() if key not in preparing}
        network = build(name, **{**own, **sizes})

    trained = _recast(network) if mixed_precision else network
    steps = math.ceil(task.count(training, preprocessing) / batch)
    if epochs is None:
        epochs = min(MOST_EPOCHS, max(1, round(task.STEPS / steps)))
    checkpoint = Checkpoint(folder / "checkpoint", patience)
    done = len(checkpoint.history)
    examples = task.examples(training, preprocessing, batch, seed=seed, first_epoch=done)
    held_out = task.examples(validating, preprocessing, batch)
    folder.mkdir(parents=True, exist_ok=True)  # from here on all is well with the data
    write(folder / "settings.json", json.dumps(settings, indent=2))
    task.compile_network(trained, _schedule(learning_rate, epochs * steps))
    if done:
        checkpoint.restore(trained, done - 1)
    if done < epochs and not checkpoint.finished:
        trained.fit(
            examples,
            validation_data=held_out,
            initial_epoch=done,
            epochs=epochs,
            steps_per_epoch=steps,
            shuffle=False,  # the examples come in their order
            verbose=int(verbose),
            callbacks=[keras.callbacks.TerminateOnNaN(), checkpoint],
        )
    checkpoint.restore(trained, checkpoint.best)
    network = keras.Model.from_config(network.get_config())  # uncompiled: else the file holds the optimizer too
    network.set_weights(trained.get_weights())
    pipeline = task.pipeline(network, preprocessing)
    pipeline.save(folder / "part.keras")
    (folder / "part.keras").replace(folder / "pipeline.keras")
    shutil.rmtree(checkpoint.folder)
    return pipeline


def _examples_of(task, dataset, data, validation, seed, chosen):
    """Checked examples for training and for validation: of a data set of the task, or of the user's own data."""
    training = task.read(data if dataset is None else task.data("train", dataset))
    if validation is not None:
        return training, task.read(validation)
    if dataset is not None:
        return training, task.read(task.data("validation", dataset))
    return task.split(training, seed, **_taken(task.split, chosen))


def _taken(function, keywords):
    """Those of the keywords that a function has a parameter for."""
    return {key: keywords[key] for key in inspect.signature(function).parameters if key in keywords}


def fingerprint(training, validating):
    """SHA-256 of the examples: a run goes on with the data that it began with, or not at all."""
    digest = hashlib.sha256()
    for number, examples in enumerate((training, validating)):
        for example in examples:
            for value in example:
                array = isinstance(value, np.ndarray)
                digest.update(repr((number, value.dtype, value.shape) if array else (number, value)).encode())
                digest.update(value.tobytes() if array else b"")
    return digest.hexdigest()


def _finished(folder, settings, resume):
    """Whether the folder holds this very run, finished; an error if it holds a run and should not, or another one."""
    path = folder / "settings.json"
    if not path.exists():
        return False
    if not resume:
        raise ValueError(f"{folder} holds a run already. resume=True goes on with it; another folder starts a new one.")
    before = json.loads(path.read_text(encoding="utf-8"))
    now = json.loads(json.dumps(settings))
    changed = [f"{key} was {before.get(key)!r}, is {now[key]!r}" for key in now if before.get(key) != now[key]]
    if changed:
        raise ValueError(f"{folder} holds another run, which cannot go on with these settings: {'; '.join(changed)}")
    return (folder / "pipeline.keras").exists()


def _schedule(peak, steps):
    """Linear warm-up, then a cosine down to `LAST_RATE` of the peak."""
    warmup = min(WARMUP, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warmup), alpha=LAST_RATE, warmup_target=peak, warmup_steps=warmup
    )


def _recast(network):
    """The same network computing in 16 bits, all but its head; the weights stay in float32."""
    # float16 is what cuDNN's LSTM takes, bfloat16 what CPUs multiply and what needs no scaled loss.
    name = "mixed_float16" if keras.distribution.list_devices("gpu") else "mixed_bfloat16"

    def cast(layer):
        if not isinstance(layer, keras.Layer) or layer.name == "head":
            return layer.from_config(layer.get_config())
        return type(layer).from_config({**layer.get_config(), "dtype": name})

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)  # the model's own policy decides whether `compile` scales the loss
    try:
        recast = keras.models.clone_model(network, clone_function=cast)
    finally:
        keras.config.set_dtype_policy(before)
    recast.set_weights(network.get_weights())
    return recast
