"""Whether a recording is one of the words at all: a threshold on the probability of the best word.

Where it is lower, the answer is `[none]`. Validation chooses the threshold.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import scipy.special
from keras import ops

from lstm_zoo import batching, classification
from lstm_zoo.layers import registered
from lstm_zoo.options import option
from lstm_zoo.tasks.speech.audio import encode, length
from lstm_zoo.tasks.speech.keyword.others import NONE, made_others
from lstm_zoo.tasks.speech.pairs import Example, waveforms

KEPT, REJECTED = 0.97, 0.9  # of the words for validation, of what is none of them: what the threshold is to reach
SUREST = 1e-6  # probability, which tells nothing apart from 0 in 32 bits


@registered
class WordThreshold(keras.layers.Layer):
    """The most probable word, or `[none]` where its probability is below a threshold.

    Input: probabilities (batch, labels). Outputs: the number int32 (batch,) of the label that is the answer, and its
    probability (batch,). The threshold, float32 (), is fitted on validation, not trained; it begins as 0.5.

    Args:
        none: the number of `[none]` among the labels.

    Example:

    >>> WordThreshold(1)(ops.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3]]))  # [0, 1], [0.7, 0.4]
    """

    def __init__(self, none: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.none = none

    def build(self, shape):
        self.threshold = self.add_weight((), keras.initializers.Constant(0.5), name="threshold")

    def call(self, probabilities):
        is_word = ops.arange(probabilities.shape[-1]) != self.none
        words = ops.where(is_word, probabilities, -1.0)
        best, score = ops.cast(ops.argmax(words, -1), "int32"), ops.max(words, -1)
        kept = score >= self.threshold
        return ops.where(kept, best, self.none), ops.where(kept, score, probabilities[:, self.none])

    def compute_output_spec(self, probabilities):
        rows = probabilities.shape[:1]
        return keras.KerasTensor(rows, "int32"), keras.KerasTensor(rows, probabilities.dtype)

    def get_config(self):
        return {**super().get_config(), "none": self.none}


def answer(logits: keras.KerasTensor, labels: keras.layers.StringLookup) -> dict[str, keras.KerasTensor]:
    """What `classification.answer` gives, by a threshold where `[none]` is one of the labels."""
    outputs, names = classification.answer(logits, labels), labels.get_vocabulary()
    if NONE not in names:
        return outputs
    threshold = WordThreshold(names.index(NONE), name="threshold")
    number, score = threshold(outputs["probabilities"])
    return {**outputs, "label": classification.lookup(names, invert=True)(number), "score": score}


def threshold_of(pipeline: keras.Model) -> float | None:
    """The threshold of a pipeline, to four digits; None where `[none]` is none of its labels."""
    layers = [layer for layer in pipeline.layers if isinstance(layer, WordThreshold)]
    return round(float(ops.convert_to_numpy(layers[0].threshold)), 4) if layers else None


def describe(pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data: its labels, and the `threshold` below which the answer is `[none]`."""
    threshold = threshold_of(pipeline)
    return classification.describe(pipeline) | ({} if threshold is None else {"threshold": threshold})


def best_threshold(words: Sequence[float], others: Sequence[float]) -> float:
    """A threshold that keeps 97 of 100 words and rejects 9 of 10 recordings that are none.

    Between the highest that does the former and the lowest that does the latter it is half-way in log-odds: what will
    be heard is less clear than what validates, words and others alike. Where none does both, it is the former.

    Args:
        words: probability of the best word of each recording of a word.
        others: the same of recordings that are none; there may be none of them.

    Example:

    >>> best_threshold([0.9] * 10, [0.1] * 10)
    0.5
    """
    highest = np.quantile(words, 1 - KEPT, method="lower")
    lowest = np.quantile(others, REJECTED, method="higher") if len(others) else highest
    if lowest >= highest:
        return float(highest)
    edges = np.clip([lowest, highest], SUREST, 1 - SUREST)
    return float(scipy.special.expit(scipy.special.logit(edges).mean()))


def fit_threshold(pipeline: keras.Model, examples: Sequence[Example]) -> None:
    """Choose a pipeline's threshold by examples that it has not learnt from, if `[none]` is one of its labels."""
    names = pipeline.get_layer("labels").get_vocabulary()
    is_word = np.array([label != NONE for _, label, _ in examples])
    if NONE not in names or not is_word.any():
        return
    outputs = batching.run(pipeline, waveforms(examples), encode, length)
    probabilities = np.delete([row["probabilities"] for row in outputs], names.index(NONE), axis=1).max(1)
    threshold = best_threshold(probabilities[is_word], probabilities[~is_word])
    pipeline.get_layer("threshold").threshold.assign(threshold)


def rates(references: Sequence[str], predictions: Sequence[str]) -> dict[str, float]:
    """`words_kept`, the share of the words that are taken for one, and `others_rejected`, of what is none the share
    that is not, to four digits; of what there is none of, nothing.

    Example:

    >>> rates(["yes", "no", "[none]"], ["no", "[none]", "[none]"])
    {'words_kept': 0.5, 'others_rejected': 1.0}
    """
    answered = {"words_kept": [], "others_rejected": []}
    for reference, prediction in zip(references, predictions):
        is_other = reference == NONE
        answered["others_rejected" if is_other else "words_kept"].append((prediction == NONE) == is_other)
    return {name: round(float(np.mean(right)), 4) for name, right in answered.items() if right}


def closing(pipeline: keras.Model, _: Sequence[Example], validating: Sequence[Example], __: object) -> dict[str, Any]:
    """The sentence that a run ends with, where `[none]` is one of the labels: its threshold, and what that rejects."""
    threshold = threshold_of(pipeline)
    if threshold is None or all(label == NONE for _, label, _ in validating):
        return {}
    names, made = pipeline.get_layer("labels").get_vocabulary(), made_others(validating)
    rejected = [row["label"].decode() == NONE for row in batching.run(pipeline, waveforms(made), encode, length)]
    return {
        "choice": f"The answer is {NONE} where none of {len(names) - 1} words has a probability of {threshold}: to "
        f"{np.mean(rejected):.0%} of {len(made)} recordings, made of those for validation, that are no words."
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(classification.Options):
    """What `predict` takes beside recordings of words."""

    threshold: float | None = option(
        None,
        "Answer `[none]` where no word has this probability; 0: always with a word. None: that of the pipeline.",
        minimum=0,
        maximum=1,
    )


def annotate(
    answers: Sequence[dict[str, Any]], items: Any, outputs: Sequence[dict], pipeline: keras.Model, options: Options
) -> None:
    """Have the answers be by the threshold that is asked for, and add what else is."""
    classification.annotate(answers, items, outputs, pipeline, options)
    if options.threshold is None:
        return
    names = list(map(str, pipeline.get_layer("labels").get_vocabulary()))
    for answer, row in zip(answers, outputs):
        if answer["label"] is not None:
            scores = dict(zip(names, map(float, row["probabilities"])))
            word = max((name for name in names if name != NONE), key=scores.get)
            label = word if scores[word] >= options.threshold else NONE
            answer |= {"label": label, "score": scores.get(label)}
