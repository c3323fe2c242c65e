"""The site builds, strictly, and its pages need nothing from elsewhere."""

import html.parser
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


class Loaded(html.parser.HTMLParser):
    """Addresses that a browser loads to show a page."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        shown = tag == "link" and values.get("rel") in ("stylesheet", "icon")
        if shown or tag in ("script", "img", "iframe", "source"):
            self.addresses += [values[name] for name in ("src", "href") if values.get(name)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """What the site is built from, without what tests of other files could write into it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copytree(ROOT / "lstm_zoo", folder / "lstm_zoo", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    return folder


def build(folder):
    zensical = pathlib.Path(sys.executable).with_name("zensical")
    return subprocess.run(
        [zensical, "build", "--clean", "--strict"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_it_builds_and_loads_nothing_from_elsewhere(copy):
    built = build(copy)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list((copy / "build" / "site").glob("**/*.html"))
    assert len(pages) > len(list((copy / "docs").glob("**/*.md")))  # and one for what is not found
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert not [address for address in loaded.addresses if "//" in address], page
    for sheet in (copy / "build" / "site").glob("**/*.css"):
        assert "url(http" not in sheet.read_text(encoding="utf-8").replace('"', "").replace("'", ""), sheet


@pytest.mark.parametrize("broken", ["[there](nowhere.md)", "[there](#nowhere)", "::: lstm_zoo.nowhere", "fine"])
def test_what_leads_nowhere_fails(broken, tmp_path):
    for name in ("mkdocs.yml", "docs/docstrings.py", "docs/assets/site.css", "lstm_zoo/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "docs" / "index.md").write_text(f"# A page\n\n{broken}\n", encoding="utf-8")
    built = build(tmp_path)
    assert (built.returncode == 0) == (broken == "fine"), built.stdout + built.stderr
