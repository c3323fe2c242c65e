"""What each augmentation of recordings is worth: all of them, none, and each left out

    python -m benchmarks.augmentation [--network speech/ctc] [--epochs 30] [--seeds 1]    # goes on where it was

The same network is trained with as many steps each time, and scored on validation: as the recordings are, and after
changes that training draws from too, other draws of them: each of a kind in turn, the same for every network. Voices
are other in speed, pitch and vocal tract; rooms answer; noises are coloured noise and the babble of other validation
recordings; channels are overdriven, telephones with G.711, and MP3; silences are pauses and exact zeros around what is
said. `disturbed` is the mean of the five. What is left out of a training is still among the changes. The best epoch is
chosen on validation as it is.

The first metric of the network's task: word errors in % of `speech/ctc`, `speech/streaming` and `speech/attention`, of
which fewer are better; the accuracy of `speech/keyword`.
"""

import pathlib
import statistics

import numpy as np

import lstm_zoo
from benchmarks.measuring import parse, parser, resumed, write
from lstm_zoo import registry
from lstm_zoo.contract import Examples, Task
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation import AUGMENTATIONS
from lstm_zoo.tasks.speech.pairs import waveforms

RUNS = pathlib.Path("runs/augmentation")
SEED = 2**31  # of the changes: no training has it
# Left out -> what is left.
VARIANTS = {
    "nothing": [*AUGMENTATIONS],
    "everything": [],
    **{name: [other for other in AUGMENTATIONS if other != name] for name in AUGMENTATIONS},
}
KINDS = {
    "voices": ["speed", "pitch", "vocal_tract"],
    "rooms": ["room"],
    "noises": ["babble", "noise"],
    "channels": ["level", "clipping", "telephone", "g711", "mp3"],
    "silences": ["silence", "zeros"],
}
VIEWS = [{"rows": ["left out"], "values": ["clean", "disturbed", *KINDS], "statistic": "mean"}]


def disturbed(task: Task, examples: Examples, names: list[str]) -> Examples:
    """Examples whose recordings have been changed in every way that is named."""
    heard, changed = waveforms(examples), []
    for row, (samples, (_, *rest)) in enumerate(zip(heard, examples)):
        random = np.random.default_rng([SEED, row])
        for name in names:
            _, change = AUGMENTATIONS[name]
            samples = change(samples, random, *([heard] if name == "babble" else []))
        changed.append(((samples, RATE), *rest))
    return task.read(changed)


def run(network: str, data: str, epochs: int, left_out: str, seed: int, held_out: dict[str, Examples]) -> dict:
    """Train with what is left, and score: the row of a table."""
    task = registry.get_task(network)
    folder = RUNS / "-".join([*network.split("/"), data.replace("/", "_"), f"{epochs}", left_out, f"{seed}"])
    options = {"epochs": epochs, "patience": epochs, "seed": seed, "augmentation": VARIANTS[left_out]}
    pipeline = lstm_zoo.train(network, data, folder=folder, resume=True, **options)
    scores = {kind: next(iter(task.score(pipeline, examples).values())) for kind, examples in held_out.items()}
    mean = statistics.mean(scores[kind] for kind in KINDS)
    return {"left out": left_out, "seed": seed, "clean": scores.pop("clean"), "disturbed": mean, **scores}


def main():
    options = parser("augmentation", __doc__)
    networks = [name for name in registry.list_models() if name.startswith("speech/")]
    options.add_argument("--network", default="speech/ctc", choices=networks, help="default: %(default)s")
    options.add_argument("--data", help="a data set of its task (default: the first)")
    options.add_argument("--epochs", type=int, default=30, help="of each training (default: %(default)s)")
    options.add_argument("--seeds", type=int, default=1, help="how many (default: %(default)s)")
    options.add_argument("--left-out", nargs="+", default=[*VARIANTS], choices=VARIANTS, help="default: all")
    arguments = parse(options)
    task = registry.get_task(arguments.network)
    data = arguments.data or next(iter(task.datasets))
    settings = {"network": arguments.network, "data": data, "epochs": arguments.epochs}
    table = resumed(options, arguments.output, settings)
    examples = task.read(task.data("validation", data))
    held_out = {"clean": examples, **{kind: disturbed(task, examples, names) for kind, names in KINDS.items()}}
    command = f"python -m benchmarks.augmentation --network {arguments.network} --data {data}"
    command += f" --epochs {arguments.epochs} --seeds {arguments.seeds}"
    for seed in range(arguments.seeds):
        for left_out in arguments.left_out:
            if any((row["left out"], row["seed"]) == (left_out, seed) for row in table):
                continue
            table.append(run(**settings, left_out=left_out, seed=seed, held_out=held_out))
            table.sort(key=lambda row: ([*VARIANTS].index(row["left out"]), row["seed"]))
            conditions = {"settings": settings, "packages": ("soundfile", "soxr", "scipy"), "command": command}
            write(arguments.output, "benchmarks.augmentation", __doc__, table=table, views=VIEWS, **conditions)


if __name__ == "__main__":
    main()
