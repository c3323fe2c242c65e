"""`memory`: its gradient is that of the answer, its half-lives are those of the forget gates, for every network."""

import json

import matplotlib.image
import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY, pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import networks, registry
from lstm_zoo.tasks.text_generation import batches, token_nll
from lstm_zoo.tasks.text_generation.pipelines import generator_of

MODELS = lstm_zoo.list_models()


@pytest.mark.parametrize("model", MODELS)
def test_memory_of_every_network(model, tmp_path):
    raw, plot = TINY[model.partition("/")[0]]["raw"][0], tmp_path / "memory.png"
    found = lstm_zoo.memory(pipeline_for(model), [raw], plot=plot)
    gates = lstm_zoo.inspect(pipeline_for(model), [raw])
    assert list(found) == ["distance", "gradient", "half_life"]
    assert np.all(np.diff(found["distance"]) == 1)
    assert found["gradient"].shape == found["distance"].shape
    assert found["gradient"].min() >= 0
    assert found["gradient"].max() == 1
    assert list(found["half_life"]) == list(gates)
    for lstm, half_life in found["half_life"].items():
        expected = -np.log(2) / np.log(gates[lstm]["forget"].astype("float64")).mean(axis=0)
        np.testing.assert_allclose(half_life, expected)
    assert matplotlib.image.imread(plot).ndim == 3


@pytest.mark.parametrize("model", [model for model in MODELS if model != "speech/attention"])
def test_context_of_every_network(model):
    task, pipeline = registry.get_task(model), pipeline_for(model)
    examples = TINY[model.partition("/")[0]]["examples"]
    found = lstm_zoo.memory(pipeline, data=examples)
    assert list(found) == ["context", "context_kind", "metric", "score"]
    assert found["context"][:-1].tolist() == [2**power for power in range(len(found["context"]) - 1)]
    assert len(found["score"]) == len(found["context"])
    assert np.isfinite(found["score"]).all()
    whole = task.score(pipeline, task.read(examples))
    if found["metric"] in whole and model != "speech/ctc":  # whose own score is that of a search
        deepar = model == "forecasting/deepar"  # whose paths are drawn
        assert found["score"][-1] == pytest.approx(whole[found["metric"]], rel=0.2 if deepar else 1e-4)


def test_context_of_a_language_model():
    pipeline, text = pipeline_for("text_generation/character"), "To be, or not to be, that is the question."
    found, generator = lstm_zoo.memory(pipeline, data=[text]), generator_of(pipeline)
    ids = batches.stream([text], {"tokens": generator.tokens}).numpy()
    assert found["context"].tolist() == [1, 2, 4, 8, 16]
    for count, score in zip(found["context"][:3], found["score"]):  # each reading predicts one token
        nll = [token_nll(generator.network, ids[place - count : place + 1])[-1] for place in range(16, len(ids))]
        assert score == pytest.approx(np.mean(nll), abs=1e-3)


def test_context_of_speech():
    """Surroundings that are the whole recording give the greedy transcript."""
    examples = TINY["speech"]["examples"]
    pipeline = pipeline_for("speech/ctc")
    found = lstm_zoo.memory(pipeline, data=examples)
    greedy = registry.get_network("speech/ctc").with_beams(pipeline, 1)
    expected = registry.get_task("speech/ctc").score(greedy, registry.get_task("speech/ctc").read(examples))
    assert found["score"][-1] == expected["wer"]


def test_gradient_is_that_of_the_embeddings():
    pipeline, words = pipeline_for("sentiment/bilstm"), ["a", "bad", "film", "good"]
    table = networks.network_of(pipeline).get_layer("embedding").embeddings
    numbers = pipeline.get_layer("words")(tf.constant([" ".join(words)]))[0].numpy()
    with tf.GradientTape() as tape:
        answer = tf.reduce_max(tf.math.log(pipeline(tf.constant([" ".join(words)]))["probabilities"]))
    gradient = tf.convert_to_tensor(tape.gradient(answer, table.value)).numpy()
    expected = np.linalg.norm(gradient[numbers], axis=1)[::-1]  # from the last word back
    found = lstm_zoo.memory(pipeline, " ".join(words))
    np.testing.assert_array_equal(found["distance"], range(4))
    np.testing.assert_allclose(found["gradient"], expected / expected.max(), rtol=1e-4)


