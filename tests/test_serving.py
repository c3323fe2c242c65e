"""serving.py: a real server process over HTTP on this machine."""

import base64
import concurrent.futures
import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pandas as pd
import pytest

import lstm_zoo
from lstm_zoo.tasks import forecasting

pytest.importorskip("starlette", reason="serving is an extra: pip install 'lstm_zoo[serve]'")


def start(name, *options):
    """The server's process and the address of its model."""
    command = [sys.executable, "-m", "lstm_zoo", "serve", str(name), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("Serving http://127.0.0.1:"), line + process.stderr.read()
    return process, line.split()[1]


@contextlib.contextmanager
def serving(pipeline, folder, *options):
    """The address of an exported pipeline's model behind a server, which ends well."""
    process, address = start(lstm_zoo.export(pipeline, folder), *options)
    try:
        yield address
    finally:
        process.terminate()
    assert process.wait(60) == 0


def ask(address, body, timeout=60):
    """Status and JSON of the answer to a POST of `body`, bytes or what becomes JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data), timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def served(trained_once, tmp_path_factory):
    """The pipeline, and the address of its model behind a server."""
    pipeline, folder = trained_once[0], tmp_path_factory.mktemp("served") / "sentiment"
    with serving(pipeline, folder, "--most-bytes", "20000", "--most-instances", "50") as address:
        yield pipeline, address


def expected(pipeline, texts):
    return [(answer["label"], pytest.approx(answer["score"], abs=1e-5)) for answer in lstm_zoo.predict(pipeline, texts)]


def got(answer):
    return [(prediction["label"], prediction["score"]) for prediction in answer["predictions"]]


def test_answers_are_those_of_the_pipeline(served):
    pipeline, address = served
    texts = ["a good film", "", "bad bad", "👍🏽 فيلم"]
    status, answer = ask(address, {"instances": texts})
    assert status == 200
    assert got(answer) == expected(pipeline, texts)
    assert answer["predictions"][0].keys() == {"label", "score", "probabilities"}


def test_every_form_of_an_instance(served):
    pipeline, address = served
    text = {"b64": base64.b64encode(b"a good film").decode()}
    status, answer = ask(address, {"instances": ["a good film", {"text": "a good film"}, text, {"text": text}]})
    assert status == 200
    assert got(answer) == expected(pipeline, ["a good film"] * 4)


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
        ({"inputs": ["text"]}, 400, "is expected"),
        ({"instances": ["good", 5]}, 400, "Instance 1 is a string"),
        ({"instances": [None]}, 400, "Instance 0 is a string"),
        ({"instances": [{"words": "good"}]}, 400, "Instance 0 is a string"),
        ({"instances": [{"b64": "###"}]}, 400, "no base64"),
        ({"instances": ["good"], "signature_name": "other"}, 400, "signature_name is serving_default"),
        ({"instances": ["good"] * 51}, 413, "at most 50 instances. Received: 51"),
        ({"instances": ["good " * 5000]}, 413, "at most 20000 bytes"),
    ],
)
def test_bad_requests(served, body, status, message):
    received, answer = ask(served[1], body)
    assert received == status
    assert message in answer["error"]
    assert ask(served[1], {"instances": ["good"]})[0] == 200


def test_unknown_places(served):
    assert ask(re.sub("models/.*", "models/other:predict", served[1]), {"instances": ["good"]})[0] == 404
    assert ask(re.sub("/v1.*", "/nowhere", served[1]), {})[0] == 404
    assert ask(served[1].removesuffix(":predict"), {})[0] == 405
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(served[1])


def test_1000_requests_at_once(served):
    pipeline, address = served
    texts = ["a good film", "bad", "", "the plot is bad"]
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda number: ask(address, {"instances": [texts[number % 4]]}), range(1000)))
    assert {status for status, _ in answers} == {200}
    reference = expected(pipeline, texts)
    assert all(got(answer) == [reference[number % 4]] for number, (_, answer) in enumerate(answers))


def test_sigterm_answers_what_was_accepted(trained_once, tmp_path):
    process, address = start(lstm_zoo.export(trained_once[0], tmp_path / "sentiment"))
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(ask, address, {"instances": ["good " * 3000] * 20}) for _ in range(20)]
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
    assert {future.result()[0] for future in waiting} == {200}
    assert process.wait(60) == 0


def test_forecasts(tiny, tmp_path):
    _, _, _, pipeline = tiny("forecasting/seq2seq")
    with serving(pipeline, tmp_path / "forecasting") as address:
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
        for wrong in ("up", [["up"]], [[1, 2]], {"past": [1]}):
            status, answer = ask(address, {"instances": [[1.0], wrong]})
            assert status == 400
            assert 'Instance 1: "history" is an array of numbers (steps)' in answer["error"]


def test_forecasts_with_covariates(tmp_path):
    temperature = np.random.default_rng(0).normal(size=40)
    hours = pd.date_range("2026-01-01", periods=40, freq="h")
    table = pd.DataFrame({"unique_id": "load", "ds": hours, "y": 3 * temperature, "temperature": temperature})
    steps = {"lookback": 12, "horizon": 6}
    preprocessing = forecasting.adapt(forecasting.read(table), **steps)
    network = lstm_zoo.build("forecasting/seq2seq", units=4, **steps, **forecasting.sizes(preprocessing))
    pipeline = forecasting.pipeline(network, preprocessing)
    pasts = [34, 5]  # steps, of which the second is shorter than the look-back
    instances = [
        {"history": (3 * temperature[:past]).tolist(), "covariates": temperature[: past + 6, None].tolist()}
        for past in pasts
    ]
    with serving(pipeline, tmp_path / "forecasting") as address:
        status, answer = ask(address, {"instances": instances})
    assert status == 200
    for past, row in zip(pasts, answer["predictions"], strict=True):
        ahead = table[: past + 6].assign(y=table["y"].where(table.index < past))
        expected = lstm_zoo.predict(pipeline, ahead)["mean"]
        assert len(set(expected)) > 1
        np.testing.assert_allclose(row["mean"], expected, rtol=1e-4)


def test_recordings_of_other_lengths(tiny, tmp_path):
    _, _, _, pipeline = tiny("speech/ctc")
    with serving(pipeline, tmp_path / "speech") as address:
        # Noise: in the bands that a pure tone leaves empty there is nothing but rounding.
        recordings = [np.random.default_rng(0).normal(0, 0.1, count) for count in (1600, 4000, 0)]
        instances = [{"waveform": sound.tolist(), "samples": len(sound)} for sound in recordings]
        status, answer = ask(address, {"instances": instances})
        assert status == 200
        expected = lstm_zoo.predict(pipeline, [(sound, 16_000) for sound in recordings])
        for row, alone in zip(answer["predictions"], expected, strict=True):
            assert row["text"] == alone["text"]
            assert row["score"] == pytest.approx(alone["score"], rel=1e-4, abs=1e-4)
        for samples in (3, -1, None):
            status, answer = ask(address, {"instances": [{"waveform": [0.0, 0.5], "samples": samples}]})
            assert status == 400
            assert 'Instance 0: "samples" is from 0 to 2' in answer["error"]


def test_text_of_a_bounded_length(tiny, tmp_path):
    _, _, _, pipeline = tiny("text_generation/character")
    with serving(pipeline, tmp_path / "text_generation", "--most-tokens", "8") as address:
        options = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}
        status, answer = ask(address, {"instances": [{"prompt": "to", "length": 8, **options}]})
        assert status == 200
        assert answer["predictions"][0]["text"] == lstm_zoo.predict(pipeline, "to", length=8, temperature=0)[0]["text"]
        for length in (9, 1_000_000, -1, None):
            status, answer = ask(address, {"instances": [{"prompt": "to", "length": length, **options}]})
            assert status == 400
            assert 'Instance 0: "length" is from 0 to 8' in answer["error"]


def test_what_cannot_be_served(tmp_path):
    for name, message in (
        (tmp_path, "SavedModel"),
        (tmp_path / "none.keras", "does not exist"),
        ("sentimen", "Unknown"),
    ):
        command = [sys.executable, "-m", "lstm_zoo", "serve", str(name), "--port", "0"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 2
        assert message in result.stderr
