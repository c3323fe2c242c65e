"""`memory`: its gradient is that of the answer, its half-lives are those of the forget gates, for every network."""

import json

import matplotlib.image
import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY, pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import networks

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
    assert "exists already" in call("memory", pipeline, "a", "--plot", plot, code=2)
