"""The shape of the package: imports go down a floor, and what should be light is."""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

import lstm_zoo
from lstm_zoo import registry

PACKAGE = pathlib.Path(lstm_zoo.__file__).parent
FLOORS = [
    (
        "layers",
        "lstm",
        "kernel",
        "seq2seq",
        "batching",
        "decoding",
        "labels",
        "language",
        "subwords",
        "texts",
        "extras",
        "downloads",
        "datasets",
        "metrics",
        "baselines",
    ),
    registry.TASKS,
    ("zoo", "weights"),
    (
        "inference",
        "backtesting",
        "preparing",
        "training",
        "tuning",
        "checkpoints",
        "exporting",
        "onnx_graph",
        "serving",
    ),
    ("cli",),
    ("__init__", "__main__"),
]
FLOOR = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path):
    """The module of the package that a file belongs to; a folder is one module."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    """Names of the package's own modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("lstm_zoo."))


def test_every_module_has_a_floor():
    assert {module_of(path) for path in FILES} == FLOOR.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_and_tasks_never_import_each_other(path):
    module = module_of(path)
    for name in imported(path):
        neighbour = FLOOR[name] == FLOOR[module] and (name == module or module not in registry.TASKS)
        assert FLOOR[name] < FLOOR[module] or neighbour, f"{path} imports {name}"


def test_only_training_calls_fit():
    # The baselines and the Gaussian process are scikit-learn's.
    others = (".fit(texts", "gpr.fit(", "neighbours.fit(", "model.fit(shrunk")
    callers = {
        module_of(path)
        for path in FILES
        if re.sub("|".join(map(re.escape, others)), "", path.read_text(encoding="utf-8")).count(".fit(")
    }
    assert callers == {"training"}


def test_only_tuning_imports_keras_tuner():
    importers = {module_of(path) for path in FILES if "import keras_tuner" in path.read_text(encoding="utf-8")}
    assert importers == {"tuning"}


def test_no_private_keras():
    for path in FILES:
        assert "keras.src" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["import lstm_zoo", "import lstm_zoo; lstm_zoo.list_models()", "import lstm_zoo.cli"])
def test_listing_imports_nothing_heavy(code):
    heavy = "{'tensorflow', 'keras', 'tensorflow_datasets', 'sklearn', 'matplotlib', 'numpy'}"
    check = f"{code}; import sys; found = {heavy} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_every_public_verb_is_documented():
    for verb in lstm_zoo.VERBS:
        documentation = getattr(lstm_zoo, verb).__doc__
        assert "Example:" in documentation, verb
        assert verb == "list_models" or "Raises:" in documentation, verb
    with pytest.raises(AttributeError, match="has no attribute 'serch'"):
        lstm_zoo.serch  # noqa: B018


def test_a_task_has_the_names_of_the_design():
    names = (
        "DATASETS BETTER MONITOR PATIENCE data read split adapt sizes count examples compile_network pipeline inputs "
        "encode size answers score baselines NETWORKS"
    )
    for model in lstm_zoo.list_models():
        module = registry.task_module(model)
        missing = [name for name in names.split() if not hasattr(module, name)]
        assert not missing
        documented = [name for name in names.split() if callable(getattr(module, name))]
        assert all(getattr(module, name).__doc__ for name in documented)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_tells_one_story(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "split it by idea into a folder of its name"
