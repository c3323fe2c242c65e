"""Speed of speech recognition, beside PyTorch.

    python -m benchmarks.speech [--recordings 96] [--repetitions 7]

The network `speech/ctc` of default sizes on the first recordings of AN4's validation split, in batches of like length;
with the weights of the published pipeline if there is one, else with random ones. On 1 thread and on 2, each in a
process of its own that is held to so many cores:

- real-time factor, seconds of computing for a second of audio: of the whole pipeline, from samples to text, greedy and
  with 10 beams; of the network alone, from log-mel frames to logits; and of the same network in PyTorch, with the same
  weights, which gets frames that are normalized already;
- seconds of training for an hour of audio, on 2 threads: with products in float32, and in bfloat16, as
  `train(mixed_precision=True)` has them, where the processor multiplies in it; and of the same network in PyTorch, in
  float32 and by its autocast, with glibc's memory settings as they are and tuned. All get the same frames and
  characters; what augments recordings is not part of it.

They take turns, and every figure is the median of the turns. Below 1 it takes less time than PyTorch, which is a rival
if it is installed.
"""

import functools
import multiprocessing
import os
import pathlib
import string
import tempfile

import keras
import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import (
    BFLOAT16,
    PYTORCH,
    TUNED_MALLOC,
    cores,
    medians,
    parse,
    parser,
    rival_process,
    timed,
    write,
)  # fmt: skip
from lstm_zoo import batching, networks
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import preprocessing
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.features import LogMel, UtteranceNormalization
from lstm_zoo.tasks.speech.subsampling import SUBSAMPLING
from lstm_zoo.weights import catalog

PIPELINE, BEAMS, BATCH_SIZE = "speech-ctc-an4_all", 10, 16
VOCABULARY = [" ", *string.ascii_uppercase]  # of AN4; with the blank 28
DROPOUT = 0.3  # the default of the network
THREADS = 1, 2
RATIO = "of the time of PyTorch"


def published():
    """Whether there are trained weights."""
    return any(row["name"] == PIPELINE for row in catalog.rows())


def pipeline_of():
    """The published pipeline, or one with random weights, always the same."""
    if published():
        return lstm_zoo.load(PIPELINE)
    keras.utils.set_random_seed(0)
    characters = preprocessing.lookup(VOCABULARY)
    network = lstm_zoo.build("speech/ctc", vocabulary=characters.vocabulary_size())
    return speech.TASK.networks["ctc"].pipeline(network, {"characters": characters})


def recordings(count):
    """The first examples of AN4's validation split, checked."""
    return speech.TASK.read(list(speech.TASK.data("validation"))[:count])


def seconds_of(pairs):
    """Seconds of audio."""
    return sum(len(samples) for (samples, _), *_ in pairs) / RATE


def hand_over(network, batches, folder, name):
    """Write weights and batches (frames, lengths, characters) for PyTorch, which gets the frames normalized.

    Returns:
        Dict: what a job says of them.
    """
    folder, normalize = pathlib.Path(folder), UtteranceNormalization()
    arrays = {variable.path: variable.numpy() for variable in network.weights}
    np.savez(folder / "weights.npz", **{path.replace("/", "."): array for path, array in arrays.items()})
    arrays = {}
    for number, (frames, lengths, characters) in enumerate(batches):
        arrays[f"frames_{number}"] = normalize(tf.constant(frames), tf.constant(lengths)).numpy()
        arrays[f"steps_{number}"] = steps_of(lengths)
        arrays[f"characters_{number}"] = characters
    np.savez(folder / name, **arrays)
    return {"weights": str(folder / "weights.npz"), "batches": str(folder / name), "dropout": DROPOUT}


