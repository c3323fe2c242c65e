"""The pages hang together: their links lead somewhere, and what they name - options, targets - exists."""

import functools
import pathlib
import re

import pytest
import typer
import yaml

from lstm_zoo import cli, registry
from lstm_zoo.weights import catalog

ROOT = pathlib.Path(__file__).parents[2]
SITE = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))
PAGES = ["README.md", "CONTRIBUTING.md", "DESCRIPTION.md", *SITE]
# Options of other commands than lstm-zoo that the pages name.
OTHERS = {"--workers", "--below-baseline", "--labels", "--out-of-domain", "--version"}


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def prose_of(page):
    """A page without its blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)


def links_of(page):
    """Where the links and images of a page lead, but for addresses of elsewhere."""
    targets = re.findall(r"\]\(([^()\s]+)\)", re.sub(r"`[^`\n]*`", "", prose_of(page)))
    return [target for target in targets if not target.startswith(("http://", "https://"))]


def anchors_of(page):
    """The anchors of a page's headings, as the site and code hosts make them, and of what the reference tells."""
    headings = re.findall(r"^#+ (.*)$", prose_of(page), flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r"^::: (\S+)$", text_of(page), flags=re.MULTILINE))


def test_readme_is_short():
    assert len(text_of("README.md").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in links_of(page):
        path, _, anchor = target.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        assert place.is_file(), f"{page}: {target}"
        assert place.resolve().is_relative_to(ROOT), f"{page}: {target}"
        if anchor:
            assert anchor in anchors_of(place.resolve().relative_to(ROOT)), f"{page}: {target}"
        if page.startswith("docs/"):
            assert (ROOT / "docs") in place.resolve().parents, f"{page}: {target} is not on the site"


def test_every_page_is_in_the_navigation():
    def listed(entries):
        for entry in entries:
            for value in entry.values() if isinstance(entry, dict) else [entry]:
                yield from listed(value) if isinstance(value, list) else [value]

    pages = [f"docs/{page}" for page in listed(yaml.safe_load(text_of("mkdocs.yml"))["nav"])]
    assert sorted(pages) == SITE


def test_make_targets_exist():
    makefile = text_of("Makefile")
    for page in PAGES:
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", text_of(page), flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"{page}: make {target}"


@functools.cache
def options_of(verb, model=None):
    """The options of a command, for the network that it names; for none in particular, those of all."""
    if model is None and verb in ("build", "predict", "search", "train"):
        published = {row["network"] for row in catalog.rows()}  # others cannot be asked by name
        models = published if verb == "predict" else registry.list_models()
        return frozenset().union(*(options_of(verb, model) for model in models))
    words = [verb] if model is None else [verb, model]
    parameters = typer.main.get_command(cli.application(words)).commands[verb].params
    names = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    searched = {"--learning-rate", "--batch-size", "--max-tokens"} if verb == "search" else set()  # of its space
    return frozenset({name for name in names if name.startswith("--")} | searched | {"--help"})


def commands_of(page):
    """Verb, network or None, and options of every `lstm-zoo` command that a page prints."""
    for line in re.findall(r"(?:lstm-zoo|scripts/search\.py) [^\n`|>&#]*", text_of(page)):
        words = line.replace("scripts/search.py", "lstm-zoo search").split()
        named = [word for word in words[2:] if word in (*registry.TASKS, *registry.MODELS)]
        yield words[1], "/".join(registry.resolve(named[0])) if named else None, re.findall(r" (--[a-z][a-z-]*)", line)


@pytest.mark.parametrize("page", PAGES)
def test_printed_commands_and_their_options_exist(page):
    verbs = typer.main.get_command(cli.application([])).commands
    for verb, model, options in commands_of(page):
        if not re.fullmatch(r"[a-z]+", verb):
            continue
        assert verb in verbs, f"{page}: lstm-zoo {verb}"
        for option in options:
            assert option in options_of(verb, model) | OTHERS, f"{page}: lstm-zoo {verb} {model or ''} {option}"


@pytest.mark.parametrize("page", PAGES)
def test_options_in_the_text_exist(page):
    every = frozenset().union(*(options_of(verb) for verb in typer.main.get_command(cli.application([])).commands))
    for code in re.findall(r"`(--[^`\n]+)`", prose_of(page)):
        for option in re.findall(r"(?<!\S)(--[a-z][a-z-]*)", code):
            assert option in every | OTHERS, f"{page}: {option}"
