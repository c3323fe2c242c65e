"""exporting/saved_model.py: everything, for any machine with TensorFlow."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.exporting import lstms, saved_model
from lstm_zoo.exporting.lstms import CompiledLSTM, for_any_machine
from lstm_zoo.layers import chunks

TEXTS = ["a good film", "", "bad " * 50, "?!"]


def test_answers_are_those_of_the_pipeline(trained_once, exported):
    served = tf.saved_model.load(str(exported))
    signature = served.signatures["serving_default"]
    arguments = signature.structured_input_signature[1]
    assert {name: (spec.dtype, spec.shape.as_list()) for name, spec in arguments.items()} == {
        "text": (tf.string, [None])
    }
    output = signature(text=tf.constant(TEXTS))
    answers = lstm_zoo.predict(trained_once[0], TEXTS)
    assert [label.decode() for label in output["label"].numpy()] == [answer["label"] for answer in answers]
    np.testing.assert_allclose(output["score"], [answer["score"] for answer in answers], atol=1e-5)
    assert output["probabilities"].shape == (4, 2)
    assert signature(text=tf.constant([], tf.string))["label"].shape == (0,)


def test_it_says_whose_pipeline_it_holds(exported, tmp_path):
    metadata = json.loads((exported / "assets.extra" / "lstm_zoo.json").read_text())
    assert metadata.keys() == {"model", "lstm_zoo", "profile", "known"}
    assert metadata["model"] == "sentiment/bilstm"
    assert metadata["lstm_zoo"] == lstm_zoo.__version__
    assert saved_model.model_in(exported) == "sentiment/bilstm"
    assert saved_model.model_in(tmp_path) is None


def test_its_lstms_keep_away_from_cudnn(trained_once, monkeypatch):
    monkeypatch.setattr(lstms, "MIN_CHUNK_UNITS", 0)
    network = networks.network_of(trained_once[0])
    for compiled, kind in ((False, keras.layers.LSTM), (True, CompiledLSTM)):
        changed = networks.clone(network, for_any_machine(compiled)).layers
        changed = [layer for layer in changed if isinstance(layer, keras.layers.RNN)]
        assert [(type(layer), layer.use_cudnn) for layer in changed] == [(kind, False)] * 2


@pytest.mark.parametrize("has_xla", [True, False])
def test_few_rows_run_in_chunks_where_xla_compiles_them(trained_once, tmp_path, monkeypatch, has_xla):
    """In a process with TensorFlow alone; that without XLA is played by what it cannot compile."""
    monkeypatch.setattr(lstms, "MIN_CHUNK_UNITS", 0)
    chunks._loop.cache_clear()
    if not has_xla:
        monkeypatch.setattr(chunks, "_chunk", uncompilable)
    folder = lstm_zoo.export(trained_once[0], tmp_path / "saved_model")
    chunks._loop.cache_clear()
    code = """
import json, sys
import tensorflow as tf
served = tf.saved_model.load(sys.argv[1])
texts = json.load(sys.stdin)
ask = lambda texts: served.signatures["serving_default"](text=tf.constant(texts))["score"].numpy().tolist()
print(json.dumps([ask(texts), sum((ask([text]) for text in texts), []), "lstm_zoo" in sys.modules]))
"""
    command = [sys.executable, "-I", "-c", code, str(folder)]
    talkative = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    texts = json.dumps(TEXTS * 2)
    result = subprocess.run(command, input=texts, capture_output=True, text=True, check=True, env=talkative)
    together, alone, imported = json.loads(result.stdout)
    assert not imported
    expected = [answer["score"] for answer in lstm_zoo.predict(trained_once[0], TEXTS * 2)]
    np.testing.assert_allclose(together, expected, atol=1e-5)
    np.testing.assert_allclose(alone, expected, atol=1e-5)
    assert ("Compiled cluster using XLA" in result.stderr) == has_xla
    assert "unsaved custom gradients" not in result.stderr


def uncompilable(units, dtype, every_cell):
    def chunk(z, recurrent, hidden, cell, steps):
        return tf.strings.to_number(tf.strings.as_string(z[..., :units])), (), hidden, cell

    return tf.function(chunk, jit_compile=True)


def test_of_encoded_input(pipeline, ids, probabilities, tmp_path):
    before = lstm_zoo.predict(pipeline, TEXTS)
    folder = lstm_zoo.export(pipeline, tmp_path / "saved_model")
    assert folder == tmp_path / "saved_model"
    served = tf.saved_model.load(str(folder))
    encoded = served.signatures["encoded"]
    answer = encoded(**dict.fromkeys(encoded.structured_input_signature[1], tf.constant(ids)))
    np.testing.assert_allclose(answer["probabilities"], probabilities(pipeline, ids), atol=1e-5)
    # The pipeline is left as it was.
    assert lstm_zoo.predict(pipeline, TEXTS) == before
    pipeline.save(tmp_path / "again.keras")
    assert lstm_zoo.predict(str(tmp_path / "again.keras"), TEXTS) == before
