"""scripts/search.py: a chief and workers as processes of this machine, and what kills do to them."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest
from tiny.runs import PAIRS
from tiny.searches import FIXED, outcome, records

from lstm_zoo.tuning import workers

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = [sys.executable, ROOT / "scripts" / "search.py"]


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from scripts import search

    return search


@pytest.fixture
def data(tmp_path):
    """The pairs as a file, which every process of a search reads."""
    path = tmp_path / "pairs.csv"
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in PAIRS))
    return path


def words(data, folder, *more):
    """A command line of a tiny search."""
    fixed = [word for name, value in FIXED.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    options = ["--data", data, "--folder", folder, "--tuner", "random", "--epochs", 2, "--units", "4,8", *fixed, *more]
    return ["sentiment", *map(str, options)]


def processes(folder):
    """KERASTUNER_TUNER_ID -> process id of the processes whose command line names a folder."""
    running = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (path / "cmdline").read_bytes():
                variables = (path / "environ").read_bytes().split(b"\0")
                names = [
                    pair.partition(b"=")[2].decode() for pair in variables if pair.startswith(b"KERASTUNER_TUNER_ID")
                ]
                running[names[0] if names else ""] = int(path.name)
        except OSError:
            continue  # it ended
    return running


def until(condition, seconds=240):
    """Wait until a function's answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def test_processes_share_the_trials_and_are_gone_at_the_end(tmp_path, data):
    folder = tmp_path / "search"
    finished = subprocess.run(
        [*SCRIPT, *words(data, folder, "--trials", 2, "--epochs", 1, "--workers", 2)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "best val_loss" in finished.stderr
    assert "units = " in finished.stdout
    assert json.loads((folder / "best.json").read_text())["command"].endswith("--trials 2 --epochs 1 --workers 2")
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 2
    assert {record["worker"] for record in records(folder)} <= {"worker1", "worker2"}
    assert not processes(folder)


# A process that is no search: it writes down that it runs, and does what its name says.
CHILD = """
import os, pathlib, signal, sys, time
name, folder = os.environ["KERASTUNER_TUNER_ID"], pathlib.Path(sys.argv[1])
number = len([*folder.glob(f"{name}-*")])
(folder / f"{name}-{number}").write_text(str(os.getpid()))
"""


@pytest.mark.parametrize(
    ("acts", "status", "printed"),
    [
        ("sys.exit('Error: bad input')", 1, "Error: bad input"),
        ("time.sleep(300) if name == 'chief' else sys.exit('Error: other data')", 1, "every worker has ended with an"),
        ("sys.exit(2) if name == 'chief' else time.sleep(300)", 2, ""),
        (
            "while name == 'chief' and not (folder / 'worker1-1').exists(): time.sleep(0.02)\n"
            "if name == 'worker1' and not number: os.kill(os.getpid(), signal.SIGKILL)",
            0,
            "worker1 was killed and starts again.",
        ),
    ],
)
def test_an_end_is_an_end_of_all_and_a_kill_is_none(tmp_path, script, monkeypatch, capfd, acts, status, printed):
    monkeypatch.setattr(sys, "argv", ["-c", CHILD + acts, str(tmp_path)])
    assert script.supervise(2) == status
    assert printed in capfd.readouterr().err
    started = [path.read_text() for path in tmp_path.iterdir()]
    assert len(started) <= 4
    assert not any(pathlib.Path("/proc", number).exists() for number in started)


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path, data):
    """While it imports, checks, trains or writes: up to the time that the start and some trials take."""
    chance = random.Random(0)
    command = [sys.executable, "-m", "lstm_zoo", "search"]
    begun = time.monotonic()
    subprocess.run([*command, *words(data, tmp_path / "whole", "--trials", 20)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - begun
    folder = tmp_path / "killed"
    at = []
    while len(at) < 20:
        process = subprocess.Popen([*command, *words(data, folder, "--trials", 20)], stdout=subprocess.DEVNULL)
        try:
            assert process.wait(chance.uniform(0, seconds / 8)) == 0  # it was too fast to be killed
            break
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            at.append(len(records(folder)))
    print("trials begun at each kill:", at)
    assert len(at) >= 10
    subprocess.run([*command, *words(data, folder, "--trials", 20)], check=True, stdout=subprocess.DEVNULL)
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 20
    assert len({record["id"] for record in records(folder)}) == 20
    assert outcome(folder) == outcome(tmp_path / "whole")
    best, same = (json.loads((place / "best.json").read_text()) for place in (folder, tmp_path / "whole"))
    assert (best["score"], best["hyperparameters"]) == (same["score"], same["hyperparameters"])


@pytest.mark.slow
def test_a_worker_killed_and_a_chief_restarted_as_on_a_cluster(tmp_path, data, script):
    folder, port = tmp_path / "search", script.free_port()
    command = [sys.executable, "-m", "lstm_zoo", "search", *words(data, folder, "--trials", 8, "--epochs", 6)]

    def start(name):
        variables = dict(zip(workers.VARIABLES, (name, "127.0.0.1", str(port))))
        return subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)

    running = {name: start(name) for name in ("first", "second")}
    time.sleep(5)  # workers that start before the chief
    running["chief"] = start("chief")
    until(lambda: any(record["worker"] == "first" and record["progress"] > 0 for record in records(folder)))
    lost = next(
        record["id"] for record in records(folder) if record["worker"] == "first" and record["status"] == "RUNNING"
    )
    running["first"].kill()
    until(lambda: sum(record["status"] == "COMPLETED" for record in records(folder)) >= 2)
    running["chief"].kill()
    running["chief"].wait()
    before = [record for record in records(folder) if record["status"] == "COMPLETED"]
    time.sleep(3)
    running["chief"] = start("chief")
    assert running["chief"].wait(400) == 0
    assert running["second"].wait(30) == 0
    after = records(folder)
    assert [record["status"] for record in after] == ["COMPLETED"] * 8
    assert [record for record in after if record in before] == before
    assert next(record["worker"] for record in after if record["id"] == lost) == "second"
    assert not processes(folder)


@pytest.mark.slow
def test_what_is_killed_on_this_machine_starts_again(tmp_path, data):
    folder = tmp_path / "search"
    command = [*SCRIPT, *words(data, folder, "--trials", 8, "--workers", 2)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until(lambda: len(records(folder)) >= 2)
    os.kill(processes(folder)["worker1"], signal.SIGKILL)
    until(lambda: sum(record["status"] == "COMPLETED" for record in records(folder)) >= 3)
    os.kill(processes(folder)["chief"], signal.SIGKILL)
    until(lambda: sum(record["status"] == "COMPLETED" for record in records(folder)) >= 5)
    process.kill()  # and the whole command
    process.wait()
    until(lambda: not processes(folder), 20)
    assert subprocess.run(command, stdout=subprocess.DEVNULL, timeout=400, check=False).returncode == 0
    assert [record["status"] for record in records(folder)] == ["COMPLETED"] * 8
    assert not processes(folder)
