"""What batches of like length and the zoo's loop do to accuracy.

    python -m recipes.bucketing [--seeds 3]

Validation accuracy of the network `sentiment/bilstm` after one epoch over IMDb, by seed: with random batches on Keras'
LSTM, and with batches of like length on the zoo's. What they do to time, [epochs](epochs.md) tells.
"""

import functools
import os
import tempfile

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo import batching
from lstm_zoo.tasks import sentiment

# Name -> batches that are sorted together, whether the LSTM runs on the zoo's loop.
WAYS = {"random batches, Keras": (1, "0"), "bucketed, zoo": (batching.POOL, "1")}


def accuracy(pool, kernel, seed):
    """Validation accuracy after one epoch."""
    bucketed = batching.bucketed
    batching.bucketed, os.environ["LSTM_ZOO_KERNEL"] = functools.partial(bucketed, pool=pool), kernel
    try:
        with tempfile.TemporaryDirectory() as folder:
            pipeline = lstm_zoo.train("sentiment/bilstm", epochs=1, seed=seed, folder=folder)
    finally:
        batching.bucketed = bucketed
    return lstm_zoo.evaluate(pipeline, sentiment.TASK.data("validation"))["accuracy"]


def main():
    options = parser("bucketing", __doc__)
    options.add_argument("--seeds", type=int, default=3, help="default: %(default)s")
    arguments = parse(options)
    table = [
        {"by": name, "seed": seed, "accuracy": accuracy(pool, kernel, seed)}
        for seed in range(arguments.seeds)
        for name, (pool, kernel) in WAYS.items()
    ]
    views = [{"rows": ["by"], "columns": "seed", "values": ["accuracy"]}]
    write(arguments.output, "recipes.bucketing", __doc__, settings={}, table=table, views=views, packages=())


if __name__ == "__main__":
    main()
