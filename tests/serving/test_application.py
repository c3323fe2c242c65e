"""serving/application.py: the REST format of TensorFlow Serving, over HTTP, and what is refused."""

import base64
import concurrent.futures
import json
import re
import urllib.error
import urllib.request

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo import forecasting
from lstm_zoo.onnx.model import OnnxModel
from lstm_zoo.registry import get_network


@pytest.fixture(scope="module")
def served(trained_once, exported, serve):
    """The pipeline, and the address of its model behind a server."""
    with serve(exported, max_bytes=20_000, max_instances=50) as address:
        yield trained_once[0], address


def expected(pipeline, texts):
    return [(answer["label"], pytest.approx(answer["score"], abs=1e-5)) for answer in lstm_zoo.predict(pipeline, texts)]


def answered(answer):
    return [(prediction["label"], prediction["score"]) for prediction in answer["predictions"]]


def test_answers_are_those_of_the_pipeline(served, ask):
    pipeline, address = served
    texts = ["a good film", "", "bad bad", "👍🏽 فيلم"]
    status, answer = ask(address, {"instances": texts})
    assert status == 200
    assert answered(answer) == expected(pipeline, texts)
    assert answer["predictions"][0].keys() == {"label", "score", "probabilities"}


def test_another_engine(trained_once, serve, ask, monkeypatch):
    pipeline, folder = trained_once
    texts, batches, run = ["a good film", "", "bad bad"], [], OnnxModel._run
    monkeypatch.setattr(OnnxModel, "_run", lambda self, *arrays: batches.append(arrays) or run(self, *arrays))
    with serve(folder / "pipeline.keras", engine="onnxruntime") as address:
        status, answer = ask(address, {"instances": texts})
    assert status == 200
    assert answered(answer) == expected(pipeline, texts)
    assert batches


def test_every_form_of_an_instance(served, ask):
    pipeline, address = served
    text = {"b64": base64.b64encode(b"a good film").decode()}
    status, answer = ask(address, {"instances": ["a good film", {"text": "a good film"}, text, {"text": text}]})
    assert status == 200
    assert answered(answer) == expected(pipeline, ["a good film"] * 4)


def test_status(served):
    with urllib.request.urlopen(served[1].removesuffix(":predict")) as answer:
        assert json.load(answer)["model_version_status"][0]["state"] == "AVAILABLE"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "no JSON"),
        (b"{", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        ([], 400, "is expected"),
        ({"instances": []}, 400, "is expected"),
        ({"instances": "text"}, 400, "is expected"),
        ({"inputs": ["good"], "instances": ["good"]}, 400, "is expected"),
        ({"inputs": "text"}, 400, "at least one instance"),
        ({"inputs": {"text": "good"}}, 400, '"text" of "inputs" is a list, one value a row'),
        ({"inputs": {"words": ["good"]}}, 400, '"inputs" is an object with "text"'),
        (b'{"instances": ["good"], "instances": ["bad"]}', 400, "a key stands twice"),
        (b'{"instances": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "nested too deep"),
        (b'{"instances": [' + b"9" * 5000 + b"]}", 400, "no JSON"),
        ({"instances": ["good", 5]}, 400, "Instance 1 is a string"),
        ({"instances": [None]}, 400, "Instance 0 is a string"),
        ({"instances": [{"words": "good"}]}, 400, "Instance 0 is a string"),
        ({"instances": [{"b64": "###"}]}, 400, "no base64"),
        ({"instances": [{"b64": "é"}]}, 400, "no base64"),
        ({"instances": ["good"], "signature_name": "other"}, 400, "signature_name is serving_default"),
        ({"instances": ["good"] * 51}, 413, "at most 50 instances. Received: 51"),
        ({"instances": ["good " * 5000]}, 413, "at most 20000 bytes"),
    ],
)
def test_bad_requests(served, ask, body, status, message):
    received, answer = ask(served[1], body)
    assert received == status
    assert message in answer["error"]
    assert ask(served[1], {"instances": ["good"]})[0] == 200


