"""Write the tables of README.md, between their markers, and the pages docs/*.md from weights.json and docs/*.json.

python scripts/results.py [--check]      # --check: exit with 1 if a page is out of date
"""

import argparse
import json
import pathlib
import re
import statistics
import sys

from lstm_zoo import weights, registry
from lstm_zoo.training.checkpoints import write

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
NAMES = ("benchmark", "accuracy", "formats", "serving", "forecasting", "ablation", "translation", "workers")
BENCHMARK, ACCURACY, FORMATS, SERVING, FORECASTING, ABLATION, TRANSLATION, WORKERS = (
    ROOT / "docs" / f"{name}.json" for name in NAMES
)
SPEECH, ROBUSTNESS, TEXT_GENERATION, FEW_LABELS = (
    ROOT / "docs" / f"{name}.json" for name in ("speech", "robustness", "text_generation", "few_labels")
)
SEARCHES = ROOT / "docs" / "searches"  # `best.json` of searches as they wrote it, and the command


def markdown(header, rows):
    """A Markdown table; cells after the first two columns are numbers, aligned to the right."""
    align = [":--", ":--", *["--:"] * (len(header) - 2)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, align, *rows))


PERCENT = ("wer", "bleu")
LEARNT = ("an4/all",)  # data whose validation split is trained on


def figure(value, measure=None):
    """Four digits of a number, two of a large one or of one in %."""
    return f"{value:.2f}" if measure in PERCENT or abs(value) >= 5 else f"{value:.4f}"


def weights_table():
    """Every published pipeline with its score beside that of the baseline."""
    table = []
    for row in weights.rows():
        measure, score = next(iter(row["metrics"]["test"].items()))
        better = registry.task_module(row["network"]).BETTER
        name = better(row["baselines"], key=lambda name: row["baselines"][name][measure])
        rival = row["baselines"][name][measure]
        verdict = "" if better(score, rival) == score else " (ours loses)"
        validation = figure(row["metrics"]["validation"][measure], measure)
        table.append(
            [
                f"`{row['name']}`",
                f"{row['data']}, test {measure} {'↑' if better is max else '↓'}",
                f"**{figure(score, measure)}**{verdict}",
                f"{figure(rival, measure)}, {name}",
                f"{validation} (learnt from)" if row["data"] in LEARNT else validation,
                f"{row['parameters']:,}",
                f"{row['bytes'] / 1e6:.1f} MB",
            ]
        )
    header = ["weights", "measure", "score", "best baseline", "validation", "parameters", "file"]
    said = {}  # what is said of rows -> their names
    for row in weights.rows():
        said.setdefault(f"{row['limits']} Data: {row['data_license']}.", []).append(f"`{row['name']}`")
    limits = "\n".join(f"- {', '.join(names)}: {text}" for text, names in said.items())
    return f"{markdown(header, table)}\n\n{limits}"


RIVALS = {
    "keras": "Keras",
    "keras_mask": "Keras, mask",
    "torch": "PyTorch",
    "torch_tuned": "PyTorch, tuned malloc",
    "torch_packed": "PyTorch, packed",
    "torch_tuned_packed": "PyTorch, packed, tuned malloc",
    "zoo_bfloat16": "zoo, bfloat16",
    "torch_bfloat16": "PyTorch, bfloat16",
    "torch_tuned_bfloat16": "PyTorch, bfloat16, tuned malloc",
}


def layer_table(result, work):
    """Time of every rival over that of the zoo's float32 layer, one shape a row."""
    rows = [row for row in result["layer"] if row["work"] == work]
    rivals = [rival for rival in RIVALS if any(rival in row["ms"] for row in rows)]
    header = ["batch, steps, inputs, units", "layer", "lengths", "zoo, ms", "path", "share of the peak"]
    table = []
    for row in rows:
        ratios = [f"{row['ms'][rival] / row['ms']['zoo']:.2f}" if rival in row["ms"] else "" for rival in rivals]
        table.append(
            [
                ", ".join(map(str, row["shape"])),
                "bidirectional" if row["bidirectional"] else "one direction",
                row["lengths"],
                f"{row['ms']['zoo']:.0f}",
                row["path"],
                f"{row['share_of_product']:.0%}",
                *ratios,
            ]
        )
    return markdown([*header, *(RIVALS[rival] for rival in rivals)], table)


