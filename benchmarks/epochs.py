"""An epoch of training on reviews: batches of like length, and the zoo's loop.

    python -m benchmarks.epochs [--repetitions 3] [--one-in 10]

Seconds of one epoch of the network `sentiment/bilstm` over IMDb, from every tenth of its batches, and how many times as
fast as the first each way is; of whole reviews, and of the windows that training cuts from them. The batches hold
random tokens, as many as the reviews have: the time of a step does not depend on the words. Beside them stand the
padded tokens for each true one. What it does to accuracy, [bucketing](bucketing.md) tells.

Rivals take turns, and every figure is the median of the turns. Lengths are those of IMDb reviews if the data set is
prepared, else drawn from a log-normal distribution of the same median and spread.
"""

import os

import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import BFLOAT16, medians, parse, parser, timed, write
from lstm_zoo import batching, layers
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment.batches import WINDOW

# Name -> batches that are sorted together, whether the LSTM runs on the zoo's loop, type of its products.
RIVALS = {
    "random batches, Keras": (1, "0", None),
    "bucketed, Keras": (batching.POOL, "0", None),
    "bucketed, zoo": (batching.POOL, "1", None),
}
if BFLOAT16:
    RIVALS["bucketed, zoo, bfloat16"] = (batching.POOL, "1", "bfloat16")


def review_lengths():
    """Tokens of the IMDb training reviews, and where they come from."""
    try:
        texts = [text for text, _ in sentiment.TASK.read(sentiment.TASK.data("train"))]
    except Exception:  # whatever TFDS raises where it can neither find nor download the data set
        drawn = np.random.default_rng(0).lognormal(np.log(200), 0.65, 22_500)
        return np.clip(drawn, 10, 2500).astype("int32"), "a log-normal distribution like that of IMDb"
    words = tf.strings.split(sentiment.separate_words(tf.constant(texts)))
    return words.row_lengths().numpy().astype("int32"), "imdb_reviews, train"


def batches_of(lengths, pool):
    """The lengths of an epoch's rows, batch by batch."""
    count = -(-len(lengths) // sentiment.TASK.batch_size)
    rows = batching.bucketed(lengths, sentiment.TASK.batch_size, pool=pool).take(count)
    return [lengths[batch] for batch in rows.as_numpy_iterator()]


def padding(batches):
    """Padded tokens for each true one."""
    return sum(len(lengths) * lengths.max() for lengths in batches) / sum(lengths.sum() for lengths in batches)


def epoch(batches, kernel, matmul_dtype, one_in):
    """A function that trains a fresh network on some of the batches, and gives the seconds of all."""
    task = sentiment.TASK
    network = task.networks["bilstm"].compile(lstm_zoo.build("sentiment/bilstm"), task.learning_rate)
    for layer in network.layers:
        if isinstance(layer, layers.LSTM):
            layer.matmul_dtype = matmul_dtype
    random = np.random.default_rng(0)
    steps = []
    for lengths in batches[::one_in]:
        tokens = random.integers(2, 30_000, (len(lengths), lengths.max()))
        ids = np.where(np.arange(lengths.max()) < lengths[:, None], tokens, 0)
        steps.append((ids, random.integers(0, 2, len(lengths))))

    def run():
        os.environ["LSTM_ZOO_KERNEL"] = kernel  # read when the first batch is traced
        for ids, classes in steps:
            network.train_on_batch(ids, classes)

    seconds = timed(run)
    return lambda: seconds() * len(batches) / len(steps)


def main():
    options = parser("epochs", __doc__, repetitions=3)
    options.add_argument("--one-in", type=int, default=10, help="of so many batches one is run (default: %(default)s)")
    arguments = parse(options)
    lengths, source = review_lengths()
    table = []
    for texts, longest in (("whole reviews", lengths.max()), (f"windows of {WINDOW} words", WINDOW)):
        batches = {name: batches_of(np.minimum(lengths, longest), pool) for name, (pool, _, _) in RIVALS.items()}
        rivals = {
            name: epoch(batches[name], kernel, dtype, arguments.one_in) for name, (_, kernel, dtype) in RIVALS.items()
        }
        seconds = medians(rivals, arguments.repetitions)
        first = next(iter(seconds.values()))
        table += [
            {
                "texts": texts,
                "by": name,
                "seconds": value,
                "times as fast as the first": first / value,
                "padded tokens for each true one": padding(batches[name]),
            }
            for name, value in seconds.items()
        ]
    settings = {"repetitions": arguments.repetitions, "of the batches one in": arguments.one_in, "lengths": source}
    write(arguments.output, "benchmarks.epochs", __doc__, settings=settings, table=table, packages=())


if __name__ == "__main__":
    main()
