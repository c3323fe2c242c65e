"""scripts/results.py: what README.md and docs/ show of rows and of results, and the form that results have."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

from lstm_zoo import registry
from lstm_zoo.weights import catalog

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
FIELDS = {
    "subject": str,
    "title": str,
    "notes": str,
    "command": str,
    "machine": str,
    "versions": dict,
    "settings": dict,
    "table": list,
    "views": list,
}


@pytest.fixture
def results(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from scripts import results

    return results


def test_pages_are_those_that_results_writes():
    subprocess.run([sys.executable, "-m", "scripts.results", "--check"], cwd=ROOT, check=True)


def test_scores_cannot_be_edited_by_hand(results, tmp_path):
    path = tmp_path / "page.md"
    path.write_text(re.sub(r"\*\*0\.\d{4}\*\*", "**0.9999**", README, count=1), encoding="utf-8")
    assert "0.9999" in path.read_text(encoding="utf-8")
    assert results.updated(path) == README
    path.write_text("no markers")
    with pytest.raises(ValueError, match="page.md has 0 places for the table of scores"):
        results.updated(path)


def test_excerpts_cannot_be_edited_by_hand(results):
    result = {"subject": "example", "command": "python -m benchmarks.example", "table": []}
    result["table"] = [{"by": by, "steps": steps, "score": 0.5} for by in ("a", "b", "c") for steps in (1, 2)]
    view = '{"where": {"by": ["a", "c"], "steps": 2}, "rows": ["by"], "values": ["score"]}'
    page = f"Why.\n\n<!-- result: example {view} -->\n| by hand |\n<!-- end -->\n\nThen."
    fresh = results.with_excerpts(page, {"example": result})
    told = "| by | score |\n| :-- | --: |\n| a | 0.5000 |\n| c | 0.5000 |"
    source = "`python -m benchmarks.example`, [all of it](benchmarks/example.md)"
    assert fresh == page.replace("| by hand |", f"{told}\n\n{source}")
    assert results.with_excerpts(fresh, {"example": result}) == fresh
    with pytest.raises(ValueError, match="example has no row where {'by': \\['a', 'c'\\], 'steps': 3}"):
        results.with_excerpts(page.replace(": 2}", ": 3}"), {"example": result})


def test_scores_out_of_domain(results, monkeypatch):
    assert results.out_of_domain([{"network": "sentiment/wide"}]) == []
    told = {
        "tweets": {"metrics": {"accuracy": 0.5}, "baselines": {"a": {"accuracy": 0.25}, "b": {"accuracy": 0.75}}},
        "mails": {"metrics": {"accuracy": 0.5}, "baselines": {}},
    }
    rows = [{**row, "out_of_domain": told} for row in catalog.rows()[:1]]
    name = rows[0]["name"]
    _, table = results.out_of_domain(rows)
    assert f"| `{name}` | tweets, accuracy ↑ | 0.5000 | 0.7500, b |\n" in table
    assert f"| `{name}` | mails, accuracy ↑ | 0.5000 |  |\n" in table
    monkeypatch.setattr(catalog, "rows", lambda: rows)
    assert "## Out of domain" in results.weights_page()


def test_calibration_of_rows_with_labels(results, tmp_path):
    rows = [row for row in catalog.rows() if "reliability" not in row][:1]
    assert results.calibration(rows) == []
    rows.append(catalog.find("sentiment-bilstm-imdb"))
    _, table, _, picture = results.calibration(rows)
    scores = [rows[1]["metrics"][split]["calibration_error"] for split in ("validation", "test")]
    assert f"| `sentiment-bilstm-imdb` | {scores[0]:.4f} | {scores[1]:.4f} |\n" in table
    assert picture == "![Reliability on validation of sentiment-bilstm-imdb](reliability.png)\n"
    results.draw_diagrams(results.diagrams(rows), tmp_path / "drawn.png")
    assert results.drawn_in(tmp_path / "drawn.png") == {"sentiment-bilstm-imdb": rows[1]["reliability"]}


def test_diagrams_are_those_of_the_rows(results, monkeypatch):
    assert results.drawn_in(results.RELIABILITY) == results.diagrams(catalog.rows())
    monkeypatch.setattr(sys, "argv", ["results.py", "--check"])
    results.main()
    monkeypatch.setattr(results, "drawn_in", lambda _: {})
    with pytest.raises(SystemExit, match="reliability.png is out of date"):
        results.main()


def test_the_notice_names_the_terms_of_every_published_file(results):
    terms, names = None, {}
    for line in results.notice(catalog.rows()).splitlines():
        if line.startswith("  "):
            names[line.strip()] = terms
        terms = terms if line.startswith("  ") else line.removesuffix(":")
    assert names == {row["name"]: row["data_license"] for row in catalog.rows()}


def test_readme_shows_the_default_file_of_every_task():
    for name in (*registry.TASKS, "speech/keyword"):
        row = catalog.find(name)
        [line] = re.findall(rf"^\| `{name}` \| `{row['name']}` \|.*$", README, flags=re.MULTILINE)
        assert line.count("|") == 6


def test_every_published_file_is_on_the_page(results):
    page = results.weights_page()
    for row in catalog.rows():
        line, *others = re.findall(rf"^\| `{row['name']}` \|.*$", page, flags=re.MULTILINE)
        assert len(others) == len(row.get("out_of_domain", {})) + ("reliability" in row)
        assert f"{row['parameters']:,}" in line
        metric, score = next(iter(row["metrics"]["test"].items()))
        better, values = (
            registry.get_task(row["network"]).better,
            [row["baselines"][name][metric] for name in row["baselines"]],
        )
        assert ("ours loses" in line) == (better(score, better(values)) != score)
        assert row["limits"] in page
        assert row["data_license"] in page


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
class TestResult:
    """A file of benchmarks/results/."""

    def test_has_the_form_of_all(self, path):
        result = json.loads(path.read_text(encoding="utf-8"))
        assert {name: type(value) for name, value in result.items()} == FIELDS
        assert result["subject"] == path.stem
        assert result["title"]
        assert result["notes"]
        assert result["table"]
        columns = {name for row in result["table"] for name in row}
        views = [[*view["rows"], *view["values"], view.get("columns")] for view in result["views"]] or [columns]
        shown = {name for view in views for name in view}
        rows = [{name: row[name] for name in row.keys() & shown} for row in result["table"]]
        for row in [result["settings"], result["versions"], *rows]:
            assert all(isinstance(value, (str, int, float)) for value in row.values()), row
        for view in result["views"]:
            assert view.keys() - {"columns", "statistic"} == {"rows", "values"}
            assert {*view["rows"], *view["values"], view.get("columns", view["rows"][0])} <= columns

    def test_names_a_command_that_there_is(self, path):
        command = json.loads(path.read_text(encoding="utf-8"))["command"].split()
        assert command[:2] == ["python", "-m"]
        folder, name = command[2].split(".")
        assert path.stem in (name, "_".join([name, *command[3:4]]))  # strangers_forecasting: of its first argument
        assert any((ROOT / folder / place).exists() for place in (f"{name}.py", f"{name}/__main__.py"))

    def test_has_a_page_with_everything(self, path, results):
        result = json.loads(path.read_text(encoding="utf-8"))
        page = results.result_page(result)
        assert page.startswith(f"# {result['title']}\n\n{result['notes']}\n\n- Command: `{result['command']}`\n")
        tables = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)
        assert len(tables) == max(1, len(result["views"]))
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_view_gathers_rows(results):
    table = [
        {"by": "zoo", "seed": 1, "accuracy": 0.5},
        {"by": "zoo", "seed": 0, "accuracy": 0.25},
        {"by": "other", "seed": 0, "accuracy": 12.345, "command": "run it"},
        {"by": "other", "seed": 0, "accuracy": 1234.5},
        {"by": "nothing"},
    ]
    assert results.view_table(table, {"rows": ["by"], "columns": "seed", "values": ["accuracy"]}) == (
        "| by | seed 0 | seed 1 |\n| :-- | :-- | --: |\n| zoo | 0.2500 | 0.5000 |\n| other | 623 (12.35 to 1,234) |  |"
    )
    assert results.view_table(table[:2], {"rows": ["by"], "values": ["accuracy", "seed"], "statistic": "mean"}) == (
        "| by | accuracy | seed |\n| :-- | :-- | :-- |\n| zoo | 0.3750 (0.2500 to 0.5000) | 0.5000 (0 to 1) |"
    )
    assert results.view_table(table, results.whole_view(table)).splitlines()[:5] == [
        "| by | seed | accuracy | command |",
        "| :-- | --: | --: | :-- |",
        "| zoo | 1 | 0.5000 |  |",
        "| zoo | 0 | 0.2500 |  |",
        "| other | 0 | 12.35 | `run it` |",
    ]
