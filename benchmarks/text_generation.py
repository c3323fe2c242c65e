"""Tokens a second of text generation, in training and in writing, beside the same networks in PyTorch.

    python -m benchmarks.text_generation [--steps 4] [--tokens 200] [--repetitions 5]

The networks are the defaults, of random weights, which both sides share: `character` with the 67 ids of tiny
Shakespeare, in batches of 32 rows of 128, and `awd` with 12,000 subwords, in batches of 64 rows of 72. A training step
is the whole of it: forward, loss, gradient, clipping, Adam; in float32 and, where the processor multiplies in it, in
bfloat16, by `mixed_precision` here and autocast there. PyTorch's LSTM drops no recurrent weights: neither side does.
Writing samples 1 and 32 texts at once, at temperature 1, from the beginning: the pipeline's own loop in the graph here,
eager PyTorch there.

They take turns; the speed is the median of the turns, and the ratio of two the median of the turns' ratios.
"""

import pathlib
import statistics
import tempfile

import keras
import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import (
    BFLOAT16,
    PYTORCH,
    TUNED_MALLOC,
    parse,
    parser,
    rival_process,
    timed,
    turns,
    write,
)  # fmt: skip
from lstm_zoo import batching, networks, registry
from lstm_zoo.tasks.text_generation.generator import Generator
from lstm_zoo.tasks.text_generation.options import INPUTS, Options
from lstm_zoo.text.characters import Characters

LEARNING_RATE = 1e-3
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
        network = networks.in_16_bits(network)
    else:
        weights, network = network.get_weights(), keras.models.clone_model(network)
        network.set_weights(weights)
    registry.get_task(f"text_generation/{name}").networks[name].compile(network, LEARNING_RATE)
    fresh = [np.full(batches.shape[1], number == 0) for number in range(len(batches))]
    inputs = {"ids": batches[:, :, :-1], "fresh": np.array(fresh)}
    examples = batching.read_by(network, tf.data.Dataset.from_tensor_slices((inputs, batches[:, :, 1:])))
    return timed(lambda: network.fit(examples, verbose=0, shuffle=False))


def zoo_writing(network, rows, tokens):
    """A function that writes `tokens` tokens of each of the rows and gives its seconds."""
    # Characters, of which none ends a text, for subwords too: writing is timed in tokens.
    alphabet = "".join(map(chr, range(32, 32 + network.get_layer("embedding").input_dim - 2)))
    generator = Generator(network, Characters(alphabet))
    options = Options(max_new_tokens=tokens, temperature=1.0)
    inputs = {name: tf.fill([rows], tf.constant(getattr(options, of), dtype)) for name, (of, dtype) in INPUTS.items()}
    inputs["seed"] = tf.range(rows)

    @tf.function
    def run():
        return generator.sample(generator.first_state(rows), inputs)[0]

    return timed(lambda: run().numpy())


def row_of(network, work, tokens, name, seconds):
    """A row of the table: tokens a second, and how many times those of PyTorch the zoo's are."""
    row = {"network": network, "work": work, "by": name, "tokens a second": tokens / statistics.median(seconds[name])}
    rival = name.replace("zoo", "PyTorch")
    if rival != name and rival in seconds:
        row["times PyTorch"] = statistics.median(theirs / ours for ours, theirs in zip(seconds[name], seconds[rival]))
    return row


def main():
    options = parser("text_generation", __doc__, repetitions=5)
    options.add_argument("--steps", type=int, default=4, help="training steps in a turn (default: %(default)s)")
    options.add_argument("--tokens", type=int, default=200, help="of each row in a turn (default: %(default)s)")
    arguments = parse(options)
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
            work, count = f"training, {rows} x {steps}", batches[:, :, 1:].size
            table += [row_of(name, work, count, rival, seconds) for rival in rivals]
            for texts in (1, 32):
                rivals = {"zoo, float32": zoo_writing(network, texts, arguments.tokens)}
                if torch:
                    job = {"weights": weights, "rows": texts, "tokens": arguments.tokens}
                    rivals["PyTorch, float32"] = lambda job=job: torch(work="writing", **job)
                seconds = turns(rivals, arguments.repetitions)
                work, count = f"writing, {texts} at once", texts * arguments.tokens
                table += [row_of(name, work, count, rival, seconds) for rival in rivals]
    settings = {"repetitions": arguments.repetitions, "steps of a turn": arguments.steps, "tokens": arguments.tokens}
    write(arguments.output, "benchmarks.text_generation", __doc__, settings=settings, table=table)


if __name__ == "__main__":
    main()
