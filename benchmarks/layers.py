"""One LSTM layer, beside Keras and PyTorch.

    python -m benchmarks.layers [--repetitions 7] [--shapes 64,200,128,256]

Four shapes - batch size, steps, inputs, units - in one and in both directions, with full rows and with rows as long as
reviews, in a training step (forward, and the gradients of inputs and weights) and in inference. The first table shows
how many times as fast as each rival the zoo's float32 layer is: the median of all shapes, the least and the greatest;
above 1 the zoo is faster. The share of the peak is that of the machine's fastest matrix product, measured in the same
turns.

Rivals take turns, and every figure is the median of the turns: times depend on the machine and its mood, ratios much
less. PyTorch is a rival if it is installed (its CPU build is enough), bfloat16 where the processor multiplies in it;
"packed" runs over its packed sequences, "tuned malloc" keeps glibc from giving memory back after every step. Lengths
are those of IMDb reviews if the data set is prepared, else drawn from a distribution of the same median and spread.
"""

import keras
import numpy as np
import tensorflow as tf

from benchmarks.epochs import review_lengths
from benchmarks.measuring import BFLOAT16, PYTORCH, TUNED_MALLOC, medians, parse, parser, rival_process, timed, write
from lstm_zoo import layers

# Batch size, steps, inputs, units.
SHAPES = [(64, 200, 128, 256), (32, 100, 256, 512), (32, 64, 64, 64), (16, 400, 128, 128)]
PLACES = ["batch size, steps, inputs, units", "directions", "lengths"]
FASTER = "the zoo is faster by"


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
    """Name -> function for one LSTM layer: the zoo, stock Keras and PyTorch. Lengths None: every row is full."""
    batch_size, steps, inputs, units = shape
    values = tf.random.stateless_normal((batch_size, steps, inputs), seed=(0, 0))
    both_ways = keras.layers.Bidirectional if bidirectional else (lambda layer: layer)
    stock = both_ways(keras.layers.LSTM(units, return_sequences=True))
    stock.build(values.shape)

    def keras_lstm(mask):
        weights = [weight.value for weight in stock.trainable_weights]
        return keras_step(lambda training: stock(values, mask=mask, training=training), values, weights, training)

    def zoo_lstm(matmul_dtype=None):
        row_lengths = tf.constant([steps] * batch_size if lengths is None else lengths, "int32")
        sequence, length = keras.Input((None, inputs)), keras.Input((), dtype="int32")
        stack = layers.lstm_stack(sequence, length, units=units, bidirectional=bidirectional)[0]
        network = keras.Model([sequence, length], stack)
        for layer in network.layers:
            if isinstance(layer, layers.LSTM):
                layer.matmul_dtype = matmul_dtype
        weights = [weight.value for weight in network.trainable_weights]
        return keras_step(lambda training: network([values, row_lengths], training=training), values, weights, training)

    rivals = {"zoo": zoo_lstm(), "Keras": keras_lstm(None)}
    if lengths is not None:
        rivals["Keras, mask"] = keras_lstm(tf.sequence_mask(lengths, steps))
    if BFLOAT16:
        rivals["zoo, bfloat16"] = zoo_lstm("bfloat16")
    job = {"shape": shape, "bidirectional": bidirectional, "training": training, "lengths": lengths}
    for name, run in torches.items():
        for bfloat16 in (False, True) if BFLOAT16 else (False,):
            for packed in (False, True) if lengths is not None else (False,):
                title = "PyTorch" + ", packed" * packed + ", bfloat16" * bfloat16 + name
                rivals[title] = lambda run=run, packed=packed, bfloat16=bfloat16: run(
                    **job, packed=packed, bfloat16=bfloat16
                )
    return rivals


def rows_of(shape, lengths, repetitions, torches):
    """Rows of the table for one shape: milliseconds of every rival, and of which loop and peak the zoo's are."""
    batch_size, steps, inputs, units = shape
    square = tf.random.stateless_normal((2048, 2048), seed=(0, 0))
    product = tf.function(lambda: tf.matmul(square, square), autograph=False)
    reviews = np.random.default_rng(0).choice(lengths, batch_size, replace=False)
    reviews = np.maximum(reviews * steps // reviews.max(), 1).tolist()  # the longest has all the steps
    table = []
    for bidirectional in (False, True):
        for kind, rows in (("full", None), ("reviews", reviews)):
            for training in (False, True):
                rivals = layer_rivals(shape, bidirectional, rows, training, torches)
                rivals["product"] = timed(lambda: product().numpy())
                seconds = medians(rivals, repetitions)
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
                keras.backend.clear_session()
    return table


VIEWS = [
    {"rows": ["by"], "columns": "work", "values": [FASTER]},
    {"rows": ["work", *PLACES, "zoo, ms", "loop", "share of the peak"], "columns": "by", "values": [FASTER]},
]


def main():
    options = parser("layers", __doc__, repetitions=7)
    options.add_argument("--shapes", nargs="+", default=SHAPES, type=lambda text: tuple(map(int, text.split(","))))
    arguments = parse(options)
    torches = {}
    if PYTORCH:
        script = "torch_layers.py"
        torches = {"": rival_process(script), ", tuned malloc": rival_process(script, TUNED_MALLOC)}
    lengths, source = review_lengths()
    table = [row for shape in arguments.shapes for row in rows_of(shape, lengths, arguments.repetitions, torches)]
    table.sort(key=lambda row: row["work"] != "training")
    settings = {"repetitions": arguments.repetitions, "lengths of reviews": source}
    write(arguments.output, "benchmarks.layers", __doc__, settings=settings, table=table, views=VIEWS)


if __name__ == "__main__":
    main()
