"""The shape of the package: imports go down a floor and never in a circle, and what should be light is."""

import ast
import graphlib
import pathlib
import re
import subprocess
import sys

import pytest

import lstm_zoo
from lstm_zoo import cli, contract

PACKAGE = pathlib.Path(lstm_zoo.__file__).parent
FLOORS = [
    {
        "contract",
        "registry",
        "options",
        "files",
        "optional",
        "progress",
        "precision",
        "portable",
        "processes",
        "listening",
        "steps",
        "networks",
        "layers",
        "onnx",
        "text",
        "batching",
        "caching",
        "decoding",
        "repetition",
        "calibration",
        "classification",
        "confusion",
        "multilabel",
        "datasets",
        "tables",
        "outputs",
    },
    {"tasks"},
    {"weights", "engines", "building", "cards"},
    {
        "reading",
        "answering",
        "bulk",
        "inference",
        "inspection",
        "backtesting",
        "detecting",
        "training",
        "tuning",
        "exporting",
        "serving",
        "pushing",
        "demonstration",
        "microphone",
    },
    {"commands", "printing", "cli"},
    {"__init__", "__main__"},
]
FLOOR = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    """The dotted name of a file's module, below the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path): path for path in FILES}


def module_of(path):
    """The module of the package that a file belongs to; a folder is one module."""
    return name_of(path).partition(".")[0]


def imports(path):
    """Names that a file imports, anywhere in it but for type checkers: packages, modules, and what is in them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            block.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported(path):
    """Names of the package's own modules that a file imports, below the package."""
    for name in imports(path):
        name = name.removeprefix("lstm_zoo.") if name.startswith("lstm_zoo.") else ""
        while name and name not in NAMES:
            name = name.rpartition(".")[0]
        if name:
            yield name


def task_in(name):
    """The task that a module belongs to; None for one outside of the tasks."""
    parts = name.split(".")
    return parts[1] if parts[0] == "tasks" and len(parts) > 1 else None


def test_every_module_has_a_floor():
    assert {module_of(path) for path in FILES} == FLOOR.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_and_tasks_never_import_each_other(path):
    for name in imported(path):
        assert FLOOR[name.partition(".")[0]] <= FLOOR[module_of(path)], f"{path} imports {name}"
        assert task_in(name_of(path)) in (None, task_in(name)) or not task_in(name), f"{path} imports {name}"


def test_no_circle():
    # The __init__ of a folder stands for what it hands on; a file of the folder may stand on its neighbours alone.
    graph = {name: set(imported(path)) - {name} for name, path in NAMES.items()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_contract_is_in_the_records():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "__all__" not in text, path
        assert not re.search(r"hasattr\(task|getattr\(task", text), path
        assert not re.search(r"\b(network|pipeline|model)\.name (==|!=|in) ", text), path


def test_only_training_calls_fit():
    # The baselines and the Gaussian process are scikit-learn's.
    others = (".fit(texts", "gpr.fit(", "neighbours.fit(", "model.fit(shrunk", "model.fit(features")
    callers = {
        module_of(path)
        for path in FILES
        if re.sub("|".join(map(re.escape, others)), "", path.read_text(encoding="utf-8")).count(".fit(")
    }
    assert callers == {"training"}


def test_only_tuning_imports_keras_tuner():
    importers = {module_of(path) for path in FILES for name in imports(path) if name.partition(".")[0] == "keras_tuner"}
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


def test_a_record_without_a_field_fails():
    with pytest.raises(TypeError, match="missing 3 required keyword-only arguments: 'space', 'graphs'"):
        contract.Network(build=len, compile=len, pipeline=len, read_item=len)
    with pytest.raises(TypeError, match="missing .* required keyword-only arguments"):
        contract.Task(name="nothing")


def test_commands_are_the_verbs():
    # The property that `units` takes is a function, which no word of a command line is.
    assert cli.COMMANDS.keys() == {*lstm_zoo.VERBS, "listen", "serve"} - {"list_models", "save", "units"}
    for command, (module, summary) in cli.COMMANDS.items():
        verb = getattr(__import__(f"lstm_zoo.{module}", fromlist=[command]), command)
        assert verb.__doc__.splitlines()[0] == summary


def test_public_names_are_typed():
    assert (PACKAGE / "py.typed").exists()
    for verb in lstm_zoo.VERBS:
        annotations = getattr(lstm_zoo, verb).__annotations__
        assert "return" in annotations, verb


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_tells_one_story(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "split it by idea into a folder of its name"
