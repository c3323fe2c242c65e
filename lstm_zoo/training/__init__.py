"""`train`: from pairs to a pipeline, the only caller of `fit`.

A run lives in a folder: `pipeline.keras` (the result), `history.csv` and `curves.png` (what happened), `settings.json`
(what was asked for) and, until it is finished, `checkpoint/` (what `resume=True` goes on from).
"""

import json
import math
import pathlib
import shutil

import keras

from lstm_zoo import batching
from lstm_zoo.registry import load_weights, resolve, task_module
from lstm_zoo.training.checkpoints import Checkpoint, write
from lstm_zoo.training.preparing import (
    changes,
    default_epochs,
    defaults,
    examples_of,
    fingerprint,
    found,
    in_16_bits,
    network_for,
    taken,
    with_dropout,
)
from lstm_zoo.weights import load

WARMUP = 100  # steps in which the learning rate rises; at most a tenth of all
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
    patience: int | None = None,
    average: int = 1,
    dropout_scale: float = 1.0,
    seed: int = 0,
    mixed_precision: bool = False,
    verbose: bool = True,
    hyperparameters: str | None = None,
    **keywords,
):
    """Train a network and return its pipeline.

    The learning rate rises over the first steps and falls along a cosine; gradients are clipped; training stops early
    where validation gets no better, and the best epoch, of equals the last, is what counts. The same seed repeats a run
    exactly on a CPU.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        data: the user's own examples in any form that the task reads (sentiment: pairs (text, label), a
            `tf.data.Dataset` of them, the path of a CSV or TSV file with the columns text and label, or of a folder
            with a sub-folder of text files a label; forecasting: a pandas frame, the path of a CSV or Parquet file of
            one, or arrays; translation: pairs (sentence, translation), two files with a sentence a line, a TSV or CSV
            file; speech: pairs (recording, transcript), or a manifest, a CSV or TSV file with the columns path, text
            and, if known, speaker; speech/keyword: pairs (recording, label), a manifest with path and label, or a
            folder with a sub-folder of audio files a label; text_generation: texts, the path of a text file or of a
            folder of `.txt` files), or the name of one of the task's data sets ("imdb_reviews"; "ett/h1", "m4/hourly";
            "multi30k/de-en"; "an4"; "spoken_digit"; "tiny_shakespeare"). None: the task's first.
        validation: the same, for validation. None: a part of `data` (sentiment and speech/keyword: a tenth of each
            label; translation: a tenth; speech: a tenth of the speakers; forecasting: the last steps of every series;
            text_generation: a tenth of the texts, or the end of a single one),
            or the validation split of the data set.
        weights: start from a trained pipeline: a row of `weights.json`, by its name ("sentiment-bilstm-imdb") or the
            end of it, after the network ("imdb"), or a `.keras` file. Its vocabulary is kept; other labels than its own
            get a new head. sentiment/awd also starts from a row or file of the language model text_generation/awd, and
            then is trained from the head down.
        folder: where the run is kept. None: `runs/task-network`.
        resume: go on with the run in `folder` after the last epoch that it finished; a finished run is just loaded.
        epochs: the most passes over the data. None: as many as make the task's number of steps (sentiment: 1,050, which
            are 3 passes over IMDb; forecasting: 2,000; translation: 5,000; speech: 5,300; text_generation: 7,350), at
            most 100.
        batch: examples in a step, for translation pieces of the target, for text_generation rows that go on from step
            to step. None: the task's default, like `learning_rate`.
        learning_rate: the peak, after a linear rise over the first steps and before the fall along a cosine.
        patience: stop after this many epochs without a lower validation loss (translation: a higher BLEU; speech: a
            lower character error rate; sentiment/awd: a higher accuracy). None: the task's default, 2, of speech 20.
        average: average the weights of the best epoch and those before it, this many together.
        dropout_scale: factor of all the network's rates of dropout, also of those that come with `weights`; 0 for none.
        seed: of the weights, the dropout, the order of the batches and the validation split.
        mixed_precision: compute in 16 bits: on a GPU everything, in float16, on a CPU the matrix products of the LSTMs
            and of a large softmax, in bfloat16, which needs a processor with units for it. The pipeline is in float32
            all the same.
        verbose: show a progress bar.
        hyperparameters: what `search` found: the path of its `best.json`, or the dict that it returned. Keywords go
            before it.
        keywords: hyperparameters of the network's function, like `units=256`, and of the task's `adapt`; none together
            with `weights`. What the data decide, like the number of classes, is theirs; `vocabulary` is the most words
            that are told apart.

    Returns:
        keras.Model: the pipeline, which is also in `folder/pipeline.keras`.

    Raises:
        ValueError: an unknown name; data that is empty, malformed or of one label only; a folder that holds a run
            already (without `resume`) or another run than the one asked for (with it); hyperparameters that were found
            for another network.
        TypeError: a hyperparameter that the network does not have.
        FloatingPointError: the loss became NaN or infinite.

    Example:

    >>> pairs = [("good film", "good"), ("bad film", "bad")] * 50
    >>> pipeline = train("sentiment", data=pairs, epochs=2, units=8, folder="runs/example")
    """
    task_name, network_name = resolve(name)
    task = task_module(name)
    hyperparameters = {**found(hyperparameters, f"{task_name}/{network_name}"), **keywords}
    own_epochs, own_rate = hyperparameters.pop("epochs", None), hyperparameters.pop("learning_rate", None)
    own_batch = hyperparameters.pop("batch", task.BATCH)
    epochs = own_epochs if epochs is None else epochs
    batch = own_batch if batch is None else batch
    learning_rate = own_rate if learning_rate is None else learning_rate
    learning_rate = task.LEARNING_RATE if learning_rate is None else learning_rate
    patience = task.PATIENCE if patience is None else patience
    above_0 = {"batch": batch, "learning_rate": learning_rate, "patience": patience, "average": average}
    check_numbers(dropout_scale, epochs=1 if epochs is None else epochs, **above_0)
    folder = pathlib.Path(folder or f"runs/{task_name}-{network_name}")

    if weights and hyperparameters:
        raise ValueError(f"With weights the network is fixed. Received: {', '.join(hyperparameters)}")
    before = load_weights(task_name, network_name, weights) if weights else None
    fixed = task.fixed(before) if weights and hasattr(task, "fixed") else {}  # what the data are cut by
    chosen = {**defaults(task, network_name), **hyperparameters, **fixed}
    dataset, training, validating = examples_of(task, data, validation, seed, chosen)
    settings = {
        "name": f"{task_name}/{network_name}",
        "dataset": dataset,
        "hyperparameters": hyperparameters,
        "weights": str(weights) if weights else None,
        "weights_fingerprint": fingerprint([tuple(before.get_weights())], ()) if weights else None,
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "patience": patience,
        "average": average,
        "dropout_scale": dropout_scale,
        "seed": seed,
        "mixed_precision": mixed_precision,
        "data": fingerprint(training, validating),
    }
    if finished(folder, settings, resume):
        return load(folder / "pipeline.keras")

    keras.utils.set_random_seed(seed)
    if weights:
        network, preprocessing = task.fine_tune(before, training)
    else:
        preprocessing = task.adapt(training, **taken(task.adapt, chosen))
        network = network_for(name, preprocessing, hyperparameters)
    network = with_dropout(network, dropout_scale)

    epochs = epochs or default_epochs(task, training, preprocessing, batch)
    trained, checkpoint = run_epochs(
        task,
        network,
        preprocessing,
        (training, validating),
        folder,
        settings,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        patience=patience,
        average=average,
        seed=seed,
        mixed_precision=mixed_precision,
        verbose=verbose,
    )
    return save(trained, checkpoint, task, network, preprocessing, folder)


