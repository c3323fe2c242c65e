"""`target` and wide tables, in every verb and on the command line."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest
import tiny
from tasks.forecasting.series import HOURS, SIZES, train, wave

import lstm_zoo
from lstm_zoo import cards
from lstm_zoo.tasks import forecasting

WIDE = pd.DataFrame({"Date": HOURS, "load": wave(), "gas": wave(level=20.0), "note": "x"})
LONG = WIDE.melt("Date", ["load", "gas"], var_name="unique_id", value_name="y").rename(columns={"Date": "ds"})
TARGETS = ["load", "gas"]
pytestmark = pytest.mark.filterwarnings("ignore:Columns of:UserWarning")


@pytest.fixture
def path(tmp_path):
    """The path of a wide table, with semicolons."""
    WIDE.to_csv(tmp_path / "wide.csv", sep=";", index=False)
    return tmp_path / "wide.csv"


def test_answers_are_those_of_the_long_table(pipeline, path, tmp_path):
    expected = lstm_zoo.predict(pipeline, LONG)
    for source in (WIDE, path):
        answer = lstm_zoo.predict(pipeline, source, target=TARGETS)
        pd.testing.assert_frame_equal(answer, expected, check_dtype=False)
    only = expected[expected["unique_id"] == "gas"].reset_index(drop=True)
    pd.testing.assert_frame_equal(lstm_zoo.predict(pipeline, data=path, target="gas"), only, check_dtype=False)
    output = lstm_zoo.predict(pipeline, data=path, output=tmp_path / "fan.csv", target="gas")
    assert pd.read_csv(output)["unique_id"].tolist() == ["gas"] * 6
    figure = forecasting.plot(path, only, target="gas")
    assert [axes.get_title() for axes in figure.axes] == ["gas"]


def test_scores_are_those_of_the_long_table(pipeline, path):
    assert lstm_zoo.evaluate(pipeline, path, target=TARGETS) == lstm_zoo.evaluate(pipeline, LONG)
    assert lstm_zoo.backtest(pipeline, path, target=TARGETS) == lstm_zoo.backtest(pipeline, LONG)
    found = lstm_zoo.memory(pipeline, data=path, target=TARGETS)
    np.testing.assert_array_equal(found["score"], lstm_zoo.memory(pipeline, data=LONG)["score"])


def test_training_and_the_command_that_repeats_it(path, tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    wide = WIDE.rename(columns={"load": "load, MW"}).assign(heat=np.arange(60.0))
    wide.to_csv(path, index=False)
    options = {"covariates": ["heat"], "target": ["load, MW", "gas"]}
    first = train("first", path.name, **options)
    command = cards.info("first/pipeline.keras")["command"]
    assert """--covariates heat --target '["load, MW", "gas"]'""" in command
    call(*shlex.split(command)[1:], "--folder", "second")
    for one, other in zip(first.get_weights(), lstm_zoo.load("second/pipeline.keras").get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pipeline_remembers_its_target(path, tmp_path):
    wide = WIDE.assign(heat=np.arange(60.0))
    train(tmp_path / "run", wide, target=TARGETS)
    pipeline = lstm_zoo.load(tmp_path / "run" / "pipeline.keras")
    assert cards.info(pipeline)["target"] == TARGETS

    def names(data, **options):
        return list(dict.fromkeys(lstm_zoo.predict(pipeline, data, **options)["unique_id"]))

    wide.to_csv(path, index=False)
    assert names(wide) == names(path) == names(LONG) == TARGETS
    assert names(wide.drop(columns="gas")) == ["load"]
    assert names(wide.rename(columns={"load": "a", "gas": "b"})) == ["a", "b", "heat"]  # others
    assert names(wide, target="heat") == ["heat"]
    assert names(wide, columns={"y": "heat"}) == ["0"]
    assert lstm_zoo.predict(pipeline, wave()).shape == (1, 6, 10)
    assert lstm_zoo.backtest(pipeline, wide, windows=2) == lstm_zoo.backtest(pipeline, LONG, windows=2)
    assert set(lstm_zoo.anomalies(pipeline, wide, alpha=0.5)["unique_id"]) == set(TARGETS)


def test_one_series_of_a_table_is_looked_into(pipeline, call, tmp_path):
    own = lstm_zoo.inspect(pipeline, wave(level=20.0))["lstm_0"]["hidden"]
    options = {"columns": {"ds": "Date"}, "target": "gas"}
    np.testing.assert_array_equal(lstm_zoo.inspect(pipeline, WIDE, **options)["lstm_0"]["hidden"], own)
    WIDE.to_csv(tmp_path / "wide.csv", index=False)
    lstm_zoo.save(pipeline, tmp_path / "pipeline.keras")
    words = ["inspect", tmp_path / "pipeline.keras", tmp_path / "wide.csv", "--target"]
    assert list(json.loads(call(*words, "gas", "--json"))) == ["lstm_0"]
    assert "Did you mean 'gas'?" in call(*words, "gaz", code=2)


def test_a_search(path, tmp_path):
    sizes = {name: value for name, value in SIZES.items() if name != "units"}
    options = {"tuner": "random", "trials": 1, "epochs": 1, "verbose": False, "units": 8, **sizes}
    best = lstm_zoo.search("forecasting/seq2seq", path, target=TARGETS, folder=tmp_path / "search", **options)
    assert best["horizon"] == SIZES["horizon"]
    with pytest.raises(ValueError, match="no column 'lod', as target says"):
        lstm_zoo.search("forecasting/seq2seq", path, target="lod", folder=tmp_path / "other", **options)


def test_the_command_line(pipeline, path, tmp_path, call):
    lstm_zoo.save(pipeline, tmp_path / "pipeline.keras")
    words = ["predict", tmp_path / "pipeline.keras", path, "--target"]
    assert {row["unique_id"] for row in json.loads(call(*words, "load,gas", "--json"))} == {"load", "gas"}
    assert call(*words, "gas").splitlines()[1].startswith("gas,")
    for more in ([], ["--json"]):
        assert "no column 'gaz', as target says. Did you mean 'gas'?" in call(*words, "gaz", *more, code=2)
    backtest = ["backtest", tmp_path / "pipeline.keras", "--data", path, "--windows", "2", "--json", "--target"]
    assert "Date, which holds the times" in call(*backtest, "Date", code=2)
    assert "mase" in json.loads(call(*backtest, "gas"))


def test_what_has_no_target(pipeline, tmp_path):
    labels, folder = tiny.pipeline_for("sentiment/bilstm"), tmp_path / "run"
    pairs = [("good", "a"), ("bad", "b")] * 9
    for asked in (
        lambda: lstm_zoo.predict(labels, ["good"], target="x"),
        lambda: lstm_zoo.evaluate(labels, pairs, target="x"),
        lambda: lstm_zoo.train("sentiment", pairs, target="x", folder=folder),
        lambda: lstm_zoo.search("sentiment", pairs, target="x", folder=folder),
    ):
        with pytest.raises(ValueError, match="target is nothing that sentiment reads. Received: target='x'"):
            asked()
    for asked in (
        lambda: lstm_zoo.evaluate(pipeline, "ett/h1", target="OT"),
        lambda: lstm_zoo.train("forecasting", "ett/h1", target="OT", folder=folder),
        lambda: lstm_zoo.search("forecasting", "ett/h1", target="OT", folder=folder),
    ):
        with pytest.raises(ValueError, match="target is for tables. Received: 'OT' with the data set ett/h1"):
            asked()
    with pytest.raises(ValueError, match="target is for tables. Received: 'x' with list_iterator"):
        lstm_zoo.predict(pipeline, iter([wave()]), target="x")
    assert not folder.exists()
