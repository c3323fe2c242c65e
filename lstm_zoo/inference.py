"""`predict` and `evaluate`: what a trained pipeline answers, and how often it is right."""

import functools
import pathlib

from lstm_zoo import batching
from lstm_zoo.registry import task_of
from lstm_zoo.weights import find, load, locate


def predict(
    name: str,
    raw,
    *,
    explain: bool = False,
    alternatives: int = 0,
    alignment: bool = False,
    beams: int | None = None,
    length: int | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    repetition_penalty: float | None = None,
    seed: int | None = None,
):
    """Answers of a pipeline for plain Python input, in the order given, computed in batches of like length.

    Args:
        name: a task ("sentiment"), the name of a row of `weights.json`, the path of a `.keras` file, or a pipeline
            that `load` or `train` returned.
        raw: one item or a list (iterable, array, tensor) of items of what the task reads; sentiment and translation:
            texts, `str` or UTF-8 bytes, of any length, empty too; speech: paths of audio files, or pairs (samples,
            rate), of any length; text_generation: prompts, texts of any length, empty too. A lone item is a list of
            one, an empty list gives an empty list.
        explain: add to each answer `words`: pairs (word, weight), what the network looked at. For sentiment/attention.
        alternatives: add to each answer `alternatives`: its best translations, this many, each with `text` and `score`,
            best first. At most the beams of the pipeline.
        alignment: add to each answer `alignment`. Translation: `source` and `target`, the pieces that were read and
            written, and `weights`, for each target piece how much it looked at each source piece. Speech: a list of
            `{"word": "YES", "start": 0.4, "end": 0.7}`, in seconds. `translation.plot` and `speech.plot` draw it.
        beams: search with so many beams. For translation and speech; None: those of the pipeline. For text_generation:
            write the most probable text that is found, with `length` alone, in the place of a random one.
        length: for text_generation, as is what follows: the most tokens that are written, characters or pieces. None:
            200.
        temperature: 0: always the most probable token; 1: as the network has learnt it; above: bolder. None: 0.8.
        top_k: write only tokens among the so many most probable ones. None or 0: among all.
        top_p: write only the most probable tokens, as few as have this probability together, from 0 to 1. None: 1, all.
        repetition_penalty: above 1: tokens that were read or written before are less probable. None: 1.
        seed: the same prompt, options and seed give the same text. None: 0.

    Returns:
        List of dicts, one an item. Sentiment: `{"label": "positive", "score": 0.98}`, where the score is the
        probability of that label. Translation: `{"text": "A dog runs.", "score": -1.5}`, where the score is the
        log-probability over a function of the length, see `decoding.score`. Speech: `{"text": "YES", "score": -0.1}`,
        where the score is the log-probability; speech/keyword: like sentiment. Of a recording that cannot be read, text
        and score are None, and `error` says why; the others are answered. Forecasting: a frame, or an array.
        Text_generation: `{"text": " What say you?"}`, what comes after the prompt.

    Raises:
        ValueError: an unknown name, an item that the task does not read (speech: where it can read none), an option
            that the pipeline does not have, more alternatives than beams.

    Example:

    >>> predict("sentiment", ["A moving, beautifully shot film."])
    [{'label': 'positive', 'score': 0.99...}]
    """
    pipeline = loaded(name)
    task = task_of(pipeline)
    for option, wanted, function, owner in (
        ("explain", explain, "explain", "sentiment/attention"),
        ("alternatives", alternatives, "alternatives", "translation"),
        ("alignment", alignment, "align", "translation and speech"),
        ("beams", beams is not None, "with_search", "translation, speech and text_generation"),
    ):
        if wanted and not hasattr(task, function):
            raise ValueError(f"{option} is for {owner}. Received: {pipeline.name}")
    options = {
        "length": length,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "repetition_penalty": repetition_penalty,
        "seed": seed,
    }
    options = _given(options)
    if options and not hasattr(task, "Writing"):
        raise ValueError(f"{', '.join(options)}: for text_generation. Received: {pipeline.name}")
    if beams is not None:
        pipeline = _searching(pipeline, beams)
    if options and (sampling := sorted(options.keys() - pipeline.input.keys())):
        raise ValueError(f"A search takes length alone, and samples nothing. Received: {', '.join(sampling)}")
    items = task.inputs(raw, **options)
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


def stream(name, raw, *, explain=False, alternatives=0, alignment=False, beams=None, **options):
    """What `predict` answers with the same arguments, as parts of a text while they are written, prompts first.

    Returns:
        Iterator of `str`; None where an answer comes as a whole.
    """
    pipeline = loaded(name)
    task = task_of(pipeline)
    if explain or alternatives or alignment or beams is not None or not hasattr(task, "parts"):
        return None
    return task.parts(pipeline, task.inputs(raw, **_given(options)))


def _given(options):
    return {option: value for option, value in options.items() if value is not None}


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


@functools.lru_cache(maxsize=1)
def _searching(pipeline, beams):
    # The same: its first answer compiles the search, which takes seconds.
    return task_of(pipeline).with_search(pipeline, beams)
