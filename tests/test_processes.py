"""processes.py: a fork of a process in which TensorFlow ran is refused, not left hanging."""

import json
import subprocess
import sys

import pytest

# Runs what is given in a forked child, in a process of its own that may hang.
PARENT = """
import json, multiprocessing, sys
{before}

def child():
    import lstm_zoo
    return {verb}.__class__.__name__

if __name__ == "__main__":
    {ran}
    with multiprocessing.get_context("{method}").Pool(1) as pool:
        try:
            print(json.dumps(pool.apply(child)))
        except Exception as error:
            print(json.dumps([type(error).__name__, str(error)]))
"""
BUILD = 'lstm_zoo.build("sentiment", units=4)'
RAN = "tensorflow.constant([1])"


def answer(tmp_path, *, verb=BUILD, method="fork", before="import tensorflow, lstm_zoo", ran=RAN):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(verb=verb, method=method, before=before, ran=ran))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
class TestFork:
    """A child that was forked."""

    def test_of_a_process_in_which_tensorflow_ran(self, tmp_path):
        kind, message = answer(tmp_path)
        assert kind == "RuntimeError"
        assert 'multiprocessing.get_context("spawn")' in message

    @pytest.mark.skipif(sys.platform != "linux", reason="tells threads by /proc")
    def test_that_imports_the_package_itself(self, tmp_path):
        assert answer(tmp_path, before="import tensorflow")[0] == "RuntimeError"

    def test_of_a_process_that_only_imported_tensorflow(self, tmp_path):
        assert answer(tmp_path, ran="") == "Functional"


def test_a_child_by_spawn(tmp_path):
    assert answer(tmp_path, method="spawn") == "Functional"


@pytest.mark.parametrize(
    "call",
    [
        "build('sentiment')",
        "load('sentiment')",
        "train('sentiment', [])",
        "search('sentiment', [])",
        "export('sentiment', 'folder')",
        "serving.serve('sentiment')",
        "datasets.load('ett/h1', split='series')",
    ],
)
def test_every_verb_that_runs_tensorflow(call, monkeypatch):
    import lstm_zoo
    from lstm_zoo import datasets, processes, serving

    monkeypatch.setattr(processes, "_inherited", True)
    with pytest.raises(RuntimeError, match="forked"):
        eval(
            call,
            {**vars(lstm_zoo), "datasets": datasets, "serving": serving}
            | {verb: getattr(lstm_zoo, verb) for verb in lstm_zoo.VERBS},
        )
