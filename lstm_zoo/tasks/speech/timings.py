"""When each word of a text was said: the most probable way of CTC through the text, and a picture of it."""

import functools
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import batching, networks
from lstm_zoo.tasks.speech.audio import RATE, Source, encode, recording
from lstm_zoo.tasks.speech.cues import subtitles
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.options import Options
from lstm_zoo.tasks.speech.pipelines import STEP, logits_of

BATCH_SIZE = 16  # recordings that are aligned together


def annotate(
    answers: list[dict[str, Any]],
    items: Sequence[np.ndarray | Exception],
    outputs: Sequence[dict[str, Any]],
    pipeline: keras.Model,
    options: Options,
) -> None:
    """Add to the answers what the options ask for: `alignment`, see `align`, and `subtitles`.

    Args:
        outputs: of `pauses.run`.
    """
    if not options.alignment and options.format is None:
        return
    heard = [[] if isinstance(item, Exception) else output["pieces"] for item, output in zip(items, outputs)]
    parts = [item[begin:end] for item, pieces in zip(items, heard) for begin, end, _ in pieces]
    timed = iter(align(pipeline, parts, [text for pieces in heard for *_, text in pieces]))
    for answer, item, pieces in zip(answers, items, heard):
        words = [_later(word, begin / RATE) for begin, *_ in pieces for word in next(timed)]
        alignment = None if isinstance(item, Exception) else words
        if options.alignment:
            answer["alignment"] = alignment
        if options.format is not None:
            answer["subtitles"] = None if alignment is None else subtitles({"alignment": alignment}, options.format)


def _later(word, seconds):
    return {**word, **{edge: round(word[edge] + seconds, 2) for edge in ("start", "end")}}


def align(pipeline: keras.Model, items: Sequence[np.ndarray], texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    """When each word of each text was said.

    CTC decides for a character once it is sure of it: the times are right to a tenth of a second, about.

    Args:
        pipeline: of a network with CTC, `ctc` or `streaming`.
        items: recordings float32 (samples,) at 16 kHz.
        texts: what the pipeline answered.

    Returns:
        List a text of `{"word": "YES", "start": 0.4, "end": 0.72}`, in seconds.

    Example:

    >>> align(lstm_zoo.load("speech"), audio.prepare("recording.wav"), ["YES"])
    [[{'word': 'YES', 'start': 0.4, 'end': 0.72}]]
    """
    numbers = {character: place for place, character in enumerate(pipeline.get_layer("characters").characters, 1)}
    log_probs_of, alignments = _compiled(pipeline), [None] * len(items)
    for rows in batching.by_length(list(map(len, items)), BATCH_SIZE):
        inputs = encode(pipeline, [items[row] for row in rows])
        for row, log_probs in zip(rows, log_probs_of(inputs["waveform"], inputs["samples"]).numpy()):
            spans = best_path(log_probs, [numbers[character] for character in texts[row]])
            alignments[row] = words(texts[row], spans)
    return alignments


@functools.lru_cache(maxsize=4)
def _compiled(pipeline):
    """Function from recordings to log-probabilities of characters, kept for the next call: tracing takes a second."""
    network = networks.network_of(pipeline)

    def log_probs_of(waveform, samples):
        return tf.nn.log_softmax(logits_of(network, waveform, samples))

    specs = [tf.TensorSpec([None, None], name="waveform"), tf.TensorSpec([None], "int32", name="samples")]
    return tf.function(log_probs_of, input_signature=specs)


def best_path(log_probs: np.ndarray, characters: Sequence[int]) -> np.ndarray:
    """First and last step of each character on the most probable path through them all (Viterbi 1967).

    Args:
        log_probs: float (steps, characters of the alphabet), the blank first.
        characters: numbers of the characters of a text.

    Returns:
        int (characters, 2).

    Example:

    >>> best_path(np.log([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]), [1, 2])
    array([[1, 2],
           [3, 3]])
    """
    states = np.zeros(2 * len(characters) + 1, int)  # a blank, a character, a blank...
    states[1::2] = characters
    skips = np.zeros(len(states), bool)  # from a character to a different one, without a blank between
    skips[3::2] = states[3::2] != states[1:-2:2]
    best = np.full(len(states), -np.inf)
    best[:2] = log_probs[0, states[:2]]
    moves = np.zeros((len(log_probs), len(states)), "int8")
    for step in range(1, len(log_probs)):
        from_one_before, from_two_before = np.full((2, len(states)), -np.inf)
        from_one_before[1:] = best[:-1]
        from_two_before[2:] = np.where(skips[2:], best[:-2], -np.inf)
        ways = np.stack([best, from_one_before, from_two_before])
        moves[step] = ways.argmax(0)
        best = ways.max(0) + log_probs[step, states]
    state = len(states) - 1 - int(best[-2:].argmax() == 0 and len(states) > 1)
    spans = np.full((len(characters), 2), -1)
    for step in range(len(log_probs) - 1, -1, -1):
        if state % 2:
            spans[state // 2, 0] = step
            spans[state // 2, 1] = max(spans[state // 2, 1], step)
        state -= int(moves[step, state])
    return spans


def words(text: str, spans: np.ndarray) -> list[dict[str, Any]]:
    """`{"word", "start", "end"}` of each word of a text, in seconds, from the steps of its characters."""
    seconds, timed, place = STEP / RATE, [], 0
    for word in text.split(" "):
        if word:
            start, end = spans[place, 0] * seconds, (spans[place + len(word) - 1, 1] + 1) * seconds
            timed.append({"word": word, "start": round(float(start), 2), "end": round(float(end), 2)})
        place += len(word) + 1
    return timed


def plot(source: Source, answer: dict[str, Any], path: str | pathlib.Path) -> pathlib.Path:
    """Write a picture of a recording, its log-mel spectrum over time, with its words where they were said.

    Args:
        source: the recording, as `predict` takes it.
        answer: what `lstm_zoo.predict("speech", [source], alignment=True)` gave, its item.
        path: of the picture, whose ending tells its format: words.png.

    Returns:
        pathlib.Path of the picture.

    Raises:
        ValueError: an answer without `alignment`.

    Example:

    >>> answer = lstm_zoo.predict("speech", ["recording.wav"], alignment=True)[0]
    >>> plot("recording.wav", answer, "words.png")
    """
    from matplotlib.figure import Figure

    if not isinstance(answer, dict) or answer.get("alignment") is None:
        raise ValueError(f"An answer of predict(..., alignment=True) is expected. Received: {answer!r}")
    waveform = recording(source)
    frames, _ = LogMel()(waveform[None], np.array([len(waveform)]))
    seconds = len(waveform) / RATE
    figure = Figure(figsize=(max(5, 2.2 * seconds), 3), layout="constrained")
    axes = figure.subplots()
    axes.imshow(frames.numpy()[0].T, origin="lower", aspect="auto", extent=(0, seconds, 0, frames.shape[-1]))
    for place, word in enumerate(answer["alignment"]):
        axes.axvspan(word["start"], word["end"], color="white", alpha=0.25)
        axes.text(word["start"], frames.shape[-1] + 2 + 5 * (place % 2), word["word"], fontsize=9)
    axes.set_title(" ", fontsize=14)  # room for the words
    axes.set(xlabel="seconds", ylabel="mel band")
    figure.savefig(path, dpi=120)
    return pathlib.Path(path)
