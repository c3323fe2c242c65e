"""Speed of forecasting, beside PyTorch and neuralforecast.

    python -m benchmarks.forecasting [--repetitions 7]

The zoo's `segment` against the same network in PyTorch, and its `seq2seq` against neuralforecast's LSTM of equal width,
for equally many steps. Above 1 the zoo is faster. They take turns, and every figure is the median of the turns. A rival
that is not installed is left out: `pip install 'lstm_zoo[bench]'`.
"""

import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import installed, medians, parse, parser, rival_process, timed, write
from lstm_zoo.tasks import forecasting

SIZES = {
    "segment": {"lookback": 720, "horizon": 96, "segment": 48, "units": 256},
    "seq2seq": {"lookback": 168, "horizon": 48, "units": 128},
}
WINDOWS = 256  # of a batch
SHORT, LONG = 10, 60  # steps of two fits: their difference is free of what a fit costs before its first step
PYTORCH, NEURALFORECAST = "the same network in PyTorch", "neuralforecast's LSTM, of equal width"


def zoo_step(name, windows, training):
    """A function that trains one of the zoo's networks on a batch, or forecasts one."""
    task, sizes = forecasting.TASK, SIZES[name]
    network = task.networks[name].compile(lstm_zoo.build(f"forecasting/{name}", **sizes), task.learning_rate)
    random = np.random.default_rng(0)
    inputs = {"history": tf.constant(random.normal(size=(windows, sizes["lookback"], 2)), "float32")}
    target = tf.constant(random.random((windows, sizes["horizon"], 2)), "float32")
    if training:
        return timed(lambda: network.train_on_batch(inputs, target))
    return timed(lambda: network.predict_on_batch(inputs))


def segment_rivals(windows, training):
    """Name -> function that trains `segment` on a batch of windows, or forecasts them."""
    rivals = {"zoo": zoo_step("segment", windows, training)}
    if installed("torch"):
        torch = rival_process("torch_forecasting.py")
        job = {"kind": "segment", "batch_size": windows, "training": training}
        rivals[PYTORCH] = lambda: torch(**job, sizes={**SIZES["segment"], "outputs": 10})
    return rivals


def seq2seq_rivals():
    """Name -> function that trains `seq2seq`, or neuralforecast's LSTM, a step on a batch of windows."""
    rivals = {"zoo": zoo_step("seq2seq", WINDOWS, training=True)}
    if installed("neuralforecast"):
        fit = rival_process("torch_forecasting.py")
        job = {"kind": "neuralforecast", "batch_size": WINDOWS, "sizes": SIZES["seq2seq"]}
        rivals[NEURALFORECAST] = lambda: (fit(**job, steps=LONG) - fit(**job, steps=SHORT)) / (LONG - SHORT)
    return rivals


def rows_of(network, work, windows, rivals, repetitions):
    """Rows of the table: windows a second of each of the rivals."""
    seconds = medians(rivals, repetitions)
    return [
        {
            "network": network,
            "work": work,
            "windows at once": windows,
            "by": name,
            "windows a second": windows / value,
            **({"the zoo is faster by": value / seconds["zoo"]} if name != "zoo" else {}),
        }
        for name, value in seconds.items()
    ]


def main():
    arguments = parse(parser("forecasting", __doc__, repetitions=7))
    table = []
    for work, windows in (("training", WINDOWS), ("forecasting", WINDOWS), ("forecasting", 1)):
        rivals = segment_rivals(windows, work == "training")
        table += rows_of("segment", work, windows, rivals, arguments.repetitions)
    table += rows_of("seq2seq", "training", WINDOWS, seq2seq_rivals(), arguments.repetitions)
    sizes = {name: ", ".join(f"{key} {value}" for key, value in sizes.items()) for name, sizes in SIZES.items()}
    settings = {"repetitions": arguments.repetitions, **sizes}
    packages = ("torch", "neuralforecast")
    write(arguments.output, "benchmarks.forecasting", __doc__, settings=settings, table=table, packages=packages)


if __name__ == "__main__":
    main()