def check_numbers(dropout_scale, **above_0):
    """Raise ValueError for a number that no run can have: a negative scale, or another that is not above 0."""
    for option, value in above_0.items():
        if not value > 0:
            raise ValueError(f"{option} is above 0. Received: {value}")
    if not dropout_scale >= 0:
        raise ValueError(f"dropout_scale is at least 0. Received: {dropout_scale}")


def run_epochs(
    task,
    network,
    preprocessing,
    data,
    folder,
    settings,
    *,
    epochs,
    batch,
    learning_rate,
    patience,
    seed,
    average=1,
    until=None,
    mixed_precision=False,
    verbose=False,
    callbacks=(),
):
    """Train an untrained network, from the last epoch that `folder` has a checkpoint of.

    Args:
        task: its module.
        network, preprocessing: what is trained, and what `adapt` returned.
        data: checked examples, for training and for validation.
        folder: where checkpoints and learning curves are kept, and `settings` as JSON.
        epochs: of the learning rate's schedule.
        until: the epoch to stop after, for a run that may go on later. None: `epochs`.
        callbacks: more of Keras' callbacks.
        Everything else: see `train`.

    Returns:
        The network as it was trained, and its Checkpoint, which tells the history and can restore the best epoch.
    """
    training, validating = data
    trained = in_16_bits(network) if mixed_precision else network
    steps = math.ceil(task.count(training, preprocessing) / batch)
    validate = task.validator(trained, preprocessing, validating) if hasattr(task, "validator") else None
    better = min if task.MONITOR.endswith("loss") else task.BETTER
    checkpoint = Checkpoint(folder / "checkpoint", patience, task.MONITOR, better, validate, average)
    done = len(checkpoint.history)
    examples = batching.read_by(network, task.examples(training, preprocessing, batch, seed=seed, first_epoch=done))
    held_out = batching.read_by(network, task.examples(validating, preprocessing, batch))
    folder.mkdir(parents=True, exist_ok=True)  # from here on all is well with the data
    write(folder / "settings.json", json.dumps(settings, indent=2))
    task.compile_network(trained, _schedule(learning_rate, epochs * steps))
    if done:
        checkpoint.restore(trained, done - 1)
    until = min(epochs, until or epochs)
    if done < until and not checkpoint.finished:
        trained.fit(
            examples,
            validation_data=held_out,
            initial_epoch=done,
            epochs=until,
            steps_per_epoch=steps,
            shuffle=False,  # the examples come in their order
            verbose=int(verbose),
            callbacks=[keras.callbacks.TerminateOnNaN(), checkpoint, *callbacks],
        )
    return trained, checkpoint


