"""ONNX: the networks, from encoded input to scores, for ONNX Runtime, on any number of steps and rows.

What their numbers mean lies in the metadata of each file, as JSON.
"""

from __future__ import annotations

import pathlib
from typing import Any

import keras

from lstm_zoo.exporting.formats import Format, Source
from lstm_zoo.registry import model_of

# Not the convolutions: ONNX Runtime has none of signed numbers of 8 bits for CPUs.
QUANTIZED = ["Gather", "LSTM", "MatMul"]


def write(source: Source, path: pathlib.Path) -> None:
    """Write the graphs of the network with LSTM operators: one as a file, several as files of a folder."""
    graphs = source.record.graphs(source.network)
    metadata = {"model": model_of(source.pipeline), **source.record.metadata(source.pipeline)}
    if len(graphs) == 1:
        _write(*graphs.values(), metadata, source.weights, path)
        return
    path.mkdir()
    for name, network in graphs.items():
        _write(network, metadata, source.weights, path / f"{name}.onnx")


def _write(network: keras.Model, metadata: dict[str, Any], weights: str, path: pathlib.Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from lstm_zoo.exporting.onnx.conversion import onnx_model

    onnx.save(onnx_model(network, metadata, weights), path)
    if weights == "int8":
        quantize_dynamic(path, path, weight_type=QuantType.QInt8, op_types_to_quantize=QUANTIZED)


FORMAT = Format(write=write, packages=("onnx", "onnxruntime"), holds_graphs=True)
