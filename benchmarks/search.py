"""What a second worker gives a search, and what a trial costs beside its training.

    python -m benchmarks.search [--trials 6]

Trials that take equally long, since only the share differs that dropout drops: by one worker on one core, then by two
on one core each. Nothing else should be running.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

from benchmarks.measuring import parse, parser, write

ROOT = pathlib.Path(__file__).parents[1]
DROPOUT = "0.1,0.2,0.3,0.4,0.5,0.6"
SEARCH = shlex.split(
    f"scripts/search.py sentiment --tuner grid --epochs 1 --dropout {DROPOUT} --units 32 --embedding 32 --depth 1 "
    "--word-dropout 0.2 --embedding-dropout 0.5 --weight-dropout 0 --learning-rate 2e-3 --batch-size 64"
)


def row_of(workers, words):
    """Row of the table for so many workers, its command, and the records of the trials."""
    place = ["taskset", "-c", ",".join(map(str, range(workers)))]
    words = [*words, "--workers", str(workers)]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([*place, sys.executable, *words, "--folder", folder], cwd=ROOT, check=True)
        seconds = time.perf_counter() - start
        records = json.loads((pathlib.Path(folder) / "state.json").read_text())["records"]
    return {"workers": workers, "seconds": round(seconds, 1)}, shlex.join([*place, "python", *words]), records


def main():
    options = parser("search", __doc__)
    options.add_argument("--trials", type=int, default=6, help="at most 6 (default: %(default)s)")
    options.add_argument("--data", help="of the user's own, for a trial of this benchmark (default: IMDb)")
    arguments = parse(options)
    words = [*SEARCH, "--trials", str(arguments.trials), *(["--data", arguments.data] if arguments.data else [])]
    runs = [row_of(workers, words) for workers in (1, 2)]
    first, records = runs[0][0]["seconds"], runs[0][2]
    table = [
        {**row, "of the time of one worker": row["seconds"] / first, "command": command} for row, command, _ in runs
    ]
    whole, training = (sum(record[name] for record in records) for name in ("seconds", "training_seconds"))
    settings = {
        "trials": len(records),
        "seconds of a trial": round(whole / len(records), 1),
        "share outside of building and fitting": round(1 - training / whole, 4),
    }
    packages = ("keras_tuner",)
    write(arguments.output, "benchmarks.search", __doc__, settings=settings, table=table, packages=packages)


if __name__ == "__main__":
    main()
