"""scripts/wheels.py: data wheels of a catalogue of tiny files."""

import hashlib
import importlib.metadata
import json
import os
import pathlib
import sys
import zipfile

import pytest

import lstm_zoo
from lstm_zoo.weights import catalog, places

ROOT = pathlib.Path(__file__).parents[2]
NAMES = ("sentiment-bilstm-imdb", "sentiment-awd-imdb")
FOLDER = "lstm_zoo_weights_sentiment"
WHEEL = f"{FOLDER}-{lstm_zoo.__version__}-py3-none-any.whl"
OLDER = "lstm_zoo-0.0.1-py3-none-any.whl"


@pytest.fixture
def wheels(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from scripts import wheels

    return wheels


@pytest.fixture(autouse=True)
def rows(monkeypatch, tmp_path):
    """The rows of two networks of a task, whose files hold their names."""
    rows = [catalog.find(name) for name in NAMES]
    monkeypatch.setattr(catalog, "ROWS", tmp_path / "weights.json")
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "weights")
    places.CHECKOUT.mkdir()
    for row in rows:
        content = row["name"].encode()
        (places.CHECKOUT / row["file"]).write_bytes(content)
        row |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    catalog.ROWS.write_text(json.dumps(rows))
    return rows


def test_a_data_wheel_holds_the_files_and_an_entry_point(wheels, rows, tmp_path):
    wheel = wheels.build_data("sentiment", rows, tmp_path)
    assert wheel == tmp_path / WHEEL
    [distribution] = importlib.metadata.distributions(path=[str(wheel)])
    [entry] = distribution.entry_points
    assert (entry.group, entry.name, entry.value) == ("lstm_zoo.weights", "sentiment", FOLDER)
    assert distribution.requires is None
    assert distribution.metadata["License-Expression"] == "Apache-2.0"
    assert distribution.metadata["Requires-Python"] == "<3.14,>=3.11"
    assert distribution.metadata["Author"] == "The lstm_zoo authors"
    assert "Typing :: Typed" not in distribution.metadata.get_all("Classifier")
    with zipfile.ZipFile(wheel) as file:
        content = {name: file.read(name) for name in file.namelist()}
    code = content.pop(f"{FOLDER}/__init__.py").decode()
    assert compile(code, "", "exec").co_names == ("__doc__",)
    for row in rows:
        assert content.pop(f"{FOLDER}/{row['file']}") == row["name"].encode()
    licenses = f"{FOLDER}-{lstm_zoo.__version__}.dist-info/licenses"
    assert content.pop(f"{licenses}/LICENSE") == (ROOT / "LICENSE").read_bytes()
    notice = content.pop(f"{licenses}/NOTICE").decode()
    assert all(row["data_license"] in notice and row["name"] in notice for row in rows)
    assert {name.partition("/")[0] for name in content} == {f"{FOLDER}-{lstm_zoo.__version__}.dist-info"}


def test_its_readme_tells_how_good_the_files_are_and_on_which_terms(wheels, rows):
    readme = wheels.readme(FOLDER, "sentiment", rows)
    assert f"pip install 'lstm_zoo' {FOLDER}\n" in readme
    assert 'lstm_zoo.predict("sentiment", "A moving, beautifully shot film.")\n' in readme
    for row in rows:
        assert (
            f"| `{row['name']}` | {row['data']}, accuracy ↑ | **{row['metrics']['test']['accuracy']:.4f}** |" in readme
        )
        assert row["limits"] in readme
        assert row["data_license"] in readme


def test_its_readme_names_the_extra_that_a_task_needs(wheels, rows):
    assert "pip install 'lstm_zoo[speech]' lstm_zoo_weights_speech\n" in wheels.readme(
        "lstm_zoo_weights_speech", "speech", rows
    )


def test_the_same_commit_gives_the_same_bytes(wheels, rows, tmp_path):
    first, second = (wheels.build_data("sentiment", rows, tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@pytest.fixture
def build(wheels, monkeypatch, tmp_path):
    """Runs the script, for a folder that holds a wheel of an older version."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / OLDER).touch()
    (dist / "notes.txt").touch()
    monkeypatch.setattr(wheels, "DIST", dist)
    monkeypatch.setattr(os, "umask", lambda mask: None)  # that of the tests
    monkeypatch.setattr(sys, "argv", ["wheels.py"])
    return wheels.main


def test_older_wheels_are_replaced(build, tmp_path, capsys):
    build()
    own = f"lstm_zoo-{lstm_zoo.__version__}-py3-none-any.whl"
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {own, WHEEL, "notes.txt"}
    output = capsys.readouterr()
    assert [line.split()[1:] for line in output.out.splitlines()] == [["MB", own], ["MB", WHEEL]]
    assert [line.split()[-1] for line in output.err.splitlines()] == [FOLDER, "lstm_zoo"]


def stopped(build, tmp_path, message):
    """The script stops with one line, and leaves the older wheel where it is."""
    with pytest.raises(SystemExit, match=message) as end:
        build()
    assert len(end.value.code.splitlines()) == 1
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {OLDER, "notes.txt"}


def test_stops_at_a_missing_file(build, rows, tmp_path):
    (places.CHECKOUT / rows[1]["file"]).unlink()
    stopped(build, tmp_path, f"{rows[1]['file']}, the file of {rows[1]['name']}, does not exist")


@pytest.mark.parametrize("content", [b"short", NAMES[1].upper().encode()], ids=["size", "hash"])
def test_stops_at_another_file(build, rows, tmp_path, content):
    (places.CHECKOUT / rows[1]["file"]).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    stopped(
        build,
        tmp_path,
        f"{rows[1]['file']} is not the published file of {rows[1]['name']}, {rows[1]['bytes']} bytes, SHA-256 "
        f"{rows[1]['sha256']}. Received: {len(content)} bytes, SHA-256 {digest}",
    )


def test_stops_at_a_wheel_that_no_index_takes(wheels, build, tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "MOST_BYTES", 100)
    stopped(build, tmp_path, rf"{WHEEL} has \d+ bytes; at most 100 are accepted")
