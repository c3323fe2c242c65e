"""scripts/publish.py: what may become a row, on tiny data."""

import dataclasses
import json
import pathlib
import sys
import zipfile

import pytest
import tiny

from lstm_zoo.calibration import calibration_error
from lstm_zoo.tasks import sentiment
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import archive, catalog, downloads, places

ROOT = pathlib.Path(__file__).parents[2]
FIELDS = {**catalog.FIELDS, "reliability": dict}  # of a row with labels


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from scripts import publish

    return publish


def replaced(monkeypatch, **fields):
    """Another record of the task sentiment, for what looks for it by its name."""
    monkeypatch.setattr(sentiment, "TASK", dataclasses.replace(sentiment.TASK, **fields))


@pytest.fixture
def publish(script, trained, tmp_path, monkeypatch):
    """Runs the script with arguments, for the tiny data in the place of the task's, in a folder of its own."""
    pairs = tiny.TINY["sentiment"]["examples"]
    dataset = dataclasses.replace(sentiment.TASK.datasets["imdb_reviews"], load=lambda split: pairs)
    replaced(monkeypatch, datasets={"imdb_reviews": dataset})
    monkeypatch.setattr(catalog, "ROWS", tmp_path / "weights.json")
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "weights")
    catalog.ROWS.write_text("[]")
    settings = trained[1] / "settings.json"
    checked = sentiment.TASK.read(pairs)
    changed = {"dataset": "imdb_reviews", "data": fingerprint(checked, checked)}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **changed}))

    def run(name, *options, file=trained[1] / "pipeline.keras"):
        words = [str(file), "--commit", "HEAD"] if file else []
        monkeypatch.setattr(sys, "argv", ["publish.py", name, *words, *options])
        monkeypatch.chdir(ROOT)  # a checkout, for the commit
        script.main()

    return run, trained[1]


def test_writes_a_whole_row_and_its_file(publish):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = catalog.rows()
    assert {name: type(value) for name, value in row.items()} == FIELDS
    half = publish[1] / "half.keras"
    archive.write_in_float16(publish[1] / "pipeline.keras", half)
    assert downloads.fetch(row) == places.CHECKOUT / row["file"]
    assert downloads.fetch(row).read_bytes() == half.read_bytes()
    publish[0]("sentiment-bilstm-tiny")  # the same bytes: nothing to do
    publish[0]("sentiment-bilstm-tiny", file=half.rename(publish[1] / "published.keras"))
    assert catalog.rows() == [row]


@pytest.fixture
def fragile(script, monkeypatch):
    """In float16 every pipeline is worse on validation; gives the way back."""
    measured = script.evaluation

    def evaluation(path, task, dataset, split):
        found = measured(path, task, dataset, split)
        worse = {"accuracy": 0.0, "macro_f1": 0.0}
        return dataclasses.replace(found, metrics=worse) if archive.dtype_in(path) == "float16" else found

    monkeypatch.setattr(script, "evaluation", evaluation)
    return lambda: monkeypatch.setattr(script, "evaluation", measured)


def test_weights_stay_as_they_are_where_float16_is_worse(publish, fragile, capsys):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = catalog.rows()
    assert downloads.fetch(row).read_bytes() == (publish[1] / "pipeline.keras").read_bytes()
    assert "in float16 0.0" in capsys.readouterr().err
    publish[0]("sentiment-bilstm-tiny", file=None)
    assert "stays as it is" in capsys.readouterr().out
    assert catalog.rows() == [row]


def test_a_published_file_is_made_smaller(publish, fragile):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [before] = catalog.rows()
    fragile()
    publish[0]("sentiment-bilstm-tiny", file=None)
    [row] = catalog.rows()
    assert archive.dtype_in(downloads.fetch(row)) == "float16"
    changed = {name for name in row if row[name] != before[name]}
    assert {"sha256", "bytes"} <= changed <= {"sha256", "bytes", "metrics", "reliability"}
    assert row["metrics"]["validation"] == before["metrics"]["validation"]


def test_refuses_to_make_smaller_what_is_not_published(publish, capsys):
    refused(publish, capsys, "the file to publish is expected", "sentiment-bilstm-tiny", file=None)


def test_a_row_tells_the_training_if_the_run_does(publish):
    settings = publish[1] / "settings.json"
    training = {"seconds": 7, "machine": "one"}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "training": training}))
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = catalog.rows()
    assert {name: type(value) for name, value in row.items()} == {**FIELDS, "training": dict}
    assert row["training"] == training


