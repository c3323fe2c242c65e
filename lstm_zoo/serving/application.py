"""The ASGI application: a SavedModel in the REST format of TensorFlow Serving, batching what comes together.

    {"instances": ["A moving film."]} -> {"predictions": [{"label": "positive", "probabilities": [...], "score": 0.98}]}

Addresses: `/v1/models/NAME:predict`, the model's status at `/v1/models/NAME`, its inputs and outputs at
`/v1/models/NAME/metadata`, and each with `/versions/1` behind the name, since there is one version.
"""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tensorflow.core.protobuf import saved_model_pb2

from lstm_zoo.caching import graph_of
from lstm_zoo.exporting import saved_model
from lstm_zoo.options import Bounds
from lstm_zoo.serving.requests import SIGNATURE, Instance, answer_of, batched, instances_of, plain
from lstm_zoo.serving.watching import Watch

VERSION = "1"  # of every model
BATCH = 64  # the most instances that the model sees at once
WAIT = 0.002  # seconds that an instance waits for others, while the model is idle


def application(
    folder: pathlib.Path,
    name: str,
    *,
    max_bytes: int = 2**20,
    max_instances: int = 1024,
    bounds: Mapping[str, tuple[type, Bounds]] | None = None,
    infer: Callable[..., dict[str, tf.Tensor]] | None = None,
) -> Starlette:
    """The ASGI application that serves the SavedModel in `folder` as the model `name`.

    Args:
        folder: what `export` wrote.
        name: of the model, in the address.
        max_bytes, max_instances: see `lstm_zoo.serving.serve`.
        bounds: input -> the type of its values and what they may be.
        infer: what answers in the place of the SavedModel, see `function_of`; None: itself.
    """
    with contextlib.suppress(ImportError):
        import tensorflow_text  # noqa: F401 - brings the operations that cut sentences for translation
    model = tf.saved_model.load(str(folder))
    specs = model.signatures[SIGNATURE].structured_input_signature[1]  # input -> TensorSpec
    forecasts = model.signatures[SIGNATURE].structured_outputs.get("mean")
    horizon = 0 if forecasts is None else forecasts.shape[1]
    bounds = {key: bound for key, bound in (bounds or {}).items() if key in specs}  # fewer where a pipeline searches
    waiting, behind = asyncio.Queue(), "samples" in specs  # a waveform begins at once, a series ends now

    def outputs_of(instances):
        inputs = {key: batched([instance[key] for instance in instances], spec, behind) for key, spec in specs.items()}
        outputs = (infer or model.signatures[SIGNATURE])(**inputs)  # `model` must outlive its calls
        columns = {key: values.numpy().tolist() for key, values in sorted(outputs.items())}
        return [dict(zip(columns, row)) for row in zip(*columns.values())]

    watch = Watch(name, saved_model.unlike_in(folder), outputs_of)

    def run(instances):
        watch.look_at(instances)
        return [{key: plain(value) for key, value in row.items()} for row in outputs_of(instances)]

    def check(request, method="GET"):
        if request.path_params["name"] != name:
            raise HTTPException(404, f"Unknown model: {request.path_params['name']!r}. This server has {name!r}.")
        if (version := request.path_params.get("version", VERSION)) != VERSION:
            raise HTTPException(404, f"Unknown version of {name}: {version!r}. This server has {VERSION!r}.")
        if request.method not in (method, "HEAD"):
            raise HTTPException(405, f"{method} is expected. Received: {request.method}", {"Allow": method})

    async def refuse(_, error):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    async def fail(_, error):
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 500)

    async def predict(request):
        check(request, "POST")
        instances, by_columns = instances_of(await body_of(request, max_bytes), specs, max_instances, bounds, horizon)
        answers = [asyncio.get_running_loop().create_future() for _ in instances]
        for pair in zip(instances, answers):
            waiting.put_nowait(pair)
        return JSONResponse(answer_of(await asyncio.gather(*answers), by_columns))

    async def status(request):
        check(request)
        state = {"version": VERSION, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        return JSONResponse({"model_version_status": [state]})

    async def metadata(request):
        check(request)
        spec = {"name": name, "signature_name": "", "version": VERSION}
        return JSONResponse({"model_spec": spec, "metadata": {"signature_def": {"signature_def": signature}}})

    @contextlib.asynccontextmanager
    async def lifespan(_):
        batches = asyncio.create_task(answer_in_batches(waiting, run))
        yield
        batches.cancel()

    signature = {SIGNATURE: signature_in(folder)}
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # `check` says which one is right
    routes = [
        Route(f"/v1/models/{{name}}{version}{ending}", endpoint, methods=methods)
        for ending, endpoint in ((":predict", predict), ("/metadata", metadata), ("", status))
        for version in ("/versions/{version}", "")
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: refuse, Exception: fail})


def function_of(pipeline: keras.Model) -> Callable[..., dict[str, tf.Tensor]]:
    """A pipeline as a function of the inputs of its SavedModel, by name."""
    graph = graph_of(pipeline)
    return lambda **inputs: graph(inputs if isinstance(pipeline.input, dict) else next(iter(inputs.values())))


def signature_in(folder: pathlib.Path) -> dict[str, Any]:
    """The signature of a SavedModel that is served, as TensorFlow Serving writes it in JSON."""
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def[SIGNATURE]
    return MessageToDict(signature, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


async def answer_in_batches(waiting: asyncio.Queue, run: Callable[[list[Instance]], list[dict[str, Any]]]) -> None:
    """Take pairs (instance, future) from the queue, all that are there up to a batch, and set the futures' results."""
    while True:
        pairs = [await waiting.get()]
        await asyncio.sleep(WAIT)
        while len(pairs) < BATCH and not waiting.empty():
            pairs.append(waiting.get_nowait())
        results = await run_in_threadpool(results_of, [instance for instance, _ in pairs], run)
        for (_, answer), result in zip(pairs, results):
            if answer.cancelled():  # the client is gone
                continue
            answer.set_exception(result) if isinstance(result, Exception) else answer.set_result(result)


def results_of(instances: list[Instance], run: Callable[[list[Instance]], list[dict[str, Any]]]) -> list[Any]:
    """What the model answers to each instance, or the error: theirs to see, and not that of others beside them."""
    try:
        return run(instances)
    except tf.errors.InvalidArgumentError as error:
        if len(instances) > 1:
            return [result for instance in instances for result in results_of([instance], run)]
        return [HTTPException(400, f"The model cannot read the instance: {str(error).splitlines()[0]}")]
    except Exception as error:  # the server goes on
        return [error] * len(instances)


async def body_of(request: Request, maximum: int) -> bytes:
    """The body of a request, read no further than `maximum` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > maximum:
            raise HTTPException(413, f"The body has at most {maximum} bytes. Received more.")
    return bytes(body)
