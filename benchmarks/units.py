"""What single units know: the unit of each published network whose cell tells a property best

    python -m benchmarks.units [--items 20]

Nobody told the networks about quotations, names or lines: they learnt to go on with a text, to label it, to forecast.
`lstm_zoo.units` looks for the unit whose cell tells a property of what is read so far, step by step, on texts and
series that the networks have not learnt from. Half of them decide the sign of each unit; the score is that of the other
half: the area under the ROC curve of what is true or false, Spearman's rank correlation of a number. Each row has the
best unit of all LSTMs of a file. It was chosen by that score, and so is the best unit in each of 100 searches with
permuted properties: `control` is what the best surpasses in 5 of these, `p` in how many it is as good as in the search
itself. A score that is not above its control says nothing.

The properties: after a step, whether a quotation or a parenthesis is open; whether a character is in the name of the
speaker, which stands on a line of its own, up to its colon; characters since a spoken line began; subwords since the
sentence began; the log-odds of a review so far by a bag of words with a logistic regression, which learnt 4,000 reviews
for training; the hour of the day, as the cosine of its angle. Tiny Shakespeare has no quotation marks in its test
split, so that its file is not asked for quotations. The picture shows the clearest of the units on texts that no score
was computed on: white is an empty cell, tanh(c) = 0, purple a high one, orange a low one.
"""

import functools
import re

import numpy as np
from matplotlib.figure import Figure
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo.files import replacing
from lstm_zoo.inspection.pictures import colour_text, lines_of
from lstm_zoo.registry import get_task, records_of
from recipes import few_labels

SHAKESPEARE, REVIEWS = "text_generation-character-shakespeare", "text_generation-awd-imdb"
LABELLED = [f"sentiment-{network}-imdb" for network in ("bilstm", "attention", "wide", "awd")]
ETTH1 = "forecasting-segment-etth1_h96"
CHARACTERS = 600  # of a text, about
PASSAGE = 420  # characters of a text in the picture
COLUMNS = 120  # characters of a line of the picture
SHOWN = 4  # units in the picture
PAST = 720  # hours of a series
LEARNT = 4000  # reviews for training, by the bag of words
METRICS = {"auc": "AUC", "spearman": "Spearman"}


def open_between(opening, closing):
    """The property of a text to be between two marks, after each step; with equal ones each opens or closes."""

    def after(_, tokens):
        depth, opened = 0, []
        for token in tokens:
            for character in token:
                if character == opening and (opening != closing or not depth):
                    depth += 1
                elif character == closing:
                    depth = max(0, depth - 1)
            opened.append(depth > 0)
        return opened

    return after


def in_a_name(text, _):
    """Whether the name of a speaker has begun, behind an empty line, and its colon has not been read."""
    lines = text.splitlines(keepends=True)
    first = [before == "\n" for before in ["\n", *lines]]
    return [None, *(new and mark not in ":\n" for new, line in zip(first, lines) for mark in line)]


def in_a_line(text, _):
    """How many characters of a spoken line have been read; nothing in a name and in an empty line."""
    lines = text.splitlines(keepends=True)
    spoken = [before != "\n" != line for before, line in zip(["\n", *lines], lines)]
    return [None, *(place if told else None for told, line in zip(spoken, lines) for place in range(1, len(line) + 1))]


def since(ends):
    """The property of a text that so many steps have been read since one that ends something."""

    def count(_, tokens):
        places = [0]
        for token in tokens[1:]:
            places.append(0 if token in ends else places[-1] + 1)
        return places

    return count


@functools.cache
def log_odds():
    """Word -> how much more a review is positive by it, of a bag of words."""
    texts, labels = zip(*few_labels.drawn(few_labels.reviews("train"), LEARNT, 0))
    bag = CountVectorizer(binary=True, min_df=3)
    regression = LogisticRegression(C=0.05, max_iter=200).fit(bag.fit_transform(texts), labels)
    weights = regression.coef_[0] * (1 if regression.classes_[1] == "positive" else -1)
    return dict(zip(bag.get_feature_names_out(), weights))


def sentiment_so_far(_, tokens):
    """The log-odds of the words that are read, each when its last token is."""
    total, word, sums = 0.0, "", []
    for token, following in zip(tokens, [*tokens[1:], "\u2581"]):
        word += token
        if "\u2581" not in "".join(tokens) or following.startswith("\u2581"):
            total += log_odds().get(word.strip("\u2581.,!?\"'()").lower(), 0.0)
            word = ""
        sums.append(total)
    return sums


def hour(_, times):
    """The cosine of the hour at which each step begins."""
    return [np.cos(2 * np.pi * time.hour / 24) for time in times]


def plays(count):
    """So many passages of the test split, each from the beginning of a speech, and one more for the picture."""
    speeches = get_task("text_generation").data("test", "tiny_shakespeare")[0].split("\n\n")[1:]
    passages = [""]
    for speech in speeches:
        if len(passages[-1]) >= CHARACTERS:
            passages.append("")
        passages[-1] += f"{speech}\n\n"
    return passages[: count + 1]


