"""Self-training: a classifier of reviews learns those without labels from what two bags of words say of them.

    python scripts/self_training.py sentiment-awd-imdb [--reviews 50000] [--epochs 3] [--batch 64]
                                                       [--learning-rate 0.002] [--dropout-scale 0.5] [--seed 0]
                                                       [--mixed-precision] [--teachers runs/teachers.json]
                                                       [--folder runs/self_training]

The teachers, see `teachers.py`, have learnt the labelled reviews. A classifier, or a language model that becomes one,
learns these too, and with them the probabilities that the teachers give the 50,000 reviews of IMDb without labels, or
the first so many. How sure they are teaches more than which label they take for the right one (Hinton et al. 2015,
https://arxiv.org/abs/1503.02531). The labelled reviews for validation tell its best epoch, and what the teachers are
worth. What the teachers say is kept in a file, for other runs. A run that was stopped goes on where it was.
"""

import argparse
import functools
import pathlib
import shlex
import types

import keras
import publish
import teachers
import tensorflow as tf

import lstm_zoo
from lstm_zoo import batching
from lstm_zoo.training.preparing import fingerprint, with_dropout
from lstm_zoo.tasks.sentiment import batches, data, read
from lstm_zoo.training import check_numbers, finished, run_epochs, save
from lstm_zoo.registry import task_module

REVIEWS = 50_000  # of IMDb, that have no label


def probable(pairs, texts, positive):
    """Pairs (text, probability that it is positive) of labelled pairs, and of texts."""
    return [*zip((text for text, _ in pairs), teachers.are_positive(pairs).astype(float)), *zip(texts, positive)]


def of_probabilities(task):
    """The task, sentiment or sentiment/awd, that learns probabilities in the place of labels."""

    def compile_network(network, learning_rate):
        task.compile_network(network, learning_rate)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        network.compile(network.optimizer, loss, metrics=["accuracy"], jit_compile=False)
        return network

    examples = functools.partial(batches.examples, window=task.WINDOW, encode=encode)
    return types.SimpleNamespace(**{**vars(task), "compile_network": compile_network, "examples": examples})


def encode(pairs, preprocessing):
    """Ragged tokens, probabilities (pairs, 2) of both labels in their order, and weights, which are 1."""
    texts, positive = (list(side) for side in zip(*pairs))
    positive = tf.constant(positive, "float32")
    both = tf.stack([1 - positive, positive], axis=1)
    return batching.tokens_of(texts, preprocessing["words"]), both, tf.ones_like(positive)


def command(options):
    """The command line that repeats this one, after those that make what it begins with."""
    keys = ("reviews", "epochs", "batch", "learning_rate", "dropout_scale", "seed", "teachers")
    words = ["python", "scripts/self_training.py", options.weights]
    words += publish.flags({key: getattr(options, key) for key in keys})
    words += ["--mixed-precision"] if options.mixed_precision else []
    begun = [publish.beginning(pathlib.Path(options.weights))] if options.weights.endswith(".keras") else []
    return " && ".join([*begun, shlex.join(words)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", help="what learns: row of weights.json, or pipeline.keras in the folder of a run")
    parser.add_argument("--reviews", type=int, default=REVIEWS, help="without label, to learn (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--batch", type=int, default=64, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=0.002, help="default: %(default)s")
    parser.add_argument("--dropout-scale", type=float, default=0.5, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    parser.add_argument("--teachers", type=pathlib.Path, default="runs/teachers.json", help="default: %(default)s")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/self_training", help="default: %(default)s")
    options = parser.parse_args()
    if not 0 < options.reviews <= REVIEWS:
        parser.error(f"--reviews is from 1 to {REVIEWS}. Received: {options.reviews}")
    try:
        check_numbers(
            options.dropout_scale, epochs=options.epochs, batch=options.batch, learning_rate=options.learning_rate
        )
    except ValueError as error:
        parser.error(f"--{str(error).replace('_', '-')}")
    begun = lstm_zoo.load(options.weights)
    name = begun.name.replace("-", "/", 1) if begun.name.startswith("sentiment") else "sentiment/awd"
    positive = teachers.probabilities(options.teachers)
    labelled, validating = read(data("train")), read(data("validation"))
    training = probable(labelled, teachers.without_labels()[: options.reviews], positive)
    learning = {key: getattr(options, key) for key in ("epochs", "batch", "learning_rate", "seed", "mixed_precision")}
    settings = {
        "name": name,
        "dataset": "imdb_reviews",
        "command": command(options),
        "weights_fingerprint": fingerprint([tuple(begun.get_weights())], ()),
        "dropout_scale": options.dropout_scale,
        "data": fingerprint(labelled, validating),
        "teachers": fingerprint([tuple(positive)], ()),
        **learning,
    }
    if finished(options.folder, settings, resume=True):
        return
    keras.utils.set_random_seed(options.seed)
    task = of_probabilities(task_module(name))
    network, preprocessing = task.fine_tune(begun, labelled)
    network = with_dropout(network, options.dropout_scale)
    trained, checkpoint = run_epochs(
        task,
        network,
        preprocessing,
        (training, probable(validating, [], [])),
        options.folder,
        settings,
        patience=options.epochs,
        verbose=True,
        **learning,
    )
    save(trained, checkpoint, task, network, preprocessing, options.folder)


if __name__ == "__main__":
    main()
