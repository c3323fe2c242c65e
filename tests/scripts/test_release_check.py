"""scripts/release_check.py: its steps end well or end the check; `make release-check` takes them all."""

import pathlib
import re
import shlex
import sys

import pytest

from lstm_zoo import registry

ROOT = pathlib.Path(__file__).parents[2]
PYTHON = shlex.quote(sys.executable)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from scripts import release_check

    return release_check


@pytest.fixture
def newcomer(script, tmp_path):
    return script.Newcomer(tmp_path)


def test_every_task_is_asked(script):
    commands = " ".join(command for phase, command, _ in script.STEPS if phase == "predict")
    assert all(re.search(rf"predict\W+{task}\b", commands) for task in registry.TASKS)


def test_a_step_shows_its_command_and_the_end_of_its_output(newcomer, capsys):
    newcomer.step("try", f"{PYTHON} -c 'print(1); print([2])'", lambda output: output == "1\n[2]\n")
    command, end = capsys.readouterr().out.splitlines()
    assert command == f"$ {PYTHON} -c 'print(1); print([2])'"
    assert end.endswith(" s  [2]")
    assert newcomer.seconds["try"] > 0


@pytest.mark.parametrize("code", ["print(7); raise SystemExit(3)", "print(7, [])", "print({}); print(7)"])
def test_a_step_that_fails_or_answers_nothing_ends_the_check(script, newcomer, code):
    with pytest.raises(SystemExit, match=r"(?s)7.*This step failed") as end:
        newcomer.step("try", f"{PYTHON} -c '{code}'", script.is_answer)
    assert isinstance(end.value.code, str)  # exit status 1


def test_the_checkout_is_out_of_sight(script, monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "weights")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    found = script.Newcomer(tmp_path).environment
    assert not [name for name in found if name.startswith(("LSTM_ZOO", "PYTHON"))]


SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response({status})
        self.end_headers()
        self.wfile.write(b'["positive"]')
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(f"Serving http://127.0.0.1:{{server.server_port}}/", flush=True)
server.serve_forever()
"""


def test_a_server_is_asked_and_stopped(newcomer, tmp_path):
    (tmp_path / "server.py").write_text(SERVER.format(status=200))
    newcomer.serve("serve", f"{PYTHON} server.py", "A moving film.")


def test_a_server_that_refuses_ends_the_check(newcomer, tmp_path):
    (tmp_path / "server.py").write_text(SERVER.format(status=500))
    with pytest.raises(SystemExit, match="HTTP Error 500"):
        newcomer.serve("serve", f"{PYTHON} server.py", "A moving film.")


def test_a_server_that_never_serves_ends_the_check(newcomer):
    with pytest.raises(SystemExit, match="No port"):
        newcomer.serve("serve", f"{PYTHON} -c 'raise SystemExit(\"No port\")'", "A moving film.")


def test_the_zoo_reads_the_files(script, tmp_path):
    script.write_files(tmp_path)
    assert len(registry.get_task("sentiment").read(str(tmp_path / "reviews.csv"))) == 40
    assert registry.get_task("forecasting").read(str(tmp_path / "load.csv"))
