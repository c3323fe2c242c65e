"""Speed of speech recognition, beside PyTorch: written to docs/speech.json and printed.

    python scripts/benchmark_speech.py [--recordings 96] [--repetitions 7]

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

Rivals take turns within one run; the medians of their times count. PyTorch is a rival if it is installed.
"""

import argparse
import importlib.metadata
import json
import multiprocessing
import os
import pathlib
import string
import tempfile

import keras
import numpy as np
import tensorflow as tf
from benchmark import BFLOAT16, PYTORCH, TUNED_MALLOC, interleaved, processor, rival_process, timed

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import batching, layers, weights
from lstm_zoo.training import preparing
from lstm_zoo.tasks import speech
from lstm_zoo.training.checkpoints import write
from lstm_zoo.tasks.speech import pipelines
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.features import LogMel, UtteranceNormalization
from lstm_zoo.tasks.speech.parts import SUBSAMPLING

OUTPUT = pathlib.Path(__file__).parents[1] / "docs" / "speech.json"
PIPELINE, BEAMS, BATCH = "speech-ctc-an4", 10, 16
VOCABULARY = [" ", *string.ascii_uppercase]  # of AN4; with the blank 28
DROPOUT = 0.3  # the default of the network
THREADS = 1, 2


def published():
    """Whether there are trained weights."""
    return any(row["name"] == PIPELINE for row in weights.rows())


def pipeline_of():
    """The published pipeline, or one with random weights, always the same."""
    if published():
        return lstm_zoo.load(PIPELINE)
    keras.utils.set_random_seed(0)
    characters = pipelines.lookup(VOCABULARY)
    network = lstm_zoo.build("speech/ctc", vocabulary=characters.vocabulary_size())
    return speech.pipeline(network, {"characters": characters})


def recordings(count):
    """The first examples of AN4's validation split, checked."""
    return speech.read(list(speech.data("validation"))[:count])


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
    given = {}
    for number, (frames, lengths, characters) in enumerate(batches):
        given[f"frames_{number}"] = normalize(tf.constant(frames), tf.constant(lengths)).numpy()
        given[f"steps_{number}"] = steps_of(lengths)
        given[f"characters_{number}"] = characters
    np.savez(folder / name, **given)
    return {"weights": str(folder / "weights.npz"), "batches": str(folder / name), "dropout": DROPOUT}


