"""Speed of the zoo, in ratios: written to docs/benchmark.json and printed.

    python scripts/benchmark.py [--repetitions 7]
    python scripts/benchmark.py --accuracy 3        # what bucketing and kernel do to accuracy: docs/accuracy.json

Rivals take turns within one run, and every figure is the median of the repetitions: times depend on the machine and its
mood, ratios much less. PyTorch is a rival if it is installed (its CPU build is enough), bfloat16 where the processor
multiplies in it. Lengths are those of IMDb reviews if the data set is prepared, else drawn from a log-normal
distribution of the same median and spread; the output says which.
"""

import argparse
import functools
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import keras
import numpy as np
import results
import tensorflow as tf
from rich.progress import track

import lstm_zoo
from lstm_zoo import batching, layers
from lstm_zoo.tasks import sentiment
from lstm_zoo.training.checkpoints import write

BATCH = 64  # of the default sentiment network
SHAPES = [
    (64, 200, 128, 256),
    (32, 100, 256, 512),
    (32, 64, 64, 64),
    (16, 400, 128, 128),
]  # batch, steps, inputs, units
REVIEW = "A moving, beautifully shot film. I laughed, I cried, and I would gladly watch it again. " * 10
# Without them glibc gives the memory of every training step of PyTorch back and asks for it anew.
TUNED_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "268435456",
}
CPU = pathlib.Path("/proc/cpuinfo")
CPU_TEXT = CPU.read_text() if CPU.exists() else ""
BFLOAT16 = any(flag in CPU_TEXT for flag in ("amx_bf16", "avx512_bf16"))
PYTORCH = importlib.util.find_spec("torch") is not None


def interleaved(rivals, repetitions):
    """Median seconds of each of the `rivals` (name -> function giving seconds); the first turn does not count."""
    seconds = {name: [] for name in rivals}
    for turn in track(range(repetitions + 1), description=", ".join(rivals), transient=True):
        for name, function in rivals.items():
            seconds[name] += [function()] if turn else [function()][:0]
    return {name: statistics.median(values) for name, values in seconds.items()}


def timed(function):
    """The function's seconds."""

    def seconds():
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return seconds


def review_lengths():
    """Tokens of the IMDb training reviews, and where they come from."""
    try:
        texts = [text for text, _ in sentiment.read(sentiment.data("train"))]
    except Exception:  # whatever TFDS raises where it can neither find nor download the data set
        drawn = np.random.default_rng(0).lognormal(np.log(200), 0.65, 22_500)
        return np.clip(drawn, 10, 2500).astype("int32"), "a log-normal distribution like that of IMDb"
    words = tf.strings.split(sentiment.separate_words(tf.constant(texts)))
    return words.row_lengths().numpy().astype("int32"), "imdb_reviews, train"


