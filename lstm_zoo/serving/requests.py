"""What stands in a request: from JSON to checked instances, from these to tensors, and from outputs back to JSON.

Format: https://www.tensorflow.org/tfx/serving/api_rest, by rows (`instances`) and by columns (`inputs`).
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
from collections.abc import Mapping
from types import NoneType
from typing import Any

import numpy as np
import tensorflow as tf
from starlette.exceptions import HTTPException

from lstm_zoo.options import Bounds, check_value
from lstm_zoo.tasks.forecasting.observations import LARGEST

SIGNATURE = "serving_default"

Specs = dict[str, tf.TensorSpec]  # input of the model -> what it takes
Instance = dict[str, Any]  # input of the model -> bytes, or an array of numbers


def instances_of(
    body: bytes, specs: Specs, maximum: int, bounds: Mapping[str, tuple[type, Bounds]], horizon: int = 0
) -> tuple[list[Instance], bool]:
    """The checked instances in the JSON of a request, each a dict of the model's inputs, and whether they are columns.

    Args:
        body: of the request.
        specs: what the model takes.
        maximum: the most instances.
        bounds: input -> the type of its values and what they may be.
        horizon: steps that a model of series forecasts.

    Raises:
        HTTPException: what cannot be answered, with the status and the reason.
    """
    try:
        request = json.loads(body, object_pairs_hook=_object)
        values = values_of(request, body, specs)
        if len(values) > maximum:
            raise HTTPException(413, f"A request has at most {maximum} instances. Received: {len(values)}")
        instances = [inputs_of(value, specs, place) for place, value in enumerate(values)]
    except ValueError as error:  # of JSON or of UTF-8
        raise HTTPException(400, f"The body is no JSON: {error}") from error
    except RecursionError as error:
        raise HTTPException(400, "The body is nested too deep for any model.") from error
    check_numbers(instances, specs, bounds)
    check_steps(instances, horizon)
    return instances, "inputs" in request


def _object(pairs):
    """A JSON object as a dict; an error for a key that is there twice, of which one value would be lost."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return read


def values_of(request: Any, body: bytes, specs: Specs) -> list[Any]:
    """One value an instance: those of `instances`, or of `inputs` whose columns are turned to rows."""
    forms = {"instances", "inputs"} & set(request) if isinstance(request, dict) else set()
    if len(forms) != 1:
        kinds = '{"instances": ["...", "..."]}, or one with "inputs"'
        raise HTTPException(400, f"A body like {kinds}, is expected. Received: {body[:80]!r}")
    if unknown := sorted(set(request) - {"instances", "inputs", "signature_name"}):
        raise HTTPException(400, f"instances or inputs, and signature_name are expected. Received: {_brief(unknown)}")
    if request.get("signature_name", SIGNATURE) not in (SIGNATURE, ""):
        raise HTTPException(400, f"signature_name is {SIGNATURE}. Received: {request['signature_name']!r:.80}")
    [form] = forms
    values = request[form]
    if form == "inputs" and (isinstance(values, dict) or len(specs) > 1):
        values = _rows_of(values, specs)
    if not isinstance(values, list) or not values:
        raise HTTPException(400, f'"{form}" is expected to hold at least one instance. Received: {body[:80]!r}')
    return values


def _rows_of(columns, specs):
    if not isinstance(columns, dict) or set(columns) != set(specs):
        raise HTTPException(400, f'"inputs" is an object with {_names(specs)}. Received: {_brief(columns)}')
    for name, column in columns.items():
        if not isinstance(column, list):
            raise HTTPException(400, f'"{name}" of "inputs" is a list, one value a row. Received: {_brief(column)}')
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise HTTPException(400, f"The columns of a request are of one length. Received: {_brief(lengths)}")
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def inputs_of(instance: Any, specs: Specs, place: int) -> Instance:
    """Input -> value of the instance at a place in the request; a model of one input takes its value alone too."""
    named = isinstance(instance, dict) and set(instance) == set(specs)
    if not named and len(specs) > 1:
        raise HTTPException(400, f"Instance {place} is an object with {_names(specs)}. Received: {_brief(instance)}")
    values = instance if named else {next(iter(specs)): instance}
    readers = {name: text_of if spec.dtype == tf.string else numbers_of for name, spec in specs.items()}
    return {name: readers[name](values[name], name, specs[name], place) for name in specs}


def _names(specs):
    return ", ".join(f'"{name}"' for name in sorted(specs))


def _brief(value):
    return json.dumps(value)[:80]


def text_of(text: Any, name: str, _: tf.TensorSpec, place: int) -> bytes:
    """The bytes of a text, given as a string or as `{"b64": string}`; what is no UTF-8 in it is replaced."""
    if isinstance(text, dict) and set(text) == {"b64"} and isinstance(text["b64"], str):
        try:
            text = base64.b64decode(text["b64"], validate=True).decode("utf-8", "replace")
        except ValueError as error:
            raise HTTPException(400, f"Instance {place} is no base64: {error}") from error
    if not isinstance(text, str):
        kinds = f'a string, {{"{name}": a string}} or {{"b64": a string}}'
        raise HTTPException(400, f"Instance {place} is {kinds}. Received: {_brief(text)}")
    return text.encode("utf-8", "replace")


