"""How long one review takes: `predict`, the pipeline and its SavedModel.

    python -m benchmarks.latency [--repetitions 21]

One review of 210 tokens, from a string to its label, through the published pipeline of sentiment. The three take turns,
and every figure is the median of the turns.
"""

import tempfile

import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import REVIEW, medians, parse, parser, timed, write


def main():
    arguments = parse(parser("latency", __doc__, repetitions=21))
    pipeline, text = lstm_zoo.load("sentiment/bilstm"), tf.constant([REVIEW])
    with tempfile.TemporaryDirectory() as folder:
        served = tf.saved_model.load(str(lstm_zoo.export(pipeline, f"{folder}/saved_model")))
        signature = served.signatures["serving_default"]
        rivals = {
            "predict": lambda: lstm_zoo.predict(pipeline, [REVIEW]),
            "pipeline": lambda: pipeline.predict_on_batch(text),
            "SavedModel": lambda: signature(text=text)["score"].numpy(),
        }
        seconds = medians({name: timed(function) for name, function in rivals.items()}, arguments.repetitions)
    table = [{"by": name, "milliseconds": value * 1e3} for name, value in seconds.items()]
    settings = {"repetitions": arguments.repetitions}
    write(arguments.output, "benchmarks.latency", __doc__, settings=settings, table=table, packages=())


if __name__ == "__main__":
    main()
