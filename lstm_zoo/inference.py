"""`predict` and `evaluate`: what a trained pipeline answers, and how often it is right."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lstm_zoo import bulk, files, outputs
from lstm_zoo.answering import answerer, loaded
from lstm_zoo.precision import in_float32
from lstm_zoo.reading import check_kind, check_target, read_keywords
from lstm_zoo.registry import records_of
from lstm_zoo.weights import archive

if TYPE_CHECKING:
    import keras

    from lstm_zoo.tables.table import Columns


def predict(
    name: str | pathlib.Path | keras.Model,
    raw: Any = None,
    *,
    data: Any = None,
    output: str | pathlib.Path | None = None,
    resume: bool = False,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    engine: str | None = None,
    **options: Any,
) -> Any:
    """Answers of a pipeline for plain Python input or for a file, in the order given.

    They are computed in batches of like length.

    Args:
        name: a task ("sentiment"), the name of a row of `weights.json`, the path of a `.keras` file, or a pipeline
            that `load` or `train` returned.
        raw: one item or a list (iterable, array, tensor) of items of what the task reads: texts, recordings, series,
            prompts, of any length, empty too. A lone item is a list of one, an empty list gives an empty list. A frame,
            or rows that are dicts, come back with their answers; an iterator gives an iterator.
        data: in the place of `raw`, the path of a file or folder to answer row by row: a CSV, TSV, JSON Lines or
            Parquet file with the column `text`, `source` (translation), `path` (speech) or `prompt`
            (text_generation), or series; any other file of texts, a line each; "-" for standard input; a folder of
            recordings or of `.txt` files.
        output: path of a new file for the columns of `data` and the answers: `.csv`, `.tsv`, `.jsonl`, each also with
            `.gz` behind, or `.parquet`. It is written bit by bit and holds all or is not there. None: a frame of them.
        resume: go on with an output that was stopped.
        columns: name -> title of columns of a table that are called otherwise, like {"text": "review"}, on a command
            line text=review; or a list of the titles of a file whose first line is a row.
        delimiter: of a CSV or TSV file. None: `,`, `;` or tab, by the line of titles.
        target: of forecasting: the column of values, or the columns of a wide table that are series, see `train`.
        engine: what runs the network: "tensorflow", "onnxruntime" or "onnxruntime-int8", see `load`. None: TensorFlow
            for a name, its own for a pipeline, which is made ready for another one in each call.
        options: those of the network, which `lstm-zoo predict NAME --help` and the guide of its task list; None stands
            for the default where it is no value of its own, like that of `lexicon` of speech.

    Returns:
        List of dicts, one an item, in the form of the task's guide; of forecasting a frame or an array. A frame for a
        frame: its columns and those of the answers, a part of an answer under "scores.positive"; an answer that is
        called like a column of the frame is called "predicted_..." there. With `output` the path of it.

    Raises:
        ValueError: an unknown name or engine, an item or a row that the task does not read, an option that the network
            does not have, or one outside of what it may be; a lone text that is the name of a file.
        FileExistsError: the output exists, or a part of it that `resume` goes on with.
        ImportError: a package that the task, or the engine, needs is missing.
        RuntimeError: the process was forked after TensorFlow had run.

    Example:

    >>> predict("sentiment", ["A moving, beautifully shot film."])
    [{'label': 'positive', 'score': 0.99...}]
    """
    answers = answerer(name, options, engine)
    if (raw is None) == (data is None):
        raise ValueError(f"Either items or data= is expected. Received: {'neither' if raw is None else 'both'}")
    if target is not None:
        read_keywords(answers.task, target=target)  # the error of a task that has none
    if data is None:
        if output is not None or resume:
            raise ValueError("output and resume go with data=, the path of a file. Received: items")
        return bulk.answer_items(answers, raw, columns, delimiter, target)
    if output is None:
        if resume:
            raise ValueError("resume goes on with an output. Received: resume without output")
        return bulk.answer_frame(answers, data, columns, delimiter, target)
    return bulk.answer_file(answers, data, output, resume=resume, columns=columns, delimiter=delimiter, target=target)


def stream(name: str, raw: Any, engine: str | None = None, **options: Any) -> Iterator[str] | None:
    """What `predict` answers with the same arguments, as parts of a text while they are written, prompts first.

    Returns:
        Iterator of `str`; None where an answer comes as a whole.
    """
    answers = answerer(name, options, engine)
    network = answers.network
    if network.stream is None or (network.with_beams is not None and answers.options.beams is not None):
        return None
    return network.stream(answers.pipeline, answers.task.prepare(raw), answers.options)


@in_float32()
def evaluate(
    name: str | pathlib.Path | keras.Model,
    data: Any = None,
    *,
    split: str = "test",
    training: Any = None,
    output: str | pathlib.Path | None = None,
    columns: Columns = None,
    delimiter: str | None = None,
    target: str | Sequence[str] | None = None,
    label_separator: str | None = None,
    engine: str | None = None,
) -> dict[str, Any]:
    """Metrics of a pipeline, and of cheap baselines on the same examples.

    Args:
        name: like that of `predict`.
        data: the user's own examples, in any form that `train` takes, or the name of one of the task's data sets. None:
            the one that the pipeline was trained on, or, for one trained on the user's own, the task's first.
        split: "train", "validation" or "test" of a data set of the task; without meaning for the user's own.
        training: what the baselines learn from. None: the train split of the data set, or, for the user's own, no
            baselines.
        output: path of a new table, in a format that `predict` writes, of every example: what it is, what is right,
            what was answered, and a score. Where answers are labels, a confusion matrix stands beside it, as a table
            and as a plot: `errors.csv` comes with `errors.confusion.csv` and `errors.confusion.png`; of several labels
            a table of labels, `errors.labels.csv`; and of both a plot of how often they hold, by their probability,
            `errors.reliability.png`.
        columns, delimiter, target: of a table, see `predict`.
        label_separator: between the labels in a cell, see `train`.
        engine: what runs the network, see `predict`.

    Returns:
        Dict of the task's metrics, the most important first - for sentiment `accuracy` and `macro_f1` - and
        `baselines`: name -> the same metrics of cheap baselines, for sentiment a bag of bigrams with logistic
        regression.

    Raises:
        ValueError: an unknown name, engine or split, malformed data, a label that the pipeline does not know.
        FileExistsError: the output exists.

    Example:

    >>> evaluate("sentiment", data=[("good film", "positive"), ("bad film", "negative")])
    {'accuracy': 1.0, 'macro_f1': 1.0}
    """
    pipeline = loaded(name, engine)
    task, _ = records_of(pipeline)
    if output is not None:
        outputs.check_path(output)
        for ending in task.beside:
            files.check_new(outputs.beside(output, ending))
    if data is None:
        data = archive.record_of(pipeline).get("data")
        data = data if data in task.datasets else next(iter(task.datasets))
    given = {"columns": columns, "delimiter": delimiter, "target": target, "label_separator": label_separator}
    reading = read_keywords(task, pipeline, **given)
    own = not isinstance(data, str) or data not in task.datasets
    check_target(reading, None if own else data, training)
    examples = task.read(data, **reading) if own else task.read(task.data(split, data))
    check_kind(pipeline, examples)
    evaluation = task.evaluate(pipeline, examples)
    metrics = dict(evaluation.metrics)
    if output is not None:
        outputs.write(evaluation.table(), output)
        if evaluation.write is not None:
            evaluation.write(pathlib.Path(output))
    if training is not None:
        metrics["baselines"] = task.baselines(pipeline, task.read(training, **reading), examples)
    elif not own:
        metrics["baselines"] = task.baselines(pipeline, task.read(task.data("train", data)), examples)
    return metrics
