"""What a format of `export` is. A format is one file of this folder, with its `FORMAT`, and one row of `FORMATS`."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import keras

from lstm_zoo.contract import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What is exported, and how."""

    pipeline: keras.Model
    """From raw input to answer."""
    network: keras.Model
    """The network in it."""
    record: Network
    """What the zoo knows of the network."""
    weights: str
    """Type of the numbers: one of the format's `weights`."""
    steps: int | None
    """A fixed number of steps; None: any."""
    compiled: bool
    """Whether XLA may compile parts of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Format:
    """A format that pipelines, or their networks, can be written in."""

    write: Callable[[Source, pathlib.Path], Any]
    """Writes the source to a new path."""
    weights: tuple[str, ...] = ("float32", "float16", "int8")
    """Types of numbers that it can hold."""
    packages: tuple[str, ...] = ()
    """Those that write it; the extra of the format's name brings them."""
    fixes_steps: bool = False
    """Whether it can have a fixed number of steps."""
    holds: Callable[[Network], bool] = lambda network: True
    """Whether it can hold a network."""
