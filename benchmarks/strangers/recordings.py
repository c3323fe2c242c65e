"""A stranger's recordings: the published files of speech on other voices, rooms and telephones

    python -m benchmarks.strangers speech [--models NAME,FILE.keras] [--recordings "room,8 kHz"] [--limit 3]
    # apt-get install espeak-ng flite; what was measured before stays in the result
    # runs/strangers_speech/FILE.json is what scripts/publish.py --out-of-domain takes

Files as they are. What is done to recordings here, and the voices that read, are the check's own, see
`benchmarks/strangers/disturbances.py` and `voices.py`: nothing is trained on them or chosen by them. They are the same
every time.

Transcribers hear AN4's test part, as it is and disturbed: quiet; overdriven; with white noise; at 8 kHz; as a telephone
call, by the codec G.711 and an MP3 file of 16 kbit/s; from the other side of a living room, by image sources; and while
six other speakers of AN4 babble. Four voices of espeak-ng and four of flite read its texts, and ten digits at three
speeds; and five people say digits (Jackson et al. 2018). "WER" are word errors in %, "times clean" is that over those
of the recordings as they are, "worst voice" that of the speaker with the most. A file with a lexicon is also measured
without. The baseline is the transcript of the nearest training recording.

Keyword spotters hear the digits of their test part, which of `unseen` data are those of a speaker that training lacks,
with the same disturbances, and the read ones. "accuracy" is the share with the right digit, "worst voice" the least of
a speaker, "kept" the share that is taken for any digit. What is none is to be rejected: words of AN4's test recordings
without digits, as `lstm-zoo listen --keyword` cuts them out, 25 words that the voices read, and silence, noise and hum.
A file that has no label for what is none rejects what it gives a score of 0.5 or less. The baseline is logistic
regression of log-mel spectra.

"warned" says whether `predict` warns of recordings that are unlike those of the training. Speed is that of all of AN4's
test part, in seconds of computing for a second of audio, in one call of `predict` and, of `speech/streaming`, in blocks
of 200 ms by `speech.stream`; "texts that differ" counts those where the two do.
"""

import argparse
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras

import lstm_zoo
from benchmarks.measuring import machine, parse, parser, table_of, write
from benchmarks.strangers import hearing, voices
from benchmarks.strangers.hearing import (
    ACCURACY,
    AT_ONCE,
    DIFFER,
    KEPT,
    REJECTED,
    STREAMED,
    WER,
    WORST_ACCURACY,
    WORST_WER,
)
from benchmarks.strangers.out_of_domain import write_out_of_domain
from benchmarks.strangers.sounds import (
    AN4,
    DIGITS_BY,
    DIGITS_SAID,
    DISTURBANCES,
    KEYWORDS,
    LABELS,
    OF_NO_DIGIT,
    READ_BY,
    SEED,
    SPOKEN_DIGITS,
    SPOTTED,
    SYNTHETIC,
    TRANSCRIBED,
    WORDS,
    spotted,
    transcribed,
)
from lstm_zoo import registry
from lstm_zoo.progress import track
from lstm_zoo.tasks import speech
from lstm_zoo.weights import catalog

SUBJECT = "strangers_speech"
CLEAN, *_ = DISTURBANCES
SETS = tuple(dict.fromkeys((*TRANSCRIBED, *SPOTTED)))
ITS_LEXICON, OPENLY = "its lexicon", "spelled openly"
NEAREST, REGRESSION = "nearest training recording", "log-mel spectra, logistic regression"  # as `baselines` calls them
TIMES, WARNED, BASELINE = "times clean", "warned", "of the baseline"
VIEWS = [
    {
        "rows": ["model", "words", "recordings", WARNED],
        "values": [WER, TIMES, WORST_WER, f"{WER} {BASELINE}"],
    },
    {
        "rows": ["model", "recordings", WARNED],
        "values": [ACCURACY, WORST_ACCURACY, f"{ACCURACY} {BASELINE}", KEPT, REJECTED, f"{REJECTED} {BASELINE}"],
    },
    {"rows": ["model", "words"], "values": [AT_ONCE, STREAMED, DIFFER]},
]
# What the row of a published file tells, of the sets; and metrics by their names there.
TOLD = ("8 kHz", "G.711 and MP3", "room", "babble at 10 dB", *READ_BY, DIGITS_SAID, *DIGITS_BY, *OF_NO_DIGIT)
METRICS = {WER: "wer", ACCURACY: "accuracy", REJECTED: "others_rejected"}


