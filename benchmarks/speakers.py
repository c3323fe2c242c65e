"""Digits by a speaker whom the network has never heard: each of five left out in turn

    python -m benchmarks.speakers [--epochs 80] [--seeds 1] [--an4]     # goes on where it was

One network a speaker learns from the four others, is validated with a tenth of their recordings, and scored on all
500 of the one who is left out: the accuracy, beside that of logistic regression on 32 log-mel spectra, which learns
from the same recordings. With `--an4` it also learns from the recordings of AN4, digits by 66 more speakers and what is
no digit, and from what is made of the digits, and noise: then there are the shares of the digits that are taken for a
word, and of the words by AN4's ten test speakers that are not.
"""

import json
import pathlib
import statistics

import lstm_zoo
from benchmarks.measuring import parse, parser, resumed, write
from lstm_zoo.files import write_text
from lstm_zoo.registry import get_task
from lstm_zoo.tasks.speech.keyword.an4 import load_others
from lstm_zoo.tasks.speech.keyword.pairs import SPEAKERS, load_digits, load_with_an4

MODEL = "speech/keyword"
RUNS = pathlib.Path("runs/speakers")
KIND = "each speaker left out in turn"  # what a row of weights.json calls these scores
VALUES = ["accuracy", "regression", "words_kept", "others_rejected"]


def run(speaker: str, seed: int, *, epochs: int, an4: bool) -> dict:
    """Train without a speaker, and score on that one: the row of a table."""
    task, load = get_task(MODEL), load_with_an4 if an4 else load_digits
    training, validating = (task.read(load(split, (speaker,))) for split in ("train", "validation"))
    digits = task.read(load_digits("test", (speaker,)))
    folder = RUNS / f"{speaker}-{epochs}-{seed}{'-an4' if an4 else ''}"
    options = {"epochs": epochs, "patience": epochs, "average": min(10, epochs), "seed": seed, "others": an4}
    pipeline = lstm_zoo.train(MODEL, training, validating, folder=folder, resume=True, **options)
    scores = task.score(pipeline, digits)
    scores |= task.score(pipeline, task.read(load_others("test"))) | scores if an4 else {}
    [regression] = task.baselines(None, training, digits).values()
    row = {"network": MODEL, "left out": speaker, "seed": seed, "regression": regression["accuracy"]}
    return row | {name: scores[name] for name in VALUES if name in scores}


def out_of_domain(table: list[dict]) -> dict:
    """What `scripts/publish.py --out-of-domain` takes: the mean over the speakers, the lowest and the highest."""
    metrics = {name: statistics.mean(row[name] for row in table) for name in VALUES if name in table[0]}
    baseline = {"accuracy": metrics.pop("regression")}
    accuracies = [row["accuracy"] for row in table]
    metrics |= {"lowest": min(accuracies), "highest": max(accuracies)}
    rounded = [{name: round(value, 4) for name, value in scores.items()} for scores in (metrics, baseline)]
    return {KIND: {"metrics": rounded[0], "baselines": {"log-mel spectra, logistic regression": rounded[1]}}}


def main():
    options = parser("speakers", __doc__)
    options.add_argument("--epochs", type=int, default=80, help="of each training (default: %(default)s)")
    options.add_argument("--seeds", type=int, default=1, help="how many (default: %(default)s)")
    options.add_argument("--an4", action="store_true", help="learn from the words of AN4 too")
    options.add_argument("--left-out", nargs="+", default=[*SPEAKERS], choices=SPEAKERS, help="default: all")
    arguments = parse(options)
    settings = {"epochs": arguments.epochs, "an4": arguments.an4}
    table = resumed(options, arguments.output, settings)
    command = f"python -m benchmarks.speakers --epochs {arguments.epochs} --seeds {arguments.seeds}"
    command += " --an4" if arguments.an4 else ""
    for seed in range(arguments.seeds):
        for speaker in arguments.left_out:
            if any((row["left out"], row["seed"]) == (speaker, seed) for row in table):
                continue
            table.append(run(speaker, seed, **settings))
            table.sort(key=lambda row: (row["left out"], row["seed"]))
            shown = {"values": [name for name in VALUES if name in table[0]], "statistic": "mean"}
            views = [{"rows": rows, **shown} for rows in (["left out"], ["network"])]
            conditions = {"settings": settings, "views": views, "packages": ("soxr",), "command": command}
            write(arguments.output, "benchmarks.speakers", __doc__, table=table, **conditions)
    if {row["left out"] for row in table} == {*SPEAKERS}:
        RUNS.mkdir(parents=True, exist_ok=True)
        told = RUNS / "out_of_domain.json"
        write_text(told, json.dumps(out_of_domain(table), indent=2) + "\n")
        print(f"{told}: for scripts/publish.py --out-of-domain")


if __name__ == "__main__":
    main()
