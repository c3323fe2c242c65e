"""The wheel in an environment of its own, outside of the checkout: it imports, lists, and says what it lacks."""

import os
import pathlib
import subprocess
import sys
import sysconfig
import venv

import pytest

import lstm_zoo

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Runs a program of an environment in which the wheel is installed, beside the packages that it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT], check=True)
    venv.create(folder / "environment", with_pip=False)
    paths = {"base": str(folder / "environment"), "platbase": str(folder / "environment")}
    packages = pathlib.Path(sysconfig.get_path("purelib", "venv", paths))
    # The packages of this environment, but not what its own .pth files add: the checkout.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    [wheel] = folder.glob("lstm_zoo-*.whl")
    python = folder / "environment" / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LSTM_ZOO", "PYTHON"))}

    def run(program, *words):
        command = [python.with_name(program), *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run


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
