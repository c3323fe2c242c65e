"""Write what is shown of the published weights and of results: pages in docs/, short tables, and the terms in NOTICE.

    python -m scripts.results [--check]      # --check: exit with 1 if something is out of date

`benchmarks/measuring.py` tells what a result in benchmarks/results/ holds.
"""

import argparse
import json
import math
import pathlib
import re
import sys

from lstm_zoo.calibration import draw_reliability
from lstm_zoo.files import replacing, write_text
from lstm_zoo.registry import TASKS, get_task
from lstm_zoo.weights import catalog
from scripts.views import figure, markdown, view_table, whole_view, with_excerpts

ROOT = pathlib.Path(__file__).parents[1]
DOCS, RESULTS, NOTICE = ROOT / "docs", ROOT / "benchmarks" / "results", ROOT / "NOTICE"
WITH_SCORES = (ROOT / "README.md", ROOT / "DESCRIPTION.md")  # what a checkout and what a package index show
WITH_EXCERPTS = DOCS / "lstm.md"
RELIABILITY, COLUMNS = DOCS / "reliability.png", 3  # the diagrams of all rows with labels
SEARCHES = "searches"  # the result whose page stands beside those of the benchmarks
SHOWN = (*TASKS, "speech/keyword")  # whose default files the short table shows
PERCENT = ("wer", "bleu")  # metrics in %
TRAINED_ON_VALIDATION = ("an4/all",)  # data sets whose validation split is trained on
WRITTEN = "\n<!-- Written by scripts/results.py: make results -->\n"

WEIGHTS_TEXT = """\
A pipeline is one `keras.Model` from raw input to answer, preprocessing included, in one `.keras` file. Every score is
that of the published file on the test split of its data; beside it stands the best of some cheap baselines on the same
split. Everything that was chosen - epochs, hyperparameters, which file is published - was chosen on validation, or,
where the text says so, by no score at all. The test splits are the official ones, but for `spoken_digit` (recordings of
every speaker; `unseen`: all of one speaker) and for the language model of IMDb, which is scored on 2,500 reviews of it.
An arrow says which way is better.
"""
METRICS_TEXT = """\
Metrics: `accuracy`; `mse` of standardized values; `owa`, the M4 competition's average of two errors over those of a
naive forecast; `bleu` of sacreBLEU on cased, detokenized text (its signature is in the row, and that of lower-cased
text beside it); `wer`, word errors in %, by jiwer (the row of a transcriber also has `wer_low` and `wer_high`, the
bounds of a 95 % bootstrap interval over the ten speakers of the test split); `nll`, nats a character.

`speech-ctc-an4_all`, which `load("speech")` takes, was trained, after all choices had been made on eight speakers of
AN4's training split, for 50 more passes on all its 74 speakers, those eight among them: its test score counts, its
validation score is of recordings that it learnt from. The score of `speech-keyword-digits_unseen` is on a speaker that
its training never heard.

Every row of `lstm_zoo/weights/weights.json` also has the exact training command, seed, commit, versions and hash.
"""
OUT_OF_DOMAIN_TEXT = """\
## Out of domain

Scores of the same files on examples of other kinds than they learnt from, beside the best baseline that learnt what
they did. For the general files of translation that is `everyday`; the others of theirs are the test parts of the kinds
that they learnt from, each alone.
"""
CALIBRATION_TEXT = """\
## Calibration

Of labels with a probability of 0.8 four in five should hold. How far it is from that on average is the expected
calibration error, with 15 bins (Guo et al. 2017). A temperature, where a file has one, was fitted to validation, and
nothing to test.
"""
CALIBRATION_NOTE = """\
How often the labels of each file hold on validation, by their probability, and below how many there are of each:
"""
LICENSE_TEXT = """\
The published files are under the Apache License 2.0 as far as they are ours to license; what they learnt from has terms
of its own:
"""


def score_text(metrics, metric):
    """A score: two digits of one in %, four of others."""
    return f"{metrics[metric]:.2f}" if metric in PERCENT else f"{metrics[metric]:.4f}"


