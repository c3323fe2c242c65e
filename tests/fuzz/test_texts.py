"""Tables of texts that something happened to: each is read as it is written, or refused with its line."""

import contextlib
import io
import itertools
import json
import math
import os
import random as randoms
import warnings

import numpy as np
import pandas as pd
import pyarrow.csv
import pytest

from lstm_zoo import registry

MUTATIONS = int(os.environ.get("LSTM_ZOO_MUTATIONS", 200))
TITLES = {"sentiment": ("text", "label"), "translation": ("source", "target"), "text_generation": ("text",)}
WORDS = [
    "good",
    "Film, gut",
    'he said "no"',
    "größer",
    "50",
    "two\nlines",
    "a;b",
    "tab\there",
    "'s",
    "=1+1",
    "NA",
    "0x",
]


def rows_of(titles, random, count=12):
    """Rows without an empty cell, which some tasks leave out."""
    return [[" ".join(random.choices(WORDS, k=random.randint(1, 4))) for _ in titles] for _ in range(count)]


def file_of(titles, rows, suffix):
    """The bytes of a file that pandas, or json, wrote."""
    if suffix == "jsonl":
        return "".join(json.dumps(dict(zip(titles, row)), ensure_ascii=False) + "\n" for row in rows).encode()
    frame = pd.DataFrame(rows, columns=titles)
    return frame.to_csv(index=False, sep="\t" if suffix == "tsv" else ",", lineterminator="\n").encode()


def mutated(content, random):
    """The content after one thing has happened to it."""
    place, end = sorted(random.choices(range(len(content) + 1), k=2))
    lines = content.splitlines(keepends=True)
    return random.choice(
        [
            content[:place] + bytes([random.randrange(256)]) + content[place + 1 :],
            content[:place]
            + random.choice([b'"', b",", b"\t", b"\n", b"\r", b"\0", b"\\", b";", b"{"])
            + content[place:],
            content[:place] + content[min(end, place + 9) :],
            content[:place],
            b"".join(lines[:2] + lines[3:]),
            b"".join([*lines[:4], lines[random.randrange(len(lines))], *lines[4:]]),
            content.replace(b"\n", b"\r\n") if random.random() < 0.5 else b"\xef\xbb\xbf" + content,
            content.decode().encode(random.choice(["utf-16", "utf-8-sig", "utf-16-le"])),
            content.replace(random.choice([b'"', b",", b"\t", b"text", b"source"]), b"", random.choice([1, -1])),
        ]
    )


def as_written(content, suffix, titles):
    """The rows by another reader; None where it refuses the file too."""
    if suffix == "jsonl":
        rows = [json.loads(line) for line in content.decode("utf-8-sig").split("\n") if line.strip()]
        return [[row.get(title, "") for title in titles] for row in rows]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(content),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter="\t" if suffix == "tsv" else ",", newlines_in_values=True, ignore_empty_lines=True
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(titles, pyarrow.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
        return [list(row) for row in zip(*(table[title].to_pylist() for title in titles))]
    except (pyarrow.ArrowInvalid, KeyError):
        return None


@pytest.mark.parametrize("task", TITLES)
@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl"])
def test_mutated_files(task, suffix, tmp_path):
    random, read, titles = randoms.Random(f"{task} {suffix}"), registry.get_task(task).read, TITLES[task]
    compared = refused = 0
    for number in range(MUTATIONS // 3):
        content = mutated(file_of(titles, rows_of(titles, random), suffix), random)
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = read(path)
        except ValueError:
            refused += 1
            continue
        finally:
            path.unlink()
        found = [[row] if isinstance(row, str) else row for row in found]
        if (expected := as_written(content, suffix, titles)) is not None:
            expected = [[str(cell).split() for cell in row] for row in expected]
            expected = [row for row in expected if all(row)] if task != "sentiment" else expected
            assert len(found) == len(expected), content
            for cell, other in zip(itertools.chain(*found), itertools.chain(*expected)):
                # A field like `"Hi," he said` of a TSV stands as it is; PyArrow drops its quotes.
                stands = suffix == "tsv" and cell.startswith('"') and cell in content.decode("utf-8-sig")
                assert cell.split() == other or stands, content
            compared += 1
    assert compared > MUTATIONS // 30
    assert refused > MUTATIONS // 30


def junk(random, depth=2):
    """Something that is no data, or nearly none."""
    leaves = [
        "a",
        b"a",
        b"\xff",
        "",
        None,
        True,
        3,
        0.5,
        math.nan,
        math.inf,
        np.float32(1),
        np.array(["a"]),
        np.zeros(3),
    ]
    leaves += [pd.NA, pd.NaT, np.nan, 10**30, "\ud800", object(), pd.Timestamp("2026-01-31"), pd.Series(["a", None])]
    if depth == 0 or random.random() < 0.3:
        return random.choice(leaves)
    parts = [junk(random, depth - 1) for _ in range(random.randint(0, 3))]
    titles = random.sample(["text", "label", "source", "target", "path", "y", "ds", "unique_id", "prompt"], len(parts))
    made = random.choice(
        [
            list,
            tuple,
            lambda parts: dict(zip(titles, parts)),
            iter,
            lambda parts: pd.DataFrame(dict(zip(titles, [[p] for p in parts])), dtype=object),
        ]
    )
    return made(parts)


@pytest.mark.parametrize(
    "model", ["sentiment", "translation", "speech", "speech/keyword", "forecasting", "text_generation"]
)
@pytest.mark.filterwarnings("ignore")
def test_junk_is_read_or_refused(model):
    random, task = randoms.Random(model), registry.get_task(model)
    for _ in range(MUTATIONS):
        thing = junk(random)
        for function in (task.read, task.prepare):
            with contextlib.suppress(ValueError, FileNotFoundError):
                function(thing)
