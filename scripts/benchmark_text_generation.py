"""Tokens a second of text generation, training and writing, beside the same network in PyTorch.

    python scripts/benchmark_text_generation.py [--steps 10] [--tokens 200] [--repetitions 5]
                                                                        # writes docs/text_generation.json

The networks are the defaults, of random weights, which both sides share: `character` with the 67 ids of tiny
Shakespeare, in batches of 32 rows of 128, and `awd` with 12,000 pieces, in batches of 64 rows of 72. A training step is
the whole of it: forward, loss, gradient, clipping, Adam; in float32 and, where the processor multiplies in it, in
bfloat16, by `mixed_precision` here and autocast there. PyTorch's LSTM drops no recurrent weights: neither side does.
Writing samples 1 and 32 texts at once, at temperature 1, from the beginning: the pipeline's own loop in the graph here,
eager PyTorch there.

Rivals take turns within one run, and the ratio of two is the median of the ratios of the turns.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import statistics
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
from benchmark import BFLOAT16, PYTORCH, TUNED_MALLOC, processor, rival_process

import lstm_zoo
from lstm_zoo import batching, registry
from lstm_zoo.training import preparing
from lstm_zoo.training.checkpoints import write
from lstm_zoo.tasks.text_generation import pipelines
from lstm_zoo.text.characters import Characters

OUTPUT = pathlib.Path(__file__).parents[1] / "docs" / "text_generation.json"
RATE = 1e-3
# network -> its sizes, rows and steps of a batch
NETWORKS = {
    "character": ({"vocabulary": 67}, 32, 128),
    "awd": ({"vocabulary": 12_000, "weight_dropout": 0.0, "embedding_dropout": 0.0}, 64, 72),
}


def batches_of(rows, steps, vocabulary, number):
    """Random tokens that go on from batch to batch: int32 (number, rows, steps + 1)."""
    stream = np.random.default_rng(0).integers(4, vocabulary, (rows, number * steps + 1)).astype("int32")
    return np.stack([stream[:, place * steps : (place + 1) * steps + 1] for place in range(number)])


def zoo_training(name, network, batches, mixed):
    """A function that trains on all batches and gives its seconds."""
    if mixed:
        network = preparing.in_16_bits(network)
    else:
        weights, network = network.get_weights(), keras.models.clone_model(network)
        network.set_weights(weights)
    registry.task_module(f"text_generation/{name}").compile_network(network, RATE)
    fresh = [np.full(batches.shape[1], number == 0) for number in range(len(batches))]
    given = ({"ids": batches[:, :, :-1], "fresh": np.array(fresh)}, batches[:, :, 1:])
    examples = batching.read_by(network, tf.data.Dataset.from_tensor_slices(given))

    def seconds():
        begun = time.perf_counter()
        network.fit(examples, verbose=0, shuffle=False)
        return time.perf_counter() - begun

    return seconds


def zoo_writing(network, rows, tokens):
    """A function that writes `tokens` tokens of each of the rows and gives its seconds."""
    # Characters, of which none ends a text, for subwords too: writing is timed in tokens.
    alphabet = "".join(map(chr, range(32, 32 + network.get_layer("embedding").input_dim - 2)))
    writer = pipelines.Writer(network, Characters(alphabet))
    types = pipelines.OPTIONS.items()
    options = {option: tf.fill([rows], tf.cast(default, dtype)) for option, (default, dtype) in types}
    options |= {"length": tf.fill([rows], tokens), "temperature": tf.ones([rows]), "seed": tf.range(rows)}

    @tf.function
    def run():
        return writer.sample(writer.first_state(rows), options)[0]

    def seconds():
        begun = time.perf_counter()
        run().numpy()
        return time.perf_counter() - begun

    return seconds


def turns(rivals, repetitions):
    """Seconds of each of the rivals, turn by turn; the first turn does not count."""
    seconds = {name: [] for name in rivals}
    for turn in range(repetitions + 1):
        for name, function in rivals.items():
            taken = function()
            if turn:
                seconds[name].append(taken)
    return seconds


def row_of(network, work, count, seconds):
    """A row of the table: tokens a second of each, and how many times those of PyTorch the zoo's are."""
    row = {"network": network, "work": work, "rate": {}, "ratio": {}}
    for name, values in seconds.items():
        row["rate"][name] = count / statistics.median(values)
        for rival, others in seconds.items():
            if name.startswith("zoo") and rival == name.replace("zoo", "PyTorch"):
                ratios = [theirs / ours for ours, theirs in zip(values, others)]
                row["ratio"][name] = statistics.median(ratios)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10, help="training steps in a turn")
    parser.add_argument("--tokens", type=int, default=200, help="tokens that each row writes in a turn")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    table = []
    torch = rival_process("torch_text_generation.py", TUNED_MALLOC) if PYTORCH else None
    with tempfile.TemporaryDirectory() as folder:
        for name, (sizes, rows, steps) in NETWORKS.items():
            network = lstm_zoo.build(f"text_generation/{name}", **sizes)
            batches = batches_of(rows, steps, sizes["vocabulary"], arguments.steps)
            weights, tokens = (str(pathlib.Path(folder) / f"{name}-{part}.npz") for part in ("weights", "batches"))
            np.savez(weights, **{variable.path.replace("/", "."): variable.numpy() for variable in network.weights})
            np.savez(tokens, batches=batches)
            dropout = next(layer.rate for layer in network.layers if isinstance(layer, keras.layers.Dropout))
            rivals = {}
            for mixed in (False, True) if BFLOAT16 else (False,):
                kind = "bfloat16" if mixed else "float32"
                rivals[f"zoo, {kind}"] = zoo_training(name, network, batches, mixed)
                if torch:
                    job = {"weights": weights, "batches": tokens, "bfloat16": mixed, "dropout": dropout}
                    rivals[f"PyTorch, {kind}"] = lambda job=job: torch(work="training", **job)
            seconds = turns(rivals, arguments.repetitions)
            table.append(row_of(name, f"training, {rows} x {steps}", batches[:, :, 1:].size, seconds))
            for texts in (1, 32):
                rivals = {"zoo, float32": zoo_writing(network, texts, arguments.tokens)}
                if torch:
                    job = {"weights": weights, "rows": texts, "tokens": arguments.tokens}
                    rivals["PyTorch, float32"] = lambda job=job: torch(work="writing", **job)
                seconds = turns(rivals, arguments.repetitions)
                table.append(row_of(name, f"writing, {texts} at once", texts * arguments.tokens, seconds))
    packages = ["tensorflow", "keras", "numpy", *(["torch"] if PYTORCH else [])]
    options = f"--steps {arguments.steps} --tokens {arguments.tokens} --repetitions {arguments.repetitions}"
    result = {
        "command": f"python scripts/benchmark_text_generation.py {options}",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {package: importlib.metadata.version(package) for package in packages},
        "repetitions": arguments.repetitions,
        "table": table,
    }
    write(OUTPUT, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
