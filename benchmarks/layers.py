"""One LSTM layer, beside Keras and PyTorch.

    python -m benchmarks.layers [--repetitions 7] [--shapes 64,200,128,256]

Shapes - batch size, steps, inputs, units - in one and in both directions, with full rows and with rows as long as
reviews, in a training step (forward, and the gradients of inputs and weights) and in inference; those of a few rows in
inference alone. The first table shows how many times as fast as each rival the zoo's float32 layer is: the median of
all shapes, the least and the greatest; above 1 the zoo is faster. The share of the peak is that of the machine's
fastest matrix product, measured in the same turns.

Every rival has a process of its own, they take turns, and every figure is the median of the turns: times depend on the
machine and its mood, ratios much less. "zoo, chunks" and "zoo, kernel" are the layer kept to one of its loops,
whichever it chooses. PyTorch is a rival if it is installed (its CPU build is enough), bfloat16 where the processor
multiplies in it; "packed" runs over its packed sequences, "tuned malloc" keeps glibc from giving memory back after
every step. Lengths are those of IMDb reviews if the data set is prepared, else drawn from a distribution of the same
median and spread.
"""

import functools

import numpy as np
import tensorflow as tf

from benchmarks.epochs import review_lengths
from benchmarks.measuring import BFLOAT16, PYTORCH, TUNED_MALLOC, medians, parse, parser, rival_process, timed, write
from lstm_zoo import layers

# Batch size, steps, inputs, units.
FEW_ROWS = [(1, 20, 128, 128), (1, 200, 64, 64), (1, 200, 128, 128), (1, 200, 128, 256), (1, 40, 256, 512)]
FEW_ROWS += [(2, 200, 128, 256), (4, 200, 128, 256), (4, 100, 64, 64)]
FEW_ROWS += [(8, 200, 128, 256), (8, 100, 128, 128), (8, 100, 64, 64)]
SHAPES = [(64, 200, 128, 256), (32, 100, 256, 512), (32, 64, 64, 64), (16, 400, 128, 128), *FEW_ROWS]
MAX_FEW_ROWS = 8
PLACES = ["batch size, steps, inputs, units", "directions", "lengths"]
FASTER = "the zoo is faster by"
# Name of a rival that is always there -> what it is asked.
KERAS = {
    "zoo": {"by": "zoo"},
    "zoo, chunks": {"by": "zoo", "loop": "chunks"},
    "zoo, kernel": {"by": "zoo", "loop": "kernel"},
    "zoo, bfloat16": {"by": "zoo", "matmul_dtype": "bfloat16"},
    "Keras": {"by": "Keras"},
    "Keras, mask": {"by": "Keras", "mask": True},
}


def processes():
    """Name -> function that has a process do a job, and the options of its job."""
    rivals = {name: (rival_process("keras_layers.py"), options) for name, options in KERAS.items()}
    if PYTORCH:
        for suffix, environment in (("", None), (", tuned malloc", TUNED_MALLOC)):
            run = rival_process("torch_layers.py", environment)
            for bfloat16 in (False, True):
                for packed in (False, True):
                    title = "PyTorch" + ", packed" * packed + ", bfloat16" * bfloat16 + suffix
                    rivals[title] = run, {"packed": packed, "bfloat16": bfloat16}
    return rivals


def takes_part(name, batch_size, lengths, training):
    """Whether a rival has something to show."""
    loops = name not in ("zoo, chunks", "zoo, kernel") or (not training and batch_size <= MAX_FEW_ROWS)
    return (
        loops
        and (BFLOAT16 or "bfloat16" not in name)
        and (lengths is not None or not {"mask", "packed"} & {*name.split(", ")})
    )


def rows_of(shape, lengths, repetitions, rivals):
    """Rows of the table for one shape: milliseconds of every rival, and of which loop and peak the zoo's are."""
    batch_size, steps, inputs, units = shape
    square = tf.random.stateless_normal((2048, 2048), seed=(0, 0))
    product = tf.function(lambda: tf.matmul(square, square), autograph=False)
    reviews = np.random.default_rng(0).choice(lengths, batch_size, replace=False)
    reviews = np.maximum(reviews * steps // reviews.max(), 1).tolist()  # the longest has all the steps
    table = []
    for bidirectional in (False, True):
        for kind, rows in (("full", None), ("reviews", reviews)):
            for training in (False, True) if batch_size > MAX_FEW_ROWS else (False,):
                job = {"shape": shape, "bidirectional": bidirectional, "training": training, "lengths": rows}
                asked = {
                    name: functools.partial(run, **job, **options)
                    for name, (run, options) in rivals.items()
                    if takes_part(name, batch_size, rows, training)
                }
                asked["product"] = timed(lambda: product().numpy())
                seconds = medians(asked, repetitions)
                peak = 2 * 2048**3 / seconds.pop("product")  # operations a second
                operations = 2 * batch_size * steps * (inputs + units) * 4 * units
                operations *= (1 + bidirectional) * (3 if training else 1)
                place = [", ".join(map(str, shape)), "both" if bidirectional else "one", kind]
                table += [
                    {
                        "work": "training" if training else "inference",
                        **dict(zip(PLACES, place)),
                        "loop": layers.LSTM(units).path(batch_size, steps, training),
                        "share of the peak": operations / seconds["zoo"] / peak,
                        "zoo, ms": seconds["zoo"] * 1e3,
                        "by": name,
                        "ms": value * 1e3,
                        **({FASTER: value / seconds["zoo"]} if name != "zoo" else {}),
                    }
                    for name, value in seconds.items()
                ]
    return table


VIEWS = [
    {"rows": ["by"], "columns": "work", "values": [FASTER]},
    {"rows": ["work", *PLACES, "zoo, ms", "loop", "share of the peak"], "columns": "by", "values": [FASTER]},
]


def main():
    options = parser("layers", __doc__, repetitions=7)
    options.add_argument("--shapes", nargs="+", default=SHAPES, type=lambda text: tuple(map(int, text.split(","))))
    arguments = parse(options)
    lengths, source = review_lengths()
    rivals = processes()
    table = [row for shape in arguments.shapes for row in rows_of(shape, lengths, arguments.repetitions, rivals)]
    table.sort(key=lambda row: row["work"] != "training")
    settings = {"repetitions": arguments.repetitions, "lengths of reviews": source}
    write(arguments.output, "benchmarks.layers", __doc__, settings=settings, table=table, views=VIEWS)


if __name__ == "__main__":
    main()
