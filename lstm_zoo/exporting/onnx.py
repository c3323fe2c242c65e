"""ONNX: the network from encoded input to scores, for ONNX Runtime, on any number of steps and rows.

The vocabulary and the labels lie in the file's metadata, as JSON.
"""

from __future__ import annotations

import pathlib

from lstm_zoo.exporting.formats import Format, Source


def write(source: Source, path: pathlib.Path) -> None:
    """Write the network with LSTM operators."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from lstm_zoo.exporting.onnx_graph import onnx_model

    network, metadata = source.record.inference_network(source.network), source.record.metadata(source.pipeline)
    onnx.save(onnx_model(network, metadata, half=source.weights == "float16"), path)
    if source.weights == "int8":
        quantize_dynamic(path, path, weight_type=QuantType.QInt8)


FORMAT = Format(write=write, packages=("onnx", "onnxruntime"))
