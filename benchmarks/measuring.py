"""What the benchmarks share: rivals that take turns, their processes, and the form of a result."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import inspect
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lstm_zoo.files import write_text
from lstm_zoo.progress import track

RESULTS = pathlib.Path(__file__).with_name("results")
RIVALS = pathlib.Path(__file__).with_name("rivals")
FIGURES = pathlib.Path(__file__).parents[1] / "docs" / "benchmarks"  # beside the pages of the results
PACKAGES = ("tensorflow", "keras", "numpy")  # whose versions every result tells
# Without them glibc gives the memory of every training step of PyTorch back and asks for it anew.
TUNED_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "268435456",
}
CPU = pathlib.Path("/proc/cpuinfo")
CPU_TEXT = CPU.read_text() if CPU.exists() else ""
BFLOAT16 = any(flag in CPU_TEXT for flag in ("amx_bf16", "avx512_bf16"))  # whether the processor multiplies in it
REVIEW = "A moving, beautifully shot film. I laughed, I cried, and I would gladly watch it again. " * 10  # 210 tokens


def installed(package: str) -> bool:
    """Whether a rival can take part."""
    return importlib.util.find_spec(package) is not None


PYTORCH = installed("torch")


def parser(subject: str, doc: str, *, repetitions: int | None = None, figure: bool = False) -> argparse.ArgumentParser:
    """The options that benchmarks share: where result and figure are written, and how often rivals take turns.

    Args:
        subject: name of the result.
        doc: docstring of the module, whose first line says what it is about.
        repetitions: how many turns count by default. None: there are no turns.
        figure: whether a figure belongs to the result, which stands beside its page.
    """
    options = argparse.ArgumentParser(description=doc.splitlines()[0])
    result = RESULTS / f"{subject}.json"
    options.add_argument("--output", type=pathlib.Path, default=result, help="of the result (default: %(default)s)")
    if figure:
        place = FIGURES / f"{subject}.png"
        options.add_argument("--figure", type=pathlib.Path, default=place, help="default: %(default)s")
    if repetitions is not None:
        options.add_argument("--repetitions", type=int, default=repetitions, help="turns (default: %(default)s)")
    return options


def parse(options: argparse.ArgumentParser) -> argparse.Namespace:
    """The options of the command line. Fewer turns than usual are a trial, which does not take a result's place."""
    arguments, usual = options.parse_args(), options.get_default("repetitions")
    if usual and arguments.repetitions < usual and arguments.output == options.get_default("output"):
        options.error(f"--repetitions below {usual} are for a trial, with an --output of its own")
    return arguments


def table_of(path: pathlib.Path) -> list[dict[str, Any]]:
    """Rows of a result that was written before; none where there is no such."""
    return json.loads(path.read_text(encoding="utf-8"))["table"] if path.exists() else []


def resumed(options: argparse.ArgumentParser, path: pathlib.Path, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a result to go on with; ends where it was measured with other settings."""
    if path.exists() and (before := json.loads(path.read_text(encoding="utf-8"))["settings"]) != settings:
        options.error(f"{path} has other settings: {before}")
    return table_of(path)


def timed(function: Callable[[], Any]) -> Callable[[], float]:
    """A function that calls the function and gives its seconds."""

    def seconds():
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return seconds


def turns(rivals: Mapping[str, Callable[[], float]], repetitions: int) -> dict[str, list[float]]:
    """Name -> seconds of each turn, of rivals (name -> function giving seconds) that take turns.

    Times depend on the machine and its mood, ratios of rivals within one turn much less. The first turn does not count.
    """
    seconds = {name: [] for name in rivals}
    for turn in track(range(repetitions + 1), ", ".join(rivals)):
        for name, function in rivals.items():
            seconds[name] += [function()] if turn else [function()][:0]
    return seconds


def medians(rivals: Mapping[str, Callable[[], float]], repetitions: int) -> dict[str, float]:
    """Name -> median of the seconds of its turns."""
    return {name: statistics.median(values) for name, values in turns(rivals, repetitions).items()}


def rival_process(script: str, environment: Mapping[str, str] | None = None) -> Callable[..., float]:
    """A function that has a script of `rivals` do a job, in a process of its own, and gives its seconds.

    A process, because malloc's settings count from its start, and because the thread pools of two frameworks wait for
    each other in one.
    """
    command = [sys.executable, str(RIVALS / script), str(len(cores()))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, **pipes)

    def seconds(**job):
        print(json.dumps(job), file=process.stdin, flush=True)
        return float(process.stdout.readline())

    return seconds


def cores() -> list[int]:
    """The cores that this process may run on."""
    known = hasattr(os, "sched_getaffinity")
    return sorted(os.sched_getaffinity(0)) if known else list(range(os.cpu_count() or 1))


def machine() -> str:
    """The processor, as Linux names it, and its cores."""
    names = [line.partition(":")[2].strip() for line in CPU_TEXT.splitlines() if line.startswith("model name")]
    name = names[0] if names else platform.processor() or "unknown"
    return f"{name}, {os.cpu_count()} cores{'' if BFLOAT16 else ', without units for bfloat16'}"


def write(
    path: pathlib.Path,
    module: str,
    doc: str,
    *,
    settings: Mapping[str, Any],
    table: Sequence[Mapping[str, Any]],
    views: Sequence[Mapping[str, Any]] = (),
    packages: Sequence[str] = ("torch",),
    **conditions: str,
) -> None:
    """Write a result: a JSON object that has everything its page needs, see `scripts/results.py`.

    Args:
        path: of the file.
        module: that measured, like "benchmarks.layers"; its last part is the `subject`, but see `conditions`.
        doc: docstring of the module: its first line is the `title`, its paragraphs the `notes`, in Markdown, but for
            those that are indented.
        settings: name -> number or text: the conditions that `command`, `machine` and `versions` do not tell.
        table: the rows, each name of a column -> number or text. A row may lack columns.
        views: how the page shows the rows; without any it shows the table as it is. Each has `values`, the columns to
            show, `rows`, the columns whose values make a row, and may have `columns`, the column whose values make
            the columns. Of several numbers in a place it shows `statistic`, "median" or "mean", the least and the
            greatest.
        packages: whose versions count, beside TensorFlow, Keras and NumPy, where they are installed.
        conditions: `command` and `machine`, where they are not those of this process, and `subject`, of a module with
            several results.
    """
    title, *paragraphs = inspect.cleandoc(doc).split("\n\n")
    result = {
        "subject": module.rpartition(".")[2],
        "title": title.rstrip("."),
        "notes": "\n\n".join(paragraph for paragraph in paragraphs if not paragraph.startswith("    ")),
        "command": shlex.join(["python", "-m", module, *sys.argv[1:]]),
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in (*PACKAGES, *filter(installed, packages))},
        "settings": dict(settings),
        "table": list(table),
        "views": list(views),
        **conditions,
    }
    write_text(path, dumps(result))
    print(f"{path}:")
    for row in table:
        print(", ".join(f"{name}: {value}" for name, value in row.items()))


def dumps(result: Mapping[str, Any]) -> str:
    """A result as JSON, with a line for each row."""

    def text(value):
        if not isinstance(value, list) or not value:
            return json.dumps(value, ensure_ascii=False)
        rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
        return f"[\n{rows}\n  ]"

    return "{\n" + ",\n".join(f'  "{name}": {text(value)}' for name, value in result.items()) + "\n}\n"
