"""What a second worker gives a search, and what a trial costs beside its training; written to docs/workers.json.

    python scripts/benchmark_search.py

Trials that take equally long, since only the share differs that dropout drops: one worker on one core, then two on one
core each. Nothing else should be running.
"""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import results
from benchmark import processor

from lstm_zoo.training.checkpoints import write

TRIALS = 6
SEARCH = shlex.split(
    f"scripts/search.py sentiment --tuner grid --trials {TRIALS} --epochs 1 --dropout 0.1,0.2,0.3,0.4,0.5,0.6 "
    "--units 32 --embedding 32 --depth 1 --word-dropout 0.2 --embedding-dropout 0.5 --weight-dropout 0 "
    "--learning-rate 2e-3 --batch 64"
)


def measured(workers):
    """Command of a search, the seconds that it took from start to end, and the records of its trials."""
    place = ["taskset", "-c", ",".join(map(str, range(workers)))]
    words = [*SEARCH, "--workers", str(workers)]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([*place, sys.executable, *words, "--folder", folder], cwd=results.ROOT, check=True)
        seconds = time.perf_counter() - start
        records = json.loads((pathlib.Path(folder) / "state.json").read_text())["records"]
    return shlex.join([*place, "python", *words]), seconds, records


def main():
    runs = {workers: measured(workers) for workers in (1, 2)}
    whole, training = (sum(record[name] for record in runs[1][2]) for name in ("seconds", "training_seconds"))
    result = {
        "commands": {workers: command for workers, (command, _, _) in runs.items()},
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "trials": TRIALS,
        "seconds": {workers: round(seconds, 1) for workers, (_, seconds, _) in runs.items()},
        "overhead": round(1 - training / whole, 4),
        "trial_seconds": round(whole / TRIALS, 1),
    }
    print(f"two workers take {runs[2][1] / runs[1][1]:.2f} of the time of one; overhead {result['overhead']:.1%}")
    write(results.WORKERS, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