def summary_table(result):
    """Every rival's time over that of the zoo's float32 layer: median, least and greatest over all shapes."""
    table = []
    for rival, title in RIVALS.items():
        cells = []
        for work in ("training", "inference"):
            rows = [row["ms"] for row in result["layer"] if row["work"] == work and rival in row["ms"]]
            ratios = [row[rival] / row["zoo"] for row in rows]
            cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if ratios else "")
        if any(cells):
            table.append([title, "", *cells])
    return markdown(["rival", "", "a training step", "inference"], table)


def conditions(result):
    """Command, machine and method of a benchmark."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    bfloat16 = "" if result["bfloat16"] else ", which has no bfloat16 units, so that bfloat16 is not measured"
    return f"`{result['command']}` on {result['machine']}{bfloat16}; {versions}"


def benchmark_table():
    """Speed in short: training one layer, padding, an epoch and latency."""
    if not BENCHMARK.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(BENCHMARK.read_text())
    shapes = {tuple(row["shape"]) for row in result["layer"]}
    padding, latency = result["padding"], result["latency_ms"]
    return (
        f"{conditions(result)}. Medians of {result['repetitions']}, rivals interleaved.\n\n"
        f"One layer, {len(shapes)} shapes, one and both directions, full rows and rows as long as reviews "
        "([every one of them](docs/benchmark.md)): the rival's time over the zoo's, the median, the least and the "
        f"greatest; more than 1: the zoo is faster.\n\n{summary_table(result)}\n\n{epoch_table(result)}\n\n"
        f"Padded tokens for each true one: {padding['random']:.2f} in random batches, "
        f"**{padding['bucketed']:.2f}** with length bucketing. One review of 210 tokens: "
        + ", ".join(f"{milliseconds:.0f} ms through {route}" for route, milliseconds in latency.items())
        + "."
    )


def epoch_table(result):
    """Speed of a whole epoch, and what it does to accuracy."""
    names = list(result["epoch"][0]["seconds"])
    table = []
    for row in result["epoch"]:
        slowest = row["seconds"][names[0]]
        table.append(
            [row["texts"], "", *(f"{seconds:.0f} s ({slowest / seconds:.2f})" for seconds in row["seconds"].values())]
        )
    text = (
        "One IMDb epoch of the default network, seconds (and how many times faster than the first), from every tenth "
        f"batch:\n\n{markdown(['texts', '', *names], table)}"
    )
    if ACCURACY.exists():
        accuracy = json.loads(ACCURACY.read_text())
        measured = "; ".join(
            f"{name} {statistics.mean(values):.4f} ({', '.join(f'{value:.4f}' for value in values)})"
            for name, values in accuracy["accuracy"].items()
        )
        text += f"\n\nValidation accuracy after one epoch, by seed (`{accuracy['command']}`): {measured}."
    return text


def formats_table():
    """What each export format costs."""
    if not FORMATS.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(FORMATS.read_text())
    table = [
        [
            row["format"],
            "" if row["bytes"] is None else f"{row['bytes'] / 1e6:.1f} MB",
            f"{row['latency_ms']:.1f} ms",
            f"{row['rows_a_second']:.0f}",
            f"{row['accuracy']:.4f}",
        ]
        for row in result["table"]
    ]
    header = ["format, weights", "size", "one row", "rows a second, 64 at once", "validation accuracy"]
    return (
        f"Network of `{result['pipeline']}` on rows of {result['steps']} tokens (LiteRT: one at a time); "
        f"`{result['command']}` on {result['machine']}.\n\n"
        f"{markdown(header, table)}"
    )


def serving_table():
    """What batching gives `lstm-zoo serve`."""
    if not SERVING.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(SERVING.read_text())
    return (
        f"{result['requests']:,} requests at once, a review of 210 tokens each: {result['errors']} errors, "
        f"{result['at_once']:.0f} a second, **{result['at_once'] / result['one_by_one']:.1f}** times as many as one "
        f"after the other ({result['one_by_one']:.0f}); `{result['command']}` on {result['machine']}."
    )


def forecasting_table():
    """How fast the forecasting networks are, beside PyTorch and neuralforecast."""
    if not FORECASTING.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(FORECASTING.read_text())
    rows = [("segment", row["work"], row["batch"], row["rate"]) for row in result["segment"]["table"]]
    rows.append(("seq2seq", "training", result["seq2seq"]["batch"], result["seq2seq"]["rate"]))
    titles = {"torch": "the same network in PyTorch", "neuralforecast": "neuralforecast's LSTM, of equal width"}
    table = [
        [
            f"`{network}`",
            f"{work}, {batch} at once",
            f"{rate['zoo']:.0f}",
            *(f"{rate['zoo'] / value:.2f} times {titles[name]}" for name, value in rate.items() if name != "zoo"),
        ]
        for network, work, batch, rate in rows
    ]
    sizes = "; ".join(
        f"{name}: {', '.join(f'{key} {value}' for key, value in result[name]['sizes'].items())}"
        for name in ("segment", "seq2seq")
    )
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"`{result['command']}` on {result['machine']} ({versions}); {sizes}.\n\n"
        f"{markdown(['network', 'work', 'windows a second', 'beside'], table)}"
    )


def ablation_text():
    """What the LSTM of the M4 network is worth."""
    if not ABLATION.exists():
        return "Not measured yet: `python scripts/ablation.py` measures it."
    result = json.loads(ABLATION.read_text())

    def owa(name):
        values = [measures["owa"] for measures in result[name]]
        return f"{statistics.mean(values):.4f} ({', '.join(f'{value:.4f}' for value in values)})"

    return (
        f"What the recurrence is worth on M4 Hourly: validation OWA by seed after {result['epochs']} passes, with the "
        f"LSTM {owa('with')}, without it {owa('without')} (`{result['command']}`). Without it the "
        "mixture of naive forecasts is left."
    )


def translation_table():
    """How fast beam search is, beside the Keras example's loop and PyTorch."""
    if not TRANSLATION.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(TRANSLATION.read_text())
    rates = {row["name"]: row["rate"] for row in result["table"]}
    table = [
        [
            row["name"],
            f"{row['sentences']}",
            f"{row['rate']:.1f}",
            f"{rates['pipeline, greedy' if 'greedy' in row['name'] else 'pipeline, 4 beams'] / row['rate']:.2f}",
            f"{row['same']:.0%}",
        ]
        for row in result["table"]
    ]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    header = ["translation by", "sentences", "a second", "the pipeline is faster by", "same as the pipeline's"]
    return (
        f"`{result['command']}` on {result['machine']} ({versions}); the weights of `{result['pipeline']}`, 64 "
        f"sentences at once but in the loops, medians of {result['repetitions']}.\n\n{markdown(header, table)}"
    )