def test_unknown_places(served, ask):
    assert ask(re.sub("models/.*", "models/other:predict", served[1]), {"instances": ["good"]})[0] == 404
    assert ask(re.sub("/v1.*", "/nowhere", served[1]), {})[0] == 404
    assert ask(served[1].removesuffix(":predict"), {})[0] == 405
    assert ask(served[1].replace(":predict", "/versions/2:predict"), {"instances": ["good"]}) == (
        404,
        {"error": "Unknown version of sentiment: '2'. This server has '1'."},
    )
    with pytest.raises(urllib.error.HTTPError, match="405") as refused:
        urllib.request.urlopen(served[1])
    assert json.load(refused.value) == {"error": "POST is expected. Received: GET"}


@pytest.mark.parametrize("version", ["", "/versions/1"])
def test_every_address_of_the_version(served, ask, version):
    pipeline, address = served
    model = address.removesuffix(":predict") + version
    status, answer = ask(f"{model}:predict", {"instances": ["bad"]})
    assert (status, answered(answer)) == (200, expected(pipeline, ["bad"]))
    with urllib.request.urlopen(model) as answer:
        assert json.load(answer)["model_version_status"][0]["version"] == "1"
    with urllib.request.urlopen(f"{model}/metadata") as answer:
        told = json.load(answer)
    assert told["model_spec"] == {"name": "sentiment", "signature_name": "", "version": "1"}
    signature = told["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["text"]["dtype"] == "DT_STRING"
    assert signature["inputs"]["text"]["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert signature["outputs"].keys() == {"label", "score", "probabilities"}


def test_columns(served, ask):
    pipeline, address = served
    texts = ["a good film", "bad bad"]
    for inputs in (texts, {"text": texts}):
        status, answer = ask(address, {"inputs": inputs, "signature_name": "serving_default"})
        assert status == 200
        outputs = answer["outputs"]
        assert list(zip(outputs["label"], outputs["score"], strict=True)) == expected(pipeline, texts)


def test_columns_of_several_inputs_and_a_lone_output(serve, ask, tmp_path):
    class Sum(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], "int64"), tf.TensorSpec([None, None], "float64")])
        def answer(self, whole, many):
            return {"sum": tf.cast(whole, "float64") + tf.reduce_sum(tf.where(many == many, many, 0.0), 1)}

    folder, model = tmp_path / "sum", Sum()
    tf.saved_model.save(model, str(folder), signatures=model.answer)
    with serve(folder) as address:
        assert ask(address, {"inputs": {"whole": [1, 2], "many": [[1.5], [2, None]]}}) == (200, {"outputs": [2.5, 4.0]})
        assert ask(address, {"instances": [{"whole": 2, "many": []}]}) == (200, {"predictions": [2.0]})
        for columns, message in (
            ({"whole": [1], "many": [[1], [2]]}, 'are of one length. Received: {"whole": 1, "many": 2}'),
            ({"whole": [1.5], "many": [[1]]}, '"whole" holds whole numbers of int64. Received: 1.5'),
            ({"whole": [2**63], "many": [[1]]}, '"whole" holds whole numbers of int64. Received: 9.2'),
            ({"whole": [None], "many": [[1]]}, '"whole" holds whole numbers of int64. Received: nan'),
            ({"whole": [True], "many": [[1]]}, '"whole" is a number. Received: true'),
            ({"whole": [1], "many": [[1, True]]}, '"many" is an array of numbers (steps). Received: [1, true]'),
            ({"whole": [1], "many": [[float("inf")]]}, '"many" holds finite numbers of float64'),
            ([[1], [2]], '"inputs" is an object with "many", "whole"'),
        ):
            status, answer = ask(address, {"inputs": columns})
            assert status == 400, columns
            assert message in answer["error"]


def test_what_the_model_refuses_is_the_fault_of_one(serve, ask, tmp_path):
    class Root(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], "float32")])
        def answer(self, number):
            tf.debugging.assert_non_negative(number)
            return {"root": tf.sqrt(number)}

    folder, model = tmp_path / "root", Root()
    tf.saved_model.save(model, str(folder), signatures=model.answer)
    with serve(folder) as address, concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: ask(address, {"instances": [number]}), [4, -1, 4, -1, 4, 4, 4, 4]))
    assert [status for status, _ in answers] == [200, 400, 200, 400, 200, 200, 200, 200]
    assert answers[0][1] == {"predictions": [2.0]}
    assert "The model cannot read the instance" in answers[1][1]["error"]