def steps_of(lengths):
    """Steps of the network in so many frames."""
    return -(-lengths // SUBSAMPLING)


def inference_rows(threads, count, repetitions):
    """Rows of the table, and the largest difference between PyTorch's logits and ours."""
    pipeline, pairs, table, differences = pipeline_of(), recordings(count), [], []
    network, greedy = networks.network_of(pipeline), speech.with_search(pipeline, beams=1)
    pipeline = speech.with_search(pipeline, BEAMS)
    items, audio = speech.inputs([recording for recording, *_ in pairs]), seconds_of(pairs)
    torch = rival_process("torch_speech.py") if PYTORCH else None
    with tempfile.TemporaryDirectory() as folder:
        for batch in (1, BATCH):

            def transcribe(pipeline, batch=batch):
                return lambda: batching.run(pipeline, items, speech.encode, speech.size, batch)

            batches = []
            for rows in batching.by_length([len(item) for item in items], batch):
                given = speech.encode(pipeline, [items[row] for row in rows])
                frames, lengths = (part.numpy() for part in LogMel()(given["waveform"], given["samples"]))
                batches.append((frames, lengths, np.zeros((len(rows), 1), "int32")))

            def logits(batches=batches):
                return [network.predict_on_batch({"frames": one, "lengths": lengths}) for one, lengths, _ in batches]

            rivals = {
                "pipeline, greedy": timed(transcribe(greedy)),
                f"pipeline, {BEAMS} beams": timed(transcribe(pipeline)),
                "network": timed(logits),
            }
            if torch:
                job = hand_over(network, batches, folder, f"batches_{batch}.npz")
                job = {**job, "training": False, "bfloat16": False}
                output = f"{folder}/logits_{batch}.npz"
                torch(**job, output=output)
                differences.append(difference(logits(), np.load(output).values(), batches))
                rivals["network, PyTorch"] = lambda job=job: torch(**job)
            factor = {name: value / audio for name, value in interleaved(rivals, repetitions).items()}
            row = {"work": "transcription", "threads": threads, "batch": batch, "real_time_factor": factor}
            table.append({**row, **ratios(factor, "network, PyTorch")})
    return table, max(differences, default=None)


def difference(ours, others, batches):
    """Largest absolute difference of logits, in the steps that recordings have."""
    return max(
        float(np.abs(one[row, :steps] - other[row, :steps]).max())
        for one, other, (_, lengths, _) in zip(ours, others, batches)
        for row, steps in enumerate(steps_of(lengths))
    )


def training_rows(threads, count, repetitions):
    """Row of the table: seconds of training for an hour of audio."""
    pipeline, pairs = pipeline_of(), recordings(count)
    network, preprocessing = networks.network_of(pipeline), pipelines.preprocessing_of(pipeline)
    batches = [
        (inputs["frames"], inputs["lengths"], characters)
        for inputs, characters in speech.examples(pairs, preprocessing, BATCH).as_numpy_iterator()
    ]
    audio = sum(lengths.sum() for _, lengths, _ in batches) / 100  # seconds: 100 frames each
    rivals = {}
    with tempfile.TemporaryDirectory() as folder:
        if PYTORCH:
            job = {**hand_over(network, batches, folder, "batches.npz"), "training": True}
            for tuned, environment in (("", ()), (", tuned malloc", TUNED_MALLOC)):
                torch = rival_process("torch_speech.py", environment)
                for mixed in (False, True) if BFLOAT16 else (False,):
                    name = f"PyTorch{', mixed precision' if mixed else ''}{tuned}"
                    rivals[name] = lambda torch=torch, mixed=mixed: torch(**job, bfloat16=mixed)

        def trained(network):
            network = speech.compile_network(network)

            def run():
                for frames, lengths, characters in batches:
                    network.train_on_batch({"frames": frames, "lengths": lengths}, characters)

            return timed(run)

        ours = {"network, mixed precision": preparing.in_16_bits(network)} if BFLOAT16 else {}
        ours = {"network": network, **ours}
        rivals = {**{name: trained(one) for name, one in ours.items()}, **rivals}
        needed = {name: 3600 * value / audio for name, value in interleaved(rivals, repetitions).items()}
    row = {"work": "training", "threads": threads, "batch": BATCH, "seconds_an_hour": needed}
    return [{**row, **ratios(needed, "PyTorch")}]


def ratios(seconds, base):
    """Each time over that of PyTorch, if it is installed: below 1 is faster."""
    return {"ratio": {name: value / seconds[base] for name, value in seconds.items()}} if base in seconds else {}


def hold(threads):
    """Before TensorFlow computes anything: as many threads as there are cores to run on."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def apart(function, threads, *arguments):
    """What `function(threads, *arguments)` gives in a process of its own, held to so many cores from its start."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:threads])  # the process inherits them
    try:
        with multiprocessing.get_context("spawn").Pool(1, hold, (threads,)) as pool:
            return pool.apply(function, (threads, *arguments))
    finally:
        os.sched_setaffinity(0, cores)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=int, default=96)
    parser.add_argument("--repetitions", type=int, default=7)
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) < max(THREADS):
        parser.error(f"{max(THREADS)} cores are needed. Received: {len(os.sched_getaffinity(0))}")
    given = arguments.recordings, arguments.repetitions
    table, differences = [], []
    for threads in THREADS:
        rows, largest = apart(inference_rows, threads, *given)
        table += rows
        differences.append(largest)
    table += apart(training_rows, max(THREADS), *given)
    pairs = recordings(arguments.recordings)
    packages = ["tensorflow", "keras", "numpy", *(["torch"] if PYTORCH else [])]
    options = f"--recordings {arguments.recordings} --repetitions {arguments.repetitions}"
    result = {
        "command": f"python scripts/benchmark_speech.py {options}",
        "weights": PIPELINE if published() else "random",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {package: importlib.metadata.version(package) for package in packages},
        "bfloat16": BFLOAT16,
        "repetitions": arguments.repetitions,
        "recordings": len(pairs),
        "audio_seconds": seconds_of(pairs),
        "largest_difference": max(differences) if PYTORCH else None,  # of logits, between PyTorch and the zoo
        "table": table,
    }
    write(OUTPUT, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
