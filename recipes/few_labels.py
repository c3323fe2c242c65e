"""What pretraining is worth: accuracy against the number of labelled reviews.

    python -m recipes.few_labels [--labels 100,1000] [--language-model FILE] [--reviews 2500]
    # goes on where it was, also within a training that was stopped, and adds what else it is asked for

`sentiment/awd` that begins as a language model of reviews without labels, the same network that begins from nothing,
and a bag of bigrams with a logistic regression learn the same reviews of IMDb, as many of each label; a tenth of these,
which counts too, tells the networks their best epoch. Accuracy on the same 2,500 reviews of the test split: the mean of
the seeds, which also draw the reviews, the least and the greatest.

Few labels need small steps and all of the dropout, or the network learns them by heart and forgets what the language
model knew. The network from nothing has a rate of 0.003 and 0.3 of the dropout, which were chosen with a smaller one:
that one learnt nothing in three passes with all of it. Steps that suit a thousand labels are too small for two or three
passes over many: from 10,000 on, the network from nothing, whose rate is three times as high, overtakes. In trainings
as short as these a bag of bigrams answers better everywhere, or as well; `sentiment-awd-imdb` had larger steps, more
passes, and the reviews without labels.
"""

import collections
import functools
import json
import pathlib

import numpy as np
import pooch
from matplotlib.figure import Figure

import lstm_zoo
from benchmarks.measuring import machine, parse, parser, write
from lstm_zoo import networks, weights
from lstm_zoo.tasks.sentiment import awd
from lstm_zoo.tasks.sentiment.awd.networks import sizes_of

# Number of labelled reviews -> seeds, which also draw the reviews, and the length of a training, the same for both
# networks: few reviews need many passes, and small batches, or there are too few steps to learn anything.
PLAN = {
    100: (3, {"epochs": 20, "batch_size": 8}),
    1_000: (3, {"epochs": 8, "batch_size": 16}),
    10_000: (1, {"epochs": 3, "batch_size": 32}),
    25_000: (1, {"epochs": 2, "batch_size": 64}),
}
BAG, FROM_SCRATCH, PRETRAINED = LEARNERS = (
    "bag of bigrams, logistic regression",
    "sentiment/awd from scratch",
    "sentiment/awd from a language model",
)
TRAINING = {  # of each network, with 1,000 labels, the best of those tried on reviews for validation
    FROM_SCRATCH: {"learning_rate": 0.003, "dropout_scale": 0.3},  # tried with the sizes of a smaller language model
    PRETRAINED: {"learning_rate": 0.001, "dropout_scale": 1.0},
}
LANGUAGE_MODEL = "text_generation-awd-imdb"
REVIEWS = 2500  # of the test split
VIEWS = [{"rows": ["learner"], "columns": "labels", "values": ["accuracy"], "statistic": "mean"}]


@functools.cache
def reviews(*splits):
    """Pairs (text, label) of splits."""
    return [pair for split in splits for pair in awd.TASK.read(awd.TASK.data(split))]


def drawn(pairs, count, seed):
    """So many of the pairs, as many of each label, in an order that the seed draws."""
    order, per_label = np.random.default_rng(seed).permutation(len(pairs)), collections.defaultdict(list)
    for place in order:
        per_label[pairs[place][1]].append(pairs[place])
    return [pair for members in per_label.values() for pair in members[: count // len(per_label)]]


def accuracy(learner, labels, seed, options, sizes, test):
    """Test accuracy of what a learner makes of so many labelled reviews; `sizes` are those of the language model."""
    pairs = drawn(reviews("train", "validation"), labels, seed)
    if learner == BAG:
        return next(iter(awd.TASK.baselines(None, pairs, test).values()))["accuracy"]
    begin = {"weights": options.language_model} if learner == PRETRAINED else sizes
    pipeline = lstm_zoo.train(
        "sentiment/awd",
        pairs,
        **begin,
        **PLAN[labels][1],
        **TRAINING[learner],
        patience=PLAN[labels][1]["epochs"],
        seed=seed,
        mixed_precision=options.mixed_precision,
        folder=options.folder / f"{'pretrained' if learner == PRETRAINED else 'scratch'}-{labels}-{seed}",
        resume=True,
    )
    return awd.TASK.score(pipeline, test)["accuracy"]


def described(options):
    """Options as a text."""
    return ", ".join(f"{name} {value}" for name, value in options.items())


def plot(table, path):
    """Write the figure: a line a learner through the means, and a point a seed."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for learner in LEARNERS:
        points = sorted((row["labels"], row["accuracy"]) for row in table if row["learner"] == learner)
        labels = sorted({count for count, _ in points})
        means = [np.mean([value for count, value in points if count == place]) for place in labels]
        line = axes.plot(labels, means, label=learner)[0]
        axes.plot(*zip(*points), "o", markersize=4, alpha=0.6, color=line.get_color())
    axes.set(xscale="log", xlabel="labelled reviews", ylabel="test accuracy")
    axes.set_xticks(list(PLAN), [f"{labels:,}" for labels in PLAN])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)


def main():
    options = parser("few_labels", __doc__, figure=True)
    options.add_argument("--labels", default=",".join(map(str, PLAN)), help="of the plan (default: %(default)s)")
    options.add_argument("--language-model", default=LANGUAGE_MODEL, help="row or .keras file (default: %(default)s)")
    options.add_argument("--reviews", type=int, default=REVIEWS, help="of the test split (default: %(default)s)")
    options.add_argument("--mixed-precision", action="store_true", help="as that of lstm-zoo train")
    options.add_argument("--folder", type=pathlib.Path, default="runs/few_labels", help="default: %(default)s")
    arguments = parse(options)
    counts = [int(labels) for labels in arguments.labels.split(",")]
    if unknown := set(counts) - PLAN.keys():
        options.error(f"--labels are {', '.join(map(str, PLAN))}. Received: {', '.join(map(str, unknown))}")

    sizes = sizes_of(networks.network_of(lstm_zoo.load(arguments.language_model)))
    settings = {
        "language model": pooch.file_hash(str(weights.locate(arguments.language_model))),
        "reviews of the test split": arguments.reviews,
        "mixed precision": "yes" if arguments.mixed_precision else "no",
        **{learner: described(training) for learner, training in TRAINING.items()},
        **{f"{labels:,} labels": described(plan) for labels, (_, plan) in PLAN.items()},
    }
    table, place = [], machine()
    if arguments.output.exists():
        before = json.loads(arguments.output.read_text(encoding="utf-8"))
        table = before["table"]
        place = before["machine"] if place in before["machine"] else f"{before['machine']}, and {place}"
        if before["settings"] != settings:
            options.error(f"{arguments.output} was measured with {before['settings']}. Received: {settings}")
    test = reviews("test")[: arguments.reviews]  # their order is a fixed shuffle
    for labels in counts:
        for seed in range(PLAN[labels][0]):
            for learner in LEARNERS:
                point = {"learner": learner, "labels": labels, "seed": seed}
                if any(point.items() <= row.items() for row in table):
                    continue
                point["accuracy"] = accuracy(learner, labels, seed, arguments, sizes, test)
                table.append(point)
                command = f"python -m recipes.few_labels{' --mixed-precision' * arguments.mixed_precision}"
                conditions = {"settings": settings, "machine": place, "command": command}
                write(arguments.output, "recipes.few_labels", __doc__, table=table, views=VIEWS, **conditions)
                plot(table, arguments.figure)


if __name__ == "__main__":
    main()
