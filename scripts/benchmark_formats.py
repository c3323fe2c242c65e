"""What each export format costs: latency, throughput, size and score, written to docs/formats.json.

    python scripts/benchmark_formats.py [--repetitions 21]

The same encoded reviews go through the network of every task's default pipeline in Keras, in the SavedModel, in ONNX
Runtime and in LiteRT, which take turns; figures are medians. The score is that of the validation split.
"""

import argparse
import json
import os
import pathlib
import tempfile

import numpy as np
import results
import tensorflow as tf
from benchmark import interleaved, processor, timed

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import batching, exporting, layers
from lstm_zoo.tasks import sentiment
from lstm_zoo.training.checkpoints import write

ROWS = 64


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

        litert = Interpreter(model_path=str(path), num_threads=os.cpu_count())
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=21, help="default: 21")
    repetitions = parser.parse_args().repetitions
    pipeline = lstm_zoo.load("sentiment")
    pairs = sentiment.read(sentiment.data("validation"))
    encoded = tf.RaggedTensor.from_tensor(pipeline.get_layer("words")([text for text, _ in pairs]), padding=0)
    ids = [np.asarray(row, "int32") for row in encoded.numpy()]
    classes = np.array([pipeline.get_layer("labels").get_vocabulary().index(label) for _, label in pairs])
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    middle = [ids[row] for row in order[len(order) // 2 - ROWS // 2 : len(order) // 2 + ROWS // 2]]
    batch = np.array([np.resize(row, len(middle[0])) for row in middle])  # of the median length

    core = sentiment.core(networks.network_of(pipeline))
    runners, sizes = {"Keras": lambda ids: core.predict_on_batch(ids)["probabilities"]}, {}
    with tempfile.TemporaryDirectory() as folder:
        for format, weights in (
            ("saved_model", "float32"),
            *((format, weights) for format in ("onnx", "litert") for weights in exporting.WEIGHTS),
        ):
            name = f"{format}, {weights}"
            path = pathlib.Path(folder, name)
            lstm_zoo.export(pipeline, path, format=format, weights=weights)
            runners[name], sizes[name] = runner(path, format), size(path)
        latency = interleaved(
            {name: timed(lambda run=run: run(batch[:1])) for name, run in runners.items()}, repetitions
        )
        many = interleaved({name: timed(lambda run=run: run(batch)) for name, run in runners.items()}, repetitions // 3)
        table = [
            {
                "format": name,
                "latency_ms": latency[name] * 1e3,
                "rows_a_second": ROWS / many[name],
                "bytes": sizes.get(name),
                "accuracy": accuracy(run, ids, classes),
            }
            for name, run in runners.items()
        ]
    result = {
        "command": "python scripts/benchmark_formats.py",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "pipeline": pipeline.name,
        "steps": len(batch[0]),
        "table": table,
    }
    write(results.FORMATS, json.dumps(result, indent=2) + "\n")
    print(results.formats_table())


if __name__ == "__main__":
    main()
