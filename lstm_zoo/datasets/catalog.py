"""The data sets of TensorFlow Datasets' own catalogue, prepared without a word on stdout."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from lstm_zoo.progress import on_terminal


def load_catalogued(name: str, **options: Any) -> Any:
    """What `tfds.load` gives for the same arguments.

    Args:
        name: in the catalogue, https://www.tensorflow.org/datasets/catalog.
        options: of `tfds.load`.
    """
    import tensorflow_datasets as tfds

    builder = tfds.builder(name)
    if not builder.is_prepared():
        with preparing():
            builder.download_and_prepare()
    return tfds.load(name, **options)


@contextlib.contextmanager
def preparing() -> Iterator[None]:
    """Within the block TFDS tells on stderr what it downloads, not on stdout, and draws bars on a terminal only."""
    import tensorflow_datasets as tfds

    if not on_terminal():
        tfds.disable_progress_bar()
    with contextlib.redirect_stdout(sys.stderr):
        yield
