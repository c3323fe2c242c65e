"""The only caller of `fit`: epochs from the last checkpoint on, and the pipeline of the best one."""

from __future__ import annotations

import json
import math
import pathlib
import shutil
import warnings
from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo import batching, cards, files, networks, progress
from lstm_zoo.calibration import RELIABILITY, plot_reliability
from lstm_zoo.cards import records
from lstm_zoo.cards.markdown import page
from lstm_zoo.contract import Examples, Network, Preprocessing, Task
from lstm_zoo.training import chance, rivals
from lstm_zoo.training.checkpoints import Checkpoint, StopAtNaN
from lstm_zoo.training.plans import steps_of
from lstm_zoo.weights import archive

WARMUP = 100  # steps in which the learning rate rises; at most a tenth of all
FINAL_RATE = 0.02  # of the peak learning rate, at the end of the cosine


def run_epochs(
    task: Task,
    record: Network,
    network: keras.Model,
    preprocessing: Preprocessing,
    data: tuple[Examples, Examples],
    folder: pathlib.Path,
    settings: dict[str, Any],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    patience: int,
    seed: int,
    monitor: str | None = None,
    average: int = 1,
    until: int | None = None,
    mixed_precision: bool = False,
    verbose: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[keras.Model, Checkpoint]:
    """Train an untrained network, from the last epoch that `folder` has a checkpoint of.

    Args:
        task, record: those of the network.
        network, preprocessing: what is trained, and what `adapt` returned.
        data: checked examples, for training and for validation.
        folder: where checkpoints and learning curves are kept, and `settings` as JSON.
        epochs: of the learning rate's schedule.
        batch_size: what a batch holds, tokens where the task counts them.
        monitor: which of the logs tells the best epoch. None: the task's.
        until: the epoch to stop after, for a run that may go on later. None: `epochs`.
        callbacks: more of Keras' callbacks.
        Everything else: see `train`.

    Returns:
        The network, or its trained part, and its Checkpoint, which tells the history and can restore the best epoch.
    """
    training, validating = data
    trained = network if record.trained_part is None else record.trained_part(network)
    trained = networks.in_16_bits(trained) if mixed_precision else trained
    if not trained.trainable_variables:
        raise ValueError(f"{network.name} has no weights that can be trained: trainable is False for all its layers.")
    steps = steps_of(task, training, preprocessing, batch_size)
    validate = None if task.validator is None else task.validator(trained, preprocessing, validating)
    monitor = monitor or task.monitor
    better = min if monitor.endswith("loss") else task.better
    rising = math.ceil(_warmup(epochs * steps) / steps)  # epochs
    checkpoint = Checkpoint(folder / "checkpoint", patience, monitor, better, validate, average, rising)
    done = len(checkpoint.history)
    batches = task.batches(training, preprocessing, batch_size, seed=seed, first_epoch=done)
    held_out = task.batches(validating, preprocessing, batch_size)
    batches, held_out = (batching.read_by(trained, each) for each in (batches, held_out))
    folder.mkdir(parents=True, exist_ok=True)  # from here on all is well with the data
    files.write_text(folder / "settings.json", json.dumps(settings, indent=2))
    record.compile(trained, _schedule(learning_rate, epochs * steps))
    trained.optimizer.build(trained.trainable_variables)  # within `fit` the step would be traced twice
    if done:
        checkpoint.restore(trained, done - 1)
    until = min(epochs, until or epochs)
    if done < until and not checkpoint.finished:
        with progress.of_fit(verbose) as bars:
            trained.fit(
                batches,
                validation_data=held_out,
                initial_epoch=done,
                epochs=until,
                steps_per_epoch=steps,
                shuffle=False,  # the batches come in their order
                verbose=0,
                callbacks=[StopAtNaN(), checkpoint, *callbacks, *bars],
            )
    return trained, checkpoint


def write_pipeline(
    trained: keras.Model,
    checkpoint: Checkpoint,
    task: Task,
    record: Network,
    network: keras.Model,
    preprocessing: Preprocessing,
    data: tuple[Examples, Examples],
    folder: pathlib.Path,
    about: dict[str, Any],
    *,
    refitted: bool = False,
    rival: keras.Model | None = None,
) -> keras.Model:
    """Write and return the pipeline of a run's best epoch, and its card; of the run its checkpoint goes.

    Args:
        trained, checkpoint: what `run_epochs` returned.
        data: checked examples, for training, and for validation, on which the pipeline is scored for its card.
        about: the record of the run but for its metrics, see `lstm_zoo.cards.records`.
        refitted: whether what needs no validation learns those examples too, once the pipeline has its score.
        rival: a pipeline that is written in its place if it is better on validation, see `rivals`.
        Everything else: see `run_epochs`.
    """
    checkpoint.restore_best(trained)
    weights = network.get_weights()
    network = type(network).from_config(network.get_config())  # uncompiled: else the file holds the optimizer too
    network.set_weights(weights)
    part = network if record.trained_part is None else record.trained_part(network)
    part.set_weights(trained.get_weights())
    pipeline = record.pipeline(network, preprocessing)
    if task.calibrate is not None:
        task.calibrate(pipeline, preprocessing, data[1])
    evaluation = task.evaluate(pipeline, data[1])
    told = {"metrics": {"validation": evaluation.metrics}, **chance.told_of(task, data[1], evaluation)}
    told |= {} if task.closing is None else task.closing(pipeline, *data, folder)
    if refitted and task.refit is not None:
        pipeline = record.pipeline(*task.refit(network, preprocessing, [*data[0], *data[1]]))
    told |= {} if evaluation.reliability is None else {"reliability": evaluation.reliability}
    told |= {} if task.profile is None else {"profile": task.profile(pipeline, *data)}
    archive.set_record(pipeline, {**about, **told})
    pipeline = pipeline if rival is None else rivals.chosen(task, pipeline, rival)
    if sentence := archive.record_of(pipeline).get("chance"):
        chance.warn(sentence, len(checkpoint.history))
    if task.labels is not None and (sentence := records.few(len(data[1]))):
        warnings.warn(sentence, stacklevel=4)
    with files.replacing(folder / "pipeline.keras") as part:
        archive.write(pipeline, part)
        known = {**cards.info(pipeline), **cards.of_file(part), "name": "pipeline.keras"}
        curves = f"{rivals.FOLDER}/curves.png" if pipeline is rival else "curves.png"
        if known["reliability"]:
            plot_reliability(known["reliability"], folder / RELIABILITY)
        card = page(known, str(folder / "pipeline.keras"), curves, RELIABILITY)
        files.write_text(folder / "card.md", card)
    shutil.rmtree(checkpoint.folder)
    return pipeline


def _warmup(steps):
    """Steps in which the learning rate rises, of all steps."""
    return min(WARMUP, steps // 10)


def _schedule(peak, steps):
    """Linear warm-up, then a cosine down to `FINAL_RATE` of the peak."""
    warmup = _warmup(steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warmup), alpha=FINAL_RATE, warmup_target=peak, warmup_steps=warmup
    )
