"""exporting.py: a SavedModel for any machine."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import exporting, layers, registry

TEXTS = ["a good film", "", "bad " * 50, "?!"]


def test_answers_are_those_of_the_pipeline(trained, tmp_path):
    folder = lstm_zoo.export(trained[0], tmp_path / "saved_model")
    assert folder == tmp_path / "saved_model"
    served = tf.saved_model.load(str(folder))
    signature = served.signatures["serving_default"]
    arguments = signature.structured_input_signature[1]
    assert {name: (spec.dtype, spec.shape.as_list()) for name, spec in arguments.items()} == {
        "text": (tf.string, [None])
    }
    output = signature(text=tf.constant(TEXTS))
    answers = lstm_zoo.predict(trained[0], TEXTS)
    assert [label.decode() for label in output["label"].numpy()] == [answer["label"] for answer in answers]
    np.testing.assert_allclose(output["score"], [answer["score"] for answer in answers], atol=1e-5)
    assert output["probabilities"].shape == (4, 2)
    assert signature(text=tf.constant([], tf.string))["label"].shape == (0,)


def test_the_lstms_of_an_export_keep_away_from_cudnn(trained):
    network = exporting._cloned(networks.network_of(trained[0]), exporting._stock)
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.RNN)]
    assert len(lstms) == 2
    assert all(layer.use_cudnn is False and not isinstance(layer, layers.LSTM) for layer in lstms)


def test_the_pipeline_is_left_as_it_was(trained, tmp_path):
    before = lstm_zoo.predict(trained[0], TEXTS)
    lstm_zoo.export(trained[0], tmp_path / "saved_model")
    assert lstm_zoo.predict(trained[0], TEXTS) == before
    trained[0].save(tmp_path / "again.keras")
    assert lstm_zoo.predict(str(tmp_path / "again.keras"), TEXTS) == before


def test_a_path_can_be_given(trained, tmp_path):
    lstm_zoo.export(str(trained[1] / "pipeline.keras"), str(tmp_path / "deep" / "saved_model"))
    assert (tmp_path / "deep" / "saved_model" / "saved_model.pb").exists()


@pytest.mark.parametrize("content", [None, "precious.txt"])
def test_an_existing_folder_is_left_alone(trained, tmp_path, content):
    folder = tmp_path / "saved_model"
    folder.mkdir()
    if content:
        (folder / content).write_text("mine")
    with pytest.raises(FileExistsError, match="exists already. Choose another path"):
        lstm_zoo.export(trained[0], folder)
    assert [path.name for path in folder.iterdir()] == ([content] if content else [])


def test_an_interrupted_export_leaves_nothing(trained, tmp_path, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(tf.saved_model, "save", interrupted)
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        lstm_zoo.export(trained[0], target / "saved_model")
    assert list(target.iterdir()) == []


def test_not_a_pipeline(tmp_path):
    with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
        lstm_zoo.export(lstm_zoo.build("sentiment", vocabulary=9, units=2, embedding=2), tmp_path / "saved_model")


ONNX = """
import json, sys, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
import numpy
ids = numpy.array(json.load(sys.stdin), "int32")
entries = session.get_modelmeta().custom_metadata_map.items()
legend = {key: json.loads(value) for key, value in entries if key[0] in "lv"}
assert not {"tensorflow", "keras", "lstm_zoo"} & set(sys.modules)
print(json.dumps([session.run(["probabilities"], {"ids": ids})[0].tolist(), legend]))
"""
LITERT = """
import json, sys, numpy
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(model_path=sys.argv[1])
operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
answer = interpreter.get_signature_runner()
ids = numpy.array(json.load(sys.stdin), "int32")
assert not {"tensorflow", "keras", "lstm_zoo"} & set(sys.modules)
print(json.dumps([[answer(ids=row[None])["probabilities"][0].tolist() for row in ids], operators]))
"""
IDS = [[2, 3, 4, 5, 6, 7], [5, 2, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [3, 0, 2, 0, 0, 0]]
TOLERANCE = {"float32": 1e-5, "float16": 2e-3, "int8": 3e-2}


def asked(code, path, ids):
    """What a process with one runtime alone answers to `ids`."""
    command = [sys.executable, "-c", code, path]
    result = subprocess.run(command, input=json.dumps(ids), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


EXPORTABLE = [model for model in lstm_zoo.list_models() if hasattr(registry.task_module(model), "core")]


@pytest.fixture(scope="module", params=EXPORTABLE)
def pipeline(request, tiny):
    """An untrained pipeline of every model, whose weights are large enough to tell the rows apart."""
    keras.utils.set_random_seed(1)
    _, _, network, pipeline = tiny(request.param)
    for weight in network.trainable_weights:
        weight.assign(keras.random.normal(weight.shape, stddev=0.5))
    return pipeline


def probabilities(pipeline, ids):
    return keras.ops.softmax(networks.network_of(pipeline)(np.array(ids, "int32"))).numpy()


def test_saved_model_of_encoded_input(pipeline, tmp_path):
    served = tf.saved_model.load(str(lstm_zoo.export(pipeline, tmp_path / "saved_model")))
    answer = served.signatures["encoded"](ids=tf.constant(IDS))
    np.testing.assert_allclose(answer["probabilities"], probabilities(pipeline, IDS), atol=1e-5)


@pytest.mark.parametrize("weights", exporting.WEIGHTS)
def test_onnx(pipeline, tmp_path, weights):
    path = lstm_zoo.export(pipeline, tmp_path / "network.onnx", format="onnx", weights=weights)
    for ids in (IDS, IDS[:1], [row[:2] for row in IDS]):
        answer, legend = asked(ONNX, path, ids)
        np.testing.assert_allclose(answer, probabilities(pipeline, ids), atol=TOLERANCE[weights])
    assert legend["labels"] == ["negative", "positive"]
    assert legend["vocabulary"] == pipeline.get_layer("words").get_vocabulary()
    assert [file.name for file in tmp_path.iterdir()] == ["network.onnx"]


def test_onnx_has_lstm_operators_and_no_loop(pipeline, tmp_path):
    import onnx

    model = onnx.load(lstm_zoo.export(pipeline, tmp_path / "network.onnx", format="onnx"))
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("LSTM") == 2
    assert not {"Loop", "Scan", "If"} & set(operators)


@pytest.mark.parametrize("options", [{"depth": 2, "bidirectional": True, "residual": True}, {"depth": 2}])
def test_onnx_of_any_stack(tmp_path, options):
    from lstm_zoo.exporting.onnx_graph import onnx_model

    ids = keras.Input((None,), dtype="int32", name="ids")
    lengths = layers.Lengths()(ids)
    steps, last = layers.lstm_stack(keras.layers.Embedding(9, 8)(ids), lengths, units=4, **options)
    first = layers.Pooling("first")(steps, lengths)
    network = keras.Model(ids, {"first": first, "last": last})
    path = tmp_path / "network.onnx"
    path.write_bytes(onnx_model(network, {}).SerializeToString())
    code = ONNX.replace('session.run(["probabilities"]', 'numpy.concatenate(session.run(["first", "last"]').replace(
        "[0].tolist()", ", -1).tolist()"
    )
    rows = [row for row in IDS if row[0] != 3]
    expected = network(np.array(rows, "int32"))
    np.testing.assert_allclose(
        asked(code, path, rows)[0], np.concatenate([expected["first"], expected["last"]], -1), atol=1e-5
    )


def test_onnx_says_which_layer_it_has_no_rule_for():
    from lstm_zoo.exporting.onnx_graph import onnx_model

    ids = keras.Input((None,), dtype="int32", name="ids")
    vectors = keras.layers.GRU(3, name="other")(keras.layers.Embedding(9, 8)(ids))
    with pytest.raises(ValueError, match="no rule for GRU 'other'"):
        onnx_model(keras.Model(ids, {"out": vectors}), {})


@pytest.mark.parametrize("weights", exporting.WEIGHTS)
@pytest.mark.parametrize("steps", [None, 6])
def test_litert(pipeline, tmp_path, weights, steps):
    path = lstm_zoo.export(pipeline, tmp_path / "network.tflite", format="litert", weights=weights, steps=steps)
    for ids in [IDS] if steps else [IDS, [row[:2] for row in IDS], [row * 9 for row in IDS]]:
        answer, operators = asked(LITERT, path, ids)
        np.testing.assert_allclose(answer, probabilities(pipeline, ids), atol=TOLERANCE[weights])
    assert not [operator for operator in operators if "Flex" in operator]
    assert [file.name for file in tmp_path.iterdir()] == ["network.tflite"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"format": "coreml"}, ValueError, "format is one of saved_model, onnx, litert. Received: 'coreml'"),
        ({"weights": "int4"}, ValueError, "weights is one of float32, float16, int8. Received: 'int4'"),
        ({"weights": "int8"}, ValueError, "A SavedModel has float32 weights"),
        ({"format": "litert", "steps": 0}, ValueError, "steps is a whole number of at least 1.*Received: 0"),
        ({"format": "litert", "steps": 2.5}, ValueError, "steps is a whole number of at least 1.*Received: 2.5"),
        ({"format": "onnx", "steps": 5}, ValueError, "for litert; onnx has any. Received: 5"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(trained, tmp_path, options, error, message, monkeypatch):
    monkeypatch.setattr(exporting, "task_of", None)  # nothing has begun
    with pytest.raises(error, match=message):
        lstm_zoo.export(trained[0], tmp_path / "out", **options)
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_a_task_without_a_core_is_a_saved_model_alone(tiny, tmp_path, format):
    _, _, _, pipeline = tiny("forecasting/deepar")
    with pytest.raises(ValueError, match="for sentiment alone; forecasting-deepar can be exported as saved_model"):
        lstm_zoo.export(pipeline, tmp_path / "out", format=format)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_named(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"needs onnx, onnxruntime: pip install 'lstm_zoo\[onnx\]'"):
        lstm_zoo.export(trained[0], tmp_path / "network.onnx", format="onnx")
