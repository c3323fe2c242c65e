"""A portable folder: the network as ONNX, and beside it `lstm_zoo.portable`, which makes answers of it.

The loader is copied so that a folder is whole: it runs on machines that lstm_zoo is not installed on, and goes on
answering the same when lstm_zoo changes.
"""

from __future__ import annotations

import pathlib
import shutil

from lstm_zoo import portable
from lstm_zoo.exporting import onnx
from lstm_zoo.exporting.formats import Format, Source


def write(source: Source, path: pathlib.Path) -> None:
    """Write the folder.

    Raises:
        ValueError: the pipeline does more than the loader can.
    """
    try:
        portable.reader_of(source.record.metadata(source.pipeline))
    except ValueError as error:
        raise ValueError(f"{source.pipeline.name} cannot be exported as portable: {error}") from error
    path.mkdir()
    onnx.write(source, path / portable.FILE)
    loader = pathlib.Path(portable.__file__).parent
    shutil.copytree(loader, path / "lstm_zoo" / loader.name, ignore=shutil.ignore_patterns("__pycache__"))


FORMAT = Format(write=write, packages=("onnx", "onnxruntime"), holds=lambda network: network.portable)
