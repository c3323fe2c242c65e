"""What the conformance tests know of speech: recordings of words of letters a and b, made here."""

import csv

import numpy as np
import soundfile

from lstm_zoo.tasks import speech


def tones(word, rate=16_000, seed=0):
    """A recording of a word of letters a and b: a tone of 0.24 s each, pauses of 0.12 s around it, a little noise."""
    pitch = {"a": 500, "b": 1500}
    pause, time = np.zeros(int(0.12 * rate)), np.arange(int(0.24 * rate)) / rate
    parts = [part for letter in word for part in (np.sin(2 * np.pi * pitch[letter] * time), pause)]
    samples = np.concatenate([pause, *parts])
    return 0.3 * samples + 0.003 * np.random.default_rng(seed).standard_normal(len(samples))


AUGMENTATION = {"augmentation": "speed,noise,level"}  # tones are no voices, and there are few steps to learn them

TINY = {
    "examples": speech.TASK.read(
        [((tones(word, seed=seed), 16_000), word, "") for seed in range(2) for word in ("a", "b", "ab", "ba")]
    ),
    "sizes": {"channels": 4, "units": 16, "frequency_mask": 0, "time_mask": 0, "dropout": 0.0},
    "networks": {
        "ctc": {"depth": 1},
        "streaming": {"depth": 1},
        "attention": {"depth": 1, "embedding": 16},
        "keyword": {"depth": 1, "attention_units": 8},
    },
    "adapting": AUGMENTATION,
    "learning": {"attention": (0.01, 150)},  # until it has found where to look
    # Until it knows the words: what an untrained network hears hangs on the last digits.
    "training": {"epochs": 40, "batch_size": 8, "learning_rate": 0.02, "patience": 40, **AUGMENTATION},
    # Whatever comes from microphones: as it should be, nothing, silence, a click, two channels, other rates, loud.
    "raw": [
        [tones("ab").round(3).tolist(), 16_000],
        [[], 16_000],
        [[0.0] * 2000, 8_000],
        [[0.5] * 160, 16_000],
        [tones("b", 8_000).round(3)[:, None].repeat(2, 1).tolist(), 8_000],
        [tones("a", 12_000).round(3).tolist(), 12_000],
        [(100 * tones("a")).clip(-1, 1).round(3).tolist(), 16_000],
    ],
    "empty": [[], 16_000],
}


def write(folder):
    """The examples as a user's files, and what is asked on a command line: path, and words."""
    rows = [("path", "text", "label")]
    for place, ((samples, rate), word, _) in enumerate(TINY["examples"]):
        soundfile.write(folder / f"{place}.wav", samples, rate)
        rows.append((f"{place}.wav", word, word))
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder / "data.csv", [str(folder / "0.wav"), str(folder / "1.wav")]
