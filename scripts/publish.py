"""Publish a trained pipeline: score its file, copy it to weights/, and write its row of weights.json.

    python scripts/publish.py sentiment-bilstm-imdb runs/sentiment-bilstm/pipeline.keras --commit HEAD

The test split is scored once, here, through the file itself. Refused: a name that is published with other bytes (two
saves of one model differ, and a row must go on meaning what it meant), a file that does not load in Keras' safe mode, a
run on other data than the task's, a score below the baseline's unless `--below-baseline` says that it is meant, and a
row in which anything is missing. The row comes before those of the same network and data that are worse on validation:
`load` takes the first.
"""

import argparse
import importlib.metadata
import json
import pathlib
import platform
import shlex
import shutil
import subprocess

import pooch

import lstm_zoo
from lstm_zoo.files import write_text
from lstm_zoo.registry import get_task, records_of
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import catalog, downloads

PACKAGES = ("lstm-zoo", "tensorflow", "keras", "tensorflow-datasets", "numpy")


def command(settings):
    """The command line that repeats a run, after that of the unpublished run whose pipeline it begins from."""
    if "command" in settings:  # of a script that trains on what it makes itself
        return settings["command"]
    options = ("weights", "epochs", "batch_size", "max_tokens", "learning_rate", "patience", "average")
    options = {key: settings.get(key) for key in (*options, "dropout_scale", "seed")}
    words = ["lstm-zoo", "train", settings["name"], "--data", settings["dataset"]]
    words += ["--mixed-precision"] if settings["mixed_precision"] else []
    words += flags({**options, **settings["hyperparameters"]})
    begin = pathlib.Path(settings["weights"] or "")
    if begin.suffix != ".keras":  # a published row, or nothing
        return shlex.join(words)
    return f"{beginning(begin)} && {shlex.join(words)}"


def flags(options):
    """The words of a command line that give options, those that are not None."""
    words = {f"--{key.replace('_', '-')}": str(value) for key, value in options.items() if value is not None}
    return [word for pair in words.items() for word in pair]


def beginning(file):
    """The command line that makes the pipeline of an unpublished run where it is."""
    before = json.loads((file.parent / "settings.json").read_text(encoding="utf-8"))
    return f"{command(before)} --folder {shlex.quote(str(file.parent))}"


def row(name, path, settings, commit):
    """The row of a file; scores it on validation and test."""
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    pipeline = lstm_zoo.load(str(path))
    task, _ = records_of(pipeline)
    dataset = settings["dataset"]
    test = lstm_zoo.evaluate(pipeline, dataset, split="test")
    baselines = test.pop("baselines")
    validation = task.score(pipeline, task.read(task.data("validation", dataset)))
    return {
        "name": name,
        "network": settings["name"],
        "file": f"{name}.keras",
        "sha256": pooch.file_hash(str(path)),
        "bytes": path.stat().st_size,
        "parameters": pipeline.count_params(),
        "data": dataset,
        "data_license": task.datasets[dataset].license,
        "license": "Apache-2.0",
        "metrics": {"validation": validation, "test": test},
        "baselines": baselines,
        **({"signature": task.signature()} if task.signature else {}),
        "command": command(settings),
        "commit": commit,
        "seed": settings["seed"],
        **({"training": settings["training"]} if "training" in settings else {}),  # time, machine, other seeds
        "versions": {"python": platform.python_version(), **versions},
        "limits": task.datasets[dataset].limits,
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="task-network-dataset, like sentiment-bilstm-imdb")
    parser.add_argument("file", type=pathlib.Path, help="pipeline.keras in the folder that lstm_zoo.train wrote")
    parser.add_argument("--commit", required=True, help="commit of the code that trained the run")
    parser.add_argument("--below-baseline", action="store_true", help="publish a score worse than the best baseline's")
    arguments = parser.parse_args()
    settings_path = arguments.file.parent / "settings.json"
    if not arguments.file.is_file() or not settings_path.is_file():
        parser.error(f"{arguments.file} is not the pipeline of a run: it and {settings_path} must exist")
    for published in catalog.rows():
        if published["name"] == arguments.name and pooch.file_hash(str(arguments.file)) == published["sha256"]:
            return print(f"{arguments.name} is published already, as it is")
        if published["name"] == arguments.name:
            parser.error(f"{arguments.name} is published already with other bytes; choose another name")
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
    added = row(arguments.name, arguments.file, settings, commit.strip())
    if reason := refusal(added, arguments.below_baseline):
        parser.error(f"{arguments.name} is not published: {reason}")
    downloads.CHECKOUT.mkdir(exist_ok=True)
    shutil.copyfile(arguments.file, downloads.CHECKOUT / added["file"])
    write_text(catalog.ROWS, json.dumps(placed(added, catalog.rows()), indent=2, ensure_ascii=False) + "\n")
    return print(json.dumps(added, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
