"""Publish a trained pipeline: score its file, copy it to weights/, and write its row of weights.json.

    python scripts/publish.py sentiment-bilstm-imdb runs/sentiment-bilstm/pipeline.keras --commit HEAD
    python scripts/publish.py sentiment-bilstm-imdb     # a published file again, with its weights in float16
    python scripts/publish.py sentiment-wide-imdb --out-of-domain runs/strangers/sentiment-wide-imdb.json
    python scripts/publish.py sentiment-wide-imdb --reliability

The published file has its weights in float16 if that makes the score on validation worse by a thousandth of it at most,
else as they are; its scores are its own. The test split is scored once, here, through the file itself. Refused: a name
that is published with other weights (a row must go on meaning what it meant), a file that does not load in Keras' safe
mode, a run on other data than the task's, a score below the baseline's unless `--below-baseline` says that it is meant,
and a row in which anything is missing. The row comes before those of the same network and data that are worse on
validation: `load` takes the first. `--out-of-domain` puts scores on other kinds of examples into the row, a published
one too, from a file like {"product reviews": {"metrics": {"accuracy": 0.78}, "baselines": {"bag of bigrams":
{"accuracy": 0.75}}}}. `--reliability` measures on validation how often the labels of a published file hold, by their
probability, for a row that does not tell it yet, and the calibration error that follows; the file and its test scores
stay as they are.
"""

import argparse
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import pooch

import lstm_zoo
from lstm_zoo.cards import records
from lstm_zoo.files import write_text
from lstm_zoo.registry import get_task, records_of
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import archive, catalog, checks, places

ROUNDING = 1e-3  # of a score: what float16 may make worse


def command(settings):
    """The command line that repeats a run, after that of the unpublished run whose pipeline it begins from."""
    words = records.command(settings, settings["dataset"])
    begin = pathlib.Path(settings.get("weights") or "")
    if "command" in settings or begin.suffix != ".keras":  # a published row, or nothing
        return words
    return f"{beginning(begin)} && {words}"


def beginning(file):
    """The command line that makes the pipeline of an unpublished run where it is."""
    before = json.loads((file.parent / "settings.json").read_text(encoding="utf-8"))
    return f"{command(before)} --folder {shlex.quote(str(file.parent))}"


def smaller(path, name, scratch):
    """A file with its weights in float16 in the folder `scratch`, named as it is published."""
    half = pathlib.Path(scratch) / f"{name}.keras"
    archive.write_in_float16(path, half)
    return half


def evaluation(path, task, dataset, split):
    """How good a file is on a split of a data set."""
    pipeline = lstm_zoo.load(str(path))
    return task.evaluate(pipeline, task.read(task.data(split, dataset)))


def chosen(path, half, task, dataset):
    """Of a file and the same in float16 the one to publish, and how good it is on validation."""
    evaluations = [evaluation(each, task, dataset, "validation") for each in (path, half)]
    name = next(iter(evaluations[0].metrics))
    whole, halved = (each.metrics[name] for each in evaluations)
    print(f"validation {name}: {whole}, in float16 {halved}", file=sys.stderr)
    is_as_good = halved == task.better(whole, halved) or abs(halved - whole) <= ROUNDING * abs(whole)
    return (half, evaluations[1]) if is_as_good else (path, evaluations[0])


def reliability(validation):
    """The field of a row for how often labels hold, by an evaluation on validation; none for what has no labels."""
    return {} if validation.reliability is None else {"reliability": validation.reliability}


def out_of_domain_in(path):
    """What a file tells of other kinds of examples, for a row; {} for None.

    Raises:
        ValueError: something else than `catalog.OPTIONAL` has.
    """
    if path is None:
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not told or not checks.is_out_of_domain(told):
        form = 'like {"product reviews": {"metrics": {"accuracy": 0.78}, "baselines": {"bag": {"accuracy": 0.75}}}}'
        raise ValueError(f"{path} is an object {form}. Received: {told!r:.160}")
    return {"out_of_domain": told}


