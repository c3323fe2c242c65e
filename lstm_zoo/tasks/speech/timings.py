"""When each word of a text was said, and how sure that is: the most probable way of CTC through it, and a picture."""

import functools
import itertools
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import batching, networks
from lstm_zoo.caching import cached_in_model
from lstm_zoo.tasks.speech.audio import RATE, Source, encode, recording
from lstm_zoo.tasks.speech.confidence import calibrated, log_odds_of
from lstm_zoo.tasks.speech.cues import subtitles
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon
from lstm_zoo.tasks.speech.options import Options
from lstm_zoo.tasks.speech.pipelines import STEP, logits_of

BATCH_SIZE = 16  # recordings that are aligned together
# Of log-probability: what a blank within an unknown word costs, so that blanks are rather around it.
BLANK_WITHIN = 1.0


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
    """When each word of each text was said, and how probable it is.

    CTC decides for a character once it is sure of it: the times are right to a tenth of a second, about. For the
    probabilities see `confidence`.

    Args:
        pipeline: of a network with CTC, `ctc` or `streaming`.
        items: recordings float32 (samples,) at 16 kHz.
        texts: what the pipeline answered.

    Returns:
        List a text of `{"word": "YES", "start": 0.4, "end": 0.72, "confidence": 0.983}`, in seconds.

    Example:

    >>> align(lstm_zoo.load("speech"), audio.prepare("recording.wav"), ["YES"])
    [[{'word': 'YES', 'start': 0.4, 'end': 0.72, 'confidence': 0.983}]]
    """
    calibration = pipeline.get_layer(networks.network_of(pipeline).name).confidence
    alignments = aligned(pipeline, items, texts)
    for word in itertools.chain.from_iterable(alignments):
        word["confidence"] = round(float(calibrated(word.pop("log_odds"), calibration)), 3)
    return alignments


def aligned(pipeline: keras.Model, items: Sequence[np.ndarray], texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    """What `align` gives, with the logarithm of the odds, `log_odds`, in the place of the confidence."""
    lexicon = pipeline.get_layer(networks.network_of(pipeline).name).lexicon
    said = functools.partial(words_of, characters=pipeline.get_layer("characters").characters, lexicon=lexicon)
    alignments = [None] * len(items)
    for row, log_probs in log_probs_of(pipeline, items):
        alignments[row] = said(log_probs, texts[row])
    return alignments


def log_probs_of(pipeline: keras.Model, items: Sequence[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """The number of each recording, in the order of their lengths, and its log-probabilities float32 (steps,
    characters), in which a blank is certain behind its own steps.

    Args:
        pipeline: of a network with CTC.
        items: recordings float32 (samples,) at 16 kHz.
    """
    compute = _compiled(networks.network_of(pipeline))
    for rows in batching.by_length(list(map(len, items)), BATCH_SIZE):
        inputs = encode(pipeline, [items[row] for row in rows])
        yield from zip(rows, compute(inputs["waveform"], inputs["samples"]).numpy())


@cached_in_model
def _compiled(network):
    """Function from recordings to log-probabilities of characters, whatever search a pipeline has."""

    def compute(waveform, samples):
        return tf.nn.log_softmax(logits_of(network, waveform, samples))

    specs = [tf.TensorSpec([None, None], name="waveform"), tf.TensorSpec([None], "int32", name="samples")]
    return tf.function(compute, input_signature=specs, autograph=False)


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


def words_of(
    log_probs: np.ndarray, text: str, characters: Sequence[str], lexicon: Lexicon | None = None
) -> list[dict[str, Any]]:
    """`word`, `start`, `end` and `log_odds` of each word of a text, see `aligned`.

    Args:
        log_probs: float (steps, characters), the blank first.
        text: of one recording.
        characters: the first of which has the number 1.
        lexicon: that the text was held to.
    """
    numbers = {character: place for place, character in enumerate(characters, 1)}
    letters, places = [], []  # of the text; first and last letter of each word
    for word in text.split(" "):
        spelled = [len(numbers) + 1] if word == UNKNOWN else [numbers[letter] for letter in word]
        if word:
            places.append((len(letters), len(letters) + len(spelled) - 1))
        letters += [*spelled, numbers.get(" ")]
    if not places:
        return []
    spans = best_path(_with_any_letter(log_probs, numbers) if UNKNOWN in text else log_probs, letters[:-1])
    starts, ends = (spans[number, edge] for edge, number in enumerate(np.transpose(places)))
    words, seconds = [], STEP / RATE
    for place, word in enumerate(text.split()):
        # A word may be anywhere between its neighbours.
        begin, end = (0, *(ends + 1))[place], (*starts, len(log_probs))[place + 1]
        if lexicon is None:
            odds = log_odds_of(log_probs[begin:end], Lexicon(characters, {word: []}), 1, openly=True)
        else:
            odds = log_odds_of(log_probs[begin:end], lexicon, [*lexicon.words, UNKNOWN].index(word) + 1)
        times = {"start": starts[place] * seconds, "end": (ends[place] + 1) * seconds}
        words.append({"word": word, **{edge: round(float(time), 2) for edge, time in times.items()}, "log_odds": odds})
    return words


def _with_any_letter(log_probs, numbers):
    """Log-probabilities with one more character, which stands for all of an unknown word."""
    letters = [number for character, number in numbers.items() if character != " "]
    any_letter = np.logaddexp.reduce(log_probs[:, letters], axis=1)
    return np.column_stack([log_probs, np.logaddexp(any_letter, log_probs[:, 0] - BLANK_WITHIN)])


def plot(source: Source, answer: dict[str, Any], path: str | pathlib.Path) -> pathlib.Path:
    """Write a picture of a recording, its log-mel spectrum over time, with its words where they were said, above, and
    how probable each is, below.

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
        axes.text(word["start"], 1, f"{word['confidence']:.2f}", color="white", fontsize=8)
    axes.set_title(" ", fontsize=14)  # room for the words
    axes.set(xlabel="seconds", ylabel="mel band")
    figure.savefig(path, dpi=120)
    return pathlib.Path(path)
