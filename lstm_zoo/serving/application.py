"""The ASGI application: a SavedModel in the REST format of TensorFlow Serving, batching what comes together.

    {"instances": ["A moving film."]} -> {"predictions": [{"label": "positive", "probabilities": [...], "score": 0.98}]}

Format: https://www.tensorflow.org/tfx/serving/api_rest, row format, with the model's status at `/v1/models/NAME`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import math
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lstm_zoo.options import Bounds, check_value

BATCH = 64  # the most instances that the model sees at once
WAIT = 0.002  # seconds that an instance waits for others, while the model is idle

Specs = dict[str, tf.TensorSpec]  # input of the model -> what it takes
Instance = dict[str, Any]  # input of the model -> bytes, or an array of numbers


def application(
    folder: pathlib.Path,
    name: str,
    *,
    max_bytes: int = 2**20,
    max_instances: int = 1024,
    bounds: Mapping[str, tuple[type, Bounds]] | None = None,
) -> Starlette:
    """The ASGI application that serves the SavedModel in `folder` as the model `name`.

    Args:
        folder: what `export` wrote.
        name: of the model, in the address.
        max_bytes, max_instances: see `lstm_zoo.serving.serve`.
        bounds: input -> the type of its values and what they may be.
    """
    with contextlib.suppress(ImportError):
        import tensorflow_text  # noqa: F401 - brings the operations that cut sentences for translation
    model = tf.saved_model.load(str(folder))
    specs = model.signatures["serving_default"].structured_input_signature[1]  # input -> TensorSpec
    bounds = {key: bound for key, bound in (bounds or {}).items() if key in specs}  # fewer where a pipeline searches
    waiting = asyncio.Queue()
    behind = "samples" in specs  # a waveform begins at once, a series ends now

    def run(instances):
        inputs = {key: batched([instance[key] for instance in instances], spec, behind) for key, spec in specs.items()}
        outputs = model.signatures["serving_default"](**inputs)  # `model` must outlive its calls
        columns = {key: values.numpy().tolist() for key, values in sorted(outputs.items())}
        rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
        return [{key: plain(value) for key, value in row.items()} for row in rows]

    def check(request):
        if request.path_params["name"] != name:
            raise HTTPException(404, f"Unknown model: {request.path_params['name']!r}. This server has {name!r}.")

    async def refuse(_, error):
        return JSONResponse({"error": error.detail}, error.status_code)

    async def predict(request):
        check(request)
        instances = instances_of(await body_of(request, max_bytes), specs, max_instances)
        check_numbers(instances, bounds)
        answers = [asyncio.get_running_loop().create_future() for _ in instances]
        for pair in zip(instances, answers):
            waiting.put_nowait(pair)
        return JSONResponse({"predictions": await asyncio.gather(*answers)})

    async def status(request):
        check(request)
        state = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        return JSONResponse({"model_version_status": [state]})

    @contextlib.asynccontextmanager
    async def lifespan(_):
        batches = asyncio.create_task(answer_in_batches(waiting, run))
        yield
        batches.cancel()

    routes = [Route("/v1/models/{name}:predict", predict, methods=["POST"]), Route("/v1/models/{name}", status)]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: refuse})


async def answer_in_batches(waiting: asyncio.Queue, run: Callable[[list[Instance]], list[dict[str, Any]]]) -> None:
    """Take pairs (instance, future) from the queue, all that are there up to a batch, and set the futures' results."""
    while True:
        pairs = [await waiting.get()]
        await asyncio.sleep(WAIT)
        while len(pairs) < BATCH and not waiting.empty():
            pairs.append(waiting.get_nowait())
        try:
            results = await run_in_threadpool(run, [instance for instance, _ in pairs])
        except Exception as error:  # theirs to see; the server goes on
            results = [error] * len(pairs)
        for (_, answer), result in zip(pairs, results):
            if answer.cancelled():  # the client is gone
                continue
            answer.set_exception(result) if isinstance(result, Exception) else answer.set_result(result)


async def body_of(request: Request, maximum: int) -> bytes:
    """The body of a request, read no further than `maximum` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > maximum:
            raise HTTPException(413, f"The body has at most {maximum} bytes. Received more.")
    return bytes(body)


def instances_of(body: bytes, specs: Specs, maximum: int) -> list[Instance]:
    """The instances in the JSON of a request, each a dict of the model's inputs."""
    try:
        request = json.loads(body)
    except ValueError as error:  # of JSON or of UTF-8
        raise HTTPException(400, f"The body is no JSON: {error}") from error
    instances = request.get("instances") if isinstance(request, dict) else None
    if not isinstance(instances, list) or not instances:
        raise HTTPException(400, f'A body like {{"instances": ["...", "..."]}} is expected. Received: {body[:80]!r}')
    if request.get("signature_name", "serving_default") != "serving_default":
        raise HTTPException(400, f"signature_name is serving_default. Received: {request['signature_name']!r}")
    if len(instances) > maximum:
        raise HTTPException(413, f"A request has at most {maximum} instances. Received: {len(instances)}")
    return [inputs_of(instance, specs, place) for place, instance in enumerate(instances)]


