"""What every network and pipeline of the zoo promises, tested over `list_models()`."""

import inspect
import json
import subprocess
import sys

import keras
import keras_tuner
import numpy as np
import pytest
from conftest import assert_alike, plain, prepared_for

import lstm_zoo
from lstm_zoo import batching, layers, registry
from lstm_zoo.training import preparing

MODELS = lstm_zoo.list_models()

RELOAD = """
import json, sys
import lstm_zoo
answers = lstm_zoo.predict(sys.argv[1], json.load(open(sys.argv[2])))
print(json.dumps(getattr(answers, "tolist", lambda: answers)()))
"""

SERVE = """
import importlib, sys
import numpy as np
import tensorflow as tf
for package in sys.argv[4:]:
    importlib.import_module(package)
served = tf.saved_model.load(sys.argv[1])
with np.load(sys.argv[2]) as arrays:
    inputs = {name: tf.constant(array) for name, array in arrays.items()}
output = served.signatures["serving_default"](**inputs)
assert "lstm_zoo" not in sys.modules
arrays = {name: value.numpy() for name, value in output.items()}
plain = {key: np.char.decode(value.astype("S"), "utf-8") for key, value in arrays.items() if value.dtype == object}
np.savez(sys.argv[3], **{**arrays, **plain})
print("null")
"""


def process(code, *arguments):
    """What a fresh Python process prints as JSON."""
    command = [sys.executable, "-c", code, *(str(argument) for argument in arguments)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def numbers(rows):
    """The float arrays of pipeline outputs, row by row."""
    arrays = [[np.asarray(value) for value in row.values()] for row in rows]
    return [np.concatenate([array.ravel() for array in row if array.dtype.kind == "f"]) for row in arrays]


def text(array):
    """An array of bytes as one of `str`; any other as it is."""
    return np.char.decode(array.astype("S"), "utf-8") if array.dtype.kind in "OS" else array


def rates(network):
    """Kind of layer, and rate of dropout, of all that drop anything, those of nested networks too."""
    configs = [layer.get_config() for layer in network._flatten_layers()]
    kinds = [(config["name"].rstrip("_0123456789"), config) for config in configs]
    return [(kind, key, config[key]) for kind, config in kinds for key in preparing.RATES if config.get(key)]


@pytest.mark.parametrize("model", MODELS)
class TestNetwork:
    """The bare network."""

    def test_builds_with_its_defaults(self, model):
        network = lstm_zoo.build(model)
        assert isinstance(network, keras.Model)
        assert network.name == model.partition("/")[2]

    def test_unknown_hyperparameter_is_a_type_error(self, model):
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            lstm_zoo.build(model, colour="red")

    def test_one_scale_for_all_dropout(self, model):
        function, _ = registry.task_module(model).NETWORKS[registry.resolve(model)[1]]
        dropouts = [name for name in inspect.signature(function).parameters if name.endswith("dropout")]
        whole, half = (lstm_zoo.build(model, **dict.fromkeys(dropouts, rate)) for rate in (0.4, 0.2))
        scaled = preparing.with_dropout(whole, 0.5)
        assert rates(whole)
        assert rates(scaled) == rates(half)
        for ours, theirs in zip(scaled.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert not rates(preparing.with_dropout(whole, 0))

    def test_space_has_the_signature_s_defaults(self, model):
        _, network = registry.resolve(model)
        function, space = registry.task_module(model).NETWORKS[network]
        defaults = {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}
        found = space(keras_tuner.HyperParameters())
        assert found
        assert found == {name: defaults[name] for name in found}

    def test_every_hyperparameter_is_documented(self, model):
        _, network = registry.resolve(model)
        networks = registry.task_module(model).NETWORKS
        function, _ = networks[network]
        shared = inspect.getdoc(next(iter(networks.values()))[0])
        for name in inspect.signature(function).parameters:
            assert f"{name}: " in inspect.getdoc(function) + shared

    def test_every_lstm_can_use_the_fused_kernel(self, model, tiny, monkeypatch):
        # The conditions of https://keras.io/api/layers/recurrent_layers/lstm, and no mask, which cuDNN may refuse.
        masks = []
        call = layers.LSTM.call

        def spy(self, sequences, initial_state=None, mask=None, training=False):
            masks.append(mask)
            return call(self, sequences, initial_state=initial_state, mask=mask, training=training)

        monkeypatch.setattr(layers.LSTM, "call", spy)
        task, fixture, network, pipeline = tiny(model)
        pipeline(task.encode(pipeline, task.inputs(fixture["raw"])))
        found = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.RNN)]
        assert found
        for layer in found:
            assert isinstance(layer, layers.LSTM)
            assert layer.activation is keras.activations.tanh
            assert layer.recurrent_activation is keras.activations.sigmoid
            assert layer.use_bias
            assert not layer.unroll
            assert layer.recurrent_dropout == 0
            assert layer.use_cudnn == "auto"
        assert masks
        assert all(mask is None for mask in masks)

    def test_learns_eight_examples(self, model, tiny):
        task, fixture, network, _ = tiny(model)
        examples = task.examples(fixture["pairs"], prepared_for(model), batch=fixture.get("batch", 8), seed=0)
        learning_rate, steps = fixture.get("learning", {}).get(network.name, (0.03, 40))
        task.compile_network(network, learning_rate)
        examples = batching.read_by(network, examples)
        history = network.fit(examples, steps_per_epoch=1, epochs=steps, shuffle=False, verbose=0).history
        assert history["loss"][-1] < 0.3 * history["loss"][0]


