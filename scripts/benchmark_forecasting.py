"""Speed of forecasting, in ratios: written to docs/forecasting.json and printed.

    python scripts/benchmark_forecasting.py [--repetitions 7]

The zoo's `segment` network against the same one in PyTorch, and its `seq2seq` against the LSTM of neuralforecast of
equal size, for equally many steps; rivals take turns within one run, figures are medians. A rival that is not installed
is left
out: `pip install 'lstm_zoo[bench]'`.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import pathlib

import keras
import numpy as np
import results
import tensorflow as tf
from benchmark import interleaved, processor, rival_process, timed

import lstm_zoo
from lstm_zoo.tasks import forecasting
from lstm_zoo.training.checkpoints import write

SEGMENT = {"lookback": 720, "horizon": 96, "segment": 48, "units": 256}
SEQ2SEQ = {"lookback": 168, "horizon": 48, "units": 128}
BATCH = 256
SHORT, LONG = 10, 60  # steps of two fits: their difference is free of what a fit costs before its first step


def zoo_step(name, sizes, batch, training):
    """A function that trains one of the zoo's networks on a batch, or forecasts one."""
    network = forecasting.compile_network(lstm_zoo.build(name, **sizes))
    random = np.random.default_rng(0)
    inputs = {"history": tf.constant(random.normal(size=(batch, sizes["lookback"], 2)), "float32")}
    target = tf.constant(random.random((batch, sizes["horizon"], 2)), "float32")
    if training:
        return timed(lambda: network.train_on_batch(inputs, target))
    return timed(lambda: network.predict_on_batch(inputs))


def segment_rows(repetitions):
    """Windows a second of the segment network, in training and in forecasting."""
    installed = importlib.util.find_spec("torch") is not None
    torch = rival_process("torch_forecasters.py") if installed else None
    table = []
    for work, batch in (("training", BATCH), ("forecasting", BATCH), ("forecasting", 1)):
        training = work == "training"
        rivals = {"zoo": zoo_step("forecasting/segment", SEGMENT, batch, training)}
        if torch:
            job = {"kind": "segment", "batch": batch, "training": training, "sizes": {**SEGMENT, "outputs": 10}}
            rivals["torch"] = lambda job=job: torch(**job)
        seconds = interleaved(rivals, repetitions)
        table.append({"work": work, "batch": batch, "rate": {name: batch / value for name, value in seconds.items()}})
    return table


def seq2seq_row(repetitions):
    """Windows a second in training: the zoo's seq2seq and neuralforecast's LSTM, one layer of equal width."""
    rivals = {"zoo": zoo_step("forecasting/seq2seq", SEQ2SEQ, BATCH, training=True)}
    if importlib.util.find_spec("neuralforecast") is not None:
        fit = rival_process("torch_forecasters.py")
        job = {"kind": "neuralforecast", "batch": BATCH, "sizes": SEQ2SEQ}
        rivals["neuralforecast"] = lambda: (fit(**job, steps=LONG) - fit(**job, steps=SHORT)) / (LONG - SHORT)
    return {"batch": BATCH, "rate": {name: BATCH / value for name, value in interleaved(rivals, repetitions).items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=7, help="at least 7 (default: 7)")
    repetitions = parser.parse_args().repetitions
    if repetitions < 7:
        parser.error(f"--repetitions is at least 7, for the median to mean something. Received: {repetitions}")
    packages = [name for name in ("torch", "neuralforecast") if importlib.util.find_spec(name) is not None]
    result = {
        "command": "python scripts/benchmark_forecasting.py",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            **{name: importlib.metadata.version(name) for name in packages},
        },
        "segment": {"sizes": SEGMENT, "table": segment_rows(repetitions)},
        "seq2seq": {"sizes": SEQ2SEQ, **seq2seq_row(repetitions)},
    }
    write(pathlib.Path(results.FORECASTING), json.dumps(result, indent=2) + "\n")
    print(results.forecasting_table())


if __name__ == "__main__":
    main()
