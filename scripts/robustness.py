"""Word error rates of the published pipelines of AN4 under noise, other volumes and other rates; and what a beam gives.

    python scripts/robustness.py                   # writes docs/robustness.json

On the test split, after the pipelines were published: nothing is chosen by these figures. Noise is white; other rates
are those that the recordings are brought to and back from, which takes the bands above half of them away.
"""

import json
import pathlib

import numpy as np
import soxr
from rich.progress import track

import lstm_zoo
from lstm_zoo import speech
from lstm_zoo.checkpoints import write
from lstm_zoo.speech.audio import RATE

OUTPUT = pathlib.Path(__file__).parents[1] / "docs" / "robustness.json"
PIPELINES = ("speech-ctc-an4", "speech-streaming-an4")
NOISE, VOLUMES, RATES = (30, 20, 10, 0), (0.1, 10.0), (8_000, 11_025, 48_000)  # dB of signal over noise; times; Hz


def noisy(samples, decibels, random):
    power = np.sqrt(np.mean(np.square(samples)))
    return samples + power * 10 ** (-decibels / 20) * random.standard_normal(len(samples), "float32")


def conditions():
    """Name -> function of samples float32 (samples,) and a random generator that gives other ones, and their rate."""
    found = {"as it is": lambda samples, _: (samples, RATE)}
    for decibels in NOISE:
        found[f"noise, {decibels} dB below"] = lambda samples, random, decibels=decibels: (
            noisy(samples, decibels, random),
            RATE,
        )
    for volume in VOLUMES:
        found[f"volume x {volume:g}"] = lambda samples, _, volume=volume: (volume * samples, RATE)
    found["clipped at a quarter of its peak"] = lambda samples, _: (
        samples.clip(-abs(samples).max() / 4, abs(samples).max() / 4),
        RATE,
    )
    for rate in RATES:
        found[f"{rate} Hz"] = lambda samples, _, rate=rate: (soxr.resample(samples, RATE, rate), rate)
    return found


def main():
    examples = speech.read(speech.data("test"))
    truth = [text for _, text, _ in examples]
    pipelines = {name: lstm_zoo.load(name) for name in PIPELINES}
    pipelines["speech-ctc-an4, greedy"] = speech.with_search(pipelines["speech-ctc-an4"], beams=1)
    table = {}
    for condition, change in track(conditions().items(), "conditions", transient=True):
        random = np.random.default_rng(0)
        changed = [change(samples, random) for samples in speech.waveforms(examples)]
        rates = {}
        for name, pipeline in pipelines.items():
            guesses = [answer["text"] for answer in lstm_zoo.predict(pipeline, changed)]
            rates[name] = speech.measures(guesses, truth)["wer"]
        table[condition] = rates
    result = {"command": "python scripts/robustness.py", "recordings": len(examples), "wer": table}
    write(OUTPUT, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
