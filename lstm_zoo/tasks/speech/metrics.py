"""How good a transcript is, how sure that is, and the cheap baseline of every network."""

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from lstm_zoo import networks
from lstm_zoo.contract import Evaluation, Preprocessing
from lstm_zoo.optional import need
from lstm_zoo.tasks.speech import pauses
from lstm_zoo.tasks.speech.audio import decode, encode, length
from lstm_zoo.tasks.speech.confidence import fitted
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon
from lstm_zoo.tasks.speech.networks import NETWORKS
from lstm_zoo.tasks.speech.pairs import Example, waveforms
from lstm_zoo.tasks.speech.pipelines import Transcriber
from lstm_zoo.tasks.speech.preprocessing import unwritten
from lstm_zoo.tasks.speech.searches import with_lexicon
from lstm_zoo.tasks.speech.timings import aligned

RESAMPLES, CONFIDENCE = 10_000, 95  # of the bootstrap; % of the interval
CALIBRATING = 500  # recordings that tell how sure words are
SPECTRUM_STEPS = 32  # of a recording whatever its length, by which the baselines compare it with others


def metrics(
    references: Sequence[str], predictions: Sequence[str], groups: Sequence[Any] | None = None
) -> dict[str, float]:
    """Word and character error rate, and an interval of the former, by jiwer, in %.

    Args:
        references: what was said.
        predictions: as many transcripts.
        groups: speaker of each text, whose errors hang together; None: each text is a group of its own. The interval is
            that of the percentile bootstrap over groups (Bisani and Ney 2004,
            https://doi.org/10.1109/ICASSP.2004.1326009).

    Returns:
        Dict of `wer`, `cer`, and `wer_low` and `wer_high`, where 95 % of the resampled rates lie.

    Raises:
        ImportError: the extra `speech` is not installed.

    Example:

    >>> metrics(["TWO WORDS", "THREE"], ["TWO WORLDS", "THREE"])
    {'wer': 33.33, 'cer': 7.14, 'wer_low': 0.0, 'wer_high': 50.0}
    """
    jiwer = need("jiwer", "speech")
    alignments = [jiwer.process_words(*texts) for texts in zip(references, predictions)]
    errors = np.array([text.substitutions + text.deletions + text.insertions for text in alignments], float)
    words = np.array([text.substitutions + text.deletions + text.hits for text in alignments], float)
    _, places = np.unique(groups if groups is not None else np.arange(len(references)), return_inverse=True)
    errors, words = (np.bincount(places, values) for values in (errors, words))
    draws = np.random.default_rng(0).integers(len(words), size=(RESAMPLES, len(words)))
    tails = [(100 - CONFIDENCE) / 2, (100 + CONFIDENCE) / 2]
    low, high = np.percentile(100 * errors[draws].sum(1) / words[draws].sum(1), tails)
    return {
        "wer": round(100 * float(errors.sum() / words.sum()), 2),
        "cer": round(100 * jiwer.cer(list(references), list(predictions)), 2),
        "wer_low": round(float(low), 2),
        "wer_high": round(float(high), 2),
    }


def evaluate(pipeline: keras.Model, examples: Sequence[Example]) -> Evaluation:
    """How good a pipeline is on examples (recording, transcript, speaker).

    Transcripts with characters that it does not write are warned of: they count as errors.

    Returns:
        Evaluation. Its metrics, in %: `wer` and `cer`, the word and the character error rate, and `wer_low` and
        `wer_high`, between which the former lies with 95 %, by a bootstrap over speakers, or over recordings where a
        speaker is not known. Of a pipeline with a lexicon also `open_wer` and `open_cer`, the rates of the same network
        where it spells openly.
    """
    if told := unwritten([text for _, text, _ in examples], pipeline.get_layer("characters").characters):
        warnings.warn(f"{told} They count as errors.", stacklevel=4)
    return _evaluation(pipeline, examples)


def _evaluation(pipeline, examples):
    _, references, speakers = zip(*examples)
    items = waveforms(examples)
    answers = decode(pauses.run(pipeline, items, encode, length), items, key="text")
    predictions = [answer["text"] for answer in answers]
    rates = metrics(references, predictions, _groups(speakers))
    if pipeline.get_layer(networks.network_of(pipeline).name).lexicon is not None:
        spelled = pauses.run(with_lexicon(pipeline, None), items, encode, length)
        openly = metrics(references, [row["text"].decode() for row in spelled])
        rates |= {f"open_{name}": openly[name] for name in ("wer", "cer")}

    def table():
        jiwer = need("jiwer", "speech")
        rates = [round(100 * jiwer.wer(*texts), 2) for texts in zip(references, predictions)]
        scores = [answer["score"] for answer in answers]
        columns = {"text": references, "predicted_text": predictions, "score": scores, "wer": rates}
        return pd.DataFrame({"row": range(len(examples)), "speaker": speakers, **columns})

    return Evaluation(metrics=rates, table=table)


