"""A stranger's sentences: the published translators on captions, three other kinds of text and what people type

    python -m benchmarks.strangers translation [--models NAME,FILE.keras] [--texts captions,everyday] [--data DIR]
    # DIR may hold further tables, NAME.tsv with the columns de and en; what was measured before stays in the result
    # runs/strangers_translation/FILE.json is what scripts/publish.py --out-of-domain takes

Files between German and English, as they are, on the first 1,000 pairs of the test parts of data sets - captions of
Multi30k (test_2016_flickr), help texts, dialogues, phrases - and on a hundred everyday sentences, which were written
for this page alone before any of the files that learnt more than captions, see `benchmarks/strangers/everyday.py`.

BLEU and chrF are those of sacreBLEU, cased and detokenized. "kept" is the share of the numbers and names on both sides
of a pair, written alike, that the answers have. "empty" and "loops" are shares of the answers: those without a word,
and those in which a run of 1 to 8 words stands three times or more in a row where the source has no such run.
"understandable" is the share of the judged answers that tell what the sentence says, by the rule in `everyday.py`, as
a large language model judged that saw sentences and answers alone; "judged" is how many of the answers it saw.
`everyday.csv` in the folder of the run has all answers to judge.

Beside the files stand the source as it is, and the translation of the nearest training sentence, by TF-IDF of
characters, of what a file learnt from; of more than 100,000 pairs of as many, drawn by chance.
"""

import argparse
import csv
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

import lstm_zoo
from benchmarks.measuring import machine, parse, parser, table_of, write
from benchmarks.strangers import everyday
from benchmarks.strangers.out_of_domain import write_out_of_domain
from lstm_zoo import registry
from lstm_zoo.files import replacing
from lstm_zoo.progress import track
from lstm_zoo.tasks.translation.metrics import metrics, nearest_translations
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.weights import catalog

SUBJECT = "strangers_translation"
LANGUAGES = {"de", "en"}
EVERYDAY = "everyday"
# Name of the texts -> beginning of the names of their data sets.
DATASETS = {"captions": "multi30k", "help": "help", "dialogues": "dialogues", "phrases": "phrases"}
TEXTS = (*DATASETS, EVERYDAY)
NEAREST, SOURCE = "nearest training sentence", "source, untranslated"  # as `baselines` calls them
LEARNT = 100_000  # pairs that the nearest sentence is looked for in, at most
METRICS = {"BLEU": "bleu", "chrF": "chrf"}  # column -> name in `metrics`
SHARES = ("kept", "empty", "loops", "understandable")
COLUMNS = ("model", "direction", "number", "source", "reference", "answer", "understandable")  # of what is judged


class Translator(NamedTuple):
    """A pipeline between German and English."""

    name: str
    pipeline: keras.Model
    data: str  # what it learnt from

    @property
    def direction(self) -> str:
        """Like "de-en"."""
        return "-".join(languages_of(self.data))


def languages_of(data: str | None) -> tuple[str, ...]:
    """Source and target of a data set of the task; none of others."""
    dataset = registry.get_task("translation").datasets.get(data)
    return dataset.languages if dataset else ()


def published() -> list[str]:
    """Names of the published files between German and English."""
    return [
        row["name"]
        for row in catalog.rows()
        if row["network"].startswith("translation/") and set(languages_of(row["data"])) == LANGUAGES
    ]


def opened(name: str) -> Translator:
    """What a name or a path stands for.

    Raises:
        ValueError: a pipeline whose record names no data set between German and English.
    """
    pipeline = lstm_zoo.load(name)
    data = lstm_zoo.info(pipeline)["data"]
    if set(languages_of(data)) != LANGUAGES:
        raise ValueError(f"A translator between German and English is expected. Received: {name}, which learnt {data}")
    return Translator(name, pipeline, data)


def pairs_of(texts: str, direction: str, folder: pathlib.Path | None, most: int) -> list[Pair]:
    """The first pairs (sentence, translation) of some texts, those of a data set from its test part."""
    languages = direction.split("-")
    if texts in DATASETS:
        task = registry.get_task("translation")
        return task.read(task.data("test", f"{DATASETS[texts]}/{direction}"))[:most]
    path = everyday.SENTENCES if texts == EVERYDAY else folder / f"{texts}.tsv"
    return everyday.pairs_of(path, *languages)[:most]