def compared(row):
    """Of a published row: its metric with an arrow, its test score, and that of the best baseline."""
    better = get_task(row["network"]).better
    metric, score = next(iter(row["metrics"]["test"].items()))
    name = better(row["baselines"], key=lambda name: row["baselines"][name][metric])
    baseline = row["baselines"][name]
    loses = " (ours loses)" if better(score, baseline[metric]) != score else ""
    return [
        f"{row['data']}, {metric} {'↑' if better is max else '↓'}",
        f"**{score_text(row['metrics']['test'], metric)}**{loses}",
        f"{score_text(baseline, metric)}, {name}",
    ]


def weights_page():
    """docs/weights.md: every published pipeline with its score, the best baseline's, its limits and its terms."""
    table = []
    for row in catalog.rows():
        validation = score_text(row["metrics"]["validation"], next(iter(row["metrics"]["test"])))
        learnt = " (learnt from)" if row["data"] in TRAINED_ON_VALIDATION else ""
        size = f"{row['bytes'] / 1e6:.1f} MB"
        table.append([f"`{row['name']}`", *compared(row), f"{validation}{learnt}", row["parameters"], size])
    header = ["weights", "data, metric", "test score", "best baseline", "validation", "parameters", "file"]
    parts = [f"# Pretrained pipelines\n\n{WEIGHTS_TEXT}", f"{markdown(header, table)}\n", METRICS_TEXT]
    rows = catalog.rows()
    return "\n".join([*parts, *out_of_domain(rows), *calibration(rows), LICENSE_TEXT, limits(rows)])


def out_of_domain(rows):
    """The parts of a page on published files that tell how good they are on examples of other kinds; none, no part."""
    table = []
    for row in rows:
        for kind, told in row.get("out_of_domain", {}).items():
            better, metric = get_task(row["network"]).better, next(iter(told["metrics"]))
            scores = {name: found[metric] for name, found in told["baselines"].items() if metric in found}
            best = better(scores, key=scores.get) if scores else None
            shown = f"{score_text(told['baselines'][best], metric)}, {best}" if best else ""
            way = "↑" if better is max else "↓"
            table.append([f"`{row['name']}`", f"{kind}, {metric} {way}", score_text(told["metrics"], metric), shown])
    header = ["weights", "examples, metric", "score", "best baseline"]
    return [OUT_OF_DOMAIN_TEXT, f"{markdown(header, table)}\n"] if table else []


def calibration(rows):
    """The parts of a page on published files that tell how far their probabilities can be trusted."""
    names, table = diagrams(rows), []
    for row in rows:
        if row["name"] in names:
            errors = (row["metrics"][split].get("calibration_error") for split in ("validation", "test"))
            table.append([f"`{row['name']}`", *("" if error is None else f"{error:.4f}" for error in errors)])
    header = ["weights", "validation", "test"]
    picture = f"![Reliability on validation of {', '.join(names)}]({RELIABILITY.name})\n"
    return [CALIBRATION_TEXT, f"{markdown(header, table)}\n", CALIBRATION_NOTE, picture] if table else []


def diagrams(rows):
    """Name -> reliability diagram of the rows that have one."""
    return {row["name"]: row["reliability"] for row in rows if "reliability" in row}


def draw_diagrams(found, path):
    """Write the reliability diagrams of rows as one picture, in which the numbers stand too."""
    from matplotlib.figure import Figure

    lines = math.ceil(len(found) / COLUMNS)
    figure = Figure(figsize=(4 * COLUMNS, 5 * lines), layout="constrained")
    for part, (name, diagram) in zip(figure.subfigures(lines, COLUMNS, squeeze=False).flat, found.items()):
        draw_reliability(diagram, part, name)
    with replacing(path) as drawn:
        figure.savefig(drawn, dpi=100, metadata={"Description": json.dumps(found)})


