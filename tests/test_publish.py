"""scripts/publish.py: what may become a row, on tiny data."""

import json
import pathlib
import sys

import pytest
from conftest import TINY

from lstm_zoo import weights
from lstm_zoo.weights import downloads
from lstm_zoo.tasks import sentiment
from lstm_zoo.training import fingerprint

SCRIPTS = pathlib.Path(__file__).parents[1] / "scripts"


@pytest.fixture
def publish(trained, tmp_path, monkeypatch):
    """Runs the script with arguments, for the tiny data in the place of the task's, in a folder of its own."""
    monkeypatch.syspath_prepend(SCRIPTS)
    import publish as script

    pairs = TINY["sentiment"]["pairs"]
    monkeypatch.setattr(sentiment, "data", lambda split, dataset: pairs)
    monkeypatch.setattr(weights, "ROWS", tmp_path / "weights.json")
    monkeypatch.setattr(downloads, "CHECKOUT", tmp_path / "weights")
    weights.ROWS.write_text("[]")
    settings = trained[1] / "settings.json"
    checked = sentiment.read(pairs)
    changed = {"dataset": "imdb_reviews", "data": fingerprint(checked, checked)}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **changed}))

    def run(name, *options, file=trained[1] / "pipeline.keras"):
        monkeypatch.setattr(sys, "argv", ["publish.py", name, str(file), "--commit", "HEAD", *options])
        monkeypatch.chdir(SCRIPTS)  # a checkout, for the commit
        script.main()

    return run, trained[1]


def test_writes_a_whole_row_and_its_file(publish):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = weights.rows()
    assert {name: type(value) for name, value in row.items()} == weights.FIELDS
    assert downloads.fetch(row).read_bytes() == (publish[1] / "pipeline.keras").read_bytes()
    publish[0]("sentiment-bilstm-tiny")  # the same bytes: nothing to do
    assert weights.rows() == [row]


def test_a_row_tells_the_training_if_the_run_does(publish):
    settings = publish[1] / "settings.json"
    training = {"seconds": 7, "machine": "one"}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "training": training}))
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = weights.rows()
    assert {name: type(value) for name, value in row.items()} == {**weights.FIELDS, "training": dict}
    assert row["training"] == training


def test_what_is_better_on_validation_is_the_default(publish):
    import publish as script  # its folder is on the path by the fixture

    def row(name, accuracy, data="imdb_reviews"):
        metrics = {"validation": {"accuracy": accuracy}}
        return {"name": name, "network": "sentiment/bilstm", "data": data, "metrics": metrics}

    rows = [row("other", 0.1, "own"), row("first", 0.8), row("second", 0.6)]
    for accuracy, names in (
        (0.9, ["other", "added", "first", "second"]),
        (0.8, ["other", "first", "added", "second"]),
        (0.5, ["other", "first", "second", "added"]),
    ):
        assert [one["name"] for one in script.placed(row("added", accuracy), rows)] == names


def test_the_command_tells_what_a_run_began_from(publish):
    import publish as script  # its folder is on the path by the fixture

    before = json.loads((publish[1] / "settings.json").read_text())
    first = script.command(before)
    whole = script.command({**before, "weights": str(publish[1] / "pipeline.keras"), "seed": 7})
    begun, then = whole.split(" && ")
    assert begun == f"{first} --folder {publish[1]}"
    assert then.startswith("lstm-zoo train sentiment/bilstm ")
    assert f"--weights {publish[1]}/pipeline.keras" in then
    assert "--seed 7" in then
    assert script.command({**before, "weights": "sentiment-bilstm-imdb"}).count("lstm-zoo train") == 1
    assert script.command({**before, "command": "python scripts/own.py"}) == "python scripts/own.py"


def refused(publish, capsys, message, *arguments, **options):
    before = weights.ROWS.read_text()
    with pytest.raises(SystemExit):
        publish[0](*arguments, **options)
    assert message in capsys.readouterr().err
    assert weights.ROWS.read_text() == before


def test_refuses_a_name_with_other_bytes(publish, capsys):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    file = publish[1] / "pipeline.keras"
    file.write_bytes(file.read_bytes() + b"\0")
    refused(publish, capsys, "published already with other bytes", "sentiment-bilstm-tiny")


def test_refuses_a_name_of_another_network(publish, capsys):
    refused(publish, capsys, "does not name", "sentiment-attention-tiny")


def test_refuses_a_score_below_the_baseline(publish, capsys, monkeypatch):
    rivals = {"weak": {"accuracy": 0.0, "macro_f1": 0.0}, "strong": {"accuracy": 1.1, "macro_f1": 1.1}}
    monkeypatch.setattr(sentiment, "baselines", lambda pipeline, training, pairs: rivals)
    refused(publish, capsys, "--below-baseline publishes it", "sentiment-bilstm-tiny")
    assert not downloads.CHECKOUT.exists()


def test_refuses_a_row_with_a_missing_field(publish, capsys, monkeypatch):
    monkeypatch.setitem(sentiment.DATASETS, "imdb_reviews", sentiment.DATASETS["imdb_reviews"]._replace(limits=""))
    refused(publish, capsys, "the row has no limits", "sentiment-bilstm-tiny", "--below-baseline")


def test_refuses_a_file_that_does_not_load(publish, capsys):
    (publish[1] / "pipeline.keras").write_bytes(b"no zip")
    refused(publish, capsys, "cannot be read as a .keras file", "sentiment-bilstm-tiny")


def test_refuses_what_is_no_run(publish, capsys, tmp_path):
    refused(publish, capsys, "is not the pipeline of a run", "sentiment-bilstm-tiny", file=tmp_path / "none.keras")


@pytest.mark.parametrize("commit", ["f" * 40, "HEAD^{tree}", "no-branch"])
def test_refuses_a_commit_that_there_is_not(publish, capsys, commit):
    refused(publish, capsys, "--commit is one of this repository", "sentiment-bilstm-tiny", "--commit", commit)


def test_refuses_a_run_on_other_data(publish, capsys):
    settings = publish[1] / "settings.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "data": "other"}))
    refused(publish, capsys, "was not trained on", "sentiment-bilstm-tiny")