class Opened(NamedTuple):
    """A pipeline to be measured."""

    name: str
    task: str  # WORDS or KEYWORDS
    pipeline: keras.Model
    data: str  # what it learnt from; of one that learnt from something else, what its baseline learns from


def published() -> list[str]:
    """Names of the published files of speech."""
    return [row["name"] for row in catalog.rows() if row["network"].startswith("speech/")]


def opened(name: str) -> Opened:
    """What a name or a path stands for.

    Raises:
        ValueError: a pipeline of another task; one of keywords that are not the ten digits.
    """
    pipeline = lstm_zoo.load(name)
    model = registry.model_of(pipeline)
    if not model.startswith("speech/"):
        raise ValueError(f"A pipeline of speech is expected. Received: {name}, of {model}")
    task, usual = (KEYWORDS, SPOKEN_DIGITS) if model == KEYWORDS else (WORDS, AN4)
    if task == KEYWORDS and not {*LABELS} <= {*labels_of(pipeline)}:
        raise ValueError(f"Keywords are the digits 0 to 9. Received: {name}, of {', '.join(labels_of(pipeline))}")
    data = lstm_zoo.info(pipeline)["data"]
    own = [known for known in registry.get_task(task).datasets if known.split("/")[0] == usual]
    return Opened(name, task, pipeline, data if data in own else usual)


def labels_of(pipeline: keras.Model) -> list[str]:
    """The labels that a keyword spotter answers with."""
    return registry.get_task(KEYWORDS).describe(pipeline)["labels"]


def searches(pipeline: keras.Model) -> dict[str, keras.Model]:
    """How a transcriber searches for its texts -> itself, searching so; the first is as it is."""
    if "lexicon" not in speech.TASK.describe(pipeline):
        return {OPENLY: pipeline}
    return {ITS_LEXICON: pipeline, OPENLY: speech.with_lexicon(pipeline, None)}


def rows_of(file: Opened, name: str, most: int | None) -> Iterator[dict[str, Any]]:
    """Rows of the result: a file on the set of a name."""
    if file.task == KEYWORDS:
        heard = spotted(name, file.data, most)
        cheap = hearing.regression_shares(name, file.data, most)
        beside = {f"{column} {BASELINE}": cheap[column] for column in (ACCURACY, REJECTED) if column in cheap}
        found = hearing.shares(heard, hearing.answers(file.pipeline, heard), labels_of(file.pipeline))
        yield {"model": file.name, "recordings": name, **found, **beside, WARNED: hearing.warned(file.pipeline, heard)}
        return
    heard = transcribed(name, most)
    beside = {
        f"{WER} {BASELINE}": hearing.nearest_errors(name, file.data, most),
        WARNED: hearing.warned(file.pipeline, heard),
    }
    for words, pipeline in searches(file.pipeline).items():
        texts = [answer["text"] for answer in hearing.answers(pipeline, heard)]
        yield {"model": file.name, "words": words, "recordings": name, **hearing.word_errors(heard, texts), **beside}
        if name == CLEAN:
            yield {"model": file.name, "words": words, **hearing.speed_of(pipeline, heard, texts)}