def padding(lengths):
    """Padded tokens a true token: random batches, and those of `batching.bucketed`."""

    def waste(pool):
        batches = batching.bucketed(lengths, BATCH, pool=pool).take(-(-len(lengths) // BATCH))
        return sum(len(rows) * lengths[rows].max() for rows in batches.as_numpy_iterator()) / lengths.sum()

    return {"random": waste(1), "bucketed": waste(batching.POOL)}


def rival_process(script, environment=()):
    """A function that has a script beside this one do a job, in a process of its own, and gives its seconds."""
    command = [sys.executable, str(pathlib.Path(__file__).with_name(script)), str(os.cpu_count())]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, env={**os.environ, **dict(environment)}, **pipes)

    def seconds(**job):
        print(json.dumps(job), file=process.stdin, flush=True)
        return float(process.stdout.readline())

    return seconds


def keras_step(outputs, inputs, weights, training):
    """A function that runs `outputs()` once, or its gradients of inputs and weights."""

    @tf.function(autograph=False)
    def infer():
        return outputs(False)

    @tf.function(autograph=False)
    def train():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(outputs(True) ** 2)
        return tape.gradient(loss, [inputs, *weights])

    function = train if training else infer
    return timed(lambda: tf.nest.flatten(function())[0].numpy())  # waits for a GPU too


def layer_rivals(shape, bidirectional, lengths, training, torches):
    """Name -> function for one LSTM layer: stock Keras, the zoo and PyTorch. Lengths None: every row is full."""
    batch, steps, inputs, units = shape
    values = tf.random.stateless_normal((batch, steps, inputs), seed=(0, 0))
    both_ways = keras.layers.Bidirectional if bidirectional else (lambda layer: layer)
    stock = both_ways(keras.layers.LSTM(units, return_sequences=True))
    stock.build(values.shape)

    def keras_lstm(mask):
        weights = [weight.value for weight in stock.trainable_weights]
        return keras_step(lambda training: stock(values, mask=mask, training=training), values, weights, training)

    def zoo_lstm(matmul_dtype=None):
        row_lengths = tf.constant([steps] * batch if lengths is None else lengths, "int32")
        sequence, length = keras.Input((None, inputs)), keras.Input((), dtype="int32")
        stack = layers.lstm_stack(sequence, length, units=units, bidirectional=bidirectional)[0]
        network = keras.Model([sequence, length], stack)
        for layer in network.layers:
            if isinstance(layer, layers.LSTM):
                layer.matmul_dtype = matmul_dtype
        weights = [weight.value for weight in network.trainable_weights]
        return keras_step(lambda training: network([values, row_lengths], training=training), values, weights, training)

    rivals = {"keras": keras_lstm(None), "zoo": zoo_lstm()}
    if lengths is not None:
        rivals["keras_mask"] = keras_lstm(tf.sequence_mask(lengths, steps))
    if BFLOAT16:
        rivals["zoo_bfloat16"] = zoo_lstm("bfloat16")
    job = {"shape": shape, "bidirectional": bidirectional, "training": training, "lengths": lengths}
    for name, run in torches.items():
        for bfloat16 in (False, True) if BFLOAT16 else (False,):
            for packed in (False, True) if lengths is not None else (False,):
                parts = [name, *(["packed"] if packed else []), *(["bfloat16"] if bfloat16 else [])]
                options = {**job, "packed": packed, "bfloat16": bfloat16}
                rivals["_".join(parts)] = lambda run=run, options=options: run(**options)
    return rivals


def layer_rows(lengths, repetitions):
    """Milliseconds of every rival for every shape, and the share of the machine's fastest product that the zoo uses."""
    torches = (
        {"torch": rival_process("torch_lstm.py"), "torch_tuned": rival_process("torch_lstm.py", TUNED_MALLOC)}
        if PYTORCH
        else {}
    )
    square = tf.random.stateless_normal((2048, 2048), seed=(0, 0))
    product = tf.function(lambda: tf.matmul(square, square), autograph=False)
    table = []
    for shape in SHAPES:
        batch, steps, inputs, units = shape
        reviews = np.random.default_rng(0).choice(lengths, batch, replace=False)
        reviews = np.maximum(reviews * steps // reviews.max(), 1).tolist()  # the longest has all the steps
        for bidirectional in (False, True):
            for name, rows in (("full", None), ("reviews", reviews)):
                for training in (False, True):
                    rivals = layer_rivals(shape, bidirectional, rows, training, torches)
                    rivals["product"] = timed(lambda: product().numpy())
                    seconds = interleaved(rivals, repetitions)
                    ceiling = 2 * 2048**3 / seconds.pop("product")
                    operations = 2 * batch * steps * (inputs + units) * 4 * units
                    operations *= (1 + bidirectional) * (3 if training else 1)
                    table.append(
                        {
                            "shape": shape,
                            "bidirectional": bidirectional,
                            "lengths": name,
                            "work": "training" if training else "inference",
                            "path": layers.LSTM(units).path(batch, steps, training),
                            "ms": {rival: value * 1e3 for rival, value in seconds.items()},
                            "share_of_product": operations / seconds["zoo"] / ceiling,
                        }
                    )
                    keras.backend.clear_session()
    return table


def latency(repetitions):
    """Milliseconds for one review of 210 tokens through `predict`, the pipeline and the SavedModel."""
    pipeline = lstm_zoo.load("sentiment")
    text = tf.constant([REVIEW])
    with tempfile.TemporaryDirectory() as folder:
        served = tf.saved_model.load(str(lstm_zoo.export(pipeline, f"{folder}/saved_model")))
        signature = served.signatures["serving_default"]
        rivals = {
            "predict": lambda: lstm_zoo.predict(pipeline, [REVIEW]),
            "pipeline": lambda: pipeline.predict_on_batch(text),
            "SavedModel": lambda: signature(text=text)["score"].numpy(),
        }
        rivals = {name: timed(function) for name, function in rivals.items()}
        return {name: seconds * 1e3 for name, seconds in interleaved(rivals, repetitions).items()}


def epoch_rows(lengths, repetitions):
    """Seconds of one IMDb epoch of the default sentiment network, from every tenth of its batches.

    The batches hold random ids of the reviews' true lengths: the time of a step does not depend on the words.
    """
    one_in = 10
    batches = -(-len(lengths) // BATCH)
    rivals = {
        "random batches, Keras": (1, "0", None),
        "bucketed, Keras": (batching.POOL, "0", None),
        "bucketed, zoo": (batching.POOL, "1", None),
    }
    if BFLOAT16:
        rivals["bucketed, zoo, bfloat16"] = (batching.POOL, "1", "bfloat16")

    def epoch(lengths, pool, matmul_dtype, kernel):
        chosen = [
            lengths[rows] for rows in batching.bucketed(lengths, BATCH, pool=pool).take(batches).as_numpy_iterator()
        ]
        network = sentiment.compile_network(lstm_zoo.build("sentiment"), sentiment.LEARNING_RATE)
        for layer in network.layers:
            if isinstance(layer, layers.LSTM):
                layer.matmul_dtype = matmul_dtype
        drawn = np.random.default_rng(0)
        steps = [
            (
                np.where(np.arange(rows.max()) < rows[:, None], drawn.integers(2, 30_000, (len(rows), rows.max())), 0),
                drawn.integers(0, 2, len(rows)),
            )
            for rows in chosen[::one_in]
        ]

        def run():
            os.environ["LSTM_ZOO_KERNEL"] = kernel  # read when the first batch is traced
            for ids, classes in steps:
                network.train_on_batch(ids, classes)

        measure = timed(run)
        return lambda: measure() * batches / len(steps)

    table = []
    for texts, cut in (("whole reviews", lengths.max()), (f"windows of {sentiment.WINDOW} words", sentiment.WINDOW)):
        functions = {
            name: epoch(np.minimum(lengths, cut), pool, dtype, kernel) for name, (pool, kernel, dtype) in rivals.items()
        }
        table.append({"texts": texts, "seconds": interleaved(functions, repetitions)})
    os.environ.pop("LSTM_ZOO_KERNEL")
    return table


def accuracies(seeds):
    """Validation accuracy after one epoch of the default sentiment network, for every seed."""
    pools = {"random batches, Keras": (1, "0"), "bucketed, zoo": (batching.POOL, "1")}
    table = {name: [] for name in pools}
    bucketed = batching.bucketed
    for seed in range(seeds):
        for name, (pool, kernel) in pools.items():
            batching.bucketed = functools.partial(bucketed, pool=pool)
            os.environ["LSTM_ZOO_KERNEL"] = kernel
            with tempfile.TemporaryDirectory() as folder:
                pipeline = lstm_zoo.train("sentiment", epochs=1, seed=seed, folder=folder, resume=False)
            table[name].append(lstm_zoo.evaluate(pipeline, sentiment.data("validation"))["accuracy"])
    return table


def processor():
    """Name of the processor, as Linux tells it."""
    names = [line.partition(":")[2].strip() for line in CPU_TEXT.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=7, help="at least 7 (default: 7)")
    parser.add_argument("--accuracy", type=int, metavar="SEEDS", help="compare validation accuracies instead")
    arguments = parser.parse_args()
    if arguments.repetitions < 7:
        parser.error(
            f"--repetitions is at least 7, for the median to mean something. Received: {arguments.repetitions}"
        )
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    if PYTORCH:
        versions["torch"] = importlib.metadata.version("torch")
    machine = {"machine": f"{processor()}, {os.cpu_count()} cores", "versions": versions, "bfloat16": BFLOAT16}
    if arguments.accuracy:
        result = {"command": f"python scripts/benchmark.py --accuracy {arguments.accuracy}", **machine}
        write(results.ACCURACY, json.dumps({**result, "accuracy": accuracies(arguments.accuracy)}, indent=2) + "\n")
        return
    lengths, source = review_lengths()
    result = {
        "command": "make bench",
        **machine,
        "repetitions": arguments.repetitions,
        "lengths": source,
        "padding": padding(lengths),
        "layer": layer_rows(lengths, arguments.repetitions),
        "epoch": epoch_rows(lengths, 3),
        "latency_ms": latency(max(arguments.repetitions, 21)),
    }
    write(results.BENCHMARK, json.dumps(result, indent=2) + "\n")
    print(results.benchmark_page())


if __name__ == "__main__":
    main()
