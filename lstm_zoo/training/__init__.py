"""`train`: from examples to a pipeline.

A run lives in a folder: `pipeline.keras` (the result), `card.md` (what it is, for people), `history.csv` and
`curves.png` (what happened), of labels `reliability.png` (how often they hold on validation), `settings.json` (what was
asked for) and, until it is finished, `checkpoint/` (what `resume=True` goes on from).
"""

from __future__ import annotations

import json
import pathlib
import warnings
from typing import TYPE_CHECKING, Any

import keras
from pooch import file_hash

from lstm_zoo import networks, progress
from lstm_zoo.building import load_weights
from lstm_zoo.cards import records
from lstm_zoo.optional import need
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.reading import check_kind, read_keywords
from lstm_zoo.registry import get_task, model_of, resolve
from lstm_zoo.training import rivals
from lstm_zoo.training.loop import run_epochs, write_pipeline
from lstm_zoo.training.plans import completed, default_epochs, ended, plan_of, steps_of, told
from lstm_zoo.training.preparing import (
    accepted_kwargs,
    changes,
    check_batch_option,
    check_callbacks,
    check_hyperparameters,
    check_name,
    check_numbers,
    check_with_weights,
    class_weight_of,
    defaults,
    examples_of,
    fingerprint,
    kept_hyperparameters,
    load_hyperparameters,
    network_for,
    plain,
)
from lstm_zoo.weights import archive, is_row, load, locate

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from lstm_zoo.tables.table import Columns