def scored(pairs: Sequence[Pair], answers: Sequence[str]) -> dict[str, float]:
    """Column -> metric or share of the answers to pairs."""
    found = metrics([target for _, target in pairs], answers)
    kept = everyday.share_kept(everyday.kept_tokens(pairs), answers)
    shares = {
        "kept": kept,
        "empty": np.mean([not everyday.tokens(answer) for answer in answers]),
        "loops": np.mean([everyday.loops(source, answer) for (source, _), answer in zip(pairs, answers)]),
    }
    rounded = {column: round(float(share), 4) for column, share in shares.items() if share is not None}
    return {**{column: found[name] for column, name in METRICS.items()}, **rounded}


def judged_shares(judged: Sequence[bool | None]) -> dict[str, float]:
    """Columns of people's judgements of answers, None where they have not judged."""
    told = [is_understood for is_understood in judged if is_understood is not None]
    shares = {"understandable": round(float(np.mean(told)), 4)} if told else {}
    return {**shares, "judged": round(len(told) / len(judged), 4)}


def nearest_in(data: str) -> Callable[[Sequence[str]], list[str]]:
    """The baseline that looks for the nearest sentence in a data set: a function from sentences to translations."""
    task = registry.get_task("translation")
    training = task.read(task.data("train", data))
    if len(training) > LEARNT:
        drawn = np.random.default_rng(0).choice(len(training), LEARNT, replace=False)
        training = [training[row] for row in drawn]
    return nearest_translations(training)


def baseline_rows(
    data: str, nearest: Callable[[Sequence[str]], list[str]], pairs: Sequence[Pair]
) -> list[dict[str, Any]]:
    """Rows of what costs little, beside the files that learnt from a data set, of which `nearest` knows the nearest."""
    sources, references = (list(side) for side in zip(*pairs))
    texts = {SOURCE: sources, nearest_of(data): nearest(sources)}
    found = {name: metrics(references, answers) for name, answers in texts.items()}
    return [
        {"model": name, **{column: scores[metric] for column, metric in METRICS.items()}}
        for name, scores in found.items()
    ]


def nearest_of(data: str) -> str:
    """What the baseline is called that looks for a sentence in a data set."""
    return f"{NEAREST} of {data}"


def answers_to_judge(
    translator: Translator, pairs: Sequence[Pair], answers: Sequence[str], judged: Sequence[bool | None]
) -> list[dict[str, Any]]:
    """Rows of `everyday.csv`, with the judgements that there are."""
    said = ("" if is_understood is None else int(is_understood) for is_understood in judged)
    parts = zip(*zip(*pairs), answers, said)
    return [
        dict(zip(COLUMNS, (translator.name, translator.direction, number, *part)))
        for number, part in enumerate(parts, 1)
    ]


def out_of_domain(rows: Sequence[dict[str, Any]], data: dict[str, str]) -> dict[str, dict[str, dict]]:
    """Name of each file -> texts -> metrics and baselines, but for the kind of texts that it learnt from.

    Args:
        rows: of the result.
        data: name of each file -> the data set that it learnt from.
    """
    known = {(row["texts"], row["direction"], row["model"]): row for row in rows}
    told = {}
    for (texts, direction, model), row in known.items():
        if model in data and f"{DATASETS.get(texts)}/{direction}" != data[model]:
            cheap = {NEAREST: known[texts, direction, nearest_of(data[model])], SOURCE: known[texts, direction, SOURCE]}
            told.setdefault(model, {})[texts] = {
                "metrics": _named(row),
                "baselines": {name: _named(other) for name, other in cheap.items()},
            }
    return told


def _named(row):
    """Metrics of a row as `metrics` calls them, and the shares that it has."""
    shares = {column: row[column] for column in SHARES if column in row}
    return {**{metric: row[column] for column, metric in METRICS.items()}, **shares}


