"""What every network and pipeline of the zoo promises, tested over `list_models()`."""

import importlib
import inspect
import json
import subprocess
import sys

import keras
import keras_tuner
import numpy as np
import pytest
from tiny import TINY, assert_alike, cards, network_for, pipeline_for, plain, prepared_for, sizes_of

import lstm_zoo
from lstm_zoo import answering, batching, layers, networks, registry
from lstm_zoo.options import check_options, fields_of

MODELS = lstm_zoo.list_models()

# Processes that answer one request after the other: lines of JSON in, lines of JSON out.
RELOAD = """
import json, sys
import lstm_zoo
for line in sys.stdin:
    pipeline, raw = json.loads(line)
    answers = lstm_zoo.predict(pipeline, json.load(open(raw)))
    print(json.dumps(getattr(answers, "tolist", lambda: answers)()), flush=True)
"""

SERVE = """
import importlib, json, sys
import numpy as np
import tensorflow as tf
for package in sys.argv[1:]:
    importlib.import_module(package)
for line in sys.stdin:
    folder, given, answered = json.loads(line)
    served = tf.saved_model.load(folder)
    with np.load(given) as arrays:
        inputs = {name: tf.constant(array) for name, array in arrays.items()}
    output = served.signatures["serving_default"](**inputs)
    assert "lstm_zoo" not in sys.modules
    arrays = {name: value.numpy() for name, value in output.items()}
    plain = {key: np.char.decode(value.astype("S"), "utf-8") for key, value in arrays.items() if value.dtype == object}
    np.savez(answered, **{**arrays, **plain})
    print("null", flush=True)
"""


