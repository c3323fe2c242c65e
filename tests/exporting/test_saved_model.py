"""exporting/saved_model.py: everything, for any machine with TensorFlow."""

import json

import keras
import numpy as np
import tensorflow as tf

import lstm_zoo
from lstm_zoo import layers, networks
from lstm_zoo.exporting import saved_model

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


def test_its_lstms_keep_away_from_cudnn(trained_once):
    network = networks.clone(networks.network_of(trained_once[0]), saved_model._stock)
    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.RNN)]
    assert len(lstms) == 2
    assert all(layer.use_cudnn is False and not isinstance(layer, layers.LSTM) for layer in lstms)


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
