"""cli.py: the same words on the command line."""

import hashlib
import inspect
import json
import re
import subprocess
import sys

import pytest

import lstm_zoo
from lstm_zoo import cli, commands, registry
from lstm_zoo.weights import catalog, places


def run(*words, code=0):
    """Output of `lstm-zoo WORDS`, in this process."""
    finished = subprocess.run(
        [sys.executable, "-m", "lstm_zoo", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == code, finished.stderr
    return finished.stdout if code == 0 else finished.stderr


def test_list_names_every_network(call):
    listed = call("list")
    for model in lstm_zoo.list_models():
        assert model in listed


def test_help_names_every_verb(call):
    printed = call("--help")
    listed = {line.strip("│ ").split(" ")[0] for line in printed.splitlines() if line.startswith("│ ")}
    assert listed >= {"list", "weights", "download", "serve", *lstm_zoo.VERBS} - {"list_models", "save", "units"}


@pytest.mark.parametrize("command", ["list", "weights", "download", *cli.COMMANDS])
def test_help_of_every_command(call, command):
    printed = call(command, "--help")
    assert f"Usage: lstm-zoo {command}" in printed
    assert "--help" in printed


def test_version(call):
    assert call("--version") == f"lstm_zoo {lstm_zoo.__version__}\n"


def test_help_of_a_verb_names_its_options(call):
    printed = call("train", "--help")
    for option in ("--epochs", "--resume", "--mixed-precision", "--class-weight", "--tensorboard", "--folder"):
        assert option in printed
    assert "--callbacks" not in printed  # no words can give them


def test_help_with_a_name_lists_hyperparameters(call):
    def options(*words):
        printed = call(*words, "--help")
        return set(re.findall("^│ (--[a-z-]+)", printed, flags=re.MULTILINE)), printed

    task = registry.get_task("forecasting/deepar")
    general, _ = options("train")
    of_network, printed = options("train", "forecasting/deepar")
    assert "Hyperparameters of forecasting/deepar" in printed
    assert "width of an LSTM. [default: (64)]" in " ".join(printed.replace("│", "").split())
    assert of_network - general == {
        f"--{name.replace('_', '-')}"
        for function in (task.networks["deepar"].build, task.adapt)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    } - {"--seed", "--covariates", "--validation"}
    assert "--vocabulary" not in options("train", "--data", "sentiment/none.csv")[0]


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_every_hyperparameter_is_described(model):
    shown = commands.network_options(lstm_zoo.train, ["--data", "file.csv", model])
    assert len(shown) > 4
    assert all(option.help for _, option in shown.values())


def test_options_of_predict_and_limits_of_serve(call):
    printed = " ".join(call("predict", "text_generation", "--help").replace("│", "").split())
    assert "Options of text_generation/character" in printed
    for option in ("--max-new-tokens <int>", "--temperature <float>", "--top-k <int>", "--beams <int>"):
        assert option in printed
    assert "--alignment" in call("predict", "translation", "--help")
    assert "--explain" in call("predict", "sentiment/attention", "--help")
    assert "--explain" not in call("predict", "sentiment", "--help")
    printed = " ".join(call("serve", "text_generation", "--help").replace("│", "").split())
    assert "Limits of text_generation/character" in printed
    assert "--max-new-tokens <int> The most that a request may ask for" in printed


def test_json_is_offered_where_there_is_some(call):
    assert "--json" in call("evaluate", "--help")
    assert "--json" in call("train", "--help")
    assert "--json" not in call("export", "--help")


def test_predict_as_json_and_as_a_table(call, trained):
    path = trained[1] / "pipeline.keras"
    texts = ["good film", "bad film"]
    assert json.loads(call("predict", path, *texts, "--json")) == lstm_zoo.predict(str(path), texts)
    table = call("predict", path, *texts)
    assert "good film" in table
    assert "label" in table


def test_texts_are_no_markup(call, trained):
    assert "[/b] :smile:" in call("predict", trained[1] / "pipeline.keras", "[/b] :smile:")
    assert "--- a" in call("predict", trained[1] / "pipeline.keras", "--", "--- a")


def test_train_evaluate_export(call, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("text,label\n" + "good film,good\nbad film,bad\n" * 20)
    folder = tmp_path / "run"
    sizes = ["--units", 4, "--embedding=4", "--vocabulary", 40]
    call("train", "sentiment/bilstm", "--data", data, "--folder", folder, "--epochs", 1, "--no-verbose", *sizes)
    assert call("train", "sentiment/bilstm", "--data", data, "--folder", folder, "--epochs", 1, "--resume", *sizes) == (
        f"{folder / 'pipeline.keras'}\n"
    )
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["hyperparameters"] == {"units": 4, "embedding": 4, "vocabulary": 40}
    assert settings["epochs"] == 1
    assert settings["dataset"] is None
    measured = call("evaluate", folder / "pipeline.keras", "--data", data, "--training", data)
    assert "accuracy" in measured
    assert "bigrams" in measured
    call("export", folder / "pipeline.keras", tmp_path / "saved_model")
    assert (tmp_path / "saved_model" / "saved_model.pb").exists()


def test_build_and_load_print_the_layers(call, trained):
    assert "lstm_0_forward" in call("build", "sentiment/bilstm", "--units", 4)
    assert "words" in call("load", trained[1] / "pipeline.keras")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build", "sentimant"], "Did you mean 'sentiment'?"),
        (["build", "sentiment/bilstm", "--colour", "red"], "unexpected keyword argument 'colour'"),
        (["build", "sentiment/bilstm", "--colour"], "Pairs of --option value are expected"),
        (["build", "sentiment/bilstm", "--units"], "Option '--units' requires an argument"),
        (["load", "none.keras"], "none.keras does not exist"),
        (["evaluate", "none.keras", "--depth", "2"], "No such option: --depth"),
        (["predict", "none.keras", "good", "--explain"], "none.keras does not exist"),
        (
            ["predict", "sentiment/bilstm", "good", "--explian", "1"],
            "Unknown option of sentiment/bilstm: 'explian'. 'explain' is an option of sentiment/attention.",
        ),
        (
            ["predict", "sentiment/bilstm", "good", "--explain", "1"],
            "'explain' is an option of sentiment/attention. Its options: scores.",
        ),
        (["predict", "text_generation", "A", "--temperature", "-1"], "temperature is a number from 0 to"),
        (["predict", "text_generation", "A", "--top-k", "1.5"], "Invalid value for '--top-k'"),
        (["load", "[/red].keras"], "[/red].keras does not exist"),
    ],
)
def test_errors_are_one_message_and_no_traceback(call, words, message):
    printed = call(*words, code=2)
    assert message in " ".join(printed.split())
    assert "Traceback" not in printed


def test_unknown_verb():
    assert "No such command" in run("predct", code=2)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The published rows with files of a few bytes, in a folder that LSTM_ZOO_WEIGHTS names."""
    rows = []
    for row in catalog.rows():
        content = row["name"].encode()
        (tmp_path / row["file"]).write_bytes(content)
        rows.append({**row, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)})
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    monkeypatch.setattr(catalog, "ROWS", tmp_path / "rows.json")
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    return [tmp_path / row["file"] for row in rows]


def test_weights(call, files):
    table = call("weights", "--verify")
    assert table.count("LSTM_ZOO_WEIGHTS, right") == len(files)
    assert table.endswith(f"LSTM_ZOO_WEIGHTS: {files[0].parent}\n")
    assert "accuracy 0." in table
    assert "right" not in call("weights")
    files[0].unlink()
    assert call("weights", "--verify").count("not here") == 1
    assert call("weights", "--clear").startswith("0 files, 0.0 MB, removed from ")


def test_weights_of_which_one_is_wrong(call, files, monkeypatch):
    row = catalog.rows()[0]
    cached = places.cached(row["file"], row["sha256"])
    cached.parent.mkdir(parents=True)
    cached.write_bytes(files[0].read_bytes())
    files[0].write_bytes(b"x")
    printed = call("weights", "--verify", code=2)
    assert f"Error: Not the published files: {files[0]}. " in printed
    table = call("weights")  # of which nothing is read
    assert table.count("LSTM_ZOO_WEIGHTS") == len(files) + 1
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "http://127.0.0.1:9")
    table = call("weights", "--verify")
    assert table.count("cache, right") == 1
    assert table.endswith(f"cache: {places.cache()}\n")
    cached.write_bytes(b"y")
    assert call("weights", "--verify", code=2).count(str(cached)) == 1
    assert call("weights", "--clear").startswith("1 files, 0.0 MB, removed from ")


def test_download(call, files):
    assert call("download", "--all").split() == [str(path) for path in files]
    assert call("download", "sentiment/bilstm", "sentiment/attention").split() == [str(path) for path in files[:2]]
    for words in ([], ["sentiment", "--all"]):
        assert "Either names or --all is expected" in call("download", *words, code=2)
    assert "Did you mean" in call("download", "sentimen", code=2)
    retired, successor = next(iter(catalog.RETIRED.items()))
    assert f"{retired} is no longer published. Its successor is {successor}." in call("download", retired, code=2)


def test_download_of_what_is_not_there(call, files):
    for path in files[2:]:
        path.unlink()
    row = catalog.rows()[2]
    printed = call("download", row["name"], code=2)
    assert printed.count("\n") == 1
    here = ", ".join(row["name"] for row in catalog.rows()[:2])
    assert printed.startswith(
        f"Error: The file of {row['name']} (0.0 MB) is not on this machine. `pip install lstm_zoo_"
    )
    assert printed.endswith(f"{files[0].parent} has not. On this machine: {here}.\n")


def test_keywords():
    assert commands.keywords(["--units", "64", "--word-dropout=0.1", "--cell", "lstm"]) == {
        "units": 64,
        "word_dropout": 0.1,
        "cell": "lstm",
    }
    with pytest.raises(ValueError, match="Pairs of --option value"):
        commands.keywords(["64"])