def test_reliability_is_measured_on_validation_alone(publish, capsys, script):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    [row] = catalog.rows()
    assert calibration_error(row["reliability"]) == row["metrics"]["validation"]["calibration_error"]
    test = {"accuracy": 0.125}  # which nothing measures again
    before = {**row, "metrics": {"validation": {"accuracy": row["metrics"]["validation"]["accuracy"]}, "test": test}}
    before.pop("reliability")
    script.write_rows([before])
    publish[0]("sentiment-bilstm-tiny", "--reliability", file=None)
    assert catalog.rows() == [{**row, "metrics": {**row["metrics"], "test": test}}]
    script.write_rows([{**before, "metrics": {"validation": {"accuracy": 0.0}, "test": test}}])
    refused(publish, capsys, "by its row", "sentiment-bilstm-tiny", "--reliability", file=None)


OUT_OF_DOMAIN = {"product reviews": {"metrics": {"accuracy": 0.78}, "baselines": {"bag": {"accuracy": 0.75}}}}


def test_a_row_tells_what_a_file_does_out_of_domain(publish, tmp_path):
    path = tmp_path / "strangers.json"
    path.write_text(json.dumps(OUT_OF_DOMAIN))
    publish[0]("sentiment-bilstm-tiny", "--below-baseline", "--out-of-domain", str(path))
    [row] = catalog.rows()
    assert {name: type(value) for name, value in row.items()} == {**FIELDS, "out_of_domain": dict}
    assert row["out_of_domain"] == OUT_OF_DOMAIN


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "is an object like"),
        ("[1]", "Received: [1]"),
        ('{"tweets": {"metrics": {"accuracy": "high"}, "baselines": {}}}', "is an object like"),
        (None, "No such file"),
    ],
)
def test_refuses_odd_scores_out_of_domain(publish, capsys, tmp_path, content, message):
    path = tmp_path / "strangers.json"
    if content is not None:
        path.write_text(content)
    refused(publish, capsys, message, "sentiment-bilstm-tiny", "--below-baseline", "--out-of-domain", str(path))


def test_what_is_better_on_validation_is_the_default(script):
    def row(name, accuracy, data="imdb_reviews"):
        metrics = {"validation": {"accuracy": accuracy}}
        return {"name": name, "network": "sentiment/bilstm", "data": data, "metrics": metrics}

    rows = [row("other", 0.1, "own"), row("first", 0.8), row("second", 0.6)]
    for accuracy, names in (
        (0.9, ["other", "added", "first", "second"]),
        (0.8, ["other", "first", "added", "second"]),
        (0.5, ["other", "first", "second", "added"]),
    ):
        assert [placed["name"] for placed in script.placed(row("added", accuracy), rows)] == names


def test_the_command_tells_what_a_run_began_from(script, publish):
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


def test_the_command_says_what_a_batch_holds(script, publish):
    settings = json.loads((publish[1] / "settings.json").read_text())
    assert "--batch-size 8 " in script.command(settings)
    size = settings.pop("batch_size")
    assert f"--max-tokens {size} " in script.command({**settings, "max_tokens": size})


def refused(publish, capsys, message, *arguments, **options):
    before = catalog.ROWS.read_text()
    with pytest.raises(SystemExit):
        publish[0](*arguments, **options)
    assert message in capsys.readouterr().err
    assert catalog.ROWS.read_text() == before


def test_refuses_a_name_with_other_bytes(publish, capsys):
    publish[0]("sentiment-bilstm-tiny", "--below-baseline")
    with zipfile.ZipFile(publish[1] / "pipeline.keras", "a") as file:
        file.writestr("other", "")
    refused(publish, capsys, "published already with other bytes", "sentiment-bilstm-tiny")


def test_refuses_a_name_of_another_network(publish, capsys):
    refused(publish, capsys, "does not name", "sentiment-attention-tiny")


def test_refuses_a_score_below_the_baseline(publish, capsys, monkeypatch):
    baselines = {"weak": {"accuracy": 0.0, "macro_f1": 0.0}, "strong": {"accuracy": 1.1, "macro_f1": 1.1}}
    replaced(monkeypatch, baselines=lambda pipeline, training, pairs: baselines)
    refused(publish, capsys, "--below-baseline publishes it", "sentiment-bilstm-tiny")
    assert not places.CHECKOUT.exists()


def test_refuses_a_row_with_a_missing_field(publish, capsys, monkeypatch):
    replaced(
        monkeypatch, datasets={"imdb_reviews": dataclasses.replace(sentiment.TASK.datasets["imdb_reviews"], limits="")}
    )
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