def row(name, path, validation, settings, commit, out_of_domain):
    """The row of a file with its evaluation on validation; scores it on the test split."""
    pipeline = lstm_zoo.load(str(path))
    task, _ = records_of(pipeline)
    dataset = settings["dataset"]
    test = lstm_zoo.evaluate(pipeline, dataset, split="test")
    baselines = test.pop("baselines")
    return {
        "name": name,
        "network": settings["name"],
        "hyperparameters": archive.record_of(pipeline).get("hyperparameters"),
        "file": f"{name}.keras",
        "sha256": pooch.file_hash(str(path)),
        "bytes": path.stat().st_size,
        "parameters": pipeline.count_params(),
        "data": dataset,
        "data_license": "; ".join([task.datasets[dataset].license, *settings.get("terms", [])]),
        "license": "Apache-2.0",
        "metrics": {"validation": validation.metrics, "test": test},
        "baselines": baselines,
        **out_of_domain,
        **reliability(validation),
        **({"signature": task.signature()} if task.signature else {}),
        "command": command(settings),
        "commit": commit,
        "seed": settings["seed"],
        **({"training": settings["training"]} if "training" in settings else {}),  # time, machine, other seeds
        "versions": records.versions(),
        "limits": settings.get("limits", task.datasets[dataset].limits),
    }


def refusal(added, below_baseline):
    """Why a row cannot be published, or None."""
    missing = [
        field
        for field, kind in catalog.FIELDS.items()
        if not isinstance(added.get(field), kind) or added[field] in ("", {})
    ]
    if missing:
        return f"the row has no {', '.join(missing)}"
    metric, score = next(iter(added["metrics"]["test"].items()))
    better = get_task(added["network"]).better
    baseline = better(added["baselines"], key=lambda name: added["baselines"][name][metric])
    value = added["baselines"][baseline][metric]
    if better(score, value) != score and not below_baseline:
        return f"its test {metric} {score} is worse than {value} of {baseline}; --below-baseline publishes it"
    return None


def placed(added, published):
    """The rows with one more: before those of its network and data that are worse on validation, since `load` takes the
    first."""
    metric, score = next(iter(added["metrics"]["validation"].items()))
    better = get_task(added["network"]).better

    def is_worse(row):
        if any(row[field] != added[field] for field in ("network", "data")):
            return False
        value = row["metrics"]["validation"][metric]
        return value != score and better(value, score) == score

    place = next((place for place, row in enumerate(published) if is_worse(row)), len(published))
    return [*published[:place], added, *published[place:]]


