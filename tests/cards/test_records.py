"""cards/records.py: what the file of a pipeline says of its training, and the command that repeats it."""

import csv
import json
import pathlib
import shlex
import types

import pytest
from tiny import runs

import lstm_zoo
from lstm_zoo import cards, registry
from lstm_zoo.cards import records
from lstm_zoo.weights import catalog


def record(settings=(), given=(), begun_from=None, name="sentiment/bilstm"):
    """The record of a run that was never made."""
    plain = {"name": name, "dataset": None, "hyperparameters": {}, "seed": 0, "mixed_precision": False}
    told = {"data": None, "validation": None, "columns": None, "delimiter": None, "covariates": None}
    examples = ([("a", "b")] * 3, [("c", "d")])
    return records.of_run(
        registry.get_task(name), {**plain, **dict(settings)}, {**told, **dict(given)}, begun_from, {}, examples
    )


def test_the_target_of_a_table_is_that_of_its_successors():
    first = record(given={"target": "load, gas"})
    assert first["target"] == ["load", "gas"]
    assert record(begun_from=("a", first))["target"] == ["load", "gas"]
    assert record(given={"target": "gas"}, begun_from=("a", first))["target"] == ["gas"]
    assert "target" not in record()


class TestCommand:
    """The words that repeat a run."""

    @pytest.mark.parametrize(
        ("settings", "given", "words"),
        [
            ({"dataset": "imdb_reviews", "epochs": 3}, {}, "--data imdb_reviews --epochs 3 --seed 0"),
            ({}, {"data": "/home/me/secret/new reviews.csv"}, "--data 'new reviews.csv' --seed 0"),
            ({}, {"data": pathlib.Path("reviews/")}, "--data reviews --seed 0"),
            (
                {"weights": "/home/me/runs/a/pipeline.keras", "batch_size": 8},
                {"data": "a.csv", "validation": "/home/me/b.csv"},
                "--data a.csv --weights pipeline.keras --batch-size 8 --seed 0 --validation b.csv",
            ),
            (
                {"weights": "hf://alice/x@v1/a/b.keras"},
                {"data": "a.csv"},
                "--data a.csv --weights hf://alice/x@v1/a/b.keras --seed 0",
            ),
            (
                {"weights": "https://me:word@host/secret/a.keras?token=1#sha256=2"},
                {"data": "a.csv"},
                "--data a.csv --weights a.keras --seed 0",
            ),
            ({"class_weight": None}, {"data": "a.csv"}, "--data a.csv --seed 0 --class-weight none"),
            ({"class_weight": "balanced"}, {"data": "a.csv"}, "--data a.csv --seed 0"),
            (
                {"mixed_precision": True, "hyperparameters": {"units": [8, 16], "word_dropout": 0.1, "depth": None}},
                {"data": "a.csv"},
                "--data a.csv --mixed-precision --seed 0 --units '[8, 16]' --word-dropout 0.1",
            ),
            (
                {},
                {"data": "a.csv", "columns": {"text": "review", "label": "stars"}, "delimiter": ";"},
                "--data a.csv --seed 0 --columns text=review,label=stars --delimiter ';'",
            ),
            ({}, {"data": "a.csv", "columns": ["text", "label"]}, "--data a.csv --seed 0 --columns text,label"),
            (
                {},
                {"data": "a.csv", "columns": {"text": "review, in full"}},
                """--data a.csv --seed 0 --columns '{"text": "review, in full"}'""",
            ),
            ({}, {"data": "a.csv", "covariates": ["price", "day"]}, "--data a.csv --seed 0 --covariates price,day"),
            ({}, {"data": "a.csv", "target": "load,gas"}, "--data a.csv --seed 0 --target load,gas"),
            ({}, {"data": "a.csv", "target": ["load, MW"]}, """--data a.csv --seed 0 --target '["load, MW"]'"""),
        ],
    )
    def test_as_words(self, settings, given, words):
        assert record(settings, given)["command"] == f"lstm-zoo train sentiment/bilstm {words}"

    @pytest.mark.parametrize(
        ("settings", "given", "call"),
        [
            ({}, {"data": [("a", "b")]}, "lstm_zoo.train('sentiment/bilstm', data, seed=0)"),
            (
                {"epochs": 2, "hyperparameters": {"units": [8]}, "mixed_precision": True},
                {"data": iter([]), "validation": "/home/me/b.csv"},
                "lstm_zoo.train('sentiment/bilstm', data, mixed_precision=True, epochs=2, seed=0, "
                "validation='b.csv', units=[8])",
            ),
            (
                {"class_weight": {"bad": 2.0}},
                {"data": "/home/me/a.csv"},
                "lstm_zoo.train('sentiment/bilstm', 'a.csv', seed=0, class_weight={'bad': 2.0})",
            ),
        ],
    )
    def test_as_a_call_where_words_cannot_say_it(self, settings, given, call):
        assert record(settings, given)["command"] == call

    def test_of_a_script(self):
        assert record({"command": "python recipes/mine.py"}, {"data": "a.csv"})["command"] == "python recipes/mine.py"

    def test_as_printed_it_trains_the_same_pipeline(self, call, tmp_path, monkeypatch):
        with (tmp_path / "some pairs.csv").open("w", newline="") as file:
            csv.writer(file, delimiter=";").writerows([("review", "stars"), *runs.PAIRS])
        monkeypatch.chdir(tmp_path)
        options = {"columns": {"text": "review", "label": "stars"}, "delimiter": ";", "class_weight": None, "epochs": 1}
        sizes = {"vocabulary": 30, "embedding": 4, "units": 4, "dropout": 0.1}
        path = str(tmp_path / "some pairs.csv")
        first = lstm_zoo.train("sentiment/bilstm", path, folder="first", verbose=False, seed=3, **options, **sizes)
        command = lstm_zoo.info(first)["command"]
        assert str(tmp_path) not in command
        call(*shlex.split(command)[1:], "--folder", "second", "--no-verbose")
        second = lstm_zoo.load("second/pipeline.keras")
        runs.assert_same_weights(first, second)
        assert lstm_zoo.info(second)["command"] == command
        assert lstm_zoo.info(second)["data"] == "some pairs.csv"
        settings = [json.loads(pathlib.Path(run, "settings.json").read_text()) for run in ("first", "second")]
        assert settings[0] == settings[1]