def speech_table():
    """How fast recordings are transcribed and trained on, beside the same network in PyTorch."""
    if not SPEECH.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(SPEECH.read_text())
    table = []
    for row in result["table"]:
        factors = row.get("real_time_factor")
        values = factors or row["seconds_an_hour"]
        for name, value in values.items():
            ratio = f"{row['ratio'][name]:.2f}" if "ratio" in row else ""
            place = f"{row['threads']} thread{'s' * (row['threads'] > 1)}, batch {row['batch']}"
            takes = f"{1000 * value:.1f} ms, a second" if factors else f"{value:.1f} s, an hour"
            table.append([f"{row['work']}, {place}", name, takes, ratio])
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"`{result['command']}` on {result['machine']} ({versions}); `speech/ctc`, {result['recordings']} recordings "
        f"of AN4, {result['weights']} weights, medians of {result['repetitions']}.\n\n"
        f"{markdown(['work', 'by', 'time for a second or hour of audio', 'over PyTorch'], table)}"
    )


def robustness_table():
    """What other microphones, rooms and files cost."""
    if not ROBUSTNESS.exists():
        return "Not measured yet: `python scripts/robustness.py` measures it."
    result = json.loads(ROBUSTNESS.read_text())
    names = list(result["scores"])
    table = [
        [change, "", *(figure(result["scores"][name][change], result["measures"][name]) for name in names)]
        for change in result["scores"][names[0]]
    ]
    header = ["recording", "", *(f"`{name}`, {result['measures'][name]}" for name in names)]
    return f"Test splits, each recording changed the same way (`{result['command']}`).\n\n{markdown(header, table)}"


