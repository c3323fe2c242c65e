"""`inspect`: what it computes is what the layers compute, for every network; what it cannot show, it says."""

import json

import keras
import numpy as np
import pytest
from tiny import TINY, network_for, pipeline_for, prepared_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import inspection, registry
from lstm_zoo.inspection import Gates, memory, run_equations
from lstm_zoo.networks import network_of

MODELS = lstm_zoo.list_models()


def reading_of(model, raw):
    """How the tiny pipeline of a model reads an item."""
    pipeline = pipeline_for(model)
    item = inspection.one_item(registry.get_task(model), pipeline, [raw])
    return registry.get_network(model).read_item(pipeline, item)


def own_outputs(calls, gates, backward):
    """What the calls of an LSTM gave, and the hidden states that stand there: (steps, units) each, or of the last."""
    hidden, outputs, begin = gates.hidden[::-1] if backward else gates.hidden, [], 0
    for call in calls:
        found = call.outputs[0] if isinstance(call.outputs, (list, tuple)) else call.outputs
        batch_size, steps, _ = call.sequences.shape
        steps = min(steps, len(hidden) - begin)
        mine = hidden[begin : begin + batch_size * steps].reshape(batch_size, steps, -1)
        begin += batch_size * steps
        outputs.append((found[:, :steps], mine) if call.layer.return_sequences else (found, mine[:, -1]))
    assert begin == len(hidden)
    return outputs


@pytest.mark.parametrize("model", MODELS)
def test_gates_are_those_of_the_layers(model):
    raw = TINY[model.partition("/")[0]]["raw"][0]
    reading = reading_of(model, raw)
    pipeline = pipeline_for(model)
    calls, found = inspection.calls_of(pipeline, reading), inspection.gates_of(pipeline, reading)
    names = [call.layer.name for call in calls]
    assert set(found) == set(names)
    parts = network_of(pipeline)._flatten_layers()
    assert set(found) == {part.name for part in parts if isinstance(part, keras.layers.LSTM)}
    for lstm, gates in found.items():
        mine = [call for call in calls if call.layer.name == lstm]
        for theirs, ours in own_outputs(mine, gates, lstm.endswith("_backward")):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
        assert len(gates.cell) == len(reading.steps_of(lstm).names)


def test_items_of_other_sizes_are_read_by_the_same_graphs():
    model = "speech/ctc"
    pipeline = registry.get_network(model).pipeline(network_for(model), prepared_for(model))
    for word in ("a", "ab", "aba"):
        lstm_zoo.memory(pipeline, [(tones(word), 16_000)])
    for graph_of_run in (inspection._recording, memory._differentiating):
        graph, _ = graph_of_run(pipeline, reading_of(model, (tones("a"), 16_000)).run)
        assert graph.experimental_get_tracing_count() == 2  # of the first size, and of all


@pytest.mark.parametrize("model", MODELS)
def test_inspect(model):
    raw = TINY[model.partition("/")[0]]["raw"][0]
    lstms = lstm_zoo.inspect(pipeline_for(model), [raw])
    for gates in lstms.values():
        assert list(gates) == ["steps", *Gates._fields]
        shape = (len(gates["steps"]), gates["cell"].shape[1])
        for name in Gates._fields:
            assert gates[name].shape == shape
            assert gates[name].dtype == np.float32
        for name in ("forget", "input", "output"):
            assert 0 <= gates[name].min() <= gates[name].max() <= 1


def test_equations_are_those_of_keras():
    random = np.random.default_rng(0)
    layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
    sequences = random.normal(size=(2, 5, 3)).astype("float32")
    states = random.normal(size=(2, 2, 4)).astype("float32")
    outputs, hidden, cell = layer(sequences, initial_state=list(states))
    found = run_equations(sequences, layer.get_weights(), states)
    np.testing.assert_allclose(found.hidden.reshape(2, 5, 4), outputs, atol=1e-6)
    np.testing.assert_allclose(found.hidden.reshape(2, 5, 4)[:, -1], hidden, atol=1e-6)
    np.testing.assert_allclose(found.cell.reshape(2, 5, 4)[:, -1], cell, atol=1e-6)
    # c = f * c + i * g and h = o * tanh(c), with what is returned
    before = np.concatenate([states[1][:, None], found.cell.reshape(2, 5, 4)[:, :-1]], 1).reshape(-1, 4)
    np.testing.assert_allclose(found.cell, found.forget * before + found.input * found.candidate, atol=1e-6)
    np.testing.assert_allclose(found.hidden, found.output * np.tanh(found.cell), atol=1e-6)


def test_a_layer_and_its_directions():
    pipeline = pipeline_for("sentiment/bilstm")
    assert list(lstm_zoo.inspect(pipeline, "a good film")) == ["lstm_0_forward", "lstm_0_backward"]
    assert list(lstm_zoo.inspect(pipeline, "a good film", "lstm_0")) == ["lstm_0_forward", "lstm_0_backward"]
    assert list(lstm_zoo.inspect(pipeline, "a good film", "lstm_0_backward")) == ["lstm_0_backward"]
    assert lstm_zoo.inspect(pipeline, "A good film!")["lstm_0_backward"]["steps"] == ["a", "good", "film", "!"]