def test_1000_requests_at_once(served, ask):
    pipeline, address = served
    texts = ["a good film", "bad", "", "the plot is bad"]
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda number: ask(address, {"instances": [texts[number % 4]]}), range(1000)))
    assert {status for status, _ in answers} == {200}
    reference = expected(pipeline, texts)
    assert all(answered(answer) == [reference[number % 4]] for number, (_, answer) in enumerate(answers))


def test_forecasts(serve, ask, tmp_path):
    pipeline = pipeline_for("forecasting/seq2seq")
    with serve(lstm_zoo.export(pipeline, tmp_path / "forecasting")) as address:
        histories = [[1, 2, 4, 3, 1, 2, 4, 3], [3.5], [1, None, 2], [None]]
        status, answer = ask(address, {"instances": [{"history": histories[0]}, *histories[1:]]})
        assert status == 200
        filled = [[np.nan if value is None else value for value in history] for history in histories]
        for row, forecast in zip(answer["predictions"], lstm_zoo.predict(pipeline, filled), strict=True):
            if np.isfinite(forecast).all():
                np.testing.assert_allclose(row["mean"], forecast[:, 0], rtol=1e-5)
                np.testing.assert_allclose(row["quantiles"], forecast[:, 1:], rtol=1e-5)
            else:
                assert row["mean"] == [None] * 6
        status, answer = ask(address, {"instances": [[1.0, 1e101]]})
        assert (status, answer["error"]) == (400, 'Instance 0: "history" holds numbers of at most 1e+100.')
        for wrong in ("up", [["up"]], ["1"], [None, "1"], [[1, 2]], {"past": [1]}, [[1], [2, 3]]):
            status, answer = ask(address, {"instances": [[1.0], wrong]})
            assert status == 400
            assert 'Instance 1: "history" is an array of numbers (steps)' in answer["error"]


def test_forecasts_with_covariates(serve, ask, tmp_path):
    temperature = np.random.default_rng(0).normal(size=40)
    hours = pd.date_range("2026-01-01", periods=40, freq="h")
    table = pd.DataFrame({"unique_id": "load", "ds": hours, "y": 3 * temperature, "temperature": temperature})
    steps, task = {"lookback": 12, "horizon": 6}, forecasting.TASK
    preprocessing = task.adapt(task.read(table, covariates=["temperature"]), **steps)
    decided = task.data_hyperparameters(preprocessing)
    network = lstm_zoo.build("forecasting/seq2seq", units=4, **steps, **decided)
    pipeline = get_network("forecasting/seq2seq").pipeline(network, preprocessing)
    pasts = [34, 5]  # steps, of which the second is shorter than the look-back
    instances = [
        {"history": (3 * temperature[:past]).tolist(), "covariates": temperature[: past + 6, None].tolist()}
        for past in pasts
    ]
    with serve(lstm_zoo.export(pipeline, tmp_path / "forecasting")) as address:
        status, answer = ask(address, {"instances": instances})
        refused, error = ask(address, {"instances": [{**instances[0], "covariates": [[1.0]] * 39}]})
    assert (refused, error) == (
        400,
        {"error": 'Instance 0: "covariates" has 40 steps, those of "history" and 6 ahead. Received: 39'},
    )
    assert status == 200
    for past, row in zip(pasts, answer["predictions"], strict=True):
        ahead = table[: past + 6].assign(y=table["y"].where(table.index < past))
        forecast = lstm_zoo.predict(pipeline, ahead)["mean"]
        assert len(set(forecast)) > 1
        np.testing.assert_allclose(row["mean"], forecast, rtol=1e-4)


