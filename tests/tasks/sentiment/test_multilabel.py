"""Texts with several labels each: trained, answered, scored and exported."""

import json
import random

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo import printing, registry
from lstm_zoo.cards.markdown import page
from lstm_zoo.tasks import sentiment

WORDS = {"late": ["delay", "overdue"], "price": ["costly", "fee"], "rude": ["insult", "shouted"]}
OPTIONS = {"verbose": False, "learning_rate": 0.01, "batch_size": 16}
SIZES = {"embedding": 16, "units": 16, "embedding_dropout": 0.1, "dropout": 0.1}


def examples(count, seed=0):
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        labels = [label for label in WORDS if draw.random() < 0.4]
        words = [draw.choice(WORDS[label]) for label in labels] + draw.choices(["it", "was", "the", "train"], k=3)
        rows.append((" ".join(words), labels))
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("multilabel") / "run"


@pytest.fixture(scope="module")
def pipeline(folder):
    """A pipeline of sentiment/bilstm. Not to be changed."""
    return lstm_zoo.train("sentiment/bilstm", data=examples(300), folder=folder, epochs=6, **OPTIONS, **SIZES)


def test_answers_the_labels_that_hold(pipeline):
    several, one, none = lstm_zoo.predict(pipeline, ["the fee was costly delay", "insult", "it was"], scores=True)
    assert set(several["labels"]) == {"late", "price"}
    assert one["labels"] == ["rude"]
    assert none["labels"] == []
    assert none.keys() == {"labels", "scores"}
    assert several["scores"][several["labels"][0]] >= several["scores"][several["labels"][1]]
    assert lstm_zoo.predict(pipeline, "") != []


def test_scores(pipeline, tmp_path):
    metrics = lstm_zoo.evaluate(pipeline, data=examples(100, 1), training=examples(100), output=tmp_path / "errors.csv")
    assert list(metrics) == ["micro_f1", "macro_f1", "exact_match", "calibration_error", "baselines"]
    assert metrics["calibration_error"] < 0.1
    assert (tmp_path / "errors.reliability.png").read_bytes().startswith(b"\x89PNG")
    assert metrics["micro_f1"] > 0.9
    assert metrics["baselines"]["bag of bigrams, logistic regressions"]["micro_f1"] > 0.9
    of_label = pd.read_csv(tmp_path / "errors.labels.csv")
    assert list(of_label) == ["label", "support", "precision", "recall", "f1", "threshold"]
    table = pd.read_csv(tmp_path / "errors.csv")
    assert list(table) == ["text", "labels", "predicted_labels", "correct"]
    assert json.loads(table["labels"][0]) == examples(1, 1)[0][1]
    with pytest.raises(FileExistsError):
        lstm_zoo.evaluate(pipeline, data=examples(9), output=tmp_path / "errors.jsonl")


def test_a_card_tells_the_thresholds(pipeline, folder):
    known = lstm_zoo.info(folder / "pipeline.keras")
    assert known["labels"] == list(known["thresholds"]) == list(WORDS)
    assert f"| `thresholds` | `late` {known['thresholds']['late']:.4f}, `price`" in page(known, "pipeline.keras")
    assert "micro_f1" in known["metrics"]["validation"]


def test_a_card_says_that_there_are_several(pipeline, folder):
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert "What it answers: which labels a text deserves, none or several" in card
    assert "(reliability.png)" in card
    code = card.partition("```python\n")[2].partition("```")[0]
    assert '"your text here"' in code
    names = {}
    exec(code, names)
    assert names["pipeline"].name == "sentiment-bilstm"
    counts = lstm_zoo.info(pipeline)["reliability"]["counts"]
    assert sum(counts) == len(WORDS) * lstm_zoo.info(pipeline)["examples"]["validation"]


def test_a_saved_model_answers_the_same(pipeline, tmp_path):
    texts = ["the fee was costly delay", "insult", "it was"]
    lstm_zoo.export(pipeline, tmp_path / "model")
    served = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"](text=tf.constant(texts))
    answers = [{label.decode() for label in row if label} for row in served["labels"].numpy()]
    assert answers == [set(answer["labels"]) for answer in lstm_zoo.predict(pipeline, texts)]
    pd.testing.assert_frame_equal(
        pd.DataFrame(served["probabilities"].numpy()),
        pd.DataFrame(pipeline(tf.constant(texts))["probabilities"].numpy()),
        atol=1e-5,
    )


def test_tables(pipeline, tmp_path):
    pd.DataFrame({"text": ["insult", "it was"], "labels": ["a", "b"]}).to_csv(tmp_path / "texts.csv", index=False)
    lstm_zoo.predict(pipeline, data=tmp_path / "texts.csv", output=tmp_path / "answers.parquet", scores=True)
    answers = pd.read_parquet(tmp_path / "answers.parquet")
    assert [list(labels) for labels in answers["predicted_labels"]] == [["rude"], []]
    assert "scores.late" in answers


def test_the_command_line_shows_labels_as_words():
    assert printing.cell(["late", "rude"]).plain == "late, rude"
    assert printing.cell([]).plain == ""


@pytest.fixture(scope="module")
def wide_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("wide") / "run"


