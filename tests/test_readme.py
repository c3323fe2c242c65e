"""README.md tells the truth: its tables come from the rows, its Python runs."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_tables_are_those_that_results_writes():
    subprocess.run([sys.executable, ROOT / "scripts" / "results.py", "--check"], check=True)


def test_tables_cannot_be_edited_by_hand(tmp_path):
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import results
    finally:
        sys.path.pop(0)
    forged = re.sub(r"\*\*0\.\d{4}\*\*", "**0.9999**", README, count=1)
    assert forged != README
    assert results.updated(forged) == README


def test_python_runs(tmp_path, monkeypatch):
    # One after the other in one folder, as a reader would: a later block reads what an earlier one wrote.
    monkeypatch.chdir(tmp_path)
    for file in ("recording.wav", "another.flac"):
        soundfile.write(file, 0.1 * np.random.default_rng(0).standard_normal(16_000), 16_000)
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) >= 4
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert (tmp_path / "runs" / "tickets" / "curves.png").exists()


@pytest.mark.parametrize("target", re.findall(r"^(?:make) ([a-z-]+)", README, flags=re.MULTILINE))
def test_make_targets_exist(target):
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", re.sub("```.*?```", "", README, flags=re.DOTALL)))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
