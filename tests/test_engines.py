"""engines.py: pipelines whose network runs in ONNX Runtime answer what they answer in TensorFlow."""

import json
import sys

import numpy as np
import pytest
import tensorflow as tf
from test_goldens import paths
from tiny import assert_alike, plain

import lstm_zoo
from lstm_zoo import answering, engines, speech, text_generation
from lstm_zoo.engines import TENSORFLOW, engine_of, in_tensorflow, with_engine

ENGINES = list(engines.ENGINES)


def golden(model, **options):
    """A tiny pipeline of fixed weights."""
    return lstm_zoo.load(paths(model)[0], **options)


def asked(model):
    """What it was asked, `raw`, and answered in TensorFlow, `answers`."""
    return json.loads(paths(model)[1].read_text(encoding="utf-8"))


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_answers_are_those_of_tensorflow(model):
    answers = lstm_zoo.predict(golden(model, engine="onnxruntime"), asked(model)["raw"])
    assert_alike(plain(answers), asked(model)["answers"], 1e-4)


def test_a_recording_while_it_is_made():
    samples, rate = asked("speech/streaming")["raw"][0]
    chunks = np.array_split(np.float32(samples), 9)
    texts = [list(speech.stream(golden("speech/streaming", engine=engine), chunks, rate)) for engine in ENGINES[:2]]
    assert texts[0] == texts[1]
    assert "".join(texts[1]) == asked("speech/streaming")["answers"][0]["text"]


def test_a_text_while_it_is_written():
    texts = [
        "".join(text_generation.GenerationSession(golden("text_generation/character", engine=engine)).write(40))
        for engine in ENGINES[:2]
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("model", "inputs"), [("translation/gnmt", tf.zeros([0], "string")), ("forecasting/deepar", tf.zeros([0, 12]))]
)
def test_no_rows(model, inputs):
    pipeline = golden(model, engine="onnxruntime")
    fed = {"history": tf.cast(inputs, "float64")} if isinstance(pipeline.input, dict) else inputs
    assert {len(values) for values in pipeline(fed).values()} == {0}


def test_answers_of_8_bits_are_near():
    texts = ["a good film", "bad bad", ""]
    exact, rounded = (lstm_zoo.predict(golden("sentiment/bilstm"), texts, engine=engine) for engine in ENGINES[1:])
    assert [answer["label"] for answer in exact] == [answer["label"] for answer in rounded]
    assert [answer["score"] for answer in exact] != [answer["score"] for answer in rounded]
    assert_alike(rounded, exact, 0.05)


def test_each_engine_is_kept_by_name():
    path = paths("sentiment/attention")[0]
    pipelines = {engine: answering.loaded(path, engine) for engine in (None, *ENGINES)}
    assert [engine_of(pipeline) for pipeline in pipelines.values()] == [TENSORFLOW, *ENGINES]
    assert pipelines == {engine: answering.loaded(path, engine) for engine in pipelines}
    assert pipelines[None] is pipelines[TENSORFLOW]


def test_metrics_are_those_of_the_engine():
    model, texts = "text_generation/character", ["to be or not to be, that is the question"]
    exact, same, rounded = (lstm_zoo.evaluate(golden(model), texts, engine=engine)["nll"] for engine in ENGINES)
    assert same == pytest.approx(exact, abs=1e-3)
    assert rounded != exact


def test_what_needs_the_layers_runs_in_tensorflow(tmp_path, call):
    pipeline, other = golden("sentiment/attention"), golden("sentiment/attention", engine="onnxruntime")
    assert engine_of(in_tensorflow(other)) == TENSORFLOW
    assert with_engine(other, "onnxruntime") is other
    assert lstm_zoo.info(other) == lstm_zoo.info(pipeline)
    gates = [lstm_zoo.inspect(each, "a good film")["lstm_0_forward"]["cell"] for each in (pipeline, other)]
    np.testing.assert_array_equal(*gates)
    assert lstm_zoo.predict(other, "a good film", explain=True)[0]["words"]
    saved = lstm_zoo.save(other, tmp_path / "other.keras")
    [answer] = json.loads(call("predict", saved, "a good film", "--engine", "onnxruntime", "--json"))
    assert_alike(lstm_zoo.predict(other, "a good film"), [answer], 1e-4)
    translator = golden("translation/attention", engine="onnxruntime")
    assert lstm_zoo.predict(translator, asked("translation/attention")["raw"][0], alignment=True)[0]["alignment"]


def test_unknown_and_missing_engines(monkeypatch):
    with pytest.raises(
        ValueError, match="Unknown engine: 'onnx'. Did you mean 'onnxruntime'.* Known: tensorflow, onnx"
    ):
        lstm_zoo.load("sentiment", engine="onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"engine='onnxruntime' needs onnxruntime: pip install 'lstm_zoo\[onnx\]'"):
        lstm_zoo.predict("sentiment", "a good film", engine="onnxruntime")