@pytest.fixture(scope="session")
def ask():
    """Asks a process of its own, started at the first request: (code, request, arguments) -> what it answers."""
    processes = {}

    def ask(code, request, *arguments):
        if (code, arguments) not in processes:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            processes[code, arguments] = subprocess.Popen([sys.executable, "-c", code, *arguments], **pipes)
        process = processes[code, arguments]
        print(json.dumps([str(part) for part in request]), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        assert answer, f"the process ended with {process.wait()}"
        return json.loads(answer)

    yield ask
    for process in processes.values():
        process.communicate()


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
    return [(kind, key, config[key]) for kind, config in kinds for key in networks.RATES if config.get(key)]


def tiny_of(model):
    """Tiny data of the task of a model."""
    return TINY[model.partition("/")[0]]


def encoded(model, pipeline, items):
    """The tensors that a pipeline takes, options at their defaults among them."""
    return answering.encoded(pipeline, items, task=registry.get_task(model), options=check_options(model, {}))


@pytest.mark.parametrize("model", MODELS)
class TestRecord:
    """The records of a task and a network."""

    def test_table_of_contents(self, model):
        task = registry.get_task(model)
        named = [name.partition("/")[2] for name, module in registry.MODELS.items() if module == registry.MODELS[model]]
        assert list(task.networks) == named
        assert task.name == model.partition("/")[0]

    def test_options_are_described_and_their_inputs_exist(self, model):
        record, inputs = registry.get_network(model), pipeline_for(model).input
        for name, field in fields_of(record.options).items():
            assert field.metadata["description"]
            graph_input = field.metadata["bounds"].graph_input
            assert graph_input is None or graph_input in inputs, name
        assert (record.with_beams is not None) == ("beams" in fields_of(record.options))

    def test_public_functions_of_the_records_are_documented(self, model):
        for record in (registry.get_task(model), registry.get_network(model)):
            for field in vars(record).values():
                if inspect.isfunction(field):
                    assert field.__doc__, field


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
        build = registry.get_network(model).build
        dropouts = [name for name in inspect.signature(build).parameters if name.endswith("dropout")]
        own = inspect.signature(build).parameters.keys() - {*dropouts, "depth"}  # some drop between layers alone
        sizes = {name: size for name, size in sizes_of(model).items() if name in own}
        whole, half = (lstm_zoo.build(model, **sizes, **dict.fromkeys(dropouts, rate)) for rate in (0.4, 0.2))
        scaled = networks.with_dropout(whole, 0.5)
        assert rates(whole)
        assert rates(scaled) == rates(half)
        for ours, theirs in zip(scaled.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert not rates(networks.with_dropout(whole, 0))

    def test_space_has_the_signature_s_defaults(self, model):
        record = registry.get_network(model)
        defaults = {name: parameter.default for name, parameter in inspect.signature(record.build).parameters.items()}
        space = record.space(keras_tuner.HyperParameters())
        assert space
        assert space == {name: defaults[name] for name in space}

    def test_every_hyperparameter_is_documented(self, model):
        build = registry.get_network(model).build
        shared = inspect.getdoc(next(iter(registry.get_task(model).networks.values())).build)
        for name in inspect.signature(build).parameters:
            assert f"{name}: " in inspect.getdoc(build) + shared

    def test_every_lstm_can_use_the_fused_kernel(self, model, monkeypatch):
        # The conditions of https://keras.io/api/layers/recurrent_layers/lstm, and no mask, which cuDNN may refuse.
        masks = []
        call = layers.LSTM.call

        def spy(self, sequences, initial_state=None, mask=None, training=False):
            masks.append(mask)
            return call(self, sequences, initial_state=initial_state, mask=mask, training=training)

        monkeypatch.setattr(layers.LSTM, "call", spy)
        task, pipeline = registry.get_task(model), pipeline_for(model)
        raw = [tiny_of(model)["raw"][0], tiny_of(model)["empty"]]
        pipeline(encoded(model, pipeline, task.prepare(raw)))
        found = [
            layer for layer in networks.network_of(pipeline)._flatten_layers() if isinstance(layer, keras.layers.RNN)
        ]
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

    def test_learns_eight_examples(self, model):
        task, tiny, record = registry.get_task(model), tiny_of(model), registry.get_network(model)
        network = network_for(model) if record.trained_part is None else record.trained_part(network_for(model))
        batches = task.batches(tiny["examples"], prepared_for(model), tiny.get("batch_size", 8), seed=0)
        learning_rate, steps = tiny.get("learning", {}).get(network.name, (0.03, 40))
        record.compile(network, learning_rate)
        batches = batching.read_by(network, batches)
        history = network.fit(batches, steps_per_epoch=1, epochs=steps, shuffle=False, verbose=0).history
        assert history["loss"][-1] < 0.3 * history["loss"][0]


@pytest.mark.parametrize("model", MODELS)
class TestPipeline:
    """The pipeline: one answer, however it is asked."""

    def test_answers_do_not_depend_on_batch_size_or_batch_mates(self, model):
        task, pipeline = registry.get_task(model), pipeline_for(model)
        items = task.prepare(tiny_of(model)["raw"])

        def answers(items, batch_size):
            def encode(pipeline, items):
                return encoded(model, pipeline, items)

            return numbers(batching.run(pipeline, items, encode, task.length, batch_size))

        alone = answers(items, 1)
        for batch_size in (2, 3, len(items)):
            np.testing.assert_allclose(answers(items, batch_size), alone, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(answers(items[::-1], len(items))[::-1], alone, rtol=1e-5, atol=1e-5)

    def test_empty_input(self, model):
        pipeline, empty = pipeline_for(model), tiny_of(model)["empty"]
        assert len(lstm_zoo.predict(pipeline, [])) == 0
        assert len(lstm_zoo.predict(pipeline, [empty])) == 1
        assert len(lstm_zoo.predict(pipeline, [empty] * 2)) == 2

    def test_survives_a_keras_file_in_a_new_process(self, model, tmp_path, ask):
        pipeline, raw = pipeline_for(model), tiny_of(model)["raw"]
        pipeline.save(tmp_path / "pipeline.keras")
        (tmp_path / "raw.json").write_text(json.dumps(raw))
        again = ask(RELOAD, [tmp_path / "pipeline.keras", tmp_path / "raw.json"])
        assert_alike(again, plain(lstm_zoo.predict(pipeline, raw)))

    def test_survives_a_saved_model_in_a_process_without_lstm_zoo(self, model, tmp_path, ask, call):
        task, pipeline, tiny = registry.get_task(model), pipeline_for(model), tiny_of(model)
        pipeline.save(tmp_path / "pipeline.keras")
        call("export", tmp_path / "pipeline.keras", tmp_path / "saved_model")
        tensors = encoded(model, pipeline, task.prepare(tiny["raw"]))
        named = tensors if isinstance(tensors, dict) else {pipeline.inputs[0].name: tensors}
        arrays = {name: value.numpy() for name, value in named.items()}
        np.savez(tmp_path / "in.npz", **{name: text(array) for name, array in arrays.items()})
        packages = tiny.get("served_with", {}).get(model.partition("/")[2], [])
        ask(SERVE, [tmp_path / "saved_model", tmp_path / "in.npz", tmp_path / "out.npz"], *packages)
        with np.load(tmp_path / "out.npz") as served:
            for name, answer in pipeline.predict_on_batch(tensors).items():
                assert_alike(served[name].tolist(), text(np.asarray(answer)).tolist())


@pytest.mark.parametrize("model", MODELS)
def test_command_line(model, call, tmp_path):
    """Train, predict and evaluate, each by its command, on a file as a user has it. `export`: see TestPipeline."""
    data, words = importlib.import_module(f"tiny.{model.partition('/')[0]}").write(tmp_path)
    task, folder = registry.get_task(model), tmp_path / "run"
    sizes = [f"--{name.replace('_', '-')}={size}" for name, size in sizes_of(model).items()]
    batch = f"--{task.batch_option.replace('_', '-')}={tiny_of(model).get('batch_size', 8)}"
    run = ["--data", data, "--validation", data, "--folder", folder, "--epochs", 1, "--no-verbose", batch]
    call("train", model, *run, *sizes)
    pipeline = folder / "pipeline.keras"
    printed = call("predict", pipeline, *words)
    answers = json.loads(call("predict", pipeline, *words, "--json"))
    if model.startswith("forecasting/"):
        assert len(answers) == 3 * sizes_of(model)["horizon"]
        assert printed.splitlines()[0].startswith("unique_id,ds,mean,q0.1")
    else:
        assert answers == lstm_zoo.predict(str(pipeline), words)
        assert len(answers) == len(words)
        assert printed.strip()
    metrics = json.loads(call("evaluate", pipeline, "--data", data, "--json"))
    assert metrics
    assert next(iter(metrics)) in call("evaluate", pipeline, "--data", data)
    cards.check(model, folder, data)
    shown = call("predict", pipeline, "--help")
    for name in fields_of(registry.get_network(model).options):
        assert f"--{name.replace('_', '-')}" in shown


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sentimant", "Unknown model: 'sentimant'. Did you mean 'sentiment'?"),
        ("sentiment/atention", "Did you mean 'sentiment/attention'?"),
        ("", "Known: sentiment, translation, speech, forecasting, text_generation, sentiment/wide"),
        (None, "Unknown model: None"),
    ],
)
def test_unknown_model(name, message):
    with pytest.raises(ValueError, match=r".*") as caught:
        lstm_zoo.build(name)
    assert message in str(caught.value)
