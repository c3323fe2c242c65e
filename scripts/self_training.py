"""Self-training: a classifier of reviews learns from those without labels what it and a bag of trigrams say together.

    python scripts/self_training.py sentiment-awd-imdb [--weights text_generation-awd-imdb] [--epochs 2]
                                                       [--learning-rate 0.0015] [--dropout-scale 1] [--seed 0]
                                                       [--reviews 50000] [--mixed-precision]
                                                       [--folder runs/self_training]

The pipeline and NB-SVM (Wang and Manning 2012, https://aclanthology.org/P12-2018) have learnt the same labelled reviews
but err on different ones: the sum of their log-odds, each scaled to a standard deviation of 1, is right more often than
either. It labels the 50,000 reviews of IMDb that have no label, or the first so many (pseudo-labels, Lee 2013). The
pipeline goes on to learn these, or with `--weights` another one that has not made its mistakes. The labelled reviews
for validation tell its best epoch, and what the teachers are worth, which is printed. The result is to be trained once
more on the labelled reviews. A run that was stopped goes on where it was; its folder is for one teacher.
"""

import argparse
import json
import pathlib
import shlex

import numpy as np
import pooch
import publish
import scipy.sparse
import tensorflow as tf
import tensorflow_datasets as tfds
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import lstm_zoo
from lstm_zoo import batching, weights
from lstm_zoo.checkpoints import write
from lstm_zoo.sentiment import CLASSES, data, encode, read, separate_words

POSITIVE = CLASSES[1]
REVIEWS = 50_000  # of IMDb, that have no label
REGULARIZATION = 0.3  # C of the logistic regression: of 0.03, 0.1, 0.3, 1 and 3 the best on validation


def bag_of_trigrams(training, texts):
    """Log-odds of "positive" by NB-SVM: one to three words, each weighed by its log-count ratio."""
    counts = CountVectorizer(ngram_range=(1, 3), min_df=2, binary=True, lowercase=False, token_pattern=r"\S+")

    def spaced(some):
        return [text.decode() for text in separate_words(tf.constant(some)).numpy()]

    features = counts.fit_transform(spaced([text for text, _ in training]))
    positive = np.array([label == POSITIVE for _, label in training])
    of_class = [1 + np.asarray(features[rows].sum(0)).ravel() for rows in (~positive, positive)]
    ratio = np.diff([np.log(count / count.sum()) for count in of_class], axis=0).ravel()
    model = LogisticRegression(C=REGULARIZATION, solver="liblinear")
    model.fit(features @ scipy.sparse.diags(ratio), positive)
    return model.decision_function(counts.transform(spaced(texts)) @ scipy.sparse.diags(ratio))


def by_pipeline(pipeline, texts):
    """Log-odds of "positive" by a pipeline."""
    place = pipeline.get_layer("labels").get_vocabulary().index(POSITIVE)
    shares = np.array([row["probabilities"][place] for row in batching.run(pipeline, texts, encode)], "float64")
    shares = np.clip(shares, 1e-6, 1 - 1e-6)
    return np.log(shares / (1 - shares))


def log_odds(pipeline, texts):
    """Log-odds of "positive" by the two teachers and by both together, each of standard deviation 1."""
    learners = {
        "bag of trigrams": bag_of_trigrams(read(data("train")), texts),
        "pipeline": by_pipeline(pipeline, texts),
    }
    scaled = {name: values / values.std() for name, values in learners.items()}
    return scaled | {"together": sum(scaled.values())}


def command(options):
    """The command line that repeats this one, after those that make what it begins with."""
    keys = ("weights", "epochs", "learning_rate", "dropout_scale", "seed", "reviews")
    words = ["python", "scripts/self_training.py", options.teacher]
    words += publish.flags({key: getattr(options, key) for key in keys})
    words += ["--mixed-precision"] if options.mixed_precision else []
    runs = dict.fromkeys(name for name in (options.teacher, options.weights) if name.endswith(".keras"))
    return " && ".join([*(publish.beginning(pathlib.Path(run)) for run in runs), shlex.join(words)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("teacher", help="row of weights.json, or pipeline.keras in the folder of a run")
    parser.add_argument("--weights", help="what learns: the same, or a language model (default: the teacher)")
    parser.add_argument("--epochs", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=0.0015, help="default: %(default)s")
    parser.add_argument("--dropout-scale", type=float, default=1.0, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--reviews", type=int, default=REVIEWS, help="without label, to learn (default: %(default)s)")
    parser.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/self_training", help="default: %(default)s")
    options = parser.parse_args()
    if not 0 < options.reviews <= REVIEWS:
        parser.error(f"--reviews is from 1 to {REVIEWS}. Received: {options.reviews}")
    options.weights = options.weights or options.teacher
    repeated = command(options)
    teacher, taught_by = lstm_zoo.load(options.teacher), pooch.file_hash(str(weights.locate(options.teacher)))

    validation = read(data("validation"))
    unlabelled = tfds.load("imdb_reviews", split=f"unsupervised[:{options.reviews}]")
    texts = [one["text"].decode() for one in tfds.as_numpy(unlabelled)]
    labels = options.folder / "labels.json"
    if not labels.exists():
        found = log_odds(teacher, [*(text for text, _ in validation), *texts])
        truth = np.array([label == POSITIVE for _, label in validation])
        for name, values in found.items():
            print(f"{name}: {np.mean((values[: len(truth)] > 0) == truth):.4f} of the labels for validation")
        options.folder.mkdir(parents=True, exist_ok=True)
        said = [CLASSES[int(value > 0)] for value in found["together"][len(truth) :]]
        write(labels, json.dumps({"teacher": taught_by, "labels": said}))
    taught = json.loads(labels.read_text())
    if taught["teacher"] != taught_by or len(taught["labels"]) != len(texts):
        parser.error(
            f"{labels} is by another teacher than {options.teacher}, or of other reviews: another --folder is needed"
        )

    lstm_zoo.train(
        teacher.name.replace("-", "/", 1),
        list(zip(texts, taught["labels"])),
        validation,
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
