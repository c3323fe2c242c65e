"""What other microphones, rooms and files cost a recogniser of speech.

    python -m recipes.robustness

Word error rates in % of the published transcribers on AN4's test split, and accuracies of the keyword pipelines on that
of the spoken digits, each recording changed in the same way. Measured after publication; nothing is chosen by it.
"""

import functools
import io

import numpy as np
import soundfile
import soxr

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo import registry
from lstm_zoo.progress import track
from lstm_zoo.tasks.speech.audio import RATE, recording
from lstm_zoo.weights import catalog

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
def recordings(network, data):
    """Examples of a test split, at 16 kHz."""
    examples = registry.get_task(network).data("test", data)
    return [((recording(source), RATE), *rest) for source, *rest in examples]


def rows_of(published, most):
    """Rows of the table: the first metric of a published pipeline on its changed test split."""
    task, pipeline = registry.get_task(published["network"]), lstm_zoo.load(published["name"])
    raw, table = recordings(published["network"], published["data"])[:most], []
    for name, change in track(CHANGES.items(), published["name"]):
        random = np.random.default_rng(SEED)
        pairs = task.read([(change(*source, random), *rest) for source, *rest in raw])
        metric, score = next(iter(task.score(pipeline, pairs).items()))
        table.append({"recording": name, "pipeline": published["name"], "metric": metric, "score": score})
    return table


def main():
    options = parser("robustness", __doc__)
    options.add_argument("--recordings", type=int, help="of each test split (default: all)")
    arguments = parse(options)
    published = [row for row in catalog.rows() if row["network"].startswith("speech/")]
    table = [row for pipeline in published for row in rows_of(pipeline, arguments.recordings)]
    views = [{"rows": ["pipeline", "metric"], "columns": "recording", "values": ["score"]}]
    packages = ("soundfile", "soxr")
    write(arguments.output, "recipes.robustness", __doc__, settings={}, table=table, views=views, packages=packages)


if __name__ == "__main__":
    main()
