"""The wheel, as a package index sees it, and in an environment of its own: it imports, lists, says what it lacks."""

import email
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest
import yaml

import lstm_zoo
from lstm_zoo import registry

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Path of the wheel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        from scripts import wheels
    return wheels.build_own(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def metadata(wheel):
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as file:
        return email.message_from_bytes(file.read(f"lstm_zoo-{lstm_zoo.__version__}.dist-info/METADATA"))


@pytest.fixture(scope="module")
def installed(wheel):
    """Runs a program of an environment in which the wheel is installed, beside the packages that it depends on."""
    folder = wheel.parent
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    venv.create(folder / "environment", with_pip=False)
    paths = {"base": str(folder / "environment"), "platbase": str(folder / "environment")}
    packages = pathlib.Path(sysconfig.get_path("purelib", "venv", paths))
    # The packages of this environment, but not what its own .pth files add: the checkout.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "environment" / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LSTM_ZOO", "PYTHON"))}

    def run(program, *words):
        command = [python.with_name(program), *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run


def test_holds_the_package_alone(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    assert {name.partition("/")[0] for name in names} == {"lstm_zoo", f"lstm_zoo-{lstm_zoo.__version__}.dist-info"}
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lstm_zoo").rglob("*.py")}
    others = {
        f"lstm_zoo/{path}" for path in ("py.typed", "weights/weights.json", "tasks/speech/keyword/an4_digits.tsv")
    }
    assert {name for name in names if name.startswith("lstm_zoo/")} == code | others


def test_tells_a_package_index_what_it_is(metadata, wheel):
    assert metadata["Version"] == lstm_zoo.__version__
    assert metadata["Author"] == "The lstm_zoo authors"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert {"Operating System :: OS Independent", "Typing :: Typed"} <= {*metadata.get_all("Classifier")}
    with zipfile.ZipFile(wheel) as file:
        for name in metadata.get_all("License-File"):
            path = f"lstm_zoo-{lstm_zoo.__version__}.dist-info/licenses/{name}"
            assert file.read(path) == (ROOT / name).read_bytes()


def test_its_description_can_be_read_outside_of_the_checkout(metadata):
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = metadata.get_payload(decode=True).decode()
    assert description.strip() == (ROOT / "DESCRIPTION.md").read_text(encoding="utf-8").strip()
    assert all(f"lstm_zoo_weights_{task}`" in description for task in registry.TASKS)
    for target in re.findall(r"\]\(([^)]*)\)|<(?:a|img)\s[^>]*=\"([^\"]*)\"", description):
        assert "".join(target).startswith("https://"), target


def test_citation_says_the_same(metadata):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == lstm_zoo.__version__
    assert citation["license"] == metadata["License-Expression"]
    assert citation["authors"] == [{"name": metadata["Author"]}]
    assert citation["keywords"] == metadata["Keywords"].split(",")


def test_imports_and_lists(installed):
    code = "import lstm_zoo, pathlib; print(lstm_zoo.__version__, pathlib.Path(lstm_zoo.__file__).parents[1].name)"
    assert installed("python", "-c", code).stdout.split() == [lstm_zoo.__version__, "site-packages"]
    assert installed("lstm-zoo", "--version").stdout == f"lstm_zoo {lstm_zoo.__version__}\n"
    listed = installed("lstm-zoo", "list").stdout
    assert all(model in listed for model in lstm_zoo.list_models())
    assert "sentiment-bilstm-imdb" in listed


def test_says_in_one_line_where_weights_come_from(installed):
    finished = installed("lstm-zoo", "predict", "sentiment", "A moving film.")
    assert finished.returncode == 2
    [line] = [line for line in finished.stderr.splitlines() if line.startswith("Error: ")]
    assert "LSTM_ZOO_WEIGHTS" in line
    assert "Traceback" not in finished.stderr