@in_float32()
def train(
    name: str,
    data: Any = None,
    validation: Any = None,
    *,
    weights: str | None = None,
    folder: str | os.PathLike | None = None,
    resume: bool = False,
    epochs: int | None = None,
    batch_size: int | None = None,
    max_tokens: int | None = None,
    learning_rate: float | None = None,
    patience: int | None = None,
    average: int = 1,
    dropout_scale: float | None = None,
    seed: int = 0,
    mixed_precision: bool = False,
    verbose: bool = True,
    class_weight: str | dict | None = "balanced",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    hyperparameters: str | os.PathLike | dict | None = None,
    columns: Columns = None,
    delimiter: str | None = None,
    covariates: Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    label_separator: str | None = None,
    **keywords: Any,
) -> keras.Model:
    """Train a network and return its pipeline.

    The learning rate rises over the first steps and falls along a cosine; gradients are clipped; training stops early
    where validation gets no better, and the best epoch, of equals the last, is what counts. The same seed repeats a run
    exactly on a CPU. What suits texts of the user's own depends on how many there are, what suits series on their
    steps, lengths and number; a line on stderr tells it. A run ends with its scores on validation; one whose labels
    are no better than chance there warns.

    Args:
        name: task ("sentiment") or task and network ("sentiment/attention").
        data: the user's own examples in any form that the task reads, see its guide - objects, or the path of a file or
            folder -, or the name of one of the task's data sets. None: the task's first data set.
        validation: the same, for validation. None: a part of `data`, about a tenth, or the validation split of the data
            set.
        weights: start from a trained pipeline: a row of `weights.json`, by its name ("sentiment-bilstm-imdb") or the
            end of it, after the network ("imdb"), or a `.keras` file. Its vocabulary is kept. Other labels than its own
            get a new head, and a network that begins from nothing is trained too, in the folder `fresh` of the run, in
            as much time again: the better on validation is returned. A network that can begin with another one's
            weights takes a row or file of that too, like sentiment/awd of the language model text_generation/awd, and
            then is trained from the head down.
        folder: where the run is kept. None: `runs/task-network`.
        resume: go on with the run in `folder` after the last epoch that it finished; a finished run is just loaded.
        epochs: the most passes over the data. None: as many as make the task's number of steps, at most 100; of texts
            of the user's own from 40 of the first 100,000 characters (awd: 20) down to 2; of series by their windows.
        batch_size: examples in a step; rows that go on from step to step for text_generation. None: the task's default;
            of fewer than 8,192 texts of the user's own 8, 16 or 32, of fewer than 10,000 windows of series 32 or 64.
        max_tokens: tokens of the target in a step, for translation, in the place of `batch_size`. None: the task's
            default.
        learning_rate: the peak, after a linear rise over the first steps and before the fall along a cosine. None: the
            task's default.
        patience: stop after this many epochs without a better one, by the task's measure for that: the validation loss,
            or what its guide says; those in which the learning rate rises do not count. None: the task's default; for
            texts of the user's own half of the epochs.
        average: average the weights of the best epoch and those before it, this many together.
        dropout_scale: factor of all the network's rates of dropout, also of those that come with `weights`; 0 for none.
            None: 1, but 0.3 for sentiment/awd from nothing with few texts.
        seed: of the weights, the dropout, the order of the batches and the validation split.
        mixed_precision: compute in 16 bits: on a GPU everything, in float16, on a CPU the matrix products of the LSTMs
            and of a large softmax, in bfloat16, which needs a processor with units for it. The pipeline is in float32
            all the same.
        verbose: tell on stderr how it is trained, and show a progress bar there, if that is a terminal.
        class_weight: of labels, where the examples have some: "balanced" gives each the same say, however rare; a dict
            label -> weight, 1 for those that are not in it; None, on a command line "none": every example counts alike.
        callbacks: of Keras, which see each epoch with all its numbers.
        tensorboard: write losses and metrics for TensorBoard, to the folder `tensorboard` of the run.
        hyperparameters: what `search` found: the path of its `best.json`, or the dict that it returned. Keywords go
            before it.
        columns: name -> title of columns of a table that are called otherwise, like {"text": "review"}, on a command
            line text=review; or a list of the titles of a file whose first line is a row.
        delimiter: of a CSV or TSV file. None: `,`, `;` or tab, by the line of titles.
        covariates: of forecasting: columns that are known ahead and may be read, on a command line with a comma between
            them. None: none; with `weights` those of the file.
        target: of forecasting: the column of values, or in a wide table those that are series, on a command line with a
            comma between them. None: `y`, or every column of numbers of a wide table.
        label_separator: of texts: what stands between the labels in a cell, like ";" in "late;rude"; an empty cell has
            none. None: a cell is one label, a list of them is several.
        keywords: hyperparameters of the network's function, like `units=256`, and of the task's `adapt`; with `weights`
            only `augmentation`, `lexicon`, `others`, `bptt` and `subword_sampling`. What the data decide, like their
            classes, is theirs; `vocabulary` is the most words that are told apart. `vectors`, for networks of words, is
            "glove" or a file of word vectors, which they read beside what they learn.

    Returns:
        keras.Model: the pipeline, which is also in `folder/pipeline.keras`.

    Raises:
        ValueError: an unknown name; data that is empty, malformed or of one label only; a folder that holds a run
            already (without `resume`) or another run than the one asked for (with it); hyperparameters that were found
            for another network, that the network does not have, or of another type; `batch_size` where the task counts
            tokens, or the other way round.
        FloatingPointError: the loss became NaN or infinite.
        ImportError: TensorBoard, or another package that is needed, is missing.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> pairs = [("good film", "good"), ("bad film", "bad")] * 50
    >>> pipeline = train("sentiment", data=pairs, epochs=2, units=8, folder="runs/example")
    """
    check_process()
    check_name(name)
    task_name, network_name = resolve(name)
    task = get_task(name)
    hyperparameters = plain({**load_hyperparameters(hyperparameters, f"{task_name}/{network_name}"), **keywords})
    chosen = {"epochs": epochs, "batch_size": batch_size, "max_tokens": max_tokens, "learning_rate": learning_rate}
    best = {key: hyperparameters.pop(key, None) for key in chosen}
    check_hyperparameters(name, hyperparameters)
    chosen = {key: best[key] if value is None else value for key, value in chosen.items()}
    check_batch_option(task, chosen)
    chosen |= {"patience": patience, "dropout_scale": dropout_scale}
    check_callbacks(callbacks)
    if tensorboard:
        need("tensorboard", "search", "tensorboard=True")
    check_numbers(**chosen, average=average, seed=seed)
    folder = folder_of(name, folder)

    if weights:
        check_with_weights(task, hyperparameters)
    keras.utils.set_random_seed(seed)  # of the dropout in a file, which is drawn when it is loaded
    pretrained = load_weights(name, weights) if weights else None
    frozen = task.frozen_hyperparameters(pretrained) if weights and task.frozen_hyperparameters else {}
    given = {"columns": columns, "delimiter": delimiter, "covariates": covariates}
    given |= {"target": target, "label_separator": label_separator}
    reading = read_keywords(task, pretrained, **given)
    dataset, suited, training, validating = examples_of(
        task, data, validation, seed, network_name, {**hyperparameters, **frozen}, reading
    )
    task = task.of(training)
    record = task.networks[network_name]
    chosen, suited = completed(chosen, suited)
    if weights and model_of(pretrained).startswith(f"{task_name}/"):
        check_kind(pretrained, training)
    class_weight = class_weight_of(task, class_weight, training)
    plan = plan_of(task, chosen, dataset, (training, validating), bool(weights))
    settings = {
        "name": f"{task_name}/{network_name}",
        "dataset": dataset,
        "hyperparameters": hyperparameters,
        "weights": str(weights) if weights else None,
        "weights_fingerprint": fingerprint([tuple(pretrained.get_weights())], ()) if weights else None,
        **{option: plan[option] for option in ("epochs", task.batch_option, "learning_rate", "patience")},
        "average": average,
        "dropout_scale": plan["dropout_scale"],
        "seed": seed,
        "mixed_precision": mixed_precision,
        **({} if task.labels is None else {"class_weight": class_weight}),
        "data": fingerprint(training, validating),
    }
    rival = None
    settings |= {"rival": rivals.FOLDER} if rivals.needed(task, pretrained, training) else {}
    if is_finished(folder, settings, resume):
        return load(folder / "pipeline.keras")
    if "rival" in settings:
        read = (dataset, None) if dataset is not None and validation is None else (training, validating)
        options = {**chosen, "average": average, "seed": seed, "mixed_precision": mixed_precision, "verbose": verbose}
        options |= {"class_weight": class_weight, "callbacks": callbacks, "tensorboard": tensorboard}
        with warnings.catch_warnings(action="ignore"):  # what is wrong with the data is told below, once
            rival = train(name, *read, folder=folder / rivals.FOLDER, resume=resume, **options, **hyperparameters)

    keras.utils.set_random_seed(seed)
    if weights:
        further = accepted_kwargs(task.fine_tune, {**hyperparameters, "validation": validating})
        network, preprocessing = task.fine_tune(pretrained, training, **further)
        hashed = {} if is_row(weights) else {"sha256": file_hash(str(locate(weights)))}
        begun_from = weights, {**archive.record_of(pretrained), **hashed}
        values = kept_hyperparameters(task, begun_from[1], hyperparameters) | task.data_hyperparameters(preprocessing)
    else:
        whole = {**suited, **hyperparameters}
        adapted_by = {**defaults(record), **whole, "class_weight": class_weight, "validation": validating}
        preprocessing = task.adapt(training, **accepted_kwargs(task.adapt, adapted_by))
        network = network_for(name, preprocessing, whole)
        begun_from, values = None, {**defaults(record), **whole, **task.data_hyperparameters(preprocessing)}
    preprocessing["class_weight"] = class_weight
    network = networks.with_dropout(network, plan["dropout_scale"])
    plan["epochs"] = plan["epochs"] or default_epochs(task, training, preprocessing, plan[task.batch_option])
    if verbose:
        steps = steps_of(task, training, preprocessing, plan[task.batch_option])
        progress.say(told(task, plan, (training, validating), steps, {} if weights else suited))
    if tensorboard:
        callbacks = [*callbacks, keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False)]
    trained, checkpoint = run_epochs(
        task,
        record,
        network,
        preprocessing,
        (training, validating),
        folder,
        settings,
        epochs=plan["epochs"],
        batch_size=plan[task.batch_option],
        learning_rate=plan["learning_rate"],
        patience=plan["patience"],
        monitor=plan["monitor"],
        average=average,
        seed=seed,
        mixed_precision=mixed_precision,
        verbose=verbose,
        callbacks=callbacks,
    )
    given = {"data": data, "validation": validation, **given}
    about = records.of_run(task, settings, given, begun_from, values, (training, validating))
    pipeline = write_pipeline(
        trained,
        checkpoint,
        task,
        record,
        network,
        preprocessing,
        (training, validating),
        folder,
        about,
        refitted=dataset is None and validation is None,
        rival=rival,
    )
    if verbose:
        progress.say(ended(task, archive.record_of(pipeline), folder))
    return pipeline


def folder_of(name: str, folder: str | os.PathLike | None = None) -> pathlib.Path:
    """Where a run of a network is kept: in the folder, else in `runs/task-network`."""
    return pathlib.Path(folder or f"runs/{'-'.join(resolve(name))}")


def is_finished(folder: pathlib.Path, settings: dict[str, Any], resume: bool) -> bool:
    """Whether the folder holds this very run, finished; an error if it holds a run and should not, or another one."""
    path = folder / "settings.json"
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"A run is kept in a folder. Received: {folder}, which is a file")
    if not path.exists():
        return False
    if not resume:
        raise ValueError(f"{folder} holds a run already. resume=True goes on with it; another folder starts a new one.")
    if changed := changes(json.loads(path.read_text(encoding="utf-8")), settings):
        raise ValueError(f"{folder} holds another run, which cannot go on with these settings: {'; '.join(changed)}")
    return (folder / "pipeline.keras").exists()