def steps_of(lengths):
    """Steps of the network in so many frames."""
    return -(-lengths // SUBSAMPLING)


def transcription_rows(threads, count, repetitions):
    """Rows of the table, and the largest difference between PyTorch's logits and ours."""
    pipeline, pairs, table, differences = pipeline_of(), recordings(count), [], []
    network, greedy = networks.network_of(pipeline), speech.with_beams(pipeline, beams=1)
    pipeline = speech.with_beams(pipeline, BEAMS)
    task, audio = speech.TASK, seconds_of(pairs)
    items = task.prepare([recording for recording, *_ in pairs])
    torch = rival_process("torch_speech.py") if PYTORCH else None
    with tempfile.TemporaryDirectory() as folder:
        for batch_size in (1, BATCH_SIZE):

            def transcribe(pipeline, batch_size=batch_size):
                return lambda: batching.run(pipeline, items, task.encode, task.length, batch_size)

            batches = []
            for rows in batching.by_length([len(item) for item in items], batch_size):
                inputs = task.encode(pipeline, [items[row] for row in rows])
                frames, lengths = (part.numpy() for part in LogMel()(inputs["waveform"], inputs["samples"]))
                batches.append((frames, lengths, np.zeros((len(rows), 1), "int32")))

            def logits(batches=batches):
                return [
                    network.predict_on_batch({"frames": frames, "lengths": lengths}) for frames, lengths, _ in batches
                ]

            rivals = {
                "pipeline, greedy": timed(transcribe(greedy)),
                f"pipeline, {BEAMS} beams": timed(transcribe(pipeline)),
                "network": timed(logits),
            }
            if torch:
                job = hand_over(network, batches, folder, f"batches_{batch_size}.npz")
                job = {**job, "training": False, "bfloat16": False}
                output = f"{folder}/logits_{batch_size}.npz"
                torch(**job, output=output)
                differences.append(difference(logits(), np.load(output).values(), batches))
                rivals["network, PyTorch"] = lambda job=job: torch(**job)
            place = {"work": "transcription", "threads": threads, "batch size": batch_size}
            seconds = medians(rivals, repetitions)
            table += rows_of(place, seconds, "seconds for a second of audio", 1 / audio, "network, PyTorch")
    return table, max(differences, default=None)


def difference(ours, others, batches):
    """Largest absolute difference of logits, in the steps that recordings have."""
    return max(
        float(np.abs(one[row, :steps] - other[row, :steps]).max())
        for one, other, (_, lengths, _) in zip(ours, others, batches)
        for row, steps in enumerate(steps_of(lengths))
    )


def training_rows(threads, count, repetitions):
    """Rows of the table: seconds of training for an hour of audio."""
    pipeline, pairs = pipeline_of(), recordings(count)
    network, characters = networks.network_of(pipeline), preprocessing.preprocessing_of(pipeline)
    batches = [
        (inputs["frames"], inputs["lengths"], characters)
        for inputs, characters in speech.TASK.batches(pairs, characters, BATCH_SIZE).as_numpy_iterator()
    ]
    audio = sum(lengths.sum() for _, lengths, _ in batches) / 100  # seconds: 100 frames each

    def trained(network):
        network = speech.TASK.networks["ctc"].compile(network, speech.TASK.learning_rate)

        def run():
            for frames, lengths, characters in batches:
                network.train_on_batch({"frames": frames, "lengths": lengths}, characters)

        return timed(run)

    rivals = {"network": trained(network)}
    if BFLOAT16:
        rivals["network, mixed precision"] = trained(networks.in_16_bits(network))
    with tempfile.TemporaryDirectory() as folder:
        if PYTORCH:
            job = {**hand_over(network, batches, folder, "batches.npz"), "training": True}
            for tuned, environment in (("", {}), (", tuned malloc", TUNED_MALLOC)):
                torch = rival_process("torch_speech.py", environment)
                for mixed in (False, True) if BFLOAT16 else (False,):
                    name = f"PyTorch{', mixed precision' * mixed}{tuned}"
                    rivals[name] = functools.partial(torch, **job, bfloat16=mixed)
        place = {"work": "training", "threads": threads, "batch size": BATCH_SIZE}
        seconds = medians(rivals, repetitions)
    return rows_of(place, seconds, "seconds for an hour of audio", 3600 / audio, "PyTorch")


def rows_of(place, seconds, column, scale, base):
    """Rows of the table: scaled seconds, and over those of PyTorch, if it is installed."""
    table = [{**place, "by": name, column: value * scale} for name, value in seconds.items()]
    if base in seconds:
        for row in table:
            row[RATIO] = seconds[row["by"]] / seconds[base]
    return table


def hold(threads):
    """Before TensorFlow computes anything: as many threads as there are cores to run on."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def apart(function, threads, *arguments):
    """What `function(threads, *arguments)` gives in a process of its own, held to so many cores from its start."""
    all_cores = cores()
    os.sched_setaffinity(0, all_cores[:threads])  # the process inherits them
    try:
        with multiprocessing.get_context("spawn").Pool(1, hold, (threads,)) as pool:
            return pool.apply(function, (threads, *arguments))
    finally:
        os.sched_setaffinity(0, all_cores)


def main():
    options = parser("speech", __doc__, repetitions=7)
    options.add_argument("--recordings", type=int, default=96, help="default: %(default)s")
    arguments = parse(options)
    if len(cores()) < max(THREADS):
        options.error(f"{max(THREADS)} cores are needed. Received: {len(cores())}")
    table, differences = [], []
    for threads in THREADS:
        rows, largest = apart(transcription_rows, threads, arguments.recordings, arguments.repetitions)
        table += rows
        differences.append(largest)
    table += apart(training_rows, max(THREADS), arguments.recordings, arguments.repetitions)
    settings = {
        "repetitions": arguments.repetitions,
        "recordings": arguments.recordings,
        "seconds of audio": seconds_of(recordings(arguments.recordings)),
        "weights": PIPELINE if published() else "random",
        **({"largest difference of PyTorch's logits": max(differences)} if PYTORCH else {}),
    }
    write(arguments.output, "benchmarks.speech", __doc__, settings=settings, table=table)


if __name__ == "__main__":
    main()
