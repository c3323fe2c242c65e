"""The API reference is whole: every public name of the modules below has a docstring, and a place on one of its pages.

Read from the source, without importing lstm_zoo, so that `make docs` is quick.
"""

import ast
import functools
import pathlib
import re

import griffe
import pytest

ROOT = pathlib.Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
MODULES = [
    "lstm_zoo",
    "lstm_zoo.contract",
    "lstm_zoo.registry",
    "lstm_zoo.options",
    "lstm_zoo.steps",
    "lstm_zoo.tables",
    "lstm_zoo.tables.table",
    "lstm_zoo.outputs",
    "lstm_zoo.layers",
    "lstm_zoo.networks",
    "lstm_zoo.caching",
    "lstm_zoo.engines",
    "lstm_zoo.onnx.model",
    "lstm_zoo.classification",
    "lstm_zoo.confusion",
    "lstm_zoo.calibration",
    "lstm_zoo.reading",
    "lstm_zoo.multilabel",
    "lstm_zoo.text.inputs",
    "lstm_zoo.text.rules",
    "lstm_zoo.text.subwords",
    "lstm_zoo.text.characters",
    "lstm_zoo.text.vectors",
    "lstm_zoo.text.profiles",
    "lstm_zoo.portable",
    "lstm_zoo.portable.answers",
    "lstm_zoo.portable.texts",
    "lstm_zoo.portable.recordings",
    "lstm_zoo.portable.series",
    "lstm_zoo.decoding",
    "lstm_zoo.repetition",
    "lstm_zoo.batching",
    "lstm_zoo.datasets",
    "lstm_zoo.weights",
    "lstm_zoo.weights.catalog",
    "lstm_zoo.cards",
    "lstm_zoo.cards.markdown",
    "lstm_zoo.cards.records",
    *(
        f"lstm_zoo.tasks.{path.parent.relative_to(ROOT / 'lstm_zoo' / 'tasks').as_posix().replace('/', '.')}"
        for path in sorted(ROOT.glob("lstm_zoo/tasks/*/**/__init__.py"))
    ),
]
# Methods of layers that Keras asks for: it documents them.
OF_KERAS = {"build", "call", "compute_loss", "compute_output_spec", "get_config", "inner_loop"}


@functools.cache
def package():
    return griffe.load("lstm_zoo", search_paths=[ROOT], allow_inspection=False)


def object_of(path):
    """What is at a path of the package; of a name that is passed on, what it is a name of."""
    found = package()[path.removeprefix("lstm_zoo").strip(".")] if path != "lstm_zoo" else package()
    return found.final_target if found.is_alias else found


def public_names(module):
    """Functions and classes that a module defines, or passes on (`from ... import name as name`)."""
    tree = ast.parse(object_of(module).filepath.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names += [alias.name for alias in node.names if alias.asname == alias.name]
    names = [name for name in names if not name.startswith("_")]
    return [name for name in names if object_of(f"{module}.{name}").kind.value in ("function", "class")]


@pytest.fixture(scope="module")
def directives():
    pages = [path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")]
    return re.findall(r"^::: (\S+)$", "\n".join(pages), flags=re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_documented(module, directives):
    for name in public_names(module):
        found = object_of(f"{module}.{name}")
        assert found.has_docstring, f"{module}.{name} has no docstring"
        assert f"{module}.{name}" in directives, f"{module}.{name} is on no page of docs/reference/"


def test_what_a_documented_class_has_is_documented(directives):
    missing = []
    for path in directives:
        found = object_of(path)
        members = found.members.items() if found.is_class else ()
        fields = "dataclass" in found.labels
        for name, member in members:
            if name.startswith("_") or member.is_alias or (member.is_attribute and not fields) or name in OF_KERAS:
                continue
            described = member.is_attribute and str(member.value).startswith("option(")  # by its second argument
            missing += [] if member.has_docstring or described else [f"{path}.{name}"]
    assert not missing, f"without a docstring: {', '.join(missing)}"


def test_nothing_is_documented_twice(directives):
    assert len(directives) == len(set(directives))