LEARNERS = {
    "bag of bigrams": "bag of bigrams, logistic regression",
    "from scratch": "`sentiment/awd` from scratch",
    "pretrained": "`sentiment/awd` from a language model",
}


def few_labels(result):
    """Learner -> number of labelled reviews -> accuracies, one a seed, of what has been measured."""
    found = {}
    for point in sorted(result["points"], key=lambda point: (list(LEARNERS).index(point["learner"]), point["labels"])):
        found.setdefault(point["learner"], {}).setdefault(point["labels"], []).append(point["accuracy"])
    return found


def few_labels_table():
    """What pretraining is worth where labels are few."""
    if not FEW_LABELS.exists():
        return "Not measured yet: `python scripts/few_labels.py` measures it."
    result = json.loads(FEW_LABELS.read_text())
    measured = few_labels(result)
    columns = sorted({labels for points in measured.values() for labels in points})

    baseline = measured[next(iter(LEARNERS))]

    def cell(points, labels):
        if not (values := points.get(labels)):
            return ""
        spread = f" ({min(values):.4f} to {max(values):.4f})" if len(values) > 1 else ""
        loses = " (ours loses)" if statistics.mean(values) < statistics.mean(baseline[labels]) else ""
        return f"{statistics.mean(values):.4f}{spread}{loses}"

    table = [[LEARNERS[name], *(cell(points, labels) for labels in columns)] for name, points in measured.items()]
    seeds = {labels: max(len(points.get(labels, [])) for points in measured.values()) for labels in columns}
    header = ["learner", *(f"{labels:,} labels, {count} seed{'s' * (count > 1)}" for labels, count in seeds.items())]
    return (
        f"Accuracy on {result['settings']['reviews']:,} reviews of the IMDb test split by the number of labelled "
        "reviews, a tenth of which is for validation: the mean of several seeds, the least and the greatest "
        f"(`{result['command']}` on {result['machine']}).\n\n"
        f"{markdown(header, table)}\n\n![Accuracy against labelled reviews](docs/few_labels.png)"
    )


def text_generation_table():
    """How fast language models train and write, beside the same networks in PyTorch."""
    if not TEXT_GENERATION.exists():
        return "Not measured yet: `make bench` measures it."
    result = json.loads(TEXT_GENERATION.read_text())
    table = [
        [
            f"`{row['network']}`, {row['work']}",
            name,
            f"{rate:,.0f}",
            f"{row['ratio'][name]:.2f}" if name in row["ratio"] else "",
        ]
        for row in result["table"]
        for name, rate in row["rate"].items()
    ]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    measured = any(name.endswith("bfloat16") for row in result["table"] for name in row["rate"])
    machine = result["machine"] if measured else f"{result['machine']}, which has no bfloat16 units"
    return (
        f"`{result['command']}` on {machine} ({versions}); medians of {result['repetitions']}, rivals "
        f"interleaved.\n\n{markdown(['work', 'by', 'tokens a second', 'times PyTorch'], table)}"
    )


def searches():
    """What `best.json` of every search says."""
    return [json.loads(path.read_text()) for path in sorted(SEARCHES.glob("*.json"))]


