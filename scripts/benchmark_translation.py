"""Sentences a second of translation by beam search, beside the loop of the Keras example and PyTorch.

    python scripts/benchmark_translation.py [--sentences 512] [--repetitions 5]    # writes docs/translation.json

All run on the same weights, those of the published German-English pipeline, and on the same sentences, the first of
Multi30k's validation split, in batches of 64 but where it says otherwise:

- the pipeline through `lstm_zoo.predict`, with 4 beams, and greedy;
- its SavedModel;
- the loop of the Keras example on sequence-to-sequence learning, https://keras.io/examples/nlp/lstm_seq2seq/: one
  sentence at a time, greedy, `predict` of a model for every piece; and the same loop with 4 beams;
- the same beam search in eager PyTorch, if it is installed.

Rivals take turns within one run; the medians of their times count.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf
from benchmark import interleaved, processor, rival_process, timed

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import batching, layers
from lstm_zoo.tasks import translation
from lstm_zoo.training.checkpoints import write
from lstm_zoo.text.subwords import END, PADDING, START, UNKNOWN

OUTPUT = pathlib.Path(__file__).parents[1] / "docs" / "translation.json"
PIPELINE, BEAMS, BATCH = "translation-attention-multi30k-de-en", 4, 64
FEW = 8  # sentences that the slow loops translate in a turn


def served(folder):
    """Translate through the SavedModel."""
    model = tf.saved_model.load(str(folder))

    def run(texts):
        found = [None] * len(texts)
        for rows in batching.by_length([len(text) for text in texts], BATCH):
            answer = model.signatures["serving_default"](text=tf.constant([texts[row] for row in rows]))
            for row, text in zip(rows, answer["text"].numpy()):
                found[row] = text.decode()
        return found

    return run


def keras_loop(pipeline, beams):
    """The loop of the Keras example: an encoder and a decoder model, and `predict` of the latter for every piece."""
    network, subwords = networks.network_of(pipeline), pipeline.get_layer("subwords")
    table, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
    source = keras.Input((None,), dtype="int32")
    lengths = network.get_layer("lengths")(source)
    encoding = keras.Model(source, [lengths, *encoder([table(source), lengths])])
    fresh = keras.tree.map_structure(lambda given: keras.Input(given.shape[1:], dtype=given.dtype), decoder.input[1:])
    piece, (memory, read, states) = keras.Input((1,), dtype="int32"), fresh
    answered, _, after = decoder([table(piece), memory, read, states])
    stepping = keras.Model([piece, memory, read, states], [table(answered, reverse=True), after])

    def one(text):
        pieces = subwords(tf.constant([text]))
        read, memory, *states = encoding.predict(pieces, verbose=0)
        limit = min(2 * (pieces.shape[1] - 1) + 10, 256)
        found = [(0.0, [START], states, False)]
        for _ in range(limit):
            candidates = [beam for beam in found if beam[3]]
            for total, written, states, _ in (beam for beam in found if not beam[3]):
                given = [np.array([[written[-1]]]), memory, read, states]
                logits, after = stepping.predict(given, verbose=0)
                chances = np.log(np.exp(logits[0, 0] - logits.max()).clip(1e-30))
                chances -= np.log(np.exp(chances).sum())
                chances[[PADDING, UNKNOWN, START]] = -np.inf
                for piece in np.argsort(-chances)[:beams]:
                    candidates.append((total + chances[piece], [*written, int(piece)], after, piece == END))
            found = sorted(candidates, key=lambda beam: -beam[0] / ((4 + len(beam[1])) / 6))[:beams]
            if all(beam[3] for beam in found):
                break
        return subwords(tf.constant([found[0][1][1:]]), reverse=True).numpy()[0].decode()

    return lambda texts: [one(text) for text in texts]


def torch_rival(pipeline, folder, texts):
    """The same search in PyTorch, which gets weights and pieces through a file."""
    network, subwords = networks.network_of(pipeline), pipeline.get_layer("subwords")
    rows = batching.by_length([len(text) for text in texts], BATCH)
    batches = [subwords(tf.constant([texts[row] for row in batch])).numpy() for batch in rows]
    arrays = {variable.path: variable.numpy() for variable in network.weights}
    path = pathlib.Path(folder) / "weights.npz"
    np.savez(path, **{name.replace("/", "."): array for name, array in arrays.items()})
    np.savez(path.with_name("pieces.npz"), *batches)
    run = rival_process("torch_translation.py")
    output = path.with_name("found.json")
    job = {"weights": str(path), "pieces": str(path.with_name("pieces.npz")), "beams": BEAMS, "output": str(output)}
    run(**job)
    found = [None] * len(texts)
    for batch, pieces in zip(rows, json.loads(output.read_text())):
        for row, text in zip(batch, subwords(tf.ragged.constant(pieces, "int32").to_tensor(), reverse=True).numpy()):
            found[row] = text.decode()
    return lambda: run(**job), found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=512)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    texts = [source for source, _ in translation.data("validation")[: arguments.sentences]]
    few = texts[:: max(1, len(texts) // FEW)][:FEW]
    pipeline = lstm_zoo.load(PIPELINE)
    greedy = translation.with_search(pipeline, beams=1)

    def predict(with_beams):
        return lambda texts: [answer["text"] for answer in lstm_zoo.predict(with_beams, texts)]

    with tempfile.TemporaryDirectory() as folder:
        saved_model = lstm_zoo.export(pipeline, pathlib.Path(folder) / "saved_model")
        runs = {
            "pipeline, 4 beams": (predict(pipeline), texts),
            "SavedModel, 4 beams": (served(saved_model), texts),
            "Keras example's loop, 4 beams": (keras_loop(pipeline, BEAMS), few),
            "pipeline, greedy": (predict(greedy), texts),
            "Keras example's loop, greedy": (keras_loop(pipeline, 1), few),
        }
        answers = {name: run(given) for name, (run, given) in runs.items()}
        rivals = {name: timed(lambda run=run, given=given: run(given)) for name, (run, given) in runs.items()}
        counts = {name: len(given) for name, (_, given) in runs.items()}
        packages = ["tensorflow", "keras", "numpy"]
        if importlib.util.find_spec("torch"):
            name = "PyTorch, eager, 4 beams"
            rivals[name], answers[name] = torch_rival(pipeline, folder, texts)
            counts[name] = len(texts)
            packages.append("torch")
        seconds = interleaved(rivals, arguments.repetitions)
    table = [
        {
            "name": name,
            "sentences": counts[name],
            "rate": counts[name] / seconds[name],
            "same": same(
                answers[name], answers["pipeline, greedy" if "greedy" in name else "pipeline, 4 beams"], texts, few
            ),
        }
        for name in rivals
    ]
    options = f"--sentences {len(texts)} --repetitions {arguments.repetitions}"
    result = {
        "command": f"python scripts/benchmark_translation.py {options}",
        "pipeline": PIPELINE,
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": {package: importlib.metadata.version(package) for package in packages},
        "repetitions": arguments.repetitions,
        "table": table,
    }
    write(OUTPUT, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def same(found, expected, texts, few):
    """Share of translations that are those of the pipeline."""
    expected = expected if len(found) == len(texts) else [expected[texts.index(text)] for text in few]
    return sum(one == other for one, other in zip(found, expected)) / len(found)


if __name__ == "__main__":
    main()
