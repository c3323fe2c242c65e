"""Build the wheels of a release in dist/: lstm_zoo, and for each task a data wheel with its published files.

    python -m scripts.wheels

A data wheel is a package that holds files and no code, and an entry point of the group `lstm_zoo.weights` that tells
its name: so `lstm_zoo.weights` finds them. It depends on nothing, not even on a version of lstm_zoo, because the hashes
in weights.json decide what fits. Wheels are built from temporary folders, as setuptools would add what an earlier build
left in build/, and bear the time of the last commit: it gives the same bytes again.
"""

import argparse
import configparser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pooch

import lstm_zoo
from lstm_zoo.registry import get_task
from lstm_zoo.weights import catalog, places
from scripts import results

ROOT = pathlib.Path(__file__).parents[1]
DIST = ROOT / "dist"
SOURCES = ("setup.cfg", "pyproject.toml", "LICENSE", "NOTICE", "DESCRIPTION.md")  # of lstm_zoo's wheel, beside its code
# Classifiers that a data wheel shares with lstm_zoo.
SHARED = ("Development Status", "Intended", "Operating System", "Programming Language", "Topic :: Scientific")
MOST_BYTES = 100_000_000  # of a wheel, that a package index takes
README = """\
# {name}

{description}: `lstm_zoo` finds its files where this package is installed, and checks each
against its SHA-256 whenever it is asked for.

```sh
pip install 'lstm_zoo{extra}' {name}
```

```python
import lstm_zoo

lstm_zoo.predict("{task}", {example})
```

{table}

{terms}
{limits}"""
PYPROJECT = """\
[build-system]
requires = ["setuptools >= 77"]
build-backend = "setuptools.build_meta"

[project]
readme = "README.md"
license-files = ["LICENSE", "NOTICE"]
{project}

[project.entry-points."lstm_zoo.weights"]
{task} = "{name}"

[tool.setuptools]
packages = ["{name}"]
package-data = {{ {name} = ["*.keras"] }}
"""


def by_task() -> dict[str, list[dict]]:
    """Task -> its rows of weights.json."""
    tasks = {}
    for row in catalog.rows():
        tasks.setdefault(row["network"].partition("/")[0], []).append(row)
    return tasks


def published(row: dict) -> pathlib.Path:
    """Path of a row's file in the checkout.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is not the file that the row describes.
    """
    path = places.CHECKOUT / row["file"]
    if not path.is_file():
        raise FileNotFoundError(f"{path}, the file of {row['name']}, does not exist.")
    found, expected = (path.stat().st_size, pooch.file_hash(str(path))), (row["bytes"], row["sha256"])
    if found != expected:
        received, accepted = (f"{size} bytes, SHA-256 {digest}" for size, digest in (found, expected))
        raise ValueError(f"{path} is not the published file of {row['name']}, {accepted}. Received: {received}")
    return path


def readme(name: str, task: str, rows: list[dict]) -> str:
    """What a package index shows of a data wheel."""
    header = ["weights", "data, metric", "test score", "best baseline"]
    extra = get_task(task).extra
    return README.format(
        name=name,
        task=task,
        description=describe(task),
        extra=f"[{extra}]" if extra else "",
        example=get_task(task).example,
        table=results.markdown(header, [[f"`{row['name']}`", *results.compared(row)] for row in rows]),
        terms=results.LICENSE_TEXT,
        limits=results.limits(rows),
    )


def describe(task: str) -> str:
    """A data wheel in a line."""
    return f"Pretrained weights of lstm_zoo for the task {task}"


def pyproject(name: str, task: str) -> str:
    """What setuptools is told of a data wheel; what it shares with lstm_zoo is as setup.cfg has it."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    own = setup["metadata"]
    project = {
        "name": name,
        "version": lstm_zoo.__version__,
        "description": describe(task),
        "requires-python": setup["options"]["python_requires"],
        "license": own["license_expression"],
        "keywords": ["lstm", "keras", "pretrained", "weights", task.replace("_", " ")],
        "classifiers": [line for line in own["classifiers"].split("\n") if line.startswith(SHARED)],
    }
    # What JSON writes of strings and lists of them is TOML too.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in project.items()]
    lines.append(f"authors = [{{ name = {json.dumps(own['author'])} }}]")
    return PYPROJECT.format(project="\n".join(lines), name=name, task=task)


def build_own(folder: pathlib.Path) -> pathlib.Path:
    """Build the wheel of lstm_zoo into a folder."""
    with tempfile.TemporaryDirectory() as source:
        for name in SOURCES:
            shutil.copyfile(ROOT / name, pathlib.Path(source, name))
        shutil.copytree(ROOT / "lstm_zoo", pathlib.Path(source, "lstm_zoo"), copy_function=shutil.copyfile)
        return build("lstm_zoo", source, folder)


def build_data(task: str, rows: list[dict], folder: pathlib.Path) -> pathlib.Path:
    """Build the data wheel of a task into a folder, see `published` for its errors."""
    name = f"lstm_zoo_weights_{task}"
    with tempfile.TemporaryDirectory() as source:
        texts = {
            "pyproject.toml": pyproject(name, task),
            "README.md": readme(name, task, rows),
            "LICENSE": (ROOT / "LICENSE").read_text(encoding="utf-8"),
            "NOTICE": results.notice(rows),
            f"{name}/__init__.py": f'"""{describe(task)}."""\n',
        }
        package = pathlib.Path(source, name)
        package.mkdir()
        for path, text in texts.items():
            pathlib.Path(source, path).write_text(text, encoding="utf-8")
        for row in rows:
            shutil.copyfile(published(row), package / row["file"])
        return build(name, source, folder)


def build(name: str, source: str, folder: pathlib.Path) -> pathlib.Path:
    """Build the wheel of a project into a folder.

    Raises:
        ValueError: it is too large.
        RuntimeError: it cannot be built.
    """
    print(f"Building the wheel of {name}", file=sys.stderr)
    environment = {"SOURCE_DATE_EPOCH": commit_time(), **os.environ}
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", folder, source]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"The wheel of {name} cannot be built:\n{finished.stdout}{finished.stderr}")
    [wheel] = folder.glob(f"{name}-*.whl")
    if wheel.stat().st_size > MOST_BYTES:
        raise ValueError(f"{wheel.name} has {wheel.stat().st_size} bytes; at most {MOST_BYTES} are accepted.")
    return wheel


def commit_time() -> str:
    """Seconds since the epoch of the last commit."""
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def build_all(folder: pathlib.Path) -> list[pathlib.Path]:
    """Build every wheel of a release into a folder, in the place of those of older builds: all of them, or none."""
    os.umask(0o022)  # a wheel holds the modes of its files
    with tempfile.TemporaryDirectory() as built:
        wheels = [build_data(task, rows, pathlib.Path(built)) for task, rows in by_task().items()]
        wheels.insert(0, build_own(pathlib.Path(built)))
        folder.mkdir(parents=True, exist_ok=True)
        for older in folder.glob("lstm_zoo*.whl"):
            older.unlink()
        return [pathlib.Path(shutil.move(wheel, folder)) for wheel in wheels]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    try:
        for wheel in build_all(DIST):
            print(f"{wheel.stat().st_size / 1e6:6.1f} MB  {wheel.name}")
    except (OSError, ValueError, RuntimeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
