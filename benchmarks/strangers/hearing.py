"""How well a file hears a set of `sounds`, how fast, and how well a cheap baseline does."""

import functools
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import jiwer
import keras
import numpy as np

import lstm_zoo
from benchmarks.strangers.sounds import KEYWORDS, LABELS, WORDS, examples, spotted, transcribed
from lstm_zoo import registry
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import keyword, metrics
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.pairs import Example, waveforms
from lstm_zoo.weights import archive

MIN_SCORE = 0.5  # above which a file that knows nothing but digits is taken to have heard one
BLOCK = RATE // 5  # samples of a stream that come at once
WER, WORST_WER = "WER", "worst voice's WER"
ACCURACY, WORST_ACCURACY, KEPT, REJECTED = "accuracy", "worst voice's accuracy", "kept", "rejected"
AT_ONCE, STREAMED, DIFFER = "seconds for a second, at once", "seconds for a second, streamed", "texts that differ"


def answers(pipeline: keras.Model, heard: Sequence[Example]) -> list[dict[str, Any]]:
    """What `predict` answers; whether it warns is told by `warned`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return lstm_zoo.predict(pipeline, [recording for recording, *_ in heard])


def warned(pipeline: keras.Model, heard: Sequence[Example]) -> str:
    """Whether `predict` warns of recordings that are unlike those of the training: "yes" or "no"."""
    told = speech.TASK.unlike(waveforms(heard), archive.profile_of(pipeline), **speech.TASK.known(pipeline))
    return "yes" if told else "no"


def word_errors(heard: Sequence[Example], texts: Sequence[str]) -> dict[str, float]:
    """Columns: word errors in %, of all, and of the speaker with the most."""
    pairs = {}
    for (_, said, speaker), text in zip(heard, texts):
        pairs.setdefault(speaker, []).append((said, text))
    worst = max(_wer(own) for own in pairs.values())
    return {WER: _wer([pair for own in pairs.values() for pair in own]), WORST_WER: worst}


def _wer(pairs):
    return round(100 * jiwer.wer(*map(list, zip(*pairs))), 2)


@functools.cache
def nearest(data: str) -> Callable[[Sequence[Example]], list[str]]:
    """A function from examples to the transcripts of the nearest recordings of a training part."""
    return metrics.nearest_transcripts(examples(WORDS, "train", data))


@functools.cache
def regression(data: str) -> Any:
    """Logistic regression of the spectra of a training part, of scikit-learn."""
    return keyword.metrics.regression(examples(KEYWORDS, "train", data))


@functools.cache
def nearest_errors(name: str, data: str, most: int | None) -> float:
    """Word errors in % of the baseline, on the set of a name."""
    heard = transcribed(name, most)
    return word_errors(heard, nearest(data)(heard))[WER]


@functools.cache
def regression_shares(name: str, data: str, most: int | None) -> dict[str, float]:
    """Columns of the baseline, on the set of a name."""
    heard, model = spotted(name, data, most), regression(data)
    scores = model.predict_proba(metrics.shrunk_spectra(heard))
    given = [{"label": model.classes_[row.argmax()], "score": row.max()} for row in scores]
    return shares(heard, given, model.classes_)


def shares(heard: Sequence[Example], given: Sequence[dict[str, Any]], labels: Sequence[str]) -> dict[str, float]:
    """Columns: of digits how many are right, of all and of the worst speaker, and how many are taken for any; of what
    is none how much is rejected.

    Args:
        heard: examples, of digits or of what is none.
        given: as many answers, `label` and `score`.
        labels: those that may be answered. Where there is none but digits, a low score rejects.
    """
    surely = MIN_SCORE if {*labels} <= {*LABELS} else 0.0
    kept = np.array([answer["label"] in LABELS and answer["score"] > surely for answer in given])
    if heard[0][1] not in LABELS:
        return {REJECTED: round(1 - float(kept.mean()), 4)}
    right = np.array([answer["label"] == label for answer, (_, label, _) in zip(given, heard)])
    speakers = np.array([speaker for *_, speaker in heard])
    worst = min(right[speakers == speaker].mean() for speaker in {*speakers})
    found = {ACCURACY: right.mean(), WORST_ACCURACY: worst, KEPT: kept.mean()}
    return {column: round(float(share), 4) for column, share in found.items()}


def speed_of(pipeline: keras.Model, heard: Sequence[Example], texts: Sequence[str]) -> dict[str, float]:
    """Columns: seconds of computing for a second of audio, at once and streamed, and texts that differ then.

    Args:
        pipeline: a transcriber, which has answered already, so that it is compiled.
        heard: examples.
        texts: what it answered.
    """
    seconds = sum(len(samples) for (samples, _), *_ in heard) / RATE
    begin = time.monotonic()
    answers(pipeline, heard)
    found = {AT_ONCE: round((time.monotonic() - begin) / seconds, 5)}
    if registry.records_of(pipeline)[1].endpoints is None:
        return found
    streamed(pipeline, heard[0])  # compiles it
    begin = time.monotonic()
    differ = sum(streamed(pipeline, example) != text for example, text in zip(heard, texts))
    return {**found, STREAMED: round((time.monotonic() - begin) / seconds, 5), DIFFER: differ}


def streamed(pipeline: keras.Model, example: Example) -> str:
    """The text of a recording that comes block by block."""
    (samples, rate), *_ = example
    return "".join(speech.stream(pipeline, np.split(samples, range(BLOCK, len(samples), BLOCK)), rate))
