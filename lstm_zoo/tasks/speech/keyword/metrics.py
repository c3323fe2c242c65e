"""How often a label is right, and the cheap baseline of the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from lstm_zoo import batching
from lstm_zoo.calibration import temper
from lstm_zoo.classification import check_labels, evaluation, metrics
from lstm_zoo.contract import Evaluation, Preprocessing
from lstm_zoo.tasks.speech.audio import decode, encode, length
from lstm_zoo.tasks.speech.keyword.others import NONE, made_others
from lstm_zoo.tasks.speech.keyword.rejection import fit_threshold, rates
from lstm_zoo.tasks.speech.metrics import shrunk_spectra
from lstm_zoo.tasks.speech.pairs import Example, waveforms

if TYPE_CHECKING:
    import sklearn.pipeline


def evaluate(pipeline: keras.Model, examples: Sequence[Example]) -> Evaluation:
    """How good a pipeline is on examples (recording, label, speaker).

    Returns:
        Evaluation. Its metrics: `accuracy`, `macro_f1`, the mean over the labels of their F1, and `calibration_error`;
        of a pipeline that knows `[none]` also what `rejection.rates` gives.

    Raises:
        ValueError: a label that the pipeline does not know.
    """
    references, items = [label for _, label, _ in examples], waveforms(examples)
    names = pipeline.get_layer("labels").get_vocabulary()
    check_labels(references, names)
    answers = decode(batching.run(pipeline, items, encode, length), items, key="label")
    speakers = [speaker for *_, speaker in examples]
    found = evaluation({"row": range(len(examples)), "speaker": speakers}, references, answers, names)
    rejected = rates(references, [answer["label"] for answer in answers]) if NONE in names else {}
    return dataclasses.replace(found, metrics={**found.metrics, **rejected})


def calibrate(pipeline: keras.Model, preprocessing: Preprocessing, examples: Sequence[Example]) -> None:
    """Have a pipeline be as sure of its answers as it is right on examples that it has not learnt from, and choose by
    them from which probability on a word is the answer."""
    if preprocessing["others"]:
        examples = [*examples, *made_others(examples)]
    answers = batching.run(pipeline, waveforms(examples), encode, length)
    temper(pipeline, answers, [label for _, label, _ in examples])
    fit_threshold(pipeline, examples)


def regression(training: Sequence[Example]) -> sklearn.pipeline.Pipeline:
    """Logistic regression of the labels of examples on their `shrunk_spectra`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    return model.fit(shrunk_spectra(training), [label for _, label, _ in training])


def baselines(
    _: keras.Model | None, training: Sequence[Example], examples: Sequence[Example]
) -> dict[str, dict[str, float]]:
    """Name -> metrics of the cheap baseline: 32 log-mel spectra of each recording with logistic regression.

    Args:
        training: examples that the regression learns from.
        examples: those that are scored.
    """
    model = regression(training)
    references, predictions = [label for _, label, _ in examples], model.predict(shrunk_spectra(examples)).tolist()
    rejected = rates(references, predictions) if NONE in references else {}
    return {"log-mel spectra, logistic regression": {**metrics(references, predictions), **rejected}}
