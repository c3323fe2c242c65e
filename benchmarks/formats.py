"""What each export format costs: size, latency, throughput and score.

    python -m benchmarks.formats [--repetitions 21]

The network of the published pipeline of sentiment on encoded reviews, rows of the median length, in Keras, in the
SavedModel, in ONNX Runtime and in LiteRT, which takes one row at a time. They take turns, and figures are medians. The
score is that of the validation split.
"""

import pathlib
import tempfile

import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import cores, medians, parse, parser, timed, write
from lstm_zoo import batching, networks, registry
from lstm_zoo.tasks import sentiment

ROWS = 64
FILES = [  # format, type of the weights
    ("saved_model", "float32"),
    *((format, weights) for format in ("onnx", "litert") for weights in ("float32", "float16", "int8")),
]


def runner(path, format):
    """A function from ids (batch, steps) to probabilities (batch, classes), in the format's own runtime."""
    if format == "saved_model":
        model = tf.saved_model.load(str(path))
        signature = model.signatures["encoded"]

        def run(ids, _model=model):  # the model must outlive its signature
            return signature(ids=tf.constant(ids))["probabilities"].numpy()

    elif format == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path)

        def run(ids):
            return session.run(["probabilities"], {"ids": ids})[0]

    else:
        from ai_edge_litert.interpreter import Interpreter

        litert = Interpreter(model_path=str(path), num_threads=len(cores()))
        signature = litert.get_signature_runner()

        def run(ids):  # one row at a time
            return np.concatenate([signature(ids=row[None])["probabilities"] for row in ids])

    return run


def accuracy(run, ids, classes):
    """Share of right answers."""
    right = 0
    for rows in batching.by_length([len(row) for row in ids], ROWS):
        padded = np.zeros((len(rows), max(1, max(len(ids[row]) for row in rows))), "int32")
        for place, row in enumerate(rows):
            padded[place, : len(ids[row])] = ids[row]
        right += int(np.sum(run(padded).argmax(-1) == classes[rows]))
    return right / len(ids)


def size(path):
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def encoded(pipeline, pairs):
    """Ids of each text of the pairs, and the numbers of their labels."""
    ragged = tf.RaggedTensor.from_tensor(pipeline.get_layer("words")([text for text, _ in pairs]), padding=0)
    labels = pipeline.get_layer("labels").get_vocabulary()
    return [np.asarray(row, "int32") for row in ragged.numpy()], np.array([labels.index(label) for _, label in pairs])


def main():
    options = parser("formats", __doc__, repetitions=21)
    options.add_argument("--reviews", type=int, help="of the validation split that are scored (default: all)")
    arguments = parse(options)
    pipeline = lstm_zoo.load("sentiment/bilstm")
    ids, classes = encoded(pipeline, sentiment.TASK.read(sentiment.TASK.data("validation"))[: arguments.reviews])
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    middle = [ids[row] for row in order[len(order) // 2 - ROWS // 2 : len(order) // 2 + ROWS // 2]]
    batch = np.array([np.resize(row, len(middle[0])) for row in middle])  # of the median length

    _, record = registry.records_of(pipeline)
    network = record.inference_network(networks.network_of(pipeline))
    runners, sizes = {"Keras": lambda ids: network.predict_on_batch(ids)["probabilities"]}, {}
    with tempfile.TemporaryDirectory() as folder:
        for format, weights in FILES:
            name = f"{format}, {weights}"
            path = pathlib.Path(folder, name)
            lstm_zoo.export(pipeline, path, format=format, weights=weights)
            runners[name], sizes[name] = runner(path, format), size(path)
        single = {name: timed(lambda run=run: run(batch[:1])) for name, run in runners.items()}
        whole = {name: timed(lambda run=run: run(batch)) for name, run in runners.items()}
        single = medians(single, arguments.repetitions)
        whole = medians(whole, max(1, arguments.repetitions // 3))
        table = [
            {
                "format, weights": name,
                **({"bytes": sizes[name]} if name in sizes else {}),
                "milliseconds of one row": single[name] * 1e3,
                f"rows a second, {len(batch)} at once": len(batch) / whole[name],
                "validation accuracy": accuracy(run, ids, classes),
            }
            for name, run in runners.items()
        ]
    settings = {"repetitions": arguments.repetitions, "pipeline": pipeline.name, "tokens in a row": len(batch[0])}
    packages = ("onnxruntime", "ai_edge_litert")
    write(arguments.output, "benchmarks.formats", __doc__, settings=settings, table=table, packages=packages)


if __name__ == "__main__":
    main()