def inputs_of(instance: Any, specs: Specs, place: int) -> Instance:
    """Input -> value of the instance at a place in the request; a model of one input takes its value alone too."""
    named = isinstance(instance, dict) and set(instance) == set(specs)
    if not named and len(specs) > 1:
        kinds = ", ".join(f'"{name}"' for name in specs)
        raise HTTPException(400, f"Instance {place} is an object with {kinds}. Received: {json.dumps(instance)[:80]}")
    values = instance if named else {next(iter(specs)): instance}
    readers = {name: text_of if spec.dtype == tf.string else numbers_of for name, spec in specs.items()}
    return {name: readers[name](values[name], name, specs[name], place) for name in specs}


def check_numbers(instances: list[Instance], bounds: Mapping[str, tuple[type, Bounds]]) -> None:
    """Refuse numbers outside of their bounds, and more samples than a waveform has."""
    for place, instance in enumerate(instances):
        for key, (kind, bound) in bounds.items():
            try:
                value = float(instance[key])
                check_value(f'"{key}"', int(value) if kind is int and value.is_integer() else value, kind, bound)
            except ValueError as error:
                raise HTTPException(400, f"Instance {place}: {error}") from error
        if "samples" in instance and not 0 <= instance["samples"] <= np.size(instance["waveform"]):
            wrong = f'"samples" is from 0 to {np.size(instance["waveform"])}. Received: {instance["samples"]:g}'
            raise HTTPException(400, f"Instance {place}: {wrong}")


def text_of(text: Any, name: str, _: tf.TensorSpec, place: int) -> bytes:
    """The bytes of a text, given as a string or as `{"b64": string}`."""
    if isinstance(text, dict) and set(text) == {"b64"} and isinstance(text["b64"], str):
        try:
            return base64.b64decode(text["b64"], validate=True)
        except binascii.Error as error:
            raise HTTPException(400, f"Instance {place} is no base64: {error}") from error
    if not isinstance(text, str):
        kinds = f'a string, {{"{name}": a string}} or {{"b64": a string}}'
        raise HTTPException(400, f"Instance {place} is {kinds}. Received: {json.dumps(text)[:80]}")
    return text.encode("utf-8", "replace")


def numbers_of(values: Any, name: str, spec: tf.TensorSpec, place: int) -> np.ndarray:
    """A number, or an array of steps from nested lists of numbers; null is a missing value."""
    try:
        array = np.array(values)  # of no type yet, which would read "1" as a number
        kind = array.dtype.kind
        is_text = kind in "US" or (kind == "O" and any(isinstance(value, str) for value in array.flat))
        array = None if is_text else array.astype("float64")
    except (TypeError, ValueError):
        array = None
    if array is None or array.ndim != len(spec.shape) - 1 or list(array.shape[1:]) != list(spec.shape[2:]):
        shapes = {1: "a number", 2: "an array of numbers (steps)"}
        kinds = f'"{name}" is {shapes.get(len(spec.shape)) or f"an array of numbers (steps, {spec.shape[2]})"}'
        raise HTTPException(400, f"Instance {place}: {kinds}. Received: {json.dumps(values)[:80]}")
    return array


def batched(values: list[Any], spec: tf.TensorSpec, behind: bool) -> tf.Tensor:
    """One tensor of the values of an input; shorter arrays get missing values, or zeros, in front, or behind them."""
    if spec.dtype == tf.string:
        return tf.constant(values)
    if len(spec.shape) == 1:
        return tf.cast(np.stack(values), spec.dtype)
    steps = max(len(value) for value in values)
    fill = np.nan if spec.dtype == tf.float64 else 0.0
    padded = np.full((len(values), steps, *values[0].shape[1:]), fill)
    for row, value in enumerate(values):
        begin = 0 if behind else steps - len(value)
        padded[row, begin : begin + len(value)] = value
    return tf.constant(padded, spec.dtype)


def plain(value: Any) -> Any:
    """An output as JSON has it: text, and null for what is not a number."""
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
