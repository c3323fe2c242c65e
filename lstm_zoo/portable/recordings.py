"""Recordings as log-mel frames, and the label of a word in them, or the text that is said."""

from __future__ import annotations

import functools
import heapq
import math
import numbers
import os
import pathlib
import wave
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lstm_zoo.portable.answers import Run, labelled, padded

MAX_SECONDS = 30  # of a recording whose text is written
MAX_PEAK = 16  # of floats, whose full scale is 1: 24 dB above it
SUBSAMPLING = 4  # frames of a step of a network that writes text


class Recordings:
    """Recordings, and their labels or texts.

    Args:
        told: metadata of the network.

    Raises:
        ValueError: a network that searches by a lexicon.

    Example:

    >>> told = {"features": {"rate": 16_000}, "max_seconds": 10}
    >>> Recordings(told).prepare((np.zeros(8_000, "int16"), 16_000))[0].shape
    (8000,)
    """

    def __init__(self, told: Mapping[str, Any]):
        if told.get("lexicon"):
            raise ValueError("A portable folder cannot search by a lexicon: export with_lexicon(pipeline, None).")
        self.told, self._features = told, told["features"]

    def prepare(self, raw: Any) -> list[np.ndarray]:
        """Samples float32 (samples,), full scale 1, of what a user gave: one recording or a list of them, each the path
        of a WAV file of 16 bits or a pair (samples, rate), samples int16 or floats of full scale 1.

        Raises:
            FileNotFoundError: a path that does not exist.
            ValueError: something else, another rate, or more than is read at once.
        """
        is_pair = isinstance(raw, (tuple, list)) and len(raw) == 2 and isinstance(raw[1], numbers.Real)
        raw = [raw] if is_pair or isinstance(raw, (str, os.PathLike)) else raw
        if not isinstance(raw, (tuple, list)):
            raise ValueError(f"A recording, with its rate, or a list of recordings is expected. Received: {type(raw)}")
        rate = self._features["rate"]
        waveforms = [_waveform(recording, rate) for recording in raw]
        if "max_seconds" in self.told:
            return [waveform[: self.told["max_seconds"] * rate] for waveform in waveforms]
        if (longest := max(map(len, waveforms), default=0) / rate) > MAX_SECONDS:
            raise ValueError(f"Recordings of at most {MAX_SECONDS} s are expected: cut it. Received: {longest:.1f} s")
        return waveforms

    def answer(self, waveforms: Sequence[np.ndarray], run: Run, scores: bool) -> Iterator[dict[str, Any]]:
        """Answers to samples; of a recording that is shorter than a frame no network has heard anything."""
        frames = [log_mel(waveform, self._features) for waveform in waveforms]
        lengths = np.array([len(own) for own in frames], "int32")
        batch, late = padded(frames, "float32"), self.told.get("lookahead", 0)
        if "lookahead" in self.told:  # whole steps, and as many more as answers come late
            batch = np.pad(batch, [(0, 0), (0, -batch.shape[1] % SUBSAMPLING + late * SUBSAMPLING), (0, 0)])
        outputs = run(frames=batch, lengths=lengths)[:, late:]
        answers = self._texts(outputs, lengths) if "characters" in self.told else labelled(outputs, self.told, scores)
        for length, answer in zip(lengths, answers, strict=True):
            if not length:
                answer["score"] = None
                answer |= {"text": ""} if "text" in answer else {"label": None}
                answer |= {"scores": dict.fromkeys(self.told["labels"])} if scores else {}
            yield answer

    def _texts(self, logits, lengths):
        for row, length in zip(logits.astype("float64"), lengths, strict=True):
            steps = row[: -(-length // SUBSAMPLING)]
            characters, score = search(steps - np.logaddexp.reduce(steps, -1, keepdims=True), self.told["beams"])
            yield {"text": "".join(self.told["characters"][number] for number in characters), "score": score}


def _waveform(recording, rate):
    """Samples of a recording, which has to have this rate."""
    if isinstance(recording, (str, os.PathLike)):
        samples, own_rate = _read(pathlib.Path(recording))
    elif isinstance(recording, (tuple, list)) and len(recording) == 2 and isinstance(recording[1], numbers.Real):
        samples, own_rate = np.asarray(recording[0]), recording[1]
    else:
        raise ValueError(f"The path of a WAV file, or a pair (samples, rate), is expected. Received: {type(recording)}")
    if own_rate != rate:
        raise ValueError(f"Recordings of {rate:,} samples a second are expected: resample it. Received: {own_rate:,}")
    if samples.ndim != 1 or (samples.dtype.kind != "f" and samples.dtype != "int16"):
        raise ValueError(
            f"Samples (samples,), int16 or floats, are expected. Received: {samples.dtype} {samples.shape}"
        )
    samples = samples.astype("float32") / (1 if samples.dtype.kind == "f" else 2**15)
    if not np.abs(samples).max(initial=0) <= MAX_PEAK:
        raise ValueError("Finite samples of full scale 1 are expected. Received: others")
    return samples


def _read(path):
    """Samples float32 (samples,), channels averaged, of a WAV file, and their rate."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist, or is not a file.")
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() != 2:
                raise wave.Error(f"{8 * file.getsampwidth()} bits a sample")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
            return samples.mean(1, dtype="float32") / 2**15, file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} is no WAV file of 16 bits a sample: {error}") from error


def log_mel(waveform: np.ndarray, features: Mapping[str, Any]) -> np.ndarray:
    """Logarithms of the power in bands of the mel scale, float32 (frames, bands), of whole windows alone.

    Args:
        waveform: float32 (samples,).
        features: `rate`, `window`, `hop`, `fft`, `bands`, `min_hertz`, `max_hertz`, `preemphasis` and `floor`, as the
            metadata of a network have them.

    Example:

    >>> told = {"rate": 16_000, "window": 400, "hop": 160, "fft": 512, "bands": 80, "min_hertz": 20, "max_hertz": 7600}
    >>> log_mel(np.zeros(16_000, "float32"), {**told, "preemphasis": 0.97, "floor": 1e-10}).shape
    (98, 80)
    """
    size = features["window"]
    if len(waveform) < size:
        return np.zeros((0, features["bands"]), "float32")
    windows = np.lib.stride_tricks.sliding_window_view(waveform, size)[:: features["hop"]]
    before = np.concatenate([windows[:, :1], windows[:, :-1]], 1)
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype("float32")
    shaped = (windows - np.float32(features["preemphasis"]) * before) * hann
    power = np.abs(np.fft.rfft(shaped, features["fft"])) ** 2
    scale = (features[name] for name in ("bands", "fft", "rate", "min_hertz", "max_hertz"))
    return np.log(power @ _mel_weights(*scale) + features["floor"]).astype("float32")


@functools.cache
def _mel_weights(bands, fft, rate, low, high):
    """How much of each frequency is in each band, (fft / 2 + 1, bands): triangles on HTK's scale, none of 0 Hz."""
    mel = 1127 * np.log1p(np.linspace(0, rate / 2, fft // 2 + 1)[1:, None] / 700)
    edges = np.linspace(*(1127 * np.log1p(np.array([low, high]) / 700)), bands + 2)
    rising = (mel - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel) / (edges[2:] - edges[1:-1])
    return np.pad(np.maximum(0, np.minimum(rising, falling)), [(1, 0), (0, 0)])


def search(log_probs: np.ndarray, beams: int) -> tuple[list[int], float]:
    """Characters of the best text and its log-probability, by prefix beam search over CTC; with one beam by the most
    probable character of each step.

    Args:
        log_probs: (steps, characters), the blank first.
        beams: prefixes that are followed at once.

    Example:

    >>> search(np.log([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), beams=1)[0]  # what is alike with a blank between is two
    [1, 1]
    """
    if beams == 1:
        path = log_probs.argmax(-1)
        kept = path[np.diff(path, prepend=0) != 0]
        return kept[kept > 0].tolist(), float(log_probs.max(-1).sum())
    beam = {(): (0.0, -math.inf)}  # best first: of the paths that end with a blank, and of all others
    for step in log_probs.tolist():
        beam = _after(step, beam, beams)
    best = max(beam, key=lambda prefix: np.logaddexp(*beam[prefix]))
    return list(best), float(np.logaddexp(*beam[best]))


def _after(step, beam, beams):
    """The prefixes behind one more step, pruned as TensorFlow's `ctc_beam_search_decoder` does."""
    total = {prefix: np.logaddexp(*paths) for prefix, paths in beam.items()}

    def extended(prefix, character):
        same = prefix[-1:] == (character,)  # needs a blank between
        return (beam[prefix][0] if same else total[prefix]) + step[character]

    after = {}
    for prefix, (_, other) in beam.items():
        other = other + step[prefix[-1]] if prefix else other
        if prefix and prefix[:-1] in beam:
            other = np.logaddexp(other, extended(prefix[:-1], prefix[-1]))
        after[prefix] = total[prefix] + step[0], other
    heap = [(np.logaddexp(*paths), prefix) for prefix, paths in after.items()]
    heapq.heapify(heap)
    left = set()  # that TensorFlow does not extend: they were pruned before the prefix that they extend was
    for prefix in beam:
        if prefix in left or (len(heap) == beams and total[prefix] <= heap[0][0]):
            continue
        for character in range(1, len(step)):
            longer = (*prefix, character)
            if longer in beam:
                left |= {longer} - after.keys()
                continue
            score = extended(prefix, character)
            if len(heap) < beams:
                heapq.heappush(heap, (score, longer))
            elif score > heap[0][0]:
                del after[heapq.heapreplace(heap, (score, longer))[1]]
            else:
                continue
            after[longer] = -math.inf, score
    return {prefix: after[prefix] for _, prefix in sorted(heap, reverse=True)}