def test_recordings_of_other_lengths(serve, ask, tmp_path):
    pipeline = pipeline_for("speech/ctc")
    with serve(lstm_zoo.export(pipeline, tmp_path / "speech")) as address:
        # Noise: in the bands that a pure tone leaves empty there is nothing but rounding.
        recordings = [np.random.default_rng(0).normal(0, 0.1, count) for count in (1600, 4000, 0)]
        instances = [{"waveform": sound.tolist(), "samples": len(sound)} for sound in recordings]
        status, answer = ask(address, {"instances": instances})
        assert status == 200
        alone = lstm_zoo.predict(pipeline, [(sound, 16_000) for sound in recordings])
        for row, single in zip(answer["predictions"], alone, strict=True):
            assert row["text"] == single["text"]
            assert row["score"] == (single["score"] and pytest.approx(single["score"], rel=1e-4, abs=1e-4))
        assert alone[2]["score"] is None
        for wrong in (None, float("nan"), float("inf"), 1e39):
            status, answer = ask(address, {"instances": [{"waveform": [0.0, wrong], "samples": 2}]})
            assert status == 400
            assert 'Instance 0: "waveform" holds finite numbers of float32. Received: ' in answer["error"]
        for samples in (3, -1, None):
            status, answer = ask(address, {"instances": [{"waveform": [0.0, 0.5], "samples": samples}]})
            assert status == 400
            assert 'Instance 0: "samples" is from 0 to 2' in answer["error"]


def test_options_are_within_their_bounds(serve, ask, tmp_path):
    pipeline = pipeline_for("text_generation/character")
    with serve(lstm_zoo.export(pipeline, tmp_path / "text_generation"), max_new_tokens=8) as address:
        options = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}
        instance = {"prompt": "to", "length": 8, **options}
        status, answer = ask(address, {"instances": [instance]})
        assert status == 200
        [alone] = lstm_zoo.predict(pipeline, "to", max_new_tokens=8, temperature=0)
        assert answer["predictions"][0]["text"] == alone["text"]
        for wrong, message in (
            ({"length": 9}, '"length" is a whole number from 0 to 8. Received: 9'),
            ({"length": 1_000_000}, '"length" is a whole number from 0 to 8. Received: 1000000'),
            ({"length": -1}, '"length" is a whole number from 0 to 8. Received: -1'),
            ({"length": None}, '"length" is a whole number from 0 to 8. Received: nan'),
            ({"length": 2.5}, '"length" is a whole number from 0 to 8. Received: 2.5'),
            ({"temperature": -1}, '"temperature" is a number from 0 to'),
            ({"temperature": float("nan")}, '"temperature" is a number from 0 to'),
            ({"temperature": float("inf")}, '"temperature" is a number from 0 to'),
            ({"top_p": 2}, '"top_p" is a number from 0 to 1. Received: 2.0'),
            ({"top_k": -1}, '"top_k" is a whole number from 0 to'),
            ({"seed": 1.5}, '"seed" is a whole number from 0 to 2147483647. Received: 1.5'),
            ({"seed": 2**40}, '"seed" is a whole number from 0 to 2147483647. Received: 1099511627776'),
            ({"repetition_penalty": 0}, '"repetition_penalty" is a number from 0.001 to'),
            ({"seed": "1"}, '"seed" is a number'),
            ({"seed": [1]}, '"seed" is a number'),
            ({"seed": {"value": 1}}, '"seed" is a number'),
        ):
            status, answer = ask(address, {"instances": [instance, {**instance, **wrong}]})
            assert status == 400, wrong
            assert f"Instance 1: {message}" in answer["error"]


def test_a_pipeline_that_searches_has_fewer_options(serve, ask, tmp_path):
    class Echo(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], "string"), tf.TensorSpec([None], "int32")])
        def answer(self, prompt, length):
            return {"text": prompt, "count": length}

    folder, echo = tmp_path / "text_generation", Echo()
    tf.saved_model.save(echo, str(folder), signatures=echo.answer)
    (folder / "assets.extra").mkdir()
    (folder / "assets.extra" / "lstm_zoo.json").write_text('{"model": "text_generation/character"}')
    with serve(folder) as address:
        status, answer = ask(address, {"instances": [{"prompt": "to", "length": 2048}]})
        assert (status, answer) == (200, {"predictions": [{"count": 2048, "text": "to"}]})
        status, answer = ask(address, {"instances": [{"prompt": "to", "length": 2049}]})
        assert status == 400
        assert '"length" is a whole number from 0 to 2048' in answer["error"]
