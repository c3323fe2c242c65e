"""`lstm_zoo.predict` on texts in one form or another: jobs as lines of JSON in, seconds out."""

import functools
import json
import pathlib
import random
import sys
import tempfile
import time

WORDS = (
    "a",
    "moving",
    "film",
    "dull",
    "plot",
    "great",
    "acting",
    "never",
    "again",
    "the",
    "of",
    "and",
    "was",
    ",",
    ".",
)
MAX_WORDS = 200


def texts(rows: int) -> list[str]:
    """So many texts, always the same."""
    source = random.Random(0)
    return [" ".join(source.choices(WORDS, k=source.randint(1, MAX_WORDS))) for _ in range(rows)]


@functools.cache
def prepared(kind, rows):
    """The function that is timed."""
    import pandas as pd

    import lstm_zoo

    pipeline, lines = lstm_zoo.load("sentiment/bilstm"), texts(rows)
    frame = pd.DataFrame({"id": range(rows), "text": lines})
    dicts = frame.to_dict("records")
    folder = pathlib.Path(tempfile.mkdtemp())
    frame.to_csv(folder / "in.csv", index=False)

    def file():
        (folder / "out.csv").unlink(missing_ok=True)
        lstm_zoo.predict(pipeline, data=folder / "in.csv", output=folder / "out.csv")

    sources = {"list": lines, "frame": frame, "dicts": dicts}
    return file if kind == "file" else lambda: lstm_zoo.predict(pipeline, sources[kind])


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        function = prepared(**json.loads(line))
        start = time.perf_counter()
        function()
        print(time.perf_counter() - start, file=answers, flush=True)


if __name__ == "__main__":
    main()
