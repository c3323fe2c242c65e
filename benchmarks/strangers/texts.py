"""Texts of a stranger's: the published files on other texts than reviews, and one command on labels of one's own

    python -m benchmarks.strangers text --data DIR [--labels banking77,imdb] [--seeds 3] [--test 2500]
    # DIR holds banking77/ and customer_reviews/; goes on where it was, also within a training that was stopped
    # runs/strangers/FILE.json is what scripts/publish.py --out-of-domain takes

First, files of `sentiment` as they are, beside bags of words with logistic regressions that learnt the same reviews:
on 3,775 sentences of product reviews (Hu and Liu 2004), which nothing was trained on, though `recipes/verdicts.py` was
written with errors on them in view, and the rules of `recipes/short_texts.py` were chosen by them; on the first 20
words of the reviews of IMDb for validation, and on these whole; and on contrasts, see `recipes/contrast.py`, of
templates and words by which nothing was trained or chosen.

With `--labels` also `lstm_zoo.train("sentiment", data=...)` without any option, on questions to a bank (Casanueva et
al. 2020, 77 labels, CC BY 4.0; scored on all 3,080 of its test split) and on reviews of IMDb (scored on the first 2,500
of the test split), beside TF-IDF of words and of characters with a logistic regression, C = 10. The mean of the seeds,
which also draw the examples, and the least and the greatest; "minutes" are those of our training, at most, for other
work ran beside some of them. Of each network `sentiment/wide` its parts are scored too: the LSTM alone, the n-grams
alone.
"""

import collections
import csv
import pathlib
import time

import numpy as np

import lstm_zoo
from benchmarks.measuring import machine, parse, parser, table_of, write
from benchmarks.strangers.out_of_domain import write_out_of_domain
from lstm_zoo import networks, registry
from lstm_zoo.layers.pool import relative_length
from lstm_zoo.tasks.sentiment.wide.networks import bags_of
from lstm_zoo.tasks.sentiment.wide.stacking import opinions_of
from lstm_zoo.weights import catalog
from recipes import contrast, few_labels

LABELS = {"banking77": (200, 1_000, 10_003), "imdb": (100, 1_000, 10_000, 25_000)}
WORDS = 20  # of a review, from its start
WHOLE, WIDE = "film reviews, whole", "sentiment/wide"
OURS = "lstm_zoo.train, no options"
VIEWS = [
    {"rows": ["texts", "model"], "values": ["accuracy", "calibration error"]},
    {"rows": ["data", "labels", "learner"], "values": ["test accuracy", "minutes"], "statistic": "mean"},
]


def bags(training):
    """Name -> regression of labelled texts, which has `predict`: of words and, of short texts, of characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = zip(*training)
    kinds = {"words": {}, "words and pairs": {"ngram_range": (1, 2), "sublinear_tf": True}}
    if np.mean([*map(len, texts)]) < 300:
        kinds["characters"] = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True}
    learnt = {}
    for kind, options in kinds.items():
        rare = {"min_df": 2} if kind == "words and pairs" and len(texts) >= 1000 else {}
        model = make_pipeline(TfidfVectorizer(**options, **rare), LogisticRegression(C=10.0, max_iter=1000))
        learnt[f"TF-IDF of {kind}, logistic regression"] = model.fit(texts, labels)
    return learnt


def pairs_of(path, text, label, delimiter=","):
    """Pairs (text, label) of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        return [(row[text], row[label]) for row in csv.DictReader(file, delimiter=delimiter)]


def accuracy(model, pairs):
    """Share of pairs (text, label) that a model with `predict` gets right."""
    texts, labels = zip(*pairs)
    return round(float(np.mean(model.predict(texts) == np.array(labels))), 4)


def unlike(folder):
    """Rows of the published files, and of bags that learnt the same reviews, on texts of other kinds."""
    task = registry.get_task("sentiment")
    validation = few_labels.reviews("validation")
    sets = {
        "product reviews, sentences": pairs_of(
            folder / "customer_reviews" / "customer_reviews.tsv", "text", "label", "\t"
        ),
        f"film reviews, first {WORDS} words": [(" ".join(text.split()[:WORDS]), label) for text, label in validation],
        WHOLE: validation,
        "contrasts": contrast.sentences(contrast.TEST, contrast.TEST_WORDS),
    }
    models = bags(few_labels.reviews("train"))
    rows = [
        {"texts": name, "model": kind, "accuracy": accuracy(model, pairs)}
        for kind, model in models.items()
        for name, pairs in sets.items()
    ]
    for file in [row["name"] for row in catalog.rows() if row["network"].startswith("sentiment/")]:
        pipeline = lstm_zoo.load(file)
        for name, pairs in sets.items():
            scores = task.score(pipeline, pairs)
            own = {"accuracy": scores["accuracy"], "calibration error": scores["calibration_error"]}
            rows.append({"texts": name, "model": file, **own})
            parts = parts_scored(pipeline, pairs) if registry.model_of(pipeline) == WIDE else {}
            rows += [{"texts": name, "model": f"{file}, {part}", "accuracy": score} for part, score in parts.items()]
    return sorted(rows, key=lambda row: list(sets).index(row["texts"]))