def merged(before: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of an earlier result and of now, which take the place of the same, in the order of models and sets, with
    word errors over those of the recordings as they are."""
    found = {(row["model"], row.get("words"), row.get("recordings")): row for row in [*before, *rows]}
    for (model, words, name), row in found.items():
        clean = found.get((model, words, CLEAN), {}).get(WER)
        if WER in row and name in DISTURBANCES and clean:
            row[TIMES] = round(row[WER] / clean, 2)
    models, order = [model for model, *_ in found], [*SETS, None]
    return [
        found[key] for key in sorted(found, key=lambda key: (models.index(key[0]), key[1] or "", order.index(key[2])))
    ]


def out_of_domain(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict]]:
    """Name of each file -> set -> metrics and baselines, of a file with a lexicon by that."""
    told = {}
    for row in rows:
        metric = next((column for column in METRICS if column in row), None)
        if metric is None or row["recordings"] not in TOLD or row["recordings"] in told.get(row["model"], {}):
            continue
        baseline = NEAREST if metric == WER else REGRESSION
        told.setdefault(row["model"], {})[row["recordings"]] = {
            "metrics": {METRICS[metric]: row[metric]},
            "baselines": {baseline: {METRICS[metric]: row[f"{metric} {BASELINE}"]}},
        }
    return told


def views_of(table: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The views that there are rows for, with the columns that these have."""
    columns = {column for row in table for column in row}
    shown = [{**view, "values": [column for column in view["values"] if column in columns]} for view in VIEWS]
    return [view for view in shown if view["values"]]


def checked(options: argparse.ArgumentParser, arguments: argparse.Namespace) -> list[str]:
    """Names of the sets that are asked for; ends where one is unknown, or cannot be made."""
    names = [name.strip() for name in arguments.recordings.split(",")] if arguments.recordings else [*SETS]
    if unknown := [name for name in names if name not in SETS]:
        options.error(f"--recordings takes {', '.join(SETS)}. Received: {', '.join(unknown)}")
    lacking = {*voices.missing()}
    if cannot := [name for name in names if SYNTHETIC.get(name) in lacking]:
        options.error(
            f"{' and '.join(sorted(lacking))} is not installed: `{voices.INSTALLED_BY}`. Or measure by --recordings "
            f"something else than: {', '.join(cannot)}"
        )
    if arguments.limit is not None and arguments.limit < 1:
        options.error(f"--limit is at least 1. Received: {arguments.limit}")
    if arguments.limit is not None and arguments.output == options.get_default("output"):
        options.error("--limit is for a trial, with an --output of its own")
    return names


def main():
    options = parser(SUBJECT, __doc__)
    options.add_argument("kind", choices=["speech"], help="of data")
    options.add_argument("--models", help="names of files, or paths (default: all that are published)")
    options.add_argument("--recordings", help=f"some of: {', '.join(SETS)} (default: all)")
    options.add_argument("--limit", type=int, help="recordings of each kind, texts of each voice (default: all)")
    options.add_argument("--folder", type=pathlib.Path, default=f"runs/{SUBJECT}", help="default: %(default)s")
    arguments = parse(options)
    names = checked(options, arguments)
    before = table_of(arguments.output)
    try:
        files = [opened(name) for name in (arguments.models.split(",") if arguments.models else published())]
    except (ValueError, OSError) as error:
        options.error(f"--models: {error}")
    places = [
        (file, name) for file in files for name in names if name in (SPOTTED if file.task == KEYWORDS else TRANSCRIBED)
    ]
    rows = [row for file, name in track(places, "listening") for row in rows_of(file, name, arguments.limit)]
    table = merged(before, rows)
    write_out_of_domain(out_of_domain(table), arguments.folder)
    chosen = f' --recordings "{",".join(names)}"' if len(names) < len(SETS) else ""
    programs = {program: voices.version(program) for program in voices.VOICES if program not in voices.missing()}
    write(
        arguments.output,
        "benchmarks.strangers",
        __doc__,
        settings={"seed": SEED, **({"limit": arguments.limit} if arguments.limit else {}), **programs},
        table=table,
        views=views_of(table),
        packages=("jiwer", "soundfile", "soxr"),
        subject=SUBJECT,
        machine=machine(),
        command=f"python -m benchmarks.strangers speech{chosen}",
    )


if __name__ == "__main__":
    main()