def test_a_backward_lstm_has_read_the_end_first():
    pipeline = pipeline_for("sentiment/bilstm")
    one, other = (lstm_zoo.inspect(pipeline, text) for text in ("good film", "bad film"))
    forward, backward = ([item[f"lstm_0_{way}"]["cell"] for item in (one, other)] for way in ("forward", "backward"))
    assert not np.allclose(forward[0][1], forward[1][1])
    np.testing.assert_allclose(backward[0][1], backward[1][1], atol=1e-6)  # "film", before which it has read nothing


def test_what_the_steps_are():
    speech = lstm_zoo.inspect(pipeline_for("speech/ctc"), [(tones("ab"), 16_000)])
    assert speech["lstm_0_forward"]["steps"][:3] == [0.0, 0.04, 0.08]
    text = lstm_zoo.inspect(pipeline_for("text_generation/character"), "It")
    assert next(iter(text.values()))["steps"] == ["<s>", "I", "t"]
    series = lstm_zoo.inspect(pipeline_for("forecasting/segment"), [list(range(20))])
    assert series["lstm"]["steps"] == [8, 14, 20]  # two segments of the look-back of 12, and the one ahead


def test_memory_is_bounded():
    longest = "a " * inspection.MAX_STEPS
    gates = lstm_zoo.inspect(pipeline_for("sentiment/bilstm"), longest, "lstm_0_forward")
    assert len(gates["lstm_0_forward"]["steps"]) == inspection.MAX_STEPS
    with pytest.raises(ValueError, match="at most 10000 steps is looked into. Received: 20000"):
        lstm_zoo.inspect(pipeline_for("sentiment/bilstm"), 2 * longest)


@pytest.mark.parametrize(
    ("model", "raw", "options", "message"),
    [
        ("sentiment/bilstm", "", {}, "nothing to show: .* Received: 0 words"),
        ("speech/ctc", [([], 16_000)], {}, "nothing to show: .* Received: 0 seconds"),
        ("speech/attention", [([], 16_000)], {}, "nothing to show: .* Received: 0 seconds"),
        ("speech/ctc", ["missing.wav"], {}, "missing.wav"),
        ("sentiment/bilstm", ["a", "b"], {}, "One item is expected: .* Received: 2 of them"),
        ("sentiment/bilstm", [], {}, "One item is expected: .* Received: 0 of them"),
        ("translation/attention", "Ein Hund rennt. Er bellt.", {}, "One item is expected: .* Received: 2 of them"),
        ("sentiment/bilstm", 5, {}, "A text or a list of texts is expected"),
        ("sentiment/bilstm", "a", {"layer": "lstm_1"}, "Unknown layer: 'lstm_1'. Did you mean 'lstm_0_"),
        ("sentiment/bilstm", "a", {"target": "y"}, "target is for tables of series. Received: 'y' with items of senti"),
        ("sentiment/bilstm", "a", {"unit": 1}, "unit goes with plot or html"),
        ("sentiment/bilstm", "a", {"unit": 999, "plot": "a.png"}, "lstm_0_forward has .* units, 0 to .* Received: 999"),
        ("sentiment/bilstm", "a", {"unit": -1, "plot": "a.png"}, "Received: -1"),
        ("sentiment/bilstm", "a", {"unit": 1.5, "html": "a.html"}, "Received: 1.5"),
        ("sentiment/bilstm", "a", {"plot": "a.docx"}, "plot ends in one of .*.png.* Received: a.docx"),
        ("sentiment/bilstm", "a", {"html": "a.png"}, "html ends in one of .html, .htm. Received: a.png"),
    ],
)
def test_what_cannot_be_shown(model, raw, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        lstm_zoo.inspect(pipeline_for(model), raw, **options)
    assert not list(tmp_path.iterdir())


def test_a_file_is_not_replaced(tmp_path):
    (tmp_path / "gates.png").touch()
    with pytest.raises(FileExistsError, match="exists already"):
        lstm_zoo.inspect(pipeline_for("sentiment/bilstm"), "a", plot=tmp_path / "gates.png")


def test_command_line(call, tmp_path):
    pipeline = tmp_path / "pipeline.keras"
    pipeline_for("sentiment/bilstm").save(pipeline)
    pictures = ["--unit", 1, "--plot", tmp_path / "gates.png", "--html", tmp_path / "gates.html"]
    assert "lstm_0_forward" in call("inspect", pipeline, "a good film", *pictures)
    assert (tmp_path / "gates.png").exists()
    assert (tmp_path / "gates.html").exists()
    shown = json.loads(call("inspect", pipeline, "a good film", "--layer", "lstm_0_backward", "--json"))
    assert shown["lstm_0_backward"]["steps"] == ["a", "good", "film"]
    assert np.shape(shown["lstm_0_backward"]["forget"])[0] == 3
    assert "Error: Unknown layer: 'x'" in call("inspect", pipeline, "a", "--layer", "x", code=2)
    assert "Received: 2 of them" in call("inspect", pipeline, "a", "b", code=2)