@pytest.fixture(scope="module")
def wide(wide_folder):
    """A pipeline of the default network, from texts a fifth of whose labels are left out. Not to be changed."""
    draw = random.Random(3)
    noisy = [(text, [label for label in labels if draw.random() < 0.8]) for text, labels in examples(300)]
    return lstm_zoo.train("sentiment", data=noisy, folder=wide_folder, epochs=1, **OPTIONS, **SIZES)


class TestWide:
    def test_answers_the_labels_that_hold(self, wide):
        several, none = lstm_zoo.predict(wide, ["the fee was costly delay", "it was"])
        assert set(several["labels"]) == {"late", "price"}
        assert none["labels"] == []

    def test_probabilities_are_shares(self, wide):
        texts = [text for text, labels in examples(300, 1) if "late" in labels]
        mean = wide(tf.constant(texts))["probabilities"].numpy()[:, 0].mean()
        assert mean == pytest.approx(0.8, abs=0.12)

    def test_the_bags_of_all_examples_keep_what_validation_fitted(self, wide, wide_folder):
        saved = lstm_zoo.load(wide_folder / "pipeline.keras")
        assert lstm_zoo.info(saved)["thresholds"] == lstm_zoo.info(wide)["thresholds"]
        assert set(lstm_zoo.info(saved)["thresholds"].values()) != {0.5}

    @pytest.mark.usefixtures("wide")
    def test_goes_on_with_its_labels_and_with_others(self, wide_folder, tmp_path):
        again = {"weights": str(wide_folder / "pipeline.keras"), "epochs": 1, **OPTIONS}
        trained = lstm_zoo.train("sentiment", data=examples(60), folder=tmp_path / "same", **again)
        assert set(lstm_zoo.predict(trained, "costly insult")[0]["labels"]) == {"price", "rude"}
        renamed = [(text, [label.upper() for label in labels]) for text, labels in examples(60)]
        trained = lstm_zoo.train("sentiment", data=renamed, folder=tmp_path / "new", **again)
        assert set(lstm_zoo.predict(trained, "costly insult")[0]["labels"]) == {"PRICE", "RUDE"}

    def test_onnx_answers_the_same(self, wide, tmp_path):
        runtime = pytest.importorskip("onnxruntime")
        session = runtime.InferenceSession(str(lstm_zoo.export(wide, tmp_path / "model.onnx", format="onnx")))
        text, layers = tf.constant(["the fee was costly delay"]), {"ids": "words"}
        names = [node.name for node in session.get_inputs()]
        feed = {name: wide.get_layer(layers.get(name, name))(text).numpy().astype("int32") for name in names}
        np.testing.assert_allclose(session.run(None, feed)[0], wide(text)["probabilities"], atol=1e-4)


def test_search(tmp_path):
    best = lstm_zoo.search(
        "sentiment/bilstm", data=examples(40), trials=1, epochs=1, units=8, folder=tmp_path / "search", verbose=False
    )
    assert best["units"] == 8


@pytest.mark.parametrize("network", ["attention", "awd"])
def test_other_networks(network, tmp_path):
    sizes = {"vocabulary": 40, "embedding": 16, "units": 16} if network == "awd" else SIZES
    path = tmp_path / "data.csv"
    rows = [(text, ";".join(labels)) for text, labels in examples(60)]
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    trained = lstm_zoo.train(
        f"sentiment/{network}", data=path, label_separator=";", folder=tmp_path / "run", epochs=1, **OPTIONS, **sizes
    )
    assert lstm_zoo.info(trained)["thresholds"].keys() == WORDS.keys()
    assert "--label-separator ';'" in lstm_zoo.info(trained)["command"]


def test_goes_on_from_a_pipeline_of_several_labels(pipeline, folder, tmp_path):
    trained = lstm_zoo.train(
        "sentiment/bilstm",
        data=examples(60),
        weights=str(folder / "pipeline.keras"),
        folder=tmp_path / "run",
        epochs=1,
        **OPTIONS,
    )
    assert lstm_zoo.predict(trained, "insult")[0]["labels"] == ["rude"]


def test_refuses_examples_of_another_kind(pipeline, folder, tmp_path):
    one = [(text, "late" if "late" in labels else "none") for text, labels in examples(40)]
    with pytest.raises(ValueError, match="gives several labels an example, and these have one label"):
        lstm_zoo.evaluate(pipeline, data=one)
    with pytest.raises(ValueError, match="gives several labels"):
        lstm_zoo.train("sentiment/bilstm", data=one, weights=str(folder / "pipeline.keras"), folder=tmp_path / "a")
    with pytest.raises(ValueError, match="for training and for validation"):
        lstm_zoo.train("sentiment/bilstm", data=one, validation=examples(9), folder=tmp_path / "b")
    with pytest.raises(ValueError, match="does not know: 'other'"):
        lstm_zoo.evaluate(pipeline, data=[("it", ["other"])])
    assert not any(tmp_path.iterdir())


def test_the_record_of_a_pipeline_is_its_variant(pipeline):
    task, network = registry.records_of(pipeline)
    assert task is sentiment.TASK.variant is sentiment.TASK.of([("it", ())])
    assert network is task.networks["bilstm"]
    assert sentiment.TASK.of([("it", "late")]) is sentiment.TASK


def test_class_weight_raises_the_odds_that_calibration_takes_back(pipeline):
    found = pipeline(tf.constant([text for text, _ in examples(200, 2)]))["probabilities"].numpy().mean(0)
    assert np.abs(found - 0.4).max() < 0.1
