"""What other microphones, rooms and files cost: written to docs/robustness.json and printed.

    python scripts/robustness.py

Word error rates of the published transcribers on AN4's test split, and accuracies of the keyword pipelines on that of
the spoken digits, each recording changed in the same way. Measured after publication; nothing is chosen by it.
"""

import argparse
import functools
import io
import json
import pathlib

import numpy as np
import soundfile
import soxr
from rich.progress import track

import lstm_zoo
from lstm_zoo import weights, registry
from lstm_zoo.training.checkpoints import write
from lstm_zoo.tasks.speech.audio import RATE, recording

OUTPUT = pathlib.Path(__file__).parents[1] / "docs" / "robustness.json"
SEED = 0


def noise(decibels):
    """White noise, this much quieter than the recording."""

    def change(samples, rate, random):
        power = np.sqrt(np.mean(np.square(samples)))
        return samples + power * 10 ** (-decibels / 20) * random.standard_normal(len(samples), "float32"), rate

    return change


def volume(factor):
    """In a file of 16 bits, which cuts what is louder than full scale."""
    return lambda samples, rate, _: (np.clip(samples * np.float32(factor), -1, 1), rate)


def resampled(to):
    """At another rate."""
    return lambda samples, rate, _: (soxr.resample(samples, rate, to), to)


def mp3(samples, rate, _):
    """Through a file of MP3."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="MP3")
    file.seek(0)
    return soundfile.read(file, dtype="float32")


CHANGES = {
    "as it is": lambda samples, rate, _: (samples, rate),
    "volume x 0.1": volume(0.1),
    "volume x 10, clipped": volume(10),
    "white noise, 30 dB below": noise(30),
    "white noise, 20 dB below": noise(20),
    "white noise, 10 dB below": noise(10),
    "8 kHz": resampled(8_000),
    "48 kHz": resampled(48_000),
    "MP3": mp3,
}


@functools.cache
def recordings(task, data):
    """Examples of a test split, at 16 kHz."""
    return [((recording(source), RATE), *rest) for source, *rest in task.data("test", data)]


def measured(row):
    """Change -> the first measure of a row's pipeline on its changed test split."""
    task, pipeline = registry.task_module(row["network"]), lstm_zoo.load(row["name"])
    raw, scores = recordings(task, row["data"]), {}
    for name, change in track(CHANGES.items(), row["name"]):
        random = np.random.default_rng(SEED)
        pairs = task.read([(change(*source, random), *rest) for source, *rest in raw])
        scores[name] = next(iter(task.score(pipeline, pairs).values()))
    return scores


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    rows = [row for row in weights.rows() if row["network"].startswith("speech/")]
    result = {
        "command": "python scripts/robustness.py",
        "measures": {row["name"]: next(iter(row["metrics"]["test"])) for row in rows},
        "scores": {row["name"]: measured(row) for row in rows},
    }
    write(OUTPUT, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["scores"], indent=2))


if __name__ == "__main__":
    main()
