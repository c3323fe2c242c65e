"""`predict` and `evaluate`: what a trained pipeline answers, and how often it is right."""

import functools
import pathlib

from lstm_zoo import batching
from lstm_zoo.weights import load, locate
from lstm_zoo.zoo import task_of


def predict(name: str, raw, *, explain: bool = False):
    """Answers of a pipeline for plain Python input, in the order given, computed in batches of like length.

    Args:
        name: a task ("sentiment"), the name of a row of `weights.json`, the path of a `.keras` file, or a pipeline
            that `load` or `train` returned.
        raw: one item or a list (iterable, array, tensor) of items of what the task reads; sentiment: texts, `str`
            or UTF-8 bytes, of any length, empty too. A lone item is a list of one, an empty list gives an empty list.
        explain: add to each answer `words`: pairs (word, weight), what the network looked at. For sentiment/attention.

    Returns:
        List of dicts, one an item; sentiment: `{"label": "positive", "score": 0.98}`, where the score is the
        probability of that label.

    Raises:
        ValueError: an unknown name, an item that is not a text, `explain` for a network without attention.

    Example:

    >>> predict("sentiment", ["A moving, beautifully shot film."])
    [{'label': 'positive', 'score': 0.98}]
    """
    pipeline = _pipeline(name)
    task = task_of(pipeline)
    items = task.inputs(raw)
    answers = task.answers(batching.run(pipeline, items))
    if explain:
        for answer, words in zip(answers, task.explain(pipeline, items)):
            answer["words"] = words
    return answers


def evaluate(name: str, data=None, *, split: str = "test", training=None):
    """Measures of a pipeline, and of a cheap baseline on the same examples.

    Args:
        name: like that of `predict`.
        data: the user's own examples, in any form that `train` takes. None: the task's data set.
        split: "train", "validation" or "test" of the task's data set; without meaning if `data` is given.
        training: what the baseline learns from. None: the train split of the task's data set, or, for `data`, no
            baseline.

    Returns:
        Dict of the task's measures, for sentiment `accuracy` and `macro_f1`, and `baseline` with the same measures of
        the task's baseline, for sentiment a bag of bigrams with logistic regression.

    Raises:
        ValueError: an unknown name or split, malformed data, a label that the pipeline does not know.

    Example:

    >>> evaluate("sentiment", data=[("good film", "positive"), ("bad film", "negative")])
    {'accuracy': 1.0, 'macro_f1': 1.0}
    """
    pipeline = _pipeline(name)
    task = task_of(pipeline)
    pairs = task.read(task.data(split) if data is None else data)
    measures = task.score(pipeline, pairs)
    if data is None and training is None:
        training = task.data("train")
    if training is not None:
        measures["baseline"] = task.baseline(task.read(training), pairs)
    return measures


def _pipeline(name):
    if not isinstance(name, (str, pathlib.Path)):
        return name
    path = locate(name)
    return _loaded(path.resolve(), path.stat().st_mtime_ns, path.stat().st_size)


@functools.lru_cache(maxsize=4)
def _loaded(path, *version):
    # Loading takes a second: a loop of predictions by name should do it once, and again when the file has changed.
    return load(path)
