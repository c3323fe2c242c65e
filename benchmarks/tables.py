"""What a table costs: `predict` on a frame, on dicts and from file to file beside a plain list

    python -m benchmarks.tables [--repetitions 11]

2,000 texts of 1 to 200 words, through the published pipeline of sentiment, to labels. Each has a process of its own;
the four take turns, and the share is that of the list in the same turn. The second table is the greatest memory of
`lstm-zoo predict sentiment --data ... --output ...`, all of the process, with so many rows of such texts.
"""

import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile

from benchmarks.measuring import parse, parser, rival_process, turns, write
from benchmarks.rivals.zoo_tables import texts

KINDS = ("list", "frame", "dicts", "file")
ROWS = (10_000, 100_000)


def peak_of(rows: int, folder: str) -> float:
    """Gigabytes that a command takes at most with so many rows."""
    path = pathlib.Path(folder, f"{rows}.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text",), *((text,) for text in texts(rows))])
    words = ["predict", "sentiment/bilstm", "--data", path, "--output", path.with_suffix(".out.csv")]
    code = f"import resource, runpy, sys; sys.argv = {['lstm-zoo', *map(str, words)]!r}\n"
    code += "try: runpy.run_module('lstm_zoo', run_name='__main__')\n"
    code += "except SystemExit as end: assert not end.code\n"
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(finished.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024) / 1e9


def main():
    arguments = parse(parser("tables", __doc__, repetitions=11))
    processes = {kind: rival_process("zoo_tables.py") for kind in KINDS}
    seconds = turns(
        {kind: lambda kind=kind: processes[kind](kind=kind, rows=2000) for kind in KINDS}, arguments.repetitions
    )
    table = []
    for kind in KINDS:
        shares = [own / plain for own, plain in zip(seconds[kind], seconds["list"])]
        of_all = {"seconds": statistics.median(seconds[kind]), "least seconds": min(seconds[kind])}
        table.append({"from": kind, **of_all, "of the list's": statistics.median(shares)})
    with tempfile.TemporaryDirectory() as folder:
        table += [{"rows": rows, "greatest memory, GB": peak_of(rows, folder)} for rows in ROWS]
    views = [
        {"rows": ["from"], "values": ["seconds", "least seconds", "of the list's"]},
        {"rows": ["rows"], "values": ["greatest memory, GB"]},
    ]
    settings = {"repetitions": arguments.repetitions}
    write(
        arguments.output,
        "benchmarks.tables",
        __doc__,
        settings=settings,
        table=table,
        views=views,
        packages=("pandas",),
    )


if __name__ == "__main__":
    main()