def parts_scored(pipeline, pairs):
    """Accuracy of each part of a `wide` alone, of texts with one label each."""
    texts, labels = zip(*pairs)
    network, names = networks.network_of(pipeline), np.array(pipeline.get_layer("labels").get_vocabulary())
    layers = {name: pipeline.get_layer(name) for name in ("words", *bags_of(network))}
    (lstm, *bags), lengths = opinions_of(network, {**layers, "multilabel": False}, texts)
    weights, slopes = network.get_layer("pool").get_weights()
    shares = np.maximum(weights + slopes * np.asarray(relative_length(lengths.astype("float32")))[:, None], 0)[:, 1:]
    if not shares.any():  # bags that are not heard in the whole are heard as they are
        shares = np.ones_like(shares)
    together = sum(share[:, None] * opinion for share, opinion in zip(shares.T, bags))
    told = {"its LSTM alone": lstm, "its n-grams alone": together} if bags else {"its LSTM alone": lstm}
    return {part: round(float(np.mean(names[opinion.argmax(1)] == labels)), 4) for part, opinion in told.items()}


def out_of_domain(rows):
    """Name of each model -> texts of other kinds -> its metrics, and those of the bag of pairs."""
    baseline = next(row["model"] for row in rows if "calibration error" not in row and "pairs" in row["model"])
    told = collections.defaultdict(dict)
    for row in rows:
        if row["texts"] != WHOLE:
            told[row["model"]][row["texts"]] = {"accuracy": row["accuracy"]}
            if "calibration error" in row:
                told[row["model"]][row["texts"]]["calibration_error"] = row["calibration error"]
    return {
        model: {name: {"metrics": own, "baselines": {baseline: told[baseline][name]}} for name, own in scores.items()}
        for model, scores in told.items()
    }


def drawn(pairs, count, seed):
    """So many of the pairs, drawn by chance; all of them in another order."""
    return [pairs[place] for place in np.random.default_rng(seed).permutation(len(pairs))[:count]]


def learnt(data, count, seed, training, test, folder):
    """Rows of all that learn so many labels."""
    pairs = drawn(training, count, seed)
    point = {"data": data, "labels": count, "seed": seed}
    rows = [{**point, "learner": name, "test accuracy": accuracy(model, test)} for name, model in bags(pairs).items()]
    begin = time.monotonic()
    place = folder / f"{data}-{count}-{seed}"
    pipeline = lstm_zoo.train("sentiment", data=pairs, seed=seed, folder=place, resume=True)
    minutes = round((time.monotonic() - begin) / 60, 2)
    known = set(registry.get_task("sentiment").describe(pipeline)["labels"])
    # A label that no example has cannot be answered: an error, as it is for the regressions.
    scored = [(text, label) for text, label in test if label in known]
    known_share = len(scored) / len(test)
    right = registry.get_task("sentiment").score(pipeline, scored)["accuracy"] * known_share
    rows.append({**point, "learner": OURS, "test accuracy": round(right, 4), "minutes": minutes})
    for part, right in parts_scored(pipeline, scored).items():
        rows.append({**point, "learner": f"{OURS}: {part}", "test accuracy": round(right * known_share, 4)})
    return rows


def main():
    options = parser("strangers", __doc__)
    options.add_argument("kind", choices=["text"], help="of data")
    options.add_argument("--data", type=pathlib.Path, required=True, help="folder with the data sets")
    options.add_argument("--labels", default=",".join(LABELS), help="data sets to learn (default: %(default)s)")
    options.add_argument("--seeds", type=int, default=3, help="default: %(default)s")
    options.add_argument("--test", type=int, default=2500, help="reviews of IMDb's test split (default: %(default)s)")
    options.add_argument("--folder", type=pathlib.Path, default="runs/strangers", help="default: %(default)s")
    arguments = parse(options)

    def kept(table):
        settings = {"reviews of the test split": arguments.test, "seeds": arguments.seeds}
        command = (
            f"python -m benchmarks.strangers text --data DIR --labels '{arguments.labels}' --seeds {arguments.seeds}"
        )
        conditions = {"settings": settings, "machine": machine(), "command": command}
        packages = ("scikit-learn",)
        shown = [view for view in VIEWS if any(row.keys() >= set(view["values"]) for row in table)]
        write(
            arguments.output, "benchmarks.strangers", __doc__, table=table, views=shown, packages=packages, **conditions
        )

    before = table_of(arguments.output)
    table = [*unlike(arguments.data), *(row for row in before if "data" in row)]
    kept(table)
    write_out_of_domain(out_of_domain([row for row in table if "texts" in row]), arguments.folder)
    for data in filter(None, arguments.labels.split(",")):
        if data == "imdb":
            training, test = few_labels.reviews("train", "validation"), few_labels.reviews("test")[: arguments.test]
        else:
            paths = (arguments.data / data / f"{split}.csv" for split in ("train", "test"))
            training, test = (pairs_of(path, "text", "category") for path in paths)
        for count in LABELS[data]:
            for seed in range(arguments.seeds):
                point = {"data": data, "labels": count, "seed": seed}
                if any(point.items() <= row.items() for row in table):
                    continue
                table += learnt(data, count, seed, training, test, arguments.folder)
                kept(table)


if __name__ == "__main__":
    main()
