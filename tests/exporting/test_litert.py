"""exporting/litert.py: the network for LiteRT alone."""

import numpy as np
import pytest

import lstm_zoo
from lstm_zoo.exporting import litert

CODE = """
import json, sys, numpy
from ai_edge_litert.interpreter import Interpreter
batches = [numpy.array(ids, "int32") for ids in json.load(sys.stdin)]
for path in sys.argv[1:]:
    interpreter = Interpreter(model_path=path)
    operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
    answer = interpreter.get_signature_runner()
    inputs = interpreter.get_signature_list()["serve"]["inputs"]
    answers = [
        [answer(**dict.fromkeys(inputs, row[None]))["probabilities"][0].tolist() for row in ids] for ids in batches
    ]
    print(json.dumps([answers, operators]))
assert not {"tensorflow", "keras", "lstm_zoo"} & set(sys.modules)
"""


@pytest.mark.parametrize("steps", [None, 6])
def test_answers_are_those_of_the_network(pipeline, ids, probabilities, asked, tolerance, tmp_path, steps):
    paths = [
        lstm_zoo.export(pipeline, tmp_path / weights, format="litert", weights=weights, steps=steps)
        for weights in litert.FORMAT.weights
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["float16", "float32", "int8"]
    batches = [ids] if steps else [ids, [row[:2] for row in ids], [row * 9 for row in ids]]
    for path, (answers, operators) in zip(paths, asked(CODE, paths, batches), strict=True):
        for batch, answer in zip(batches, answers, strict=True):
            expected = probabilities(pipeline, batch)
            np.testing.assert_allclose(answer, expected, atol=tolerance[path.name], err_msg=path.name)
        assert not [operator for operator in operators if "Flex" in operator]