def reviews(count, pattern=r"", balanced=lambda _: True):
    """So many reviews of the test split, cut behind a sentence, in which a pattern is found, and one more."""
    texts = (text[: text.rfind(". ", 0, CHARACTERS) + 1] for text in get_task("text_generation/awd").data("test"))
    found = (text for text in texts if len(text) > CHARACTERS / 2 and re.search(pattern, text) and balanced(text))
    return [text for text, _ in zip(found, range(count + 1))]


def windows(count):
    """So many parts of the channels of ETTh1's test split, from any hour on."""
    series, random = get_task("forecasting").data("test", "ett/h1"), np.random.default_rng(0)
    parts = []
    for number in range(count):
        item = series[number % len(series)]
        end = int(random.integers(item.first + PAST, len(item.y)))
        begin = end - PAST
        parts.append([item._replace(y=item.y[begin:end], ds=item.ds[begin:end], covariates=item.covariates[begin:end])])
    return parts


def searches(items):
    """File, name of a property, the property, items and, for the picture, a further one; which LSTMs."""
    quoted = reviews(items, r'"[^"]{20,}"', lambda text: text.count('"') % 2 == 0)
    bracketed = reviews(items, r"\([^()]{20,}\)", lambda text: text.count("(") == text.count(")"))
    read, sentences = plays(items), {".", "!", "?"}
    yield SHAKESPEARE, "in the name of the speaker", in_a_name, read, None
    yield SHAKESPEARE, "characters since a spoken line began", in_a_line, read, None
    yield REVIEWS, "in a quotation", open_between('"', '"'), quoted, None
    yield REVIEWS, "in a parenthesis", open_between("(", ")"), bracketed, None
    yield REVIEWS, "subwords since the sentence began", since(sentences), bracketed, None
    for file in LABELLED:
        yield (
            file,
            "sentiment so far",
            sentiment_so_far,
            reviews(items),
            "lstm_0_forward" if "awd" not in file else None,
        )
    yield ETTH1, "hour of the day", hour, windows(2 * items), None


def row_of(file, name, found, steps):
    """A row of the table: the best unit of those that were found."""
    best, metric = found.iloc[0], found.columns[3]
    return {
        "file": file,
        "property": name,
        "layer": best["layer"],
        "unit": int(best["unit"]),
        "sign": int(best["sign"]),
        "metric": METRICS[metric],
        "score": round(float(best[metric]), 4),
        "control": round(float(best["control"]), 4),
        "p": round(float(best["p_value"]), 4),
        "steps": steps,
    }


def clearness(row):
    """From 0, chance, to 1."""
    return 2 * row["score"] - 1 if row["metric"] == "AUC" else row["score"]


def draw(shown, path):
    """A picture of units, each on a passage: pairs (row of the table, item)."""
    panels = []
    for row, text in shown:
        pipeline, passage = lstm_zoo.load(row["file"]), text[: text.rfind(" ", 0, PASSAGE)]
        _, network = records_of(pipeline)
        steps = network.read_item(pipeline, passage).steps_of(row["layer"])
        cell = lstm_zoo.inspect(pipeline, passage, row["layer"])[row["layer"]]["cell"]
        panels.append((lines_of(steps.names, steps, COLUMNS), np.tanh(cell[:, row["unit"]])))
    heights = [len(lines) for lines, _ in panels]
    figure = Figure(figsize=(10, sum(0.2 * height + 0.55 for height in heights)), layout="constrained")
    every = figure.subplots(len(panels), 1, height_ratios=heights)
    for (row, _), (lines, values), axes in zip(shown, panels, every):
        colour_text(axes, lines, values, COLUMNS)
        scores = f"{row['metric']} {row['score']:.3f}, control {row['control']:.3f}"
        told = f"{row['property']}: {'high' if row['sign'] > 0 else 'low'}, {scores}"
        axes.set_title(f"{told}\n{row['file']}, {row['layer']}, unit {row['unit']}", loc="left", fontsize=10)
    with replacing(path) as drawn:
        figure.savefig(drawn, dpi=100)


def main():
    options = parser("units", __doc__, figure=True)
    options.add_argument("--items", type=int, default=20, help="texts a property (default: %(default)s)")
    arguments = parse(options)
    table, further = [], {}
    for file, name, property, items, layer in searches(arguments.items):
        steps = []

        def counted(item, tokens, property=property, steps=steps):
            values = property(item, tokens)
            steps.append(len(values))
            return values

        items, further[file, name] = (items[:-1], items[-1]) if isinstance(items[0], str) else (items, None)
        found = lstm_zoo.units(file, items, counted, layer)
        table.append(row_of(file, name, found, sum(steps)))
    told = [(row, further[row["file"], row["property"]]) for row in table]
    clear = sorted((pair for pair in told if pair[1]), key=lambda pair: -clearness(pair[0]))
    draw(clear[:SHOWN], arguments.figure)
    settings = {"texts a property": arguments.items, "parts of series": 2 * arguments.items}
    settings["characters of a text, about"] = CHARACTERS
    write(arguments.output, "benchmarks.units", __doc__, settings=settings, table=table, packages=("scikit-learn",))


if __name__ == "__main__":
    main()
