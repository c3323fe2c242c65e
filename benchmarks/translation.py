"""Sentences a second of translation, beside the loop of the Keras example and PyTorch.

    python -m benchmarks.translation [--sentences 512] [--repetitions 5]

All run on the same weights, those of the published German-English pipeline, and on the same sentences, the first of
Multi30k's validation split, 64 at once but in the loops:

- the pipeline through `lstm_zoo.predict`, with 4 beams, and greedy;
- its SavedModel;
- the loop of the Keras example on sequence-to-sequence learning, https://keras.io/examples/nlp/lstm_seq2seq/: one
  sentence at a time, greedy, `predict` of a model for every subword; and the same loop with 4 beams;
- the same beam search in eager PyTorch, if it is installed.

They take turns, and every figure is the median of the turns. Beside the speed stands the share of translations that are
those of the pipeline.
"""

import functools
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import PYTORCH, medians, parse, parser, rival_process, timed, write
from lstm_zoo import batching, networks
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import pipelines
from lstm_zoo.text.subwords import END, PADDING, START, UNKNOWN

PIPELINE, BEAMS, BATCH_SIZE = "translation-attention-multi30k-de-en", 4, 64
FEW = 8  # sentences that the slow loops translate in a turn


def served(folder):
    """Translate through the SavedModel."""
    model = tf.saved_model.load(str(folder))

    def run(texts):
        translations = [None] * len(texts)
        for rows in batching.by_length([len(text) for text in texts], BATCH_SIZE):
            answer = model.signatures["serving_default"](text=tf.constant([texts[row] for row in rows]))
            for row, text in zip(rows, answer["text"].numpy()):
                translations[row] = text.decode()
        return translations

    return run


def keras_loop(pipeline, beams):
    """The loop of the Keras example: an encoder and a decoder model, and `predict` of the latter for every subword."""
    network, preprocessing = networks.network_of(pipeline), pipelines.preprocessing_of(pipeline)
    embed, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
    source = keras.Input((None,), dtype="int32")
    lengths = network.get_layer("lengths")(source)
    encoding = keras.Model(source, [lengths, *encoder([embed(source), lengths])])
    inputs = keras.tree.map_structure(lambda part: keras.Input(part.shape[1:], dtype=part.dtype), decoder.input[1:])
    subword, (memory, read, states) = keras.Input((1,), dtype="int32"), inputs
    outputs, _, after = decoder([embed(subword), memory, read, states])
    stepping = keras.Model([subword, memory, read, states], [embed(outputs, reverse=True), after])

    def translate(text):
        ids, numbers = pipelines.tokens_of(tf.constant([text]), preprocessing)
        read, memory, *states = encoding.predict(ids, verbose=0)
        limit = min(2 * (ids.shape[1] - 1) + 10, 256)
        best = [(0.0, [START], states, False)]
        for _ in range(limit):
            candidates = [beam for beam in best if beam[3]]
            for total, written, states, _ in (beam for beam in best if not beam[3]):
                step = [np.array([[written[-1]]]), memory, read, states]
                logits, after = stepping.predict(step, verbose=0)
                chances = np.log(np.exp(logits[0, 0] - logits.max()).clip(1e-30))
                chances -= np.log(np.exp(chances).sum())
                chances[[PADDING, UNKNOWN, START]] = -np.inf
                for id in np.argsort(-chances)[:beams]:
                    candidates.append((total + chances[id], [*written, int(id)], after, id == END))
            best = sorted(candidates, key=lambda beam: -beam[0] / ((4 + len(beam[1])) / 6))[:beams]
            if all(beam[3] for beam in best):
                break
        written = tf.constant([[best[0][1][1:]]])
        return pipelines.texts_of(written, numbers, preprocessing).numpy()[0, 0].decode()

    return lambda texts: [translate(text) for text in texts]


def torch_search(pipeline, folder, texts):
    """The same search in PyTorch, which gets weights and subwords through files: a function, and its translations."""
    network, preprocessing = networks.network_of(pipeline), pipelines.preprocessing_of(pipeline)
    batches = batching.by_length([len(text) for text in texts], BATCH_SIZE)
    weights, ids, output = (str(pathlib.Path(folder) / f"{name}.npz") for name in ("weights", "ids", "output"))
    np.savez(weights, **{variable.path.replace("/", "."): variable.numpy() for variable in network.weights})
    read = [pipelines.tokens_of(tf.constant([texts[row] for row in rows]), preprocessing) for rows in batches]
    np.savez(ids, *(tokens.numpy() for tokens, _ in read))
    torch = rival_process("torch_translation.py")
    job = {"weights": weights, "ids": ids, "beams": BEAMS}
    torch(**job, output=output)
    translations = [None] * len(texts)
    for rows, (_, numbers), written in zip(batches, read, np.load(output).values()):
        found = pipelines.texts_of(tf.constant(written, "int32")[:, None], numbers, preprocessing)
        for row, [text] in zip(rows, found.numpy()):
            translations[row] = text.decode()
    return lambda: torch(**job), translations


def main():
    options = parser("translation", __doc__, repetitions=5)
    options.add_argument("--sentences", type=int, default=512, help="default: %(default)s")
    arguments = parse(options)
    texts = [source for source, _ in translation.TASK.data("validation")[: arguments.sentences]]
    few = texts[:: max(1, len(texts) // FEW)][:FEW]
    pipeline = lstm_zoo.load(PIPELINE)
    greedy = translation.with_beams(pipeline, beams=1)

    def predict(pipeline):
        return lambda texts: [answer["text"] for answer in lstm_zoo.predict(pipeline, texts)]

    with tempfile.TemporaryDirectory() as folder:
        saved_model = lstm_zoo.export(pipeline, pathlib.Path(folder) / "saved_model")
        runs = {
            "pipeline, 4 beams": (predict(pipeline), texts),
            "SavedModel, 4 beams": (served(saved_model), texts),
            "Keras example's loop, 4 beams": (keras_loop(pipeline, BEAMS), few),
            "pipeline, greedy": (predict(greedy), texts),
            "Keras example's loop, greedy": (keras_loop(pipeline, 1), few),
        }
        answers = {name: dict(zip(sources, run(sources))) for name, (run, sources) in runs.items()}
        rivals = {name: timed(functools.partial(run, sources)) for name, (run, sources) in runs.items()}
        if PYTORCH:
            name = "PyTorch, eager, 4 beams"
            rivals[name], translations = torch_search(pipeline, folder, texts)
            answers[name] = dict(zip(texts, translations))
        seconds = medians(rivals, arguments.repetitions)
    rates = {name: len(translations) / seconds[name] for name, translations in answers.items()}
    table = []
    for name, translations in answers.items():
        ours = "pipeline, greedy" if "greedy" in name else "pipeline, 4 beams"
        same = [answers[ours][text] == translations[text] for text in translations]
        row = {"by": name, "sentences": len(translations), "sentences a second": rates[name]}
        faster = {
            "the pipeline is faster by": rates[ours] / rates[name],
            "same as the pipeline's": float(np.mean(same)),
        }
        table.append({**row, **(faster if name != ours else {})})
    settings = {"repetitions": arguments.repetitions, "pipeline": PIPELINE}
    write(arguments.output, "benchmarks.translation", __doc__, settings=settings, table=table)


if __name__ == "__main__":
    main()