def merged(before: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of an earlier result and of now, which take the place of the same, in the order of directions and texts."""
    found = {(row["direction"], row["texts"], row["model"]): row for row in [*before, *rows]}
    order = [*TEXTS, *(row["texts"] for row in found.values())]
    return sorted(found.values(), key=lambda row: (row["direction"], order.index(row["texts"])))


def checked(options: argparse.ArgumentParser, arguments: argparse.Namespace) -> list[str]:
    """Names of all texts that are asked for; ends where one is unknown."""
    further = sorted(path.stem for path in arguments.data.glob("*.tsv")) if arguments.data else []
    names = arguments.texts.split(",") + further
    if unknown := [name for name in names if name not in (*TEXTS, *further)]:
        options.error(f"--texts takes {', '.join(TEXTS)}. Received: {', '.join(unknown)}")
    if twice := [name for name in further if name in TEXTS]:
        options.error(f"--data holds other tables than {', '.join(TEXTS)}. Received: {', '.join(twice)}")
    if arguments.sentences < 1:
        options.error(f"--sentences is at least 1. Received: {arguments.sentences}")
    usual = options.get_default("sentences")
    if arguments.sentences < usual and arguments.output == options.get_default("output"):
        options.error(f"--sentences below {usual} are for a trial, with an --output of its own")
    return names


def write_answers(path: pathlib.Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the table that people judge."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def measured(
    translators: Sequence[Translator], names: Sequence[str], folder: pathlib.Path | None, most: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the result, of each translator on the first pairs of all texts; and those of `everyday.csv`."""
    judgements = everyday.judgements(everyday.JUDGED)
    nearest = {data: nearest_in(data) for data in dict.fromkeys(translator.data for translator in translators)}
    cheap, rows, to_judge = {}, [], []
    for translator, texts in track([(one, name) for one in translators for name in names], "translating"):
        pairs = pairs_of(texts, translator.direction, folder, most)
        place = {"direction": translator.direction, "texts": texts}
        if (key := (translator.data, texts)) not in cheap:
            cheap[key] = [{**place, **row} for row in baseline_rows(translator.data, nearest[translator.data], pairs)]
        sources = [source for source, _ in pairs]
        answers = [answer["text"] for answer in lstm_zoo.predict(translator.pipeline, sources)]
        row = {**place, "model": translator.name, **scored(pairs, answers)}
        if texts == EVERYDAY:
            judged = everyday.judged_of(judgements, translator.direction, answers)
            row |= judged_shares(judged)
            to_judge += answers_to_judge(translator, pairs, answers, judged)
        rows += [*cheap[key], row]
    return rows, to_judge


def main():
    options = parser(SUBJECT, __doc__)
    options.add_argument("kind", choices=["translation"], help="of data")
    options.add_argument("--models", help="names of files, or paths (default: all that are published)")
    options.add_argument("--texts", default=",".join(TEXTS), help="default: %(default)s")
    options.add_argument("--data", type=pathlib.Path, help="folder with further tables, NAME.tsv")
    options.add_argument("--sentences", type=int, default=1000, help="of each kind, at most (default: %(default)s)")
    options.add_argument("--folder", type=pathlib.Path, default=f"runs/{SUBJECT}", help="default: %(default)s")
    arguments = parse(options)
    names = checked(options, arguments)
    before = table_of(arguments.output)
    try:
        translators = [opened(name) for name in (arguments.models.split(",") if arguments.models else published())]
    except (ValueError, OSError) as error:
        options.error(f"--models: {error}")
    rows, to_judge = measured(translators, names, arguments.data, arguments.sentences)
    table = merged(before, rows)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if to_judge:
        write_answers(arguments.folder / f"{EVERYDAY}.csv", to_judge)
    told = out_of_domain(table, {translator.name: translator.data for translator in translators})
    write_out_of_domain(told, arguments.folder)
    known = [name for name in TEXTS if any(row["texts"] == name for row in table)]
    chosen = f" --texts {','.join(known)}" if len(known) < len(TEXTS) else ""
    columns = [column for column in (*METRICS, *SHARES, "judged") if any(column in row for row in table)]
    write(
        arguments.output,
        "benchmarks.strangers",
        __doc__,
        settings={"sentences of each kind, at most": arguments.sentences},
        table=table,
        views=[{"rows": ["direction", "texts", "model"], "values": columns}],
        packages=("sacrebleu",),
        subject=SUBJECT,
        machine=machine(),
        command=f"python -m benchmarks.strangers translation{chosen}{' --data DIR' if arguments.data else ''}",
    )


if __name__ == "__main__":
    main()