@pytest.mark.parametrize("model", MODELS)
class TestPipeline:
    """The pipeline: one answer, however it is asked."""

    def test_answers_do_not_depend_on_batch_size_or_batch_mates(self, model, tiny):
        task, fixture, _, pipeline = tiny(model)
        items = task.inputs(fixture["raw"])

        def answers(items, batch):
            return numbers(batching.run(pipeline, items, task.encode, task.size, batch))

        alone = answers(items, 1)
        for batch in (2, 3, len(items)):
            np.testing.assert_allclose(answers(items, batch), alone, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(answers(items[::-1], len(items))[::-1], alone, rtol=1e-5, atol=1e-5)

    def test_empty_input(self, model, tiny):
        _, fixture, _, pipeline = tiny(model)
        assert len(lstm_zoo.predict(pipeline, [])) == 0
        assert len(lstm_zoo.predict(pipeline, [fixture["empty"]])) == 1
        assert len(lstm_zoo.predict(pipeline, [fixture["empty"]] * 2)) == 2

    def test_survives_a_keras_file_in_a_new_process(self, model, tiny, tmp_path):
        _, fixture, _, pipeline = tiny(model)
        pipeline.save(tmp_path / "pipeline.keras")
        answers = lstm_zoo.predict(pipeline, fixture["raw"])
        (tmp_path / "raw.json").write_text(json.dumps(fixture["raw"]))
        again = process(RELOAD, tmp_path / "pipeline.keras", tmp_path / "raw.json")
        assert_alike(again, plain(answers))

    def test_survives_a_saved_model_in_a_process_without_lstm_zoo(self, model, tiny, tmp_path):
        task, fixture, network, pipeline = tiny(model)
        lstm_zoo.export(pipeline, tmp_path / "saved_model")
        encoded = task.encode(pipeline, task.inputs(fixture["raw"]))
        named = encoded if isinstance(encoded, dict) else {pipeline.inputs[0].name: encoded}
        arrays = {name: value.numpy() for name, value in named.items()}
        np.savez(tmp_path / "in.npz", **{name: text(array) for name, array in arrays.items()})
        packages = fixture.get("served_with", {}).get(network.name, [])
        process(SERVE, tmp_path / "saved_model", tmp_path / "in.npz", tmp_path / "out.npz", *packages)
        with np.load(tmp_path / "out.npz") as served:
            for name, answer in pipeline.predict_on_batch(encoded).items():
                assert_alike(served[name].tolist(), text(np.asarray(answer)).tolist())


def test_names_read_from_the_source_are_those_of_the_modules():
    found = [(model.partition("/")[0], name) for model in MODELS for name in registry.task_module(model).NETWORKS]
    assert list(dict.fromkeys(f"{task}/{name}" for task, name in found)) == MODELS


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sentimant", "Unknown model: 'sentimant'. Did you mean 'sentiment'?"),
        ("sentiment/atention", "Did you mean 'sentiment/attention'?"),
        ("", "Known: sentiment, translation, speech, forecasting, text_generation, sentiment/bilstm"),
        (None, "Unknown model: None"),
    ],
)
def test_unknown_model(name, message):
    with pytest.raises(ValueError, match=r".*") as caught:
        lstm_zoo.build(name)
    assert message in str(caught.value)
