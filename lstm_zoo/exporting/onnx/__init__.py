"""ONNX: the networks, from encoded input to scores, for ONNX Runtime, on any number of steps and rows.

What their numbers mean lies in the metadata of each file, as JSON.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

import keras

from lstm_zoo.exporting.formats import Format, Source
from lstm_zoo.registry import model_of

# Not the convolutions: ONNX Runtime has none of signed numbers of 8 bits for CPUs.
QUANTIZED = ["Gather", "LSTM", "MatMul"]


def write(source: Source, path: pathlib.Path) -> None:
    """Write the graphs of the network, which tell what their numbers mean."""
    metadata = {"model": model_of(source.pipeline), **source.record.metadata(source.pipeline)}
    write_graphs(source.record.graphs(source.network), metadata, source.weights, path)


def write_graphs(
    graphs: Mapping[str, keras.Model], metadata: Mapping[str, Any], weights: str, path: pathlib.Path
) -> None:
    """Write graphs with LSTM operators: one as a file, several as files of a folder.

    Args:
        graphs: see `Network.graphs`.
        metadata: what each file tells beside, written as JSON.
        weights: type of the numbers: "float32", "float16" or "int8".
        path: of the file or folder.
    """
    if len(graphs) == 1:
        _write(*graphs.values(), metadata, weights, path)
        return
    path.mkdir()
    for name, network in graphs.items():
        _write(network, metadata, weights, path / f"{name}.onnx")


def _write(network, metadata, weights, path):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from lstm_zoo.exporting.onnx.conversion import onnx_model

    onnx.save(onnx_model(network, metadata, weights), path)
    if weights == "int8":
        quantize_dynamic(path, path, weight_type=QuantType.QInt8, op_types_to_quantize=QUANTIZED)


FORMAT = Format(write=write, packages=("onnx", "onnxruntime"))