def test_several_items_are_averaged_where_they_reach():
    pipeline = pipeline_for("text_generation/character")
    short, long, both = (
        lstm_zoo.memory(pipeline, texts) for texts in ("To be", "To be, or not", ["To be", "To be, or not"])
    )
    np.testing.assert_allclose(both["gradient"][:6], (short["gradient"] + long["gradient"][:6]) / 2)
    np.testing.assert_allclose(both["gradient"][6:], long["gradient"][6:])
    rates = [np.log(2) / memory["half_life"]["lstm_0"] for memory in (short, long, both)]
    np.testing.assert_allclose(rates[2], (6 * rates[0] + 14 * rates[1]) / 20)


def test_speech_answers_in_the_middle():
    found = lstm_zoo.memory(pipeline_for("speech/ctc"), [(tones("ab"), 16_000)])
    assert found["distance"][0] < 0 < found["distance"][-1]
    assert abs(found["distance"][0] + found["distance"][-1]) <= 1


@pytest.mark.parametrize(
    ("model", "raw", "options", "message"),
    [
        ("sentiment/bilstm", [], {}, "An item is expected: .* Received: none"),
        ("sentiment/bilstm", "", {}, "nothing to show: .* Received: 0 words"),
        ("sentiment/bilstm", 5, {}, "A text or a list of texts is expected"),
        ("speech/ctc", ["missing.wav"], {}, "missing.wav"),
        ("sentiment/bilstm", None, {}, "Items, data= or both are expected. Received: neither"),
        ("sentiment/bilstm", None, {"data": [("a", "unheard of")]}, "unheard of"),
        ("sentiment/bilstm", None, {"data": []}, "empty"),
        ("text_generation/character", None, {"data": ["a"]}, "Texts of at least 2 tokens"),
        ("forecasting/segment", None, {"data": {"a": [1.0, 2.0]}}, "No series is longer than the horizon"),
        ("speech/attention", None, {"data": TINY["speech"]["examples"]}, "none has steps around it"),
        ("sentiment/bilstm", "a", {"plot": "a.docx"}, "plot ends in one of .*.png.* Received: a.docx"),
    ],
)
def test_bad_input(model, raw, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        lstm_zoo.memory(pipeline_for(model), raw, **options)
    assert not list(tmp_path.iterdir())


def test_command_line(call, tmp_path):
    pipeline, plot = tmp_path / "pipeline.keras", tmp_path / "memory.png"
    pipeline_for("sentiment/bilstm").save(pipeline)
    shown = call("memory", pipeline, "a good film", "bad, so bad", "--plot", plot)
    assert "lstm_0_backward" in shown
    assert "gradient, of the largest" in shown
    assert plot.exists()
    found = json.loads(call("memory", pipeline, "a good film", "--json"))
    assert found["distance"] == [0, 1, 2]
    reviews = tmp_path / "reviews.csv"
    reviews.write_text("review,label\na good film,positive\nbad,negative\n", encoding="utf-8")
    shown = call("memory", pipeline, "--data", reviews, "--columns", "text=review", "--plot", tmp_path / "context.png")
    assert "words read" in shown
    assert "accuracy" in shown
    assert (tmp_path / "context.png").exists()
    found = json.loads(call("memory", pipeline, "a", "--data", reviews, "--columns", "text=review", "--json"))
    assert found["context"] == [1, 2, 3]
    assert found["distance"] == [0]
    assert "exists already" in call("memory", pipeline, "a", "--plot", plot, code=2)
