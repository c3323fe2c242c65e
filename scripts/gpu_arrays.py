"""Trainings of scripts/gpu_training.py: the arrays that go to the GPU, and the runs made of what comes back.

    python scripts/gpu_arrays.py prepare runs/gpu [--language-model text_generation-awd-imdb]
    python scripts/gpu_arrays.py finish runs/gpu language_model runs/text_generation-awd

`prepare` reads the data sets, cuts the texts into pieces and characters, and writes `arrays.npz`; of the test split of
IMDb it holds only the reviews that scripts/few_labels.py scores. What the teachers say of the reviews without labels
(teachers.py) takes half an hour, unless the folder has their `teachers.json`. With a language model the pieces are its
own, and the classifiers begin from it; without, pieces are found, and one is to be trained first. `finish` puts the
weights of a job into the pipeline that they belong to, and writes the folder of a run, as `lstm-zoo train` does, which
scripts/publish.py takes.
"""

import argparse
import json
import pathlib
import shlex
import zipfile

import few_labels
import numpy as np
import teachers
from gpu_weights import load, save

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import batching, layers
from lstm_zoo.tasks import text_generation
from lstm_zoo.training.checkpoints import report, write
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.tasks.sentiment import awd
from lstm_zoo.tasks.sentiment.awd.networks import sizes_of
from lstm_zoo.tasks.sentiment.awd.pieces import Pieces
from lstm_zoo.text.subwords import Subwords
from lstm_zoo.tasks.text_generation import awd as language
from lstm_zoo.tasks.text_generation.batches import stream
from lstm_zoo.tasks.text_generation.pipelines import writer
from lstm_zoo.tasks.text_generation.sources import VALIDATION
from lstm_zoo.registry import task_module

VOCABULARY = 6000  # pieces
SHAKESPEARE, IMDB = "tiny_shakespeare", "imdb_reviews"
JOBS = {  # name -> network, data set
    "language_model": ("text_generation/awd", IMDB),
    "characters": ("text_generation/character", SHAKESPEARE),
    "classifier": ("sentiment/awd", IMDB),
    "student": ("sentiment/awd", IMDB),
}
SPLITS = ("train", "validation")


def ragged(name, pairs, words):
    """Arrays of pairs (text, label): pieces, one text after the other, number of each, whether it is positive."""
    found = batching.tokens_of([text for text, _ in pairs], words)
    return {
        f"{name}_ids": found.flat_values.numpy().astype("uint16"),
        f"{name}_lengths": found.row_lengths().numpy().astype("int32"),
        f"{name}_positive": teachers.are_positive(pairs),
    }


def draws(pairs):
    """Arrays of the numbers of the pairs that each training on few labels gets."""
    number = {id(pair): number for number, pair in enumerate(pairs)}
    found = {"few_plan": json.dumps(few_labels.PLAN), "few_training": json.dumps(few_labels.TRAINING)}
    for labels, (seeds, _) in few_labels.PLAN.items():
        for seed in range(seeds):
            for split, members in zip(SPLITS, awd.split(few_labels.drawn(pairs, labels, seed), seed)):
                found[f"few_{labels}_{seed}_{split}"] = np.array([number[id(pair)] for pair in members], "int32")
    return found


def pieces_of(name, folder):
    """The pieces of a language model; its weights go to the folder, as if they had been trained there."""
    pipeline = lstm_zoo.load(name)
    network = networks.network_of(pipeline)
    save(folder, "language_model", network)
    sizes = sizes_of(network)
    del sizes["vocabulary"]
    write(folder / "language_model.json", json.dumps({"weights": name, "hyperparameters": sizes}, indent=2))
    return writer(pipeline).tokens


def reviews(folder, name):
    """Arrays of IMDb, in pieces of a language model, or in those that are found and written to `subwords.model`."""
    texts = {split: language.read(language.data(split, IMDB)) for split in SPLITS}
    tokens = pieces_of(name, folder) if name else language.adapt(texts["train"], vocabulary=VOCABULARY)["tokens"]
    preprocessing, model = {"tokens": tokens, "window": language.WINDOW}, tokens.model
    (folder / "subwords.model").write_bytes(model)
    found = {"vocabulary": tokens.vocabulary_size()}
    found |= {f"stream_{split}": stream(some, preprocessing).numpy().astype("uint16") for split, some in texts.items()}
    pairs = {split: awd.read(awd.data(split)) for split in SPLITS}
    for split, some in {**pairs, "test": awd.read(awd.data("test").take(few_labels.REVIEWS))}.items():
        found |= ragged(split, some, Pieces(model))
    found |= draws([*pairs["train"], *pairs["validation"]])
    # Of those without labels whose pieces are in the stream, at its end; the others validate the language model.
    taught = teachers.probabilities(folder / "teachers.json")[:-VALIDATION]
    return found | {"unlabelled_positive": taught.astype("float32")}