def calibrate(pipeline: keras.Model, _: Preprocessing, examples: Sequence[Example]) -> None:
    """Have a pipeline of a network with CTC be as sure of its words as they are right on examples that it has not
    learnt from, at most `CALIBRATING` of them."""
    layer = pipeline.get_layer(networks.network_of(pipeline).name)
    if type(layer) is not Transcriber:
        return
    examples = examples[:: max(1, -(-len(examples) // CALIBRATING))]
    items = waveforms(examples)
    outputs = pauses.run(pipeline, items, encode, length)
    pieces = [(item[begin:end], text) for item, row in zip(items, outputs) for begin, end, text in row["pieces"]]
    words = itertools.chain.from_iterable(aligned(pipeline, *zip(*pieces)))
    texts = [(said, row["text"].decode()) for (_, said, _), row in zip(examples, outputs)]
    right = [is_right for said, text in texts for is_right in right_words(said, text, layer.lexicon)]
    layer.confidence = fitted([word["log_odds"] for word in words], right)


def right_words(reference: str, text: str, lexicon: Lexicon | None = None) -> list[bool]:
    """Whether each word of a text was said; `[unknown]`, whether a word was that the lexicon lacks.

    Example:

    >>> right_words("TWO WORDS", "TWO WORLDS")
    [True, False]
    """
    if lexicon is not None and lexicon.unknown is not None:
        reference = " ".join(word if word in lexicon.words else UNKNOWN for word in reference.split())
    right = [False] * len(text.split())
    chunks = need("jiwer", "speech").process_words(reference, text).alignments[0] if right else []
    for chunk in chunks:
        for place in range(chunk.hyp_start_idx, chunk.hyp_end_idx):
            right[place] = chunk.type == "equal"
    return right


def _groups(speakers):
    return None if "" in speakers else speakers


def validator(
    network: keras.Model, preprocessing: Preprocessing, examples: Sequence[Example]
) -> Callable[[], dict[str, float]]:
    """A function that scores the network as it then is: `val_cer` and `val_wer` of greedy transcripts, spelled openly.

    Letters tell more of an epoch than words: a network that knows few words yet writes `[unknown]`, however near it is.
    """
    greedy = NETWORKS[network.name].pipeline(network, preprocessing, beams=1)
    greedy.get_layer(network.name).lexicon = None

    def validate():
        rates = _evaluation(greedy, examples).metrics
        return {"val_cer": rates["cer"], "val_wer": rates["wer"]}

    return validate


def shrunk_spectra(examples: Sequence[Example]) -> np.ndarray:
    """Each recording as 32 log-mel frames, its mean spectrum taken away: float32 (recordings, 32 * 80)."""
    log_mel, rows = LogMel(), []
    for waveform in waveforms(examples):
        frames, lengths = log_mel(waveform[None], np.array([len(waveform)]))
        frames = frames.numpy()[0, : max(1, int(lengths[0]))]
        edges = np.linspace(0, len(frames), SPECTRUM_STEPS + 1)
        means = [frames[int(begin) : max(int(begin) + 1, int(end))].mean(0) for begin, end in itertools.pairwise(edges)]
        rows.append(np.ravel(np.array(means) - frames.mean(0)))
    return np.array(rows)


def nearest_transcripts(training: Sequence[Example]) -> Callable[[Sequence[Example]], list[str]]:
    """A function from examples to the transcripts of the nearest training recordings, by the cosine of
    `shrunk_spectra`."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine")
    neighbours.fit(shrunk_spectra(training))

    def texts(examples):
        rows = neighbours.kneighbors(shrunk_spectra(examples), return_distance=False)[:, 0]
        return [training[row][1] for row in rows]

    return texts


def baselines(
    _: keras.Model | None, training: Sequence[Example], examples: Sequence[Example]
) -> dict[str, dict[str, float]]:
    """Name -> metrics of the cheap baseline: the transcript of the nearest training recording.

    Args:
        training: examples to look for the nearest recording in, see `nearest_transcripts`.
        examples: those that are scored.
    """
    _, references, speakers = zip(*examples)
    predictions = nearest_transcripts(training)(examples)
    return {"nearest training recording": metrics(references, predictions, _groups(speakers))}
