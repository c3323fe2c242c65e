"""Self-training: a classifier of reviews learns those without labels from what two bags of words say of them.

    python scripts/self_training.py sentiment-awd-imdb [--reviews 50000] [--epochs 2] [--learning-rate 0.0015]
                                                       [--dropout-scale 1] [--seed 0] [--mixed-precision]
                                                       [--teachers runs/teachers.json] [--folder runs/self_training]

The teachers, see `teachers.py`, have learnt the labelled reviews. A classifier, or a language model that becomes one,
learns what they say of the 50,000 reviews of IMDb without labels, or of the first so many (pseudo-labels, Lee 2013).
The labelled reviews for validation tell its best epoch, and what the teachers are worth. What the teachers say is kept
in a file, for other runs. A run that was stopped goes on where it was.
"""

import argparse
import json
import pathlib
import shlex

import numpy as np
import publish
import teachers

import lstm_zoo
from lstm_zoo.checkpoints import write
from lstm_zoo.sentiment import CLASSES, data, read

REVIEWS = 50_000  # of IMDb, that have no label
UNSURE = 0.1  # of them are not learnt: of such a share the teachers are right about two in three on validation


def labelled(texts, positive, count):
    """Pairs (text, label) of the first so many texts, without those that the teachers are least sure of."""
    sure = np.abs(positive - 0.5)
    known = zip(texts[:count], positive, sure >= np.quantile(sure, UNSURE))
    return [(text, CLASSES[int(share > 0.5)]) for text, share, kept in known if kept]


def command(options):
    """The command line that repeats this one, after those that make what it begins with."""
    keys = ("reviews", "epochs", "learning_rate", "dropout_scale", "seed")
    words = ["python", "scripts/self_training.py", options.weights]
    words += publish.flags({key: getattr(options, key) for key in keys})
    words += ["--mixed-precision"] if options.mixed_precision else []
    begun = [publish.beginning(pathlib.Path(options.weights))] if options.weights.endswith(".keras") else []
    return " && ".join([*begun, shlex.join(words)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", help="what learns: row of weights.json, or pipeline.keras in the folder of a run")
    parser.add_argument("--reviews", type=int, default=REVIEWS, help="without label, to learn (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=0.0015, help="default: %(default)s")
    parser.add_argument("--dropout-scale", type=float, default=1.0, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    parser.add_argument("--teachers", type=pathlib.Path, default="runs/teachers.json", help="default: %(default)s")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/self_training", help="default: %(default)s")
    options = parser.parse_args()
    if not 0 < options.reviews <= REVIEWS:
        parser.error(f"--reviews is from 1 to {REVIEWS}. Received: {options.reviews}")
    repeated = command(options)
    begun = lstm_zoo.load(options.weights)
    positive = teachers.probabilities(options.teachers)
    lstm_zoo.train(
        begun.name.replace("-", "/", 1) if begun.name.startswith("sentiment") else "sentiment/awd",
        labelled(teachers.without_labels(), positive, options.reviews),
        read(data("validation")),
        weights=options.weights,
        epochs=options.epochs,
        patience=options.epochs,
        learning_rate=options.learning_rate,
        dropout_scale=options.dropout_scale,
        seed=options.seed,
        mixed_precision=options.mixed_precision,
        folder=options.folder,
        resume=True,
    )
    settings = json.loads((options.folder / "settings.json").read_text(encoding="utf-8"))
    write(options.folder / "settings.json", json.dumps({**settings, "command": repeated}, indent=2))


if __name__ == "__main__":
    main()