def drawn_in(path):
    """The reliability diagrams that a picture of `draw_diagrams` shows."""
    import PIL.Image

    with PIL.Image.open(path) as picture:
        return json.loads(picture.text["Description"])


def limits(rows):
    """A Markdown list of what published files are for, and the terms of what they learnt from."""
    groups = grouped(rows, lambda row: f"{row['limits']} Data: {row['data_license']}.")
    return "".join(f"- {', '.join(f'`{name}`' for name in names)}: {text}\n" for text, names in groups.items())


def notice(rows):
    """The file NOTICE of a wheel: the terms of every data set that the published files of some rows learnt from."""
    groups = grouped(rows, lambda row: row["data_license"])
    terms = "\n".join("\n  ".join([f"{text}:", *names]) + "\n" for text, names in groups.items())
    return f"lstm_zoo\nCopyright The lstm_zoo authors\n\n{LICENSE_TEXT}\n{terms}"


def grouped(rows, text):
    """Text about rows -> the names of those that it is about."""
    groups = {}
    for row in rows:
        groups.setdefault(text(row), []).append(row["name"])
    return groups


def scores_table():
    """The short table: the default file of each task."""
    rows = [(name, catalog.find(name)) for name in SHOWN]
    table = [[f"`{name}`", f"`{row['name']}`", *compared(row)] for name, row in rows]
    return markdown(["task", "default file", "data, metric", "test score", "best baseline"], table)


def result_page(result):
    """The page of a result: what is compared, under which conditions, and the rows."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    settings = "; ".join(f"{name}: {figure(value)}" for name, value in result["settings"].items())
    conditions = {
        "Command": f"`{result['command']}`",
        "Machine": result["machine"],
        "Versions": versions,
        "Settings": settings,
    }
    image = page_path(result["subject"]).with_suffix(".png")
    parts = [
        f"# {result['title']}",
        result["notes"],
        "\n".join(f"- {name}: {text}" for name, text in conditions.items() if text),
        *(view_table(result["table"], view) for view in result["views"] or [whole_view(result["table"])]),
        f"![{result['title']}]({image.name})" if image.exists() else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def page_path(subject):
    """Where the page of a result is."""
    return DOCS / "searches.md" if subject == SEARCHES else DOCS / "benchmarks" / f"{subject}.md"


def updated(path):
    """The text of README.md, or of another file that shows the table of scores, with a fresh one."""
    pattern = re.compile(r"(<!-- scores: [^\n]* -->\n).*?(<!-- end -->)", flags=re.DOTALL)
    text, count = pattern.subn(
        lambda match: f"{match[1]}{scores_table()}\n{match[2]}", path.read_text(encoding="utf-8")
    )
    if count != 1:
        raise ValueError(f"{path.name} has {count} places for the table of scores; one is expected")
    return text


def pages():
    """Path -> fresh text of every file that this script writes."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    links = "\n".join(
        f"- [{result['title']}]({result['subject']}.md)" for result in results if result["subject"] != SEARCHES
    )
    return {
        **{path: updated(path) for path in WITH_SCORES},
        WITH_EXCERPTS: with_excerpts(updated(WITH_EXCERPTS), {result["subject"]: result for result in results}),
        NOTICE: notice(catalog.rows()),
        DOCS / "weights.md": weights_page() + WRITTEN,
        DOCS / "benchmarks" / "index.md": f"# Benchmarks and studies\n\n{links}\n{WRITTEN}",
        **{page_path(result["subject"]): result_page(result) + WRITTEN for result in results},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1 if a page is out of date")
    check = parser.parse_args().check
    for path, text in pages().items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path.relative_to(ROOT)} is out of date: run make results")
    found = diagrams(catalog.rows())
    if not check:
        draw_diagrams(found, RELIABILITY)
    elif not RELIABILITY.exists() or drawn_in(RELIABILITY) != found:
        sys.exit(f"{RELIABILITY.relative_to(ROOT)} is out of date: run make results")


if __name__ == "__main__":
    main()
