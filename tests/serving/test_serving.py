"""serving/__init__.py: what `serve` takes, and a real server process on this machine."""

import concurrent.futures
import json
import signal
import subprocess
import sys
import time
import types

import pytest

from lstm_zoo import listening, serving

application = pytest.importorskip("lstm_zoo.serving.application", exc_type=ImportError)
MODEL = "text_generation/character"


def test_a_process_answers_what_it_accepted_before_sigterm(exported, ask):
    command = [sys.executable, "-m", "lstm_zoo", "serve", str(exported), "--port", "0", "--max-instances", "20"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("Serving http://127.0.0.1:"), line + process.stderr.read()
    assert line.endswith("/v1/models/sentiment:predict\n")
    address = line.split()[1]
    assert ask(address, {"instances": ["good"] * 21})[0] == 413
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(ask, address, {"instances": ["good " * 3000] * 20}) for _ in range(20)]
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
    assert {future.result()[0] for future in waiting} == {200}
    assert process.wait(60) == 0


class TestLimits:
    """The most that a request may ask for."""

    def test_are_those_of_the_options(self):
        bounds = serving.bounds_of(MODEL, {})
        assert bounds.keys() == {"length", "temperature", "top_k", "top_p", "repetition_penalty", "seed"}
        kind, length = bounds["length"]
        assert (kind, length.minimum, length.maximum) == (int, 0, 2048)
        kind, share = bounds["top_p"]
        assert (kind, share.minimum, share.maximum) == (float, 0, 1)

    def test_can_be_others(self):
        assert serving.bounds_of(MODEL, {"max_new_tokens": 10_000})["length"][1].maximum == 10_000

    @pytest.mark.parametrize("model", [None, "sentiment/bilstm", "translation/attention"])
    def test_of_networks_whose_pipelines_take_no_options(self, model):
        assert serving.bounds_of(model, {}) == {}

    @pytest.mark.parametrize(
        ("model", "limits", "message"),
        [
            (MODEL, {"max_new_token": 8}, "Unknown limit of text_generation/character: 'max_new_token'. Did you mean"),
            (MODEL, {"temperature": 1}, "Unknown limit of text_generation/character: 'temperature'"),
            (MODEL, {"max_new_tokens": -1}, "max_new_tokens is a whole number from 0 to 2147483647. Received: -1"),
            (MODEL, {"max_new_tokens": 2.5}, "max_new_tokens is a whole number from 0 to 2147483647. Received: 2.5"),
            ("sentiment/bilstm", {"max_new_tokens": 8}, "Unknown limit of sentiment/bilstm: 'max_new_tokens'"),
            (None, {"max_new_tokens": 8}, "Unknown limit of this model: 'max_new_tokens'"),
        ],
    )
    def test_bad(self, model, limits, message):
        with pytest.raises(ValueError, match=message):
            serving.bounds_of(model, limits)


class TestCommandLine:
    """`lstm-zoo serve`."""

    @pytest.fixture
    def folder(self, tmp_path):
        """What says that it is a SavedModel of text generation."""
        folder = tmp_path / "hamlet"
        (folder / "assets.extra").mkdir(parents=True)
        (folder / "assets.extra" / "lstm_zoo.json").write_text(json.dumps({"model": MODEL}))
        return folder

    def test_limits(self, folder, call, monkeypatch):
        applications = []
        monkeypatch.setattr(
            application, "application", lambda *arguments, **options: applications.append((arguments, options))
        )
        numbers = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
        monkeypatch.setattr(listening, "signal", types.SimpleNamespace(signal=lambda *_: None, **numbers))
        monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
        options = ["--max-new-tokens", 8, "--max-bytes", 10, "--max-instances", 2]
        printed = call("serve", folder, "--port", 0, *options)
        assert printed.startswith("Serving http://127.0.0.1:")
        assert printed.endswith("/v1/models/hamlet:predict\n")
        [((served, name), options)] = applications
        assert (served, name, options["max_bytes"], options["max_instances"]) == (folder, "hamlet", 10, 2)
        assert options["bounds"] == serving.bounds_of(MODEL, {"max_new_tokens": 8})

    def test_help_names_the_limits(self, folder, call):
        printed = " ".join(call("serve", folder, "--help").replace("│", " ").split())
        assert f"Limits of {MODEL}" in printed
        assert "--max-new-tokens" in printed
        assert "[default: (2048)]" in printed

    @pytest.mark.parametrize(
        ("name", "message"),
        [(".", "SavedModel"), ("none.keras", "does not exist"), ("sentimen", "Unknown")],
    )
    def test_what_cannot_be_served(self, call, tmp_path, monkeypatch, name, message):
        monkeypatch.chdir(tmp_path)
        assert message in call("serve", name, "--port", 0, code=2)

    @pytest.mark.parametrize("package", ["uvicorn", "starlette"])
    def test_a_missing_package_is_one_line(self, exported, call, monkeypatch, package):
        monkeypatch.setitem(sys.modules, package, None)
        error = call("serve", exported, code=2)
        assert error == f"Error: serve needs {package}: pip install 'lstm_zoo[serve]'\n"

    def test_a_saved_model_has_no_other_engine(self, exported, call):
        error = call("serve", exported, "--engine", "onnxruntime", code=2)
        assert error == (
            "Error: A SavedModel runs in TensorFlow: onnxruntime takes a name, or a .keras file. "
            f"Received: {exported}\n"
        )

    def test_an_unknown_limit(self, folder, call):
        error = call("serve", folder, "--max-new-token", 8, code=2)
        assert error.startswith(
            "Error: Unknown option of serve for text_generation/character: 'max_new_token'. Did you"
        )
        assert error.count("\n") == 1