def save(trained, checkpoint, task, network, preprocessing, folder):
    """Write and return the pipeline of a run's best epoch; of the run its checkpoint goes.

    Args:
        trained, checkpoint: what `run_epochs` returned.
        Everything else: see `run_epochs`.
    """
    checkpoint.restore_best(trained)
    network = type(network).from_config(network.get_config())  # uncompiled: else the file holds the optimizer too
    network.set_weights(trained.get_weights())
    pipeline = task.pipeline(network, preprocessing)
    pipeline.save(folder / "part.keras")
    (folder / "part.keras").replace(folder / "pipeline.keras")
    shutil.rmtree(checkpoint.folder)
    return pipeline


def finished(folder, settings, resume):
    """Whether the folder holds this very run, finished; an error if it holds a run and should not, or another one."""
    path = folder / "settings.json"
    if not path.exists():
        return False
    if not resume:
        raise ValueError(f"{folder} holds a run already. resume=True goes on with it; another folder starts a new one.")
    if changed := changes(json.loads(path.read_text(encoding="utf-8")), settings):
        raise ValueError(f"{folder} holds another run, which cannot go on with these settings: {'; '.join(changed)}")
    return (folder / "pipeline.keras").exists()


def _schedule(peak, steps):
    """Linear warm-up, then a cosine down to `LAST_RATE` of the peak."""
    warmup = min(WARMUP, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warmup), alpha=LAST_RATE, warmup_target=peak, warmup_steps=warmup
    )
