"""Small files with the names that the documentation uses, for its blocks to run on."""

import csv

import numpy as np
import pandas as pd
import pytest
import soundfile

RATE = 16_000  # samples a second
REVIEWS = [
    ("A moving, beautifully shot film.", "positive"),
    ("Two hours of my life that I will never get back.", "negative"),
    ("Great fun from the first scene to the last!", "positive"),
    ("A dull plot, wooden acting and a silly ending.", "negative"),
    ("I laughed, I cried, and I would gladly watch it again.", "positive"),
    ("Nothing happens, and it happens slowly.", "negative"),
]
SENTENCES = [
    ("Ein Hund rennt über die Wiese.", "A dog runs through the grass."),
    ("Eine Katze schläft auf dem Sofa.", "A cat sleeps on the sofa."),
    ("Zwei Kinder spielen im Schnee.", "Two children play in the snow."),
    ("Ein Mann liest ein Buch.", "A man reads a book."),
]
LINES = [
    "The quality of mercy is not strained.",
    "It droppeth as the gentle rain from heaven",
    "Upon the place beneath: it is twice blest;",
    "It blesseth him that gives and him that takes.",
]


@pytest.fixture
def stand_ins(tmp_path, monkeypatch):
    """The folder that a page's blocks run in, which holds all of the files, and is the current one."""
    folder = tmp_path
    for name in ("reviews.csv", "labelled.csv"):
        write_csv(folder / name, ["text", "label"], REVIEWS * 8)
    stars = "".join(f'"{text}";{1 if label == "negative" else 5}\n' for text, label in REVIEWS * 8)
    (folder / "feedback.csv").write_text(f"comment;stars\n{stars}", encoding="utf-8")
    for split, repetitions in (("train", 20), ("val", 4)):
        for side, language in enumerate(("de", "en")):
            lines = [pair[side] for pair in SENTENCES] * repetitions
            (folder / f"{split}.{language}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_texts(folder)
    write_series(folder)
    write_recordings(folder)
    monkeypatch.chdir(folder)
    return folder


def write_csv(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_texts(folder):
    """A novel, and a folder of texts."""
    (folder / "novel.txt").write_text("\n".join(LINES * 60), encoding="utf-8")
    (folder / "texts").mkdir()
    for number in range(4):
        text = "\n".join([*LINES, *(review for review, _ in REVIEWS)] * 30)
        (folder / "texts" / f"{number}.txt").write_text(text, encoding="utf-8")


def write_series(folder):
    """A load by the hour, and sales by the day."""
    random = np.random.default_rng(0)
    hours = pd.date_range("2026-01-01", periods=800, freq="h")
    load = 50 + 10 * np.sin(np.arange(800) * 2 * np.pi / 24) + random.normal(size=800)
    pd.DataFrame({"unique_id": "load", "ds": hours, "y": load}).to_csv(folder / "load.csv", index=False)
    days = pd.date_range("2025-01-01", periods=200, freq="D")
    sales = [
        pd.DataFrame(
            {"unique_id": f"shop {number}", "ds": days, "y": random.poisson(5 + number, len(days)), "price": 1.5}
        )
        for number in range(5)
    ]
    pd.concat(sales).to_csv(folder / "sales.csv", index=False)


def write_recordings(folder):
    """Recordings by name, in a manifest, and a folder a word."""
    random = np.random.default_rng(0)
    for name in ("recording.wav", "another.flac"):
        soundfile.write(folder / name, 0.1 * random.standard_normal(RATE), RATE)
    rows = []
    for word, pitch in (("YES", 0.1), ("NO", 0.4)):
        (folder / "words" / word.lower()).mkdir(parents=True)
        for number in range(8):
            path = folder / "words" / word.lower() / f"{number}.wav"
            tone = 0.3 * np.sin(np.arange(RATE // 2) * pitch) + 0.01 * random.standard_normal(RATE // 2)
            soundfile.write(path, tone, RATE)
            rows.append((path.relative_to(folder).as_posix(), word, f"speaker {number % 4}"))
    write_csv(folder / "manifest.csv", ["path", "text", "speaker"], rows)
