"""ONNX: the networks, from encoded input to scores, for ONNX Runtime, on any number of steps and rows.

What their numbers mean lies in the metadata of each file, as JSON.
"""

from __future__ import annotations

import pathlib

from lstm_zoo.exporting.formats import Format, Source
from lstm_zoo.onnx import write_graphs
from lstm_zoo.registry import model_of


def write(source: Source, path: pathlib.Path) -> None:
    """Write the graphs of the network, which tell what their numbers mean."""
    metadata = {"model": model_of(source.pipeline), **source.record.metadata(source.pipeline)}
    write_graphs(source.record.graphs(source.network), metadata, source.weights, path)


FORMAT = Format(write=write, packages=("onnx", "onnxruntime"))
