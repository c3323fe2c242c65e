"""The chapter on LSTMs has the equations of the code, and its notebook runs, and is one for Jupyter."""

import pathlib
import re
import runpy

import jupytext
import matplotlib
import matplotlib.pyplot as plt
import pytest

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))


def test_equations_are_those_of_the_kernel():
    chapter = (ROOT / "docs" / "lstm.md").read_text(encoding="utf-8")
    kernel = (ROOT / "lstm_zoo" / "layers" / "kernel.py").read_text(encoding="utf-8")
    [equations] = re.findall(r"^```text\n(z = .*?)^```$", chapter, flags=re.DOTALL | re.MULTILINE)
    assert equations.count("=") == 4
    for line in equations.splitlines():
        assert line in kernel


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    with matplotlib.rc_context({"backend": "agg"}):
        runpy.run_path(str(path), run_name="__main__")
        assert len(plt.get_fignums()) == path.read_text(encoding="utf-8").count("plt.show()")
        plt.close("all")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_one_for_jupyter(path):
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds.count("markdown") == text.count("# %% [markdown]")
    assert kinds.count("code") == text.count("\n# %%\n")
    assert jupytext.writes(notebook, fmt="py:percent").split("# %%", 1)[1] == text.split("# %%", 1)[1]
