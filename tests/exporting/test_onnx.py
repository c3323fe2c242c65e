"""exporting/onnx.py: networks of one graph for ONNX Runtime alone, and what it cannot hold; all: test_graphs."""

import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import layers
from lstm_zoo.exporting import onnx

CODE = """
import json, sys, numpy, onnxruntime
batches = [numpy.array(ids, "int32") for ids in json.load(sys.stdin)]
for path in sys.argv[1:]:
    session = onnxruntime.InferenceSession(path)
    entries = session.get_modelmeta().custom_metadata_map.items()
    metadata = {key: json.loads(value) for key, value in entries if key == "labels"}
    names = [output.name for output in session.get_outputs()]
    inputs = [each.name for each in session.get_inputs()]
    answers = [session.run(names, dict.fromkeys(inputs, ids)) for ids in batches]
    print(json.dumps([[dict(zip(names, map(numpy.ndarray.tolist, answer))) for answer in answers], metadata]))
assert not {"tensorflow", "keras", "lstm_zoo"} & set(sys.modules)
"""


def test_answers_are_those_of_the_network(pipeline, ids, probabilities, asked, tolerance, tmp_path):
    paths = [
        lstm_zoo.export(pipeline, tmp_path / weights, format="onnx", weights=weights) for weights in onnx.FORMAT.weights
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["float16", "float32", "int8"]
    batches = [ids, ids[:1], [row[:2] for row in ids]]
    for path, (answers, metadata) in zip(paths, asked(CODE, paths, batches), strict=True):
        for batch, answer in zip(batches, answers, strict=True):
            assert answer.keys() == {"probabilities"}
            values, expected = answer["probabilities"], probabilities(pipeline, batch)
            np.testing.assert_allclose(values, expected, atol=tolerance[path.name], err_msg=path.name)
        assert metadata["labels"] == ["negative", "positive"]


def test_lstm_operators_and_no_loop(pipeline, tmp_path):
    import onnx

    model = onnx.load(lstm_zoo.export(pipeline, tmp_path / "network.onnx", format="onnx"))
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("LSTM") == 2
    assert not {"Loop", "Scan", "If"} & set(operators)


@pytest.mark.parametrize("options", [{"depth": 2, "bidirectional": True, "residual": True}, {"depth": 2}])
def test_any_stack(tmp_path, ids, asked, options):
    from lstm_zoo.onnx.conversion import onnx_model

    inputs = keras.Input((None,), dtype="int32", name="ids")
    lengths = layers.Lengths()(inputs)
    steps, last = layers.lstm_stack(keras.layers.Embedding(9, 8)(inputs), lengths, units=4, **options)
    first = layers.Pooling("first")(steps, lengths)
    network = keras.Model(inputs, {"first": first, "last": last})
    path = tmp_path / "network.onnx"
    path.write_bytes(onnx_model(network, {}).SerializeToString())
    rows = [row for row in ids if row[0] != 3]
    [([answer], _)] = asked(CODE, [path], [rows])
    expected = network(np.array(rows, "int32"))
    assert answer.keys() == {"first", "last"}
    for name, values in answer.items():
        np.testing.assert_allclose(values, expected[name], atol=1e-5)


def test_which_layer_there_is_no_rule_for():
    from lstm_zoo.onnx.conversion import onnx_model

    ids = keras.Input((None,), dtype="int32", name="ids")
    vectors = keras.layers.GRU(3, name="other")(keras.layers.Embedding(9, 8)(ids))
    with pytest.raises(ValueError, match="no rule for GRU 'other'"):
        onnx_model(keras.Model(ids, {"out": vectors}), {})
