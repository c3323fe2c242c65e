"""`predict` and `evaluate`: what a trained pipeline answers, and how often it is right."""

import functools
import pathlib

from lstm_zoo import batching
from lstm_zoo.weights import find, load, locate
from lstm_zoo.zoo import task_of


def predict(name: str, raw, *, explain: bool = False, alternatives: int = 0, alignment: bool = False):
    """Answers of a pipeline for plain Python input, in the order given, computed in batches of like length.

    Args:
        name: a task ("sentiment"), the name of a row of `weights.json`, the path of a `.keras` file, or a pipeline
            that `load` or `train` returned.
        raw: one item or a list (iterable, array, tensor) of items of what the task reads; sentiment and translation:
            texts, `str` or UTF-8 bytes, of any length, empty too; speech: paths of audio files, or pairs (samples,
            rate), of any length. A lone item is a list of one, an empty list gives an empty list.
        explain: add to each answer `words`: pairs (word, weight), what the network looked at. For sentiment/attention.
        alternatives: add to each answer `alternatives`: its best translations, this many, each with `text` and `score`,
            best first. At most the beams of the pipeline.
        alignment: add to each answer `alignment`. Translation: `source` and `target`, the pieces that were read and
            written, and `weights`, for each target piece how much it looked at each source piece. Speech: a list of
            `{"word": "YES", "start": 0.4, "end": 0.7}`, in seconds. `translation.plot` and `speech.plot` draw it.

    Returns:
        List of dicts, one an item. Sentiment: `{"label": "positive", "score": 0.98}`, where the score is the
        probability of that label. Translation: `{"text": "A dog runs.", "score": -1.5}`, where the score is the
        log-probability over a function of the length, see `decoding.score`. Speech: `{"text": "YES", "score": -0.1}`,
        where the score is the log-probability; speech/keyword: like sentiment. Of a recording that cannot be read, text
        and score are None, and `error` says why; the others are answered. Forecasting: a frame, or an array.

    Raises:
        ValueError: an unknown name, an item that the task does not read (speech: where it can read none), an option
            that the pipeline does not have, more alternatives than beams.

    Example:

    >>> predict("sentiment", ["A moving, beautifully shot film."])
    [{'label': 'positive', 'score': 0.98}]
    """
    pipeline = loaded(name)
    task = task_of(pipeline)
    for option, wanted, function, owner in (
        ("explain", explain, "explain", "sentiment/attention"),
        ("alternatives", alternatives, "alternatives", "translation"),
        ("alignment", alignment, "align", "translation and speech"),
    ):
        if wanted and not hasattr(task, function):
            raise ValueError(f"{option} is for {owner}. Received: {pipeline.name}")
    items = task.inputs(raw)
    outputs = batching.run(pipeline, items, task.encode, task.size)
    answers, added = task.answers(outputs, items, raw), {}
    if explain:
        added["words"] = task.explain(pipeline, items)
    if alternatives:
        added["alternatives"] = task.alternatives(outputs, alternatives)
    if alignment:
        added["alignment"] = task.align(pipeline, items, [answer["text"] for answer in answers])
    for key, values in added.items():
        for answer, value in zip(answers, values):
            answer[key] = value
    return answers


def evaluate(name: str, data=None, *, split: str = "test", training=None):
    """Measures of a pipeline, and of cheap baselines on the same examples.

    Args:
        name: like that of `predict`.
        data: the user's own examples, in any form that `train` takes, or the name of one of the task's data sets. None:
            the data set of the row, or the task's first.
        split: "train", "validation" or "test" of a data set of the task; without meaning for the user's own.
        training: what the baselines learn from. None: the train split of the data set, or, for the user's own, no
            baselines.

    Returns:
        Dict of the task's measures, the most important first - for sentiment `accuracy` and `macro_f1` - and
        `baselines`: name -> the same measures of cheap rivals, for sentiment a bag of bigrams with logistic regression.

    Raises:
        ValueError: an unknown name or split, malformed data, a label that the pipeline does not know.

    Example:

    >>> evaluate("sentiment", data=[("good film", "positive"), ("bad film", "negative")])
    {'accuracy': 1.0, 'macro_f1': 1.0}
    """
    pipeline = loaded(name)
    task = task_of(pipeline)
    if data is None:
        data = find(name)["data"] if _is_row(name) else next(iter(task.DATASETS))
    if isinstance(data, str) and data in task.DATASETS:
        training = task.data("train", data) if training is None else training
        data = task.data(split, data)
    pairs = task.read(data)
    measures = task.score(pipeline, pairs)
    if training is not None:
        measures["baselines"] = task.baselines(pipeline, task.read(training), pairs)
    return measures


def _is_row(name):
    return isinstance(name, str) and not name.endswith(".keras")


def loaded(name):
    """The pipeline that a name means, kept for the next call; a pipeline itself as it is."""
    if not isinstance(name, (str, pathlib.Path)):
        return name
    path = locate(name)
    return _loaded(path.resolve(), path.stat().st_mtime_ns, path.stat().st_size)


@functools.lru_cache(maxsize=4)
def _loaded(path, *version):
    # Loading takes a second: a loop of predictions by name should do it once, and again when the file has changed.
    return load(path)