def write_rows(rows):
    """Replace weights.json."""
    write_text(catalog.ROWS, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def lighten(name, scratch):
    """Publish the file of a row again with its weights in float16, if its score on validation is as good; its row
    then tells the scores of the new file."""
    rows = catalog.rows()
    [place] = [place for place, row in enumerate(rows) if row["name"] == name]
    row, task = rows[place], get_task(rows[place]["network"])
    path = places.CHECKOUT / row["file"]
    half = smaller(path, name, scratch)
    best, validation = chosen(path, half, task, row["data"])
    if best == path:
        return print(f"{name} stays as it is: float16 changes its score on validation")
    test = evaluation(half, task, row["data"], "test").metrics
    metrics = {"validation": validation.metrics, "test": test}
    file = {"sha256": pooch.file_hash(str(half)), "bytes": half.stat().st_size}
    added = {**row, **file, "metrics": metrics, **reliability(validation)}
    shutil.copyfile(half, path)
    write_rows([*rows[:place], added, *rows[place + 1 :]])
    return print(f"{name}: {row['bytes'] / 1e6:.1f} -> {added['bytes'] / 1e6:.1f} MB, {row['metrics']} -> {metrics}")


def measure_reliability(name):
    """Put into the row of a published file how often its labels hold on validation, and the calibration error there.

    Raises:
        ValueError: a file without labels, or whose scores on validation are not those of its row.
    """
    row = catalog.find(name)
    validation = evaluation(places.CHECKOUT / row["file"], get_task(row["network"]), row["data"], "validation")
    if validation.reliability is None:
        raise ValueError(f"{name} answers with no labels")
    if not row["metrics"]["validation"].items() <= validation.metrics.items():
        raise ValueError(f"{name} scores {validation.metrics}, and {row['metrics']['validation']} by its row")
    changed = {"metrics": {**row["metrics"], "validation": validation.metrics}, **reliability(validation)}
    write_rows([each | (changed if each["name"] == name else {}) for each in catalog.rows()])


def check_run(parser, arguments):
    """The settings of the run that a file is the pipeline of, and the commit that trained it; ends if it cannot be
    published."""
    settings_path = arguments.file.parent / "settings.json"
    if not arguments.file.is_file() or not settings_path.is_file():
        parser.error(f"{arguments.file} is not the pipeline of a run: it and {settings_path} must exist")
    settings = json.loads(settings_path.read_text(encoding="utf-8"))
    if not arguments.name.startswith(settings["name"].replace("/", "-") + "-"):
        parser.error(f"{arguments.file} holds {settings['name']}, which {arguments.name} does not name")
    try:
        lstm_zoo.load(str(arguments.file))
    except ValueError as error:
        parser.error(str(error))
    verify = ["git", "rev-parse", "--verify", "--quiet", f"{arguments.commit}^{{commit}}"]
    commit = subprocess.run(verify, capture_output=True, text=True, check=False).stdout
    if not commit:
        parser.error(f"--commit is one of this repository. Received: {arguments.commit}")
    task = get_task(settings["name"])
    dataset = settings["dataset"]
    if dataset is None or settings["data"] != fingerprint(
        *(task.read(task.data(split, dataset)) for split in ("train", "validation"))
    ):
        parser.error(f"{arguments.file} was not trained on a data set of the task: {', '.join(task.datasets)}")
    return settings, commit.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="task-network-dataset, like sentiment-bilstm-imdb")
    parser.add_argument(
        "file",
        type=pathlib.Path,
        nargs="?",
        help="pipeline.keras in the folder that lstm_zoo.train wrote; without it a published file is made smaller",
    )
    parser.add_argument("--commit", default="", help="commit of the code that trained the run")
    parser.add_argument("--below-baseline", action="store_true", help="publish a score worse than the best baseline's")
    parser.add_argument("--out-of-domain", type=pathlib.Path, metavar="FILE.json", help="scores on other examples")
    parser.add_argument("--reliability", action="store_true", help="measure that of a published file's labels alone")
    arguments = parser.parse_args()
    try:
        out_of_domain = out_of_domain_in(arguments.out_of_domain)
    except (ValueError, OSError) as error:
        parser.error(f"--out-of-domain: {error}")
    published = {row["name"]: row["sha256"] for row in catalog.rows()}
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.file is None:
            if arguments.name not in published:
                parser.error(f"{arguments.name} is not published: the file to publish is expected behind it")
            if out_of_domain:
                return write_rows(
                    [row | (out_of_domain if row["name"] == arguments.name else {}) for row in catalog.rows()]
                )
            if arguments.reliability:
                try:
                    return measure_reliability(arguments.name)
                except ValueError as error:
                    parser.error(f"--reliability: {error}")
            return lighten(arguments.name, scratch)
        settings, commit = check_run(parser, arguments)
        half = smaller(arguments.file, arguments.name, scratch)
        hashes = [pooch.file_hash(str(path)) for path in (arguments.file, half)]
        if published.get(arguments.name) in hashes:
            return print(f"{arguments.name} is published already, as it is")
        if arguments.name in published:
            parser.error(f"{arguments.name} is published already with other bytes; choose another name")
        path, validation = chosen(arguments.file, half, get_task(settings["name"]), settings["dataset"])
        added = row(arguments.name, path, validation, settings, commit, out_of_domain)
        if reason := refusal(added, arguments.below_baseline):
            parser.error(f"{arguments.name} is not published: {reason}")
        places.CHECKOUT.mkdir(exist_ok=True)
        shutil.copyfile(path, places.CHECKOUT / added["file"])
    write_rows(placed(added, catalog.rows()))
    return print(json.dumps(added, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
