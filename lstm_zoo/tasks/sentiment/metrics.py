"""How good a pipeline is, and how good the cheap baseline of every network."""

from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo import batching, calibration, classification
from lstm_zoo.contract import Evaluation, Preprocessing
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.tasks.sentiment.pipelines import decode, encode

REGULARIZATION = 10.0  # C of the baselines' logistic regressions
MAX_CHARACTERS = 300  # of a text, on average, up to which a bag of them is quick and worth a look


def evaluate(pipeline: keras.Model, pairs: Sequence[Pair]) -> Evaluation:
    """How good a pipeline is on pairs (text, label).

    Returns:
        Evaluation. Its metrics: `accuracy`, `macro_f1`, the mean over the labels of their F1, and `calibration_error`.

    Raises:
        ValueError: a label that the pipeline does not know.
    """
    texts, references = (list(side) for side in zip(*pairs))
    names = pipeline.get_layer("labels").get_vocabulary()
    classification.check_labels(references, names)
    return classification.evaluation({"text": texts}, references, decode(batching.run(pipeline, texts, encode)), names)


def calibrate(pipeline: keras.Model, _: Preprocessing, pairs: Sequence[Pair]) -> None:
    """Have a pipeline be as sure of its answers as it is right on pairs (text, label) that it has not learnt from."""
    texts, labels = (list(side) for side in zip(*pairs))
    calibration.temper(pipeline, batching.run(pipeline, texts, encode), labels)


def baselines(_: keras.Model | None, training: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Name -> metrics of the baselines of every network: bags of bigrams and, of short texts, of characters.

    Both with logistic regression.

    Args:
        training: what the baseline learns.
        pairs: what it is scored on.

    Example:

    >>> pairs = [("good film", "positive"), ("bad film", "negative")]
    >>> baselines(None, pairs, pairs)
    {'bag of bigrams, logistic regression': {'accuracy': 1.0, 'macro_f1': 1.0}, 'bag of characters, ...}
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = zip(*training)
    asked, references = (list(side) for side in zip(*pairs))
    scores = {}
    for name, bag in bags_of(texts).items():
        regression = LogisticRegression(C=REGULARIZATION, max_iter=1000, class_weight="balanced")
        model = make_pipeline(bag, regression).fit(texts, labels)
        metrics = classification.metrics(references, model.predict(asked).tolist())
        scores[f"{name}, logistic regression"] = metrics
    return scores


def bags_of(texts: Sequence[str]) -> dict[str, Any]:
    """Name -> untrained TfidfVectorizer that suits texts for training."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    bags = {"bag of bigrams": {"ngram_range": (1, 2), "min_df": 2 if len(texts) >= 1000 else 1}}
    if sum(map(len, texts)) <= MAX_CHARACTERS * len(texts):
        bags["bag of characters"] = {"analyzer": "char_wb", "ngram_range": (2, 5)}
    return {name: TfidfVectorizer(sublinear_tf=True, **options) for name, options in bags.items()}