def numbers_of(values: Any, name: str, spec: tf.TensorSpec, place: int) -> np.ndarray:
    """A number, or an array of steps from nested lists of numbers; null is NaN."""
    kinds, array = _kinds_in(values), None
    if kinds <= {int, float, NoneType}:
        # Whole numbers stay such, as far as 64 bits hold them: not all of those are float64.
        for dtype in ("int64", "float64") if kinds == {int} else ("float64",):
            with contextlib.suppress(OverflowError, ValueError):  # ValueError: lists of several lengths
                array = np.array(values, dtype)
                break
    if array is None or array.ndim != len(spec.shape) - 1 or list(array.shape[1:]) != list(spec.shape[2:]):
        shapes = {1: "a number", 2: "an array of numbers (steps)"}
        expected = f'"{name}" is {shapes.get(len(spec.shape)) or f"an array of numbers (steps, {spec.shape[2]})"}'
        raise HTTPException(400, f"Instance {place}: {expected}. Received: {_brief(values)}")
    return array


def _kinds_in(values):
    """Types of what is in nested lists: NumPy would read true as 1."""
    if not isinstance(values, list):
        return {type(values)}
    kinds = set(map(type, values))
    return kinds - {list} | {kind for value in values if type(value) is list for kind in _kinds_in(value)}


def check_numbers(instances: list[Instance], specs: Specs, bounds: Mapping[str, tuple[type, Bounds]]) -> None:
    """Refuse what `predict` would: numbers outside of their bounds, and those that the model's inputs cannot hold."""
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
        if np.any(np.abs(instance.get("history", 0.0)) > LARGEST):
            raise HTTPException(400, f'Instance {place}: "history" holds numbers of at most {LARGEST:g}.')
        for name, spec in specs.items():
            if spec.dtype != tf.string and (wrong := _misfit(instance[name], spec.dtype)) is not None:
                kinds = "whole numbers" if spec.dtype.is_integer else "finite numbers"
                missing = ", and null for missing values" if spec.dtype == tf.float64 else ""
                expected = f'"{name}" holds {kinds} of {spec.dtype.name}{missing}'
                raise HTTPException(400, f"Instance {place}: {expected}. Received: {wrong}")


def check_steps(instances: list[Instance], horizon: int) -> None:
    """Refuse covariates or times that are not those of the steps of a history and of the horizon after them."""
    for place, instance in enumerate(instances):
        for name in {"covariates", "time"} & set(instance) if "history" in instance else ():
            expected, received = len(instance["history"]) + horizon, len(instance[name])
            if received != expected:
                wrong = f'"{name}" has {expected} steps, those of "history" and {horizon} ahead. Received: {received}'
                raise HTTPException(400, f"Instance {place}: {wrong}")


def _misfit(array, dtype):
    """The first value of an array that a dtype cannot hold; None if there is none. float64, of series, holds NaN."""
    if not array.size:
        return None
    fits = (array >= dtype.min) & (array <= dtype.max)  # False for NaN
    if dtype.is_integer and array.dtype.kind == "f":
        fits = (array >= dtype.min) & (array < float(dtype.max) + 1) & (array == np.floor(array))
    fits |= np.isnan(array) & (dtype == tf.float64)
    return None if fits.all() else array[~fits].flat[0] if array.ndim else array[()]


def batched(values: list[Any], spec: tf.TensorSpec, behind: bool) -> tf.Tensor:
    """One tensor of the values of an input; shorter arrays get missing values, or zeros, in front, or behind them."""
    if spec.dtype == tf.string:
        return tf.constant(values)
    kind = spec.dtype.as_numpy_dtype
    if len(spec.shape) == 1:
        return tf.constant(np.stack(values).astype(kind))
    steps = max(len(value) for value in values)
    padded = np.full((len(values), steps, *values[0].shape[1:]), np.nan if spec.dtype == tf.float64 else 0, kind)
    for row, value in enumerate(values):
        begin = 0 if behind else steps - len(value)
        padded[row, begin : begin + len(value)] = value
    return tf.constant(padded)


def answer_of(rows: list[dict[str, Any]], by_columns: bool) -> dict[str, Any]:
    """The JSON of an answer from one dict of outputs a row; the name of a lone output is left out."""
    if len(names := list(rows[0])) == 1:
        return {"outputs" if by_columns else "predictions": [row[names[0]] for row in rows]}
    if by_columns:
        return {"outputs": {name: [row[name] for row in rows] for name in names}}
    return {"predictions": rows}


def plain(value: Any) -> Any:
    """An output as JSON has it: text, and null for what is not a number."""
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
