"""How far the published networks remember: what an answer hangs on, what has to be read, how fast a cell forgets

    python -m benchmarks.memory [--examples 100]

`lstm_zoo.memory` of each published file, on the test split of its data. In the first table: how good the answers are
where so much is read, and no more. Of text generation that is the nats of a right character, or subword, after so many
before it; of sentiment the accuracy after the first words of reviews of 64 to 256 words; of translation the nats of a
subword of the translation by people, after the first words of the sentence; of speech the word errors in % of the most
probable letters where so many steps of 40 ms are heard on each side, and of keywords the accuracy after the first steps
of 40 ms; of forecasting the error from the last values before a forecast. "all" is all that there is to read: the
longest text, recording or look-back. Short parts of a recording are also normalized by themselves, so that what they
lack is not memory alone.

In the second table: the distance, in steps, within which half of the gradient of an answer lies, and nine tenths of it,
the mean of two inputs; and of the units of the LSTM that remembers longest the median of the half-lives of what is in
a cell, of the longest tenth the least, and the longest, in steps. The gradient of speech is that of the step in the
middle, and counts both sides. The gradient of labels and forecasts also goes past the LSTMs: by pooling and attention,
and by the parts of a forecast that are linear.
"""

import functools

import numpy as np
from matplotlib.figure import Figure

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo.files import replacing
from lstm_zoo.inspection.memory import draw_context, draw_gradient
from lstm_zoo.registry import get_task
from lstm_zoo.tasks.speech.context import SURROUNDINGS
from lstm_zoo.weights import catalog
from recipes import few_labels

RECORDINGS = 12  # whose every step is heard by itself
READ = 2  # inputs for the gradient and the half-lives
WORDS = (64, 256)  # of a review
CHARACTERS = 100_000  # of texts
TOKENS = 1000  # characters of a text for the gradient
VIEWS = [
    {"rows": ["file", "metric", "by"], "columns": "read", "values": ["score"]},
    {
        "rows": ["file", "LSTM"],
        "values": ["half of the gradient", "nine tenths", "half-life: median", "longest tenth", "longest"],
    },
]


@functools.cache
def test_split(network, data):
    """Checked examples of the test split of a data set."""
    task = get_task(network)
    if task.name == "sentiment":  # the same for all files, and read once
        return few_labels.reviews("test")
    return task.read(task.data("test", data))


def examples_of(row, count):
    """Examples of the test split of a published file, so many, but of series and texts for generation all that are
    needed, of whole sentences fewer."""
    task, examples = get_task(row["network"]), test_split(row["network"], row["data"])
    if task.name == "text_generation":
        lengths = np.cumsum([len(text) for text in examples])
        return examples[: 1 + np.searchsorted(lengths, CHARACTERS)]
    if task.name == "forecasting":
        return examples
    if task.name == "sentiment":
        examples = [pair for pair in examples if WORDS[0] <= len(pair[0].split()) <= WORDS[1]]
    count = count if task.context is not SURROUNDINGS else min(count, RECORDINGS)
    return [examples[place] for place in np.random.default_rng(0).permutation(len(examples))[:count]]


def inputs_of(row, examples):
    """A few of the examples, without their answers, as `memory` takes them."""
    name = get_task(row["network"]).name
    if name == "text_generation":
        text = "\n".join(examples)
        return [text[begin * TOKENS : (begin + 1) * TOKENS] for begin in range(READ)]
    return examples[:READ] if name == "forecasting" else [question for question, *_ in examples[:READ]]


def within(found, share):
    """The distance, on both sides, within which a share of the gradient lies."""
    order = np.argsort(np.abs(found["distance"]), kind="stable")
    sums = np.cumsum(found["gradient"][order])
    return int(np.abs(found["distance"][order][np.searchsorted(sums, share * sums[-1])]))


def rows_of(file, found):
    """The rows of the table about a file."""
    counts = [int(count) for count in found["context"]]
    last = counts[-1] if counts[-1].bit_count() == 1 and file.startswith("text_generation") else "all"
    about = {"file": file, "metric": found["metric"], "by": found["context_kind"]}
    for count, score in zip([*counts[:-1], last], found["score"]):
        yield {**about, "read": count, "score": round(float(score), 4)}
    lstm, half_life = max(found["half_life"].items(), key=lambda pair: np.median(pair[1]))
    median, long, longest = (round(float(value), 2) for value in np.quantile(half_life, (0.5, 0.9, 1)))
    yield {
        "file": file,
        "LSTM": lstm,
        "half of the gradient": within(found, 0.5),
        "nine tenths": within(found, 0.9),
        "half-life: median": median,
        "longest tenth": long,
        "longest": longest,
    }


def draw(every, path):
    """A picture with a row for each kind of score: pairs (row of the catalogue, what `memory` found)."""
    kinds = {}
    for row, found in every:
        kinds.setdefault((get_task(row["network"]).name, found["metric"], found["context_kind"]), []).append(
            (row, found)
        )
    figure = Figure(figsize=(11, 2.8 * len(kinds)), layout="constrained")
    for members, pair in zip(kinds.values(), figure.subplots(len(kinds), 2, squeeze=False)):
        for number, (row, found) in enumerate(members):
            style = {"color": f"C{number}", "linestyle": ("-", "--", ":", "-.")[number % 4], "label": row["name"]}
            draw_context(pair[0], found, **style)
            draw_gradient(pair[1], found, **style)
        pair[0].legend(fontsize="small")
    with replacing(path) as drawn:
        figure.savefig(drawn, dpi=90)


def main():
    options = parser("memory", __doc__, figure=True)
    options.add_argument("--examples", type=int, default=100, help="texts or recordings (default: %(default)s)")
    arguments = parse(options)
    every = []
    for row in sorted(catalog.rows(), key=lambda row: not row["name"].startswith("text_generation-character")):
        examples = examples_of(row, arguments.examples)
        inputs = inputs_of(row, examples)
        every.append((row, lstm_zoo.memory(lstm_zoo.load(row["name"]), inputs, data=examples)))
    table = [line for row, found in every for line in rows_of(row["name"], found)]
    settings = {
        "texts, pairs or keywords": arguments.examples,
        "recordings": RECORDINGS,
        "inputs for gradients and half-lives": READ,
    }
    write(arguments.output, "benchmarks.memory", __doc__, settings=settings, table=table, views=VIEWS)
    draw(every, arguments.figure)


if __name__ == "__main__":
    main()