def searches_page():
    """docs/searches.md: the command of every search."""
    commands = "\n".join(best["command"] for best in searches())
    return (
        "# Searches\n\nWritten by scripts/results.py from docs/searches/: the commands of the searches in README.md, "
        f"in its order.\n\n```sh\n{commands}\n```\n"
    )


def searches_table():
    """What searches found, beside the default of the same budget, and what they cost."""
    table = []
    for best in searches():
        settings = best["settings"]
        found = {key: value for key, value in best["hyperparameters"].items() if key in settings["space"]}
        values = [f"{key} {f'{value:.3g}' if isinstance(value, float) else value}" for key, value in found.items()]
        won = best["score"] != best["default_score"]
        table.append(
            [
                f"`{best['name']}`, {settings['dataset']}",
                ", ".join(values) if won else "the default",
                best["objective"],
                f"{best['default_score']:.4f}",
                f"**{best['score']:.4f}**",
                f"{settings['epochs']}",
                f"{best['trials']['COMPLETED']}",
                f"{best['seconds'] / 60:.0f}",
            ]
        )
    header = ["network, data", "best trial", "measure", "of the default", "of the best", "epochs", "trials", "minutes"]
    return f"{markdown(header, table)}\n\nThe command of each is in [docs/searches.md](docs/searches.md)."


def workers_text():
    """What a second worker is worth."""
    if not WORKERS.exists():
        return "Not measured yet."
    result = json.loads(WORKERS.read_text())
    seconds = result["seconds"]
    return (
        f"Two workers finish {result['trials']} equal trials in **{seconds['2'] / seconds['1']:.2f}** of the time of "
        f"one, one core each ({seconds['2']:.0f} s, {seconds['1']:.0f} s); of a trial of {result['trial_seconds']:.0f} "
        f"s {result['overhead']:.1%} is spent outside of building and fitting "
        f"(`{result['commands']['1']}` and with `--workers 2` on two cores, on {result['machine']})."
    )


def benchmark_page():
    """docs/benchmark.md: the whole benchmark."""
    result = json.loads(BENCHMARK.read_text())
    sections = [f"## {work.capitalize()}\n\n{layer_table(result, work)}" for work in ("training", "inference")]
    return (
        "# Speed\n\nWritten by scripts/results.py from docs/benchmark.json. The tables show the rival's time over the "
        "zoo's: more than 1 means that the zoo is faster. The share of the peak is that of the machine's fastest "
        f"matrix product, measured in the same run.\n\n{conditions(result)}. Medians of "
        f"{result['repetitions']}, rivals interleaved; lengths of {result['lengths']}.\n\n"
        + "\n\n".join(sections)
        + "\n"
    )


def updated(text):
    """`text` of README.md with fresh tables."""
    for name, table in (
        ("weights", weights_table),
        ("benchmark", benchmark_table),
        ("formats", formats_table),
        ("serving", serving_table),
        ("forecasting", forecasting_table),
        ("ablation", ablation_text),
        ("translation", translation_table),
        ("robustness", robustness_table),
        ("speech", speech_table),
        ("text_generation", text_generation_table),
        ("searches", searches_table),
        ("workers", workers_text),
        ("few_labels", few_labels_table),
    ):
        pattern = rf"(<!-- {name}: [^\n]* -->\n).*?(<!-- end -->)"
        fresh = f"{table()}\n"
        text, count = re.subn(pattern, lambda found, fresh=fresh: found[1] + fresh + found[2], text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"README.md has {count} places for the table {name!r}; one is expected")
    return text


def pages():
    """Path -> fresh text of every file that this script writes."""
    fresh = {README: updated(README.read_text(encoding="utf-8")), SEARCHES.with_suffix(".md"): searches_page()}
    if BENCHMARK.exists():
        fresh[BENCHMARK.with_suffix(".md")] = benchmark_page()
    return fresh


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1 if a page is out of date")
    check = parser.parse_args().check
    for path, text in pages().items():
        if not check:
            write(path, text)
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path.name} is out of date: run make results")


if __name__ == "__main__":
    main()