class TestRecord:
    """What else is told."""

    def test_of_a_data_set(self):
        dataset = registry.get_task("sentiment").datasets["imdb_reviews"]
        told = record({"dataset": "imdb_reviews"})
        assert (told["data"], told["data_license"], told["limits"]) == (
            "imdb_reviews",
            dataset.license,
            dataset.limits,
        )
        assert told["examples"] == {"training": 3, "validation": 1}
        assert told["begun_from"] is None

    @pytest.mark.parametrize("data", [[("a", "b")], ".", object()])
    def test_of_one_s_own(self, data):
        told = record({}, {"data": data})
        assert (told["data"], told["data_license"], told["limits"]) == ("the user's own examples", None, None)

    def test_of_what_it_went_on_from(self):
        row = catalog.find("sentiment-bilstm-imdb")
        first = record({}, {"data": "/home/me/a.csv"}, ("imdb", row))
        terms = {field: row[field] for field in ("name", "network", "data", "data_license", "sha256")}
        assert first["begun_from"] == terms
        second = record({}, {"data": "b.csv"}, ("/home/me/runs/a/pipeline.keras", first))
        assert second["begun_from"]["begun_from"] == terms
        assert (second["begun_from"]["name"], second["begun_from"]["data"]) == ("pipeline.keras", "a.csv")
        assert json.loads(json.dumps(second)) == second
        assert "/home" not in json.dumps(second)
        assert record({}, {}, ("/home/me/old.keras", {}))["begun_from"] == {"name": "old.keras"}

    def test_a_run_that_goes_on_from_a_row(self, trained, tmp_path, monkeypatch):
        path, row, folder = trained[1] / "pipeline.keras", catalog.find("sentiment-bilstm-imdb"), tmp_path / "tuned"
        row |= {**{key: cards.of_file(path)[key] for key in ("bytes", "sha256")}, "file": path.name}
        (tmp_path / "rows.json").write_text(json.dumps([row]))
        monkeypatch.setattr(catalog, "ROWS", tmp_path / "rows.json")
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(path.parent))
        pairs = [(text, {"good": "positive", "bad": "negative"}[label]) for text, label in runs.PAIRS]
        lstm_zoo.train("sentiment/bilstm", pairs, weights="imdb", folder=folder, epochs=1, verbose=False)
        told, card = lstm_zoo.info(folder / "pipeline.keras"), (folder / "card.md").read_text(encoding="utf-8")
        assert told["begun_from"]["data_license"] == row["data_license"]
        assert (told["license"], told["baselines"]) == (None, None)
        assert told["labels"] == ["negative", "positive"]
        digest = f"(SHA-256 {row['sha256'][:16]}...)"
        assert f"It began as {row['name']} {digest}, trained on imdb_reviews, {row['data_license']}." in card


def test_versions():
    assert {"python", "lstm-zoo", "tensorflow", "keras", "numpy"} <= records.versions().keys()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (None, None),
        ([1], None),
        (types.SimpleNamespace(), None),
        ("/a/b.csv", "b.csv"),
        ("b/", "b"),
        (pathlib.Path("/a/b#1.csv"), "b#1.csv"),
        ("https://host/a/b.keras?secret=1", "b.keras"),
        ("hf://alice/x", "hf://alice/x"),
        ("", None),
    ],
)
def test_names(source, name):
    assert records.name_of(source) == name
