"""How long one review takes: `predict`, the pipeline and its SavedModel, with n-grams beside the LSTM and without

    python -m benchmarks.latency [--repetitions 21]

One review of 210 tokens, from a string to its label, through published pipelines of sentiment: the default, whose LSTM
has bags of n-grams beside it, and that of an LSTM alone. All take turns, and every figure is the median of the turns.
"""

import functools
import pathlib
import tempfile

import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import REVIEW, medians, parse, parser, timed, write

NETWORKS = ("sentiment/wide", "sentiment/bilstm")


def rivals(network, folder):
    """Name of a way to ask the published pipeline of a network -> function that does."""
    pipeline, text = lstm_zoo.load(network), tf.constant([REVIEW])
    served = tf.saved_model.load(str(lstm_zoo.export(pipeline, folder / pipeline.name)))
    return {
        "predict": functools.partial(lstm_zoo.predict, pipeline, [REVIEW]),
        "pipeline": functools.partial(pipeline.predict_on_batch, text),
        "SavedModel": lambda: served.signatures["serving_default"](text=text)["score"].numpy(),
    }


def main():
    arguments = parse(parser("latency", __doc__, repetitions=21))
    with tempfile.TemporaryDirectory() as folder:
        asked = {
            f"{by} {network}": timed(function)
            for network in NETWORKS
            for by, function in rivals(network, pathlib.Path(folder)).items()
        }
        seconds = medians(asked, arguments.repetitions)
    table = [dict(zip(("by", "network"), name.split()), milliseconds=value * 1e3) for name, value in seconds.items()]
    settings = {"repetitions": arguments.repetitions}
    views = [{"rows": ["by"], "columns": "network", "values": ["milliseconds"]}]
    write(arguments.output, "benchmarks.latency", __doc__, settings=settings, table=table, views=views, packages=())


if __name__ == "__main__":
    main()