def prepare(folder, language_model=None):
    """Write `arrays.npz` and `subwords.model`.

    Raises:
        FileExistsError: there are such arrays, and maybe trainings that belong to them.
    """
    if (folder / "arrays.npz").exists():
        raise FileExistsError(f"{folder} is prepared, and what was trained there belongs to it: another one is needed")
    folder.mkdir(parents=True, exist_ok=True)
    texts = {split: text_generation.read(text_generation.data(split, SHAKESPEARE)) for split in SPLITS}
    preprocessing = text_generation.adapt(texts["train"])
    found = {"characters": preprocessing["tokens"].vocabulary_size()}
    found |= {f"plays_{split}": stream(some, preprocessing).numpy().astype("uint8") for split, some in texts.items()}
    np.savez_compressed(folder / "arrays.npz", **found, **reviews(folder, language_model))


def preprocessing_of(job, folder, data):
    """What `adapt` returned of the data that a job has learnt."""
    if job == "characters":
        return text_generation.adapt(data)
    model = (folder / "subwords.model").read_bytes()
    if job == "language_model":
        return {"tokens": Subwords(model, name="tokens"), "window": language.WINDOW}
    return {"words": Pieces(model, name="words"), "labels": awd.lookup(awd.names_of([label for _, label in data]))}


def packed(path):
    """Pack a `.keras` file with LZMA, which halves weights of 16 bits: of the 32 that each takes there, 13 are 0."""
    with zipfile.ZipFile(path) as before:
        parts = {info: before.read(info) for info in before.infolist()}
    with zipfile.ZipFile(path, "w") as after:
        for info, content in parts.items():
            after.writestr(info, content, zipfile.ZIP_LZMA)


def commands(folder, job):
    """The command lines that train a job in a folder."""
    jobs = ["language_model", job] if JOBS[job][0] == "sentiment/awd" else [job]
    told = {one: json.loads((folder / f"{one}.json").read_text()) for one in jobs}
    begun = next((one["weights"] for one in told.values() if "weights" in one), None)
    words = ["python", "scripts/gpu_arrays.py", "prepare", str(folder), *(["--language-model", begun] if begun else [])]
    trained = [
        ["KERAS_BACKEND=jax", "python", "scripts/gpu_training.py", str(folder), one, *settings["options"]]
        for one, settings in told.items()
        if "options" in settings
    ]
    return [shlex.join(line) for line in (words, *trained)]


def finish(folder, job, run):
    """Write the run of a job: pipeline, history, curves and settings."""
    name, dataset = JOBS[job]
    task = task_module(name)
    told = json.loads((folder / f"{job}.json").read_text())
    run.mkdir(parents=True)
    data = [task.read(task.data(split, dataset)) for split in SPLITS]
    preprocessing = preprocessing_of(job, folder, data[0])
    network = lstm_zoo.build(name, **{**told["hyperparameters"], **task.sizes(preprocessing)})
    load(folder, job, network)
    task.pipeline(network, preprocessing).save(run / "pipeline.keras")
    packed(run / "pipeline.keras")
    history = [{**one, "epoch": number} for number, one in enumerate(told["history"])]
    better = min if task.MONITOR.endswith("loss") else max
    report(run, history, better(history, key=lambda one: one[task.MONITOR])["epoch"])
    last = shlex.join(["python", "scripts/gpu_arrays.py", "finish", str(folder), job, str(run)])
    settings = {
        "name": name,
        "dataset": dataset,
        "hyperparameters": told["hyperparameters"],
        "weights": None,
        "epochs": told["epochs"],
        "batch": told["batch"],
        "learning_rate": told["rate"],
        "seed": told["seed"],
        "mixed_precision": False,
        "data": fingerprint(*data),
        "command": " && ".join([*commands(folder, job), last]),
        "training": {key: told[key] for key in ("seconds", "machine", "val_loss_of_seeds") if key in told},
    }
    write(run / "settings.json", json.dumps(settings, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("prepare", help="write the arrays")
    verb.add_argument("folder", type=pathlib.Path)
    verb.add_argument("--language-model", help="row or .keras file that classifiers begin from (default: none)")
    verb = verbs.add_parser("finish", help="write the run of a job")
    verb.add_argument("folder", type=pathlib.Path)
    verb.add_argument("job", choices=JOBS)
    verb.add_argument("run", type=pathlib.Path, help="a new folder")
    options = parser.parse_args()
    if options.verb == "prepare":
        prepare(options.folder, options.language_model)
    else:
        finish(options.folder, options.job, options.run)


if __name__ == "__main__":
    main()
