"""What pretraining is worth: accuracy against the number of labelled reviews, written to docs/few_labels.json and .png.

    python scripts/few_labels.py [--labels 100,1000] [--language-model FILE] [--reviews 2500] [--measured FOLDER]

`sentiment/awd` that begins as a language model of reviews without labels, the same network that begins from nothing,
and a bag of bigrams learn the same reviews of IMDb, as many of each label; a tenth of these, which counts too, tells
the networks their best epoch. All are scored on the same reviews of the test split. What is measured is kept: another
run goes on, also within a training that was stopped, and adds what else it is asked for. `--measured` takes what the
job `few_labels` of scripts/gpu_training.py measured on a GPU.
"""

import argparse
import collections
import functools
import json
import os
import pathlib

import numpy as np
import pooch
import results
from benchmark import processor
from matplotlib.figure import Figure

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import layers, weights
from lstm_zoo.training.checkpoints import write
from lstm_zoo.tasks.sentiment import awd
from lstm_zoo.tasks.sentiment.awd.networks import sizes_of

# Number of labelled reviews -> seeds, which also draw the reviews, and the length of a training, the same for both
# networks: few reviews need many passes, and small batches, or there are too few steps to learn anything.
PLAN = {
    100: (3, {"epochs": 20, "batch": 8}),
    1_000: (3, {"epochs": 8, "batch": 16}),
    10_000: (1, {"epochs": 3, "batch": 32}),
    25_000: (1, {"epochs": 2, "batch": 64}),
}
TRAINING = {  # of each network, with 1,000 labels, the best of those tried on reviews for validation
    "from scratch": {"learning_rate": 0.003, "dropout_scale": 0.3},  # tried with the sizes of a smaller language model
    "pretrained": {"learning_rate": 0.001, "dropout_scale": 1.0},
}
LANGUAGE_MODEL = "text_generation-awd-imdb"
REVIEWS = 2500  # of the test split


@functools.cache
def reviews(*splits):
    """Pairs (text, label) of splits."""
    return [pair for split in splits for pair in awd.read(awd.data(split))]


def drawn(pairs, count, seed):
    """So many of the pairs, as many of each label, in an order that the seed draws."""
    order, per_label = np.random.default_rng(seed).permutation(len(pairs)), collections.defaultdict(list)
    for place in order:
        per_label[pairs[place][1]].append(pairs[place])
    return [pair for members in per_label.values() for pair in members[: count // len(per_label)]]


def accuracy(learner, labels, seed, options, sizes, test):
    """Test accuracy of what a learner makes of so many labelled reviews; `sizes` are those of the language model."""
    pairs = drawn(reviews("train", "validation"), labels, seed)
    if learner == "bag of bigrams":
        return next(iter(awd.baselines(None, pairs, test).values()))["accuracy"]
    begin = {"weights": options.language_model} if learner == "pretrained" else sizes
    pipeline = lstm_zoo.train(
        "sentiment/awd",
        pairs,
        **begin,
        **PLAN[labels][1],
        **TRAINING[learner],
        patience=PLAN[labels][1]["epochs"],
        seed=seed,
        mixed_precision=options.mixed_precision,
        folder=options.folder / f"{learner}-{labels}-{seed}".replace(" ", "-"),
        resume=True,
    )
    return awd.score(pipeline, test)["accuracy"]


def taken(result, folder, model):
    """Add to the result what was measured in a folder on a GPU, from the same language model.

    Raises:
        ValueError: the folder was prepared with another language model, or none.
    """
    begun = json.loads((folder / "language_model.json").read_text()).get("weights")
    if begun != model:
        raise ValueError(f"{folder} was prepared with another --language-model than {model}. Received: {begun}")
    measured = json.loads((folder / "few_labels.json").read_text())
    known = [(point["learner"], point["labels"], point["seed"]) for point in result["points"]]
    added = [one for one in measured["points"] if (one["learner"], one["labels"], one["seed"]) not in known]
    result["points"] += added
    if added:
        result["machine"] += f" and, by `scripts/gpu_training.py`, {measured['machine']}"


def plot(result):
    """Write docs/few_labels.png: a line a learner through the means, and a point a seed."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for learner, points in results.few_labels(result).items():
        line = axes.plot(list(points), [np.mean(values) for values in points.values()], label=learner)[0]
        places = [(labels, value) for labels, values in points.items() for value in values]
        axes.plot(*zip(*places), "o", markersize=4, alpha=0.6, color=line.get_color())
    axes.set(xscale="log", xlabel="labelled reviews", ylabel="test accuracy")
    axes.set_xticks(list(PLAN), [f"{labels:,}" for labels in PLAN])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(results.FEW_LABELS.with_suffix(".png"), dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default=",".join(map(str, PLAN)), help="of the plan (default: %(default)s)")
    parser.add_argument("--language-model", default=LANGUAGE_MODEL, help="row or .keras file (default: %(default)s)")
    parser.add_argument("--reviews", type=int, default=REVIEWS, help="of the test split (default: %(default)s)")
    parser.add_argument("--measured", type=pathlib.Path, help="folder of scripts/gpu_training.py")
    parser.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/few_labels", help="default: %(default)s")
    options = parser.parse_args()
    asked = [int(labels) for labels in options.labels.split(",")]
    if unknown := set(asked) - PLAN.keys():
        parser.error(f"--labels are {', '.join(map(str, PLAN))}. Received: {', '.join(map(str, unknown))}")

    model = options.language_model
    sizes = sizes_of(networks.network_of(lstm_zoo.load(model)))
    settings = {
        "language_model": pooch.file_hash(str(weights.locate(model))),
        "reviews": options.reviews,
        "mixed_precision": options.mixed_precision,
        "training": TRAINING,
        "plan": {str(labels): plan for labels, (_, plan) in PLAN.items()},
    }
    command = f"python scripts/few_labels.py{' --mixed-precision' if options.mixed_precision else ''}"
    result = {"command": command, "machine": f"{processor()}, {os.cpu_count()} cores"}
    result |= {"settings": settings, "points": []}
    if results.FEW_LABELS.exists():
        result = json.loads(results.FEW_LABELS.read_text())
        if result["settings"] != settings:
            parser.error(f"{results.FEW_LABELS} was measured with {result['settings']}. Received: {settings}")
    if options.measured:
        taken(result, options.measured, model)
    test = reviews("test")[: options.reviews]  # their order is a fixed shuffle
    for labels in asked:
        for seed in range(PLAN[labels][0]):
            for learner in results.LEARNERS:
                point = {"learner": learner, "labels": labels, "seed": seed}
                if any(point.items() <= done.items() for done in result["points"]):
                    continue
                point["accuracy"] = accuracy(learner, labels, seed, options, sizes, test)
                print(point)
                result["points"].append(point)
                write(results.FEW_LABELS, json.dumps(result, indent=2) + "\n")
                plot(result)
    print(results.few_labels_table())


if __name__ == "__main__":
    main()
