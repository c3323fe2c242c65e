"""Requests that nobody would write: the server answers or refuses each of them, in JSON, and never fails."""

import json
import os
import random

import numpy as np
import pandas as pd
import pytest
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo import forecasting, serving
from lstm_zoo.registry import get_network

application = pytest.importorskip("lstm_zoo.serving.application", exc_type=ImportError)
testclient = pytest.importorskip("starlette.testclient", exc_type=ImportError)

MUTATIONS = int(os.environ.get("LSTM_ZOO_MUTATIONS", 200))
OPTIONS = {"temperature": 0.5, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}
VALID = {
    "sentiment/bilstm": [{"text": "a good film"}, {"text": {"b64": "Z29vZA=="}}],
    "text_generation/character": [{"prompt": "to", "length": 3, **OPTIONS}, {"prompt": "", "length": 0, **OPTIONS}],
    "speech/keyword": [{"waveform": [0.0, 0.5, -0.5], "samples": 3}, {"waveform": [], "samples": 0}],
    "forecasting/seq2seq": [
        {"history": [1.0, None, 3.0], "covariates": [[step] for step in range(9)]},
        {"history": [2], "covariates": [[0.5]] * 7},
    ],
}
ODD = (
    *(None, True, False, 0, -1, 1, 2.5, 2**31, -(2**31) - 1, 2**63, 10**400, 1e39, -1e39, 1e308, 5e-324),
    *(
        float("nan"),
        float("inf"),
        "",
        "a",
        "1",
        "NaN",
        "\0",
        "\ud800",
        "👍🏽",
        "é" * 300,
        {"b64": "###"},
        {"b64": "/w=="},
    ),
    *({"b64": "é"}, {"b64": 1}, [], {}, [[]], [[1, 2], [3]], [1, "2"], [True], [None], [[None]], {"": None}),
)
BYTES = (b"", b'"', b"{", b"[", b"]", b"}", b",", b":", b"\0", b"\xff", b"\\ud800", b"1e999", b"NaN", b"-", b"[" * 3000)


def mutated(request, draw):
    """A copy of a request's JSON with an odd value, or without one, somewhere in it."""
    request = json.loads(json.dumps(request))
    holder, path = request, []
    while holder and isinstance(holder, (dict, list)):
        key = draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        path.append((holder, key))
        holder = holder[key]
    if not path:
        return draw.choice(ODD)
    holder, key = draw.choice(path)
    kind = draw.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[draw.choice([*OPTIONS, "instances", "inputs", "signature_name", "text", "\ud800"])] = draw.choice(ODD)
    elif kind == 2 and isinstance(holder, list):
        holder.insert(key, draw.choice(ODD))
    elif kind == 3:
        holder[key] = [holder[key]]
    else:
        holder[key] = draw.choice(ODD)
    return request


def body_of(instances, draw):
    """The bytes of a request that once was valid."""
    columns = {name: [instance[name] for instance in instances] for name in instances[0]}
    request = draw.choice([{"instances": instances}, {"inputs": columns}])
    for _ in range(draw.randint(0, 3)):
        request = mutated(request, draw)
    body = json.dumps(request).encode()
    for _ in range(draw.choice([0, 0, 0, 1, 3])):
        begin = draw.randrange(len(body) + 1)
        body = body[:begin] + draw.choice(BYTES) + body[draw.choice([begin, begin, begin + 1, begin + 9]) :]
    return body


@pytest.fixture(scope="module")
def with_covariates():
    """An untrained forecasting pipeline that reads one covariate."""
    hours = pd.date_range("2026-01-01", periods=40, freq="h")
    table = pd.DataFrame({"unique_id": "a", "ds": hours, "y": np.arange(40.0), "temperature": np.arange(40.0) % 7})
    task, steps = forecasting.TASK, {"lookback": 12, "horizon": 6}
    preprocessing = task.adapt(task.read(table, covariates=["temperature"]), **steps)
    network = lstm_zoo.build("forecasting/seq2seq", units=4, **steps, **task.data_hyperparameters(preprocessing))
    return get_network("forecasting/seq2seq").pipeline(network, preprocessing)


@pytest.mark.parametrize("model", VALID)
def test_whatever_stands_in_a_request(model, tmp_path, with_covariates):
    pipeline = with_covariates if model.startswith("forecasting") else pipeline_for(model)
    folder = lstm_zoo.export(pipeline, tmp_path / "model")
    bounds = serving.bounds_of(model, {"max_new_tokens": 8} if model.startswith("text") else {})
    app = application.application(folder, "model", max_bytes=10_000, max_instances=4, bounds=bounds)
    statuses = set()
    with testclient.TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/v1/models/model:predict", json={"instances": VALID[model]}).status_code == 200
        for number in range(MUTATIONS // len(VALID)):
            body = body_of(VALID[model], random.Random(f"{model} {number}"))
            answer = client.post("/v1/models/model:predict", content=body)
            statuses.add(answer.status_code)
            assert answer.status_code in (200, 400, 413), (number, body, answer.text)
            expected = {"predictions", "outputs"} if answer.status_code == 200 else {"error"}
            assert answer.json().keys() <= expected, (number, body, answer.text)
    assert {200, 400} <= statuses
