"""`inspect`: what it computes is what the layers compute, for every network; what it cannot show, it says."""

import keras
import numpy as np
import pytest
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo import inspection, registry
from lstm_zoo.inspection import Gates, run_equations

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
    calls, found = inspection.calls_of(reading), inspection.gates_of(reading)
    names = [call.layer.name for call in calls]
    assert list(found) == list(dict.fromkeys(names))
    lstms = {layer.name for layer in pipeline_layers(pipeline_for(model)) if isinstance(layer, keras.layers.LSTM)}
    assert set(found) == lstms
    for lstm, gates in found.items():
        mine = [call for call in calls if call.layer.name == lstm]
        for theirs, ours in own_outputs(mine, gates, lstm.endswith("_backward")):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
        assert len(gates.cell) == len(reading.steps_of(lstm).names)


def pipeline_layers(pipeline):
    """All layers of the network in a pipeline, those of nested ones too."""
    from lstm_zoo.networks import network_of

    return network_of(pipeline)._flatten_layers()


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
