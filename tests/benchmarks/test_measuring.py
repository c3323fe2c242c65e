"""benchmarks/measuring.py: rivals take turns, a trial does not take a result's place, and a result makes a page."""

import json
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DOC = """What is measured.

    python -m benchmarks.example

Why, in a paragraph.

- and in a list
"""
ECHO = """
import json, sys
for line in sys.stdin:
    print(json.loads(line)["seconds"], flush=True)
"""


@pytest.fixture
def measuring(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import measuring

    return measuring


def test_rivals_take_turns_and_the_first_does_not_count(measuring):
    order = []

    def rival(name, seconds):
        def run():
            order.append(name)
            return seconds.pop(0)

        return run

    seconds = measuring.turns({"a": rival("a", [9, 1, 2, 6]), "b": rival("b", [9, 3, 3, 3])}, 3)
    assert order == ["a", "b"] * 4
    assert seconds == {"a": [1, 2, 6], "b": [3, 3, 3]}
    assert measuring.medians({"a": rival("a", [9, 1, 2, 6])}, 3) == {"a": 2}


def test_a_rival_has_a_process_of_its_own(measuring, tmp_path, monkeypatch):
    (tmp_path / "echo.py").write_text(ECHO)
    monkeypatch.setattr(measuring, "RIVALS", tmp_path)
    rival = measuring.rival_process("echo.py")
    assert [rival(seconds=seconds) for seconds in (1, 2.5)] == [1, 2.5]


def test_a_trial_does_not_take_the_place_of_a_result(measuring, tmp_path, monkeypatch, capsys):
    options = measuring.parser("example", DOC, repetitions=5)
    monkeypatch.setattr(sys, "argv", ["example"])
    assert measuring.parse(options).output == ROOT / "benchmarks" / "results" / "example.json"
    monkeypatch.setattr(sys, "argv", ["example", "--repetitions", "1"])
    with pytest.raises(SystemExit):
        measuring.parse(options)
    assert "--repetitions below 5 are for a trial" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["example", "--repetitions", "1", "--output", str(tmp_path / "trial.json")])
    assert measuring.parse(options).repetitions == 1


def test_a_result_tells_its_conditions_and_makes_a_page(measuring, tmp_path, monkeypatch):
    from scripts import results

    monkeypatch.setattr(sys, "argv", ["example", "--sentences", "3"])
    path = tmp_path / "example.json"
    rows = [{"by": "zoo", "seconds": 1.5}, {"by": "ünlike", "seconds": 2, "same": 0.5}]
    measuring.write(path, "benchmarks.example", DOC, settings={"size": 3}, table=rows, packages=("no_such_package",))
    result = json.loads(path.read_text(encoding="utf-8"))
    assert result["table"] == rows
    assert (result["subject"], result["title"]) == ("example", "What is measured")
    assert result["notes"] == "Why, in a paragraph.\n\n- and in a list"
    assert result["command"] == "python -m benchmarks.example --sentences 3"
    assert result["versions"].keys() == {"tensorflow", "keras", "numpy"}
    assert " cores" in result["machine"]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 14  # one a field, and one a row
    assert "| ünlike | 2 | 0.5000 |" in results.result_page(result)
    measuring.write(path, "benchmarks.example", DOC, settings={}, table=rows, machine="another")
    assert json.loads(path.read_text(encoding="utf-8"))["machine"] == "another"


MODULES = [path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py") if path.stem != "measuring"]
PACKAGES = [path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py")]
TRAINING = ["augmentation", "speakers"]  # for hours: they are run where files of speech are trained anew


@pytest.mark.parametrize("name", sorted({*MODULES, *PACKAGES} - {*TRAINING}))
def test_every_benchmark_has_a_result(name):
    assert (ROOT / "benchmarks" / "results" / f"{name}.json").exists()
