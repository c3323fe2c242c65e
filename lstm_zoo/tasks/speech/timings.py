"""When each word of a text was said: the most probable way of CTC through the text, and a picture of it."""

import pathlib

import numpy as np
import tensorflow as tf

from lstm_zoo import batching, networks
from lstm_zoo.tasks.speech.audio import RATE, encode, recording, size
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.pipelines import STEP, logits_of

LONGEST = 5  # minutes of a recording whose words are looked for


def align(pipeline, items, texts):
    """When each word of each text was said.

    CTC decides for a character once it is sure of it: the times are right to a tenth of a second, about.

    Args:
        pipeline: of a network with CTC, `ctc` or `streaming`.
        items: checked recordings; texts: what the pipeline answered, None where a recording could not be read.

    Returns:
        List a text of `{"word": "YES", "start": 0.4, "end": 0.72}`, in seconds; None for None.

    Raises:
        ValueError: another network; a recording of more than 5 minutes.
    """
    network = networks.network_of(pipeline)
    if network.name == "attention":
        raise ValueError(f"alignment needs CTC: speech/ctc or speech/streaming. Received: {pipeline.name}")
    longest = max((size(item) for item in items), default=0)
    if longest > 60 * LONGEST * RATE:
        raise ValueError(f"alignment is for recordings of at most {LONGEST} minutes. Received: {longest / RATE / 60}")
    numbers = {character: place for place, character in enumerate(pipeline.get_layer("characters").characters, 1)}
    aligned = [None] * len(items)
    for rows in batching.by_length([size(item) for item in items], 16):
        given = encode(pipeline, [items[row] for row in rows])
        chances = tf.nn.log_softmax(logits_of(network, given["waveform"], given["samples"])).numpy()
        for row, chance in zip(rows, chances):
            if texts[row] is not None:
                path = best_path(chance, [numbers[character] for character in texts[row]])
                aligned[row] = words(texts[row], path)
    return aligned


def best_path(chances, characters):
    """First and last step of each character on the most probable path through them all (Viterbi 1967).

    Args:
        chances: log-probabilities (steps, characters of the alphabet), the blank first.
        characters: numbers of the characters of a text.

    Returns:
        int (characters, 2).
    """
    states = np.zeros(2 * len(characters) + 1, int)  # a blank, a character, a blank...
    states[1::2] = characters
    skips = np.zeros(len(states), bool)  # from a character to a different one, without a blank between
    skips[3::2] = states[3::2] != states[1:-2:2]
    best = np.full(len(states), -np.inf)
    best[:2] = chances[0, states[:2]]
    moves = np.zeros((len(chances), len(states)), "int8")
    for step in range(1, len(chances)):
        one, two = np.pad(best, (1, 0), constant_values=-np.inf)[:-1], np.full(len(states), -np.inf)
        two[2:] = np.where(skips[2:], best[:-2], -np.inf)
        ways = np.stack([best, one, two])
        moves[step] = ways.argmax(0)
        best = ways.max(0) + chances[step, states]
    state = len(states) - 1 - int(best[-2:].argmax() == 0 and len(states) > 1)
    spans = np.full((len(characters), 2), -1)
    for step in range(len(chances) - 1, -1, -1):
        if state % 2:
            spans[state // 2, 0] = step
            spans[state // 2, 1] = max(spans[state // 2, 1], step)
        state -= moves[step, state]
    return spans


def words(text, spans):
    """`{"word", "start", "end"}` of each word of a text, in seconds, from the steps of its characters."""
    seconds, found, place = STEP / RATE, [], 0
    for word in text.split(" "):
        if word:
            start, end = spans[place, 0] * seconds, (spans[place + len(word) - 1, 1] + 1) * seconds
            found.append({"word": word, "start": round(float(start), 2), "end": round(float(end), 2)})
        place += len(word) + 1
    return found


def plot(source, answer, path):
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
