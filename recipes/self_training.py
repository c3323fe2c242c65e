"""Self-training: a classifier of reviews learns those without labels from what two bags of words say of them.

    python -m recipes.self_training sentiment-awd-imdb [--reviews 50000] [--epochs 3] [--batch-size 64]
                                                       [--learning-rate 0.002] [--dropout-scale 0.5] [--seed 0]
                                                       [--mixed-precision] [--teachers runs/teachers.json]
                                                       [--teacher sentiment-wide-imdb] [--folder runs/self_training]

The teachers, see `teachers.py`, have learnt the labelled reviews. A classifier, or a language model that becomes one,
learns these too, and with them the probabilities that the teachers give the 50,000 reviews of IMDb without labels, or
the first so many. How sure they are teaches more than which label they take for the right one (Hinton et al. 2015,
https://arxiv.org/abs/1503.02531). The labelled reviews for validation tell its best epoch, and what the teachers are
worth. What the teachers say is kept in a file, for other runs. A
trained pipeline can be the teacher in their place. A run that was stopped goes on where it was.
"""

import argparse
import dataclasses
import functools
import pathlib
import shlex

import keras
import tensorflow as tf

import lstm_zoo
from lstm_zoo import batching, networks, registry
from lstm_zoo.answering import loaded
from lstm_zoo.cards import records
from lstm_zoo.training import check_numbers, is_finished
from lstm_zoo.training.loop import run_epochs, write_pipeline
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import archive
from recipes import teachers
from scripts import publish

REVIEWS = 50_000  # of IMDb, that have no label


def probable(pairs, texts, positive):
    """Pairs (text, probability that it is positive) of labelled pairs, and of texts."""
    return [*zip((text for text, _ in pairs), teachers.are_positive(pairs).astype(float)), *zip(texts, positive)]


def student(name):
    """The records of sentiment/bilstm or another network of `sentiment`, which learns probabilities, not labels."""
    task, (_, network_name) = registry.get_task(name), registry.resolve(name)
    record = task.networks[network_name]

    def compile_network(network, learning_rate):
        record.compile(network, learning_rate)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        network.compile(network.optimizer, loss, metrics=["accuracy"], jit_compile=False)
        return network

    batches = functools.partial(task.batches, encode=encode)
    return dataclasses.replace(task, batches=batches), dataclasses.replace(record, compile=compile_network)


def encode(pairs, preprocessing):
    """Ragged tokens, probabilities (pairs, 2) of both labels in their order, and weights, which are 1."""
    texts, positive = (list(side) for side in zip(*pairs))
    positive = tf.constant(positive, "float32")
    both = tf.stack([1 - positive, positive], axis=1)
    return batching.tokens_of(texts, preprocessing["words"]), both, tf.ones_like(positive)


def command(options):
    """The command line that repeats this one, after those that make what it begins with."""
    keys = ("reviews", "epochs", "batch_size", "learning_rate", "dropout_scale", "seed")
    keys += ("teachers",) if options.teacher is None else ("teacher",)
    words = ["python", "-m", "recipes.self_training", options.weights]
    words += records.flags({key: getattr(options, key) for key in keys})
    words += ["--mixed-precision"] if options.mixed_precision else []
    begun = [publish.beginning(pathlib.Path(options.weights))] if options.weights.endswith(".keras") else []
    return " && ".join([*begun, shlex.join(words)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", help="what learns: row of weights.json, or pipeline.keras in the folder of a run")
    parser.add_argument("--reviews", type=int, default=REVIEWS, help="without label, to learn (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=64, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=0.002, help="default: %(default)s")
    parser.add_argument("--dropout-scale", type=float, default=0.5, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    parser.add_argument("--teachers", type=pathlib.Path, default="runs/teachers.json", help="default: %(default)s")
    parser.add_argument("--teacher", help="row of weights.json or .keras file in their place")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/self_training", help="default: %(default)s")
    options = parser.parse_args()
    if not 0 < options.reviews <= REVIEWS:
        parser.error(f"--reviews is from 1 to {REVIEWS}. Received: {options.reviews}")
    learning = {key: getattr(options, key) for key in ("epochs", "batch_size", "learning_rate")}
    try:
        check_numbers(dropout_scale=options.dropout_scale, **learning)
    except ValueError as error:
        parser.error(f"--{str(error).replace('_', '-')}")
    learning |= {"seed": options.seed, "mixed_precision": options.mixed_precision}
    pretrained = lstm_zoo.load(options.weights)
    model = registry.model_of(pretrained)
    name = model if model.startswith("sentiment/") else "sentiment/awd"
    labelled, validating = teachers.labelled("train"), teachers.labelled("validation")
    others = teachers.without_labels()[: options.reviews]
    if options.teacher is None:
        positive, terms = teachers.probabilities(options.teachers), []
    else:
        path = options.folder.with_name(f"{options.folder.name}-teacher.npy")
        positive = teachers.told_by(options.teacher, others, path).astype(float)
        # What the teacher has learnt from beside the reviews.
        terms = (archive.record_of(loaded(options.teacher)).get("data_license") or "").split("; ")[1:]
    training = probable(labelled, others, positive)
    settings = {
        "name": name,
        "dataset": "imdb_reviews",
        "command": command(options),
        "terms": terms,
        "weights_fingerprint": fingerprint([tuple(pretrained.get_weights())], ()),
        "dropout_scale": options.dropout_scale,
        "data": fingerprint(labelled, validating),
        "teachers": fingerprint([tuple(positive)], ()),
        **learning,
    }
    if is_finished(options.folder, settings, resume=True):
        return
    keras.utils.set_random_seed(options.seed)
    task, record = student(name)
    network, preprocessing = task.fine_tune(pretrained, labelled)
    network = networks.with_dropout(network, options.dropout_scale)
    trained, checkpoint = run_epochs(
        task,
        record,
        network,
        preprocessing,
        (training, probable(validating, [], [])),
        options.folder,
        settings,
        patience=options.epochs,
        verbose=True,
        **learning,
    )
    begun_from = options.weights, archive.record_of(pretrained)
    values = {**begun_from[1].get("hyperparameters", {}), **task.data_hyperparameters(preprocessing)}
    about = records.of_run(task, settings, {"data": None}, begun_from, values, (training, validating))
    data = training, validating
    write_pipeline(trained, checkpoint, task, record, network, preprocessing, data, options.folder, about)


if __name__ == "__main__":
    main()
