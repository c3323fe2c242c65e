"""Answers of the folders that `lstm_zoo.export(..., format="portable")` writes, by NumPy and ONNX Runtime alone.

Nothing here needs another part of lstm_zoo. Each folder has a copy, `lstm_zoo/portable/`, so that a program imports the
same name where lstm_zoo is installed and where that folder alone is on its path.
"""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_zoo.portable.answers import Run, need
from lstm_zoo.portable.recordings import Recordings
from lstm_zoo.portable.series import Series
from lstm_zoo.portable.texts import Texts

FILE = "model.onnx"  # of a folder, with the network and what its numbers mean
BATCH_SIZE = 64  # the most items that are run at once
TYPES = {"tensor(float)": "float32", "tensor(int32)": "int32"}  # of ONNX Runtime -> of NumPy
READERS = {"rules": Texts, "features": Recordings, "lookback": Series}  # what a network tells that reads so -> reader


def load(folder: str | os.PathLike) -> Portable:
    """What answers from a folder that `lstm_zoo.export(..., format="portable")` wrote.

    Raises:
        FileNotFoundError: a folder without a network.
        ImportError: onnxruntime, or for networks of subwords sentencepiece, is not installed.

    Example:

    >>> load("reviews").predict(["A moving film."])
    [{'label': 'positive', 'score': 0.99...}]
    """
    if not is_portable(folder):
        raise FileNotFoundError(f"{folder} is no folder that was exported as portable: it holds no {FILE}.")
    session = need("onnxruntime").InferenceSession(pathlib.Path(folder, FILE))
    entries = session.get_modelmeta().custom_metadata_map.items()
    told = {key: json.loads(value) for key, value in entries if key != "onnx.infer"}  # that of int8, no JSON
    [answer] = (each.name for each in session.get_outputs() if not each.name.startswith("next_"))

    def run(**arrays):
        rows = len(next(iter(arrays.values())))
        state = {  # zeros, before a recording
            each.name: np.zeros((rows, *each.shape[1:]), TYPES[each.type])
            for each in session.get_inputs()
            if each.name not in arrays
        }
        return session.run([answer], {**arrays, **state})[0]

    return Portable(reader_of(told), run)


def is_portable(path: str | os.PathLike) -> bool:
    """Whether a path is that of a folder that `load` takes.

    Example:

    >>> is_portable("reviews"), is_portable("sentiment")
    (True, False)
    """
    return pathlib.Path(path, FILE).is_file()


def reader_of(told: Mapping[str, Any]) -> Texts | Recordings | Series:
    """What reads the items of a network, by its metadata, see `lstm_zoo.contract.Network.metadata`.

    Raises:
        ValueError: the network needs what no portable folder can do.
        ImportError: sentencepiece is not installed.

    Example:

    >>> reader_of({"rules": [], "lower": True, "vocabulary": ["", "[UNK]", "film"], "labels": ["bad", "good"]})
    <lstm_zoo.portable.texts.Texts object at 0x...>
    """
    return next(reader for key, reader in READERS.items() if key in told)(told)


class Portable:
    """A network and what is around it: plain Python in and out, in the form of `lstm_zoo.predict`.

    Args:
        reader: of its items, see `reader_of`.
        run: the network.
    """

    def __init__(self, reader: Texts | Recordings | Series, run: Run):
        self.reader, self._run = reader, run

    def predict(self, raw: Any, *, scores: bool = False) -> list[dict[str, Any]] | np.ndarray:
        """Answers in the order given, computed in batches of like length.

        Args:
            raw: one item or a list of them: texts; recordings, each the path of a WAV file or a pair (samples, rate);
                series, arrays (steps,), NaN where a value is missing.
            scores: add to each answer `scores`, the probability of every label.

        Returns:
            List of dicts, one an item: `label` and `score`; `labels`, where there may be several; or `text` and
            `score`. Of series an array float64 (series, horizon, 10), mean and quantiles.

        Raises:
            ValueError: an item that the network does not read; `scores` of a network without labels.
            FileNotFoundError: the path of a recording that does not exist.

        Example:

        >>> load("reviews").predict("A moving film.", scores=True)
        [{'label': 'positive', 'score': 0.99..., 'scores': {'negative': 0.00..., 'positive': 0.99...}}]
        """
        if scores and "labels" not in self.reader.told:
            raise ValueError("scores are those of labels, and this network gives none. Received: scores=True")
        items = self.reader.prepare(raw)
        answers = [None] * len(items)
        order = sorted(range(len(items)), key=lambda row: len(items[row]))
        for rows in (order[begin : begin + BATCH_SIZE] for begin in range(0, len(order), BATCH_SIZE)):
            batch = self.reader.answer([items[row] for row in rows], self._run, scores)
            for row, answer in zip(rows, batch, strict=True):
                answers[row] = answer
        return answers if not isinstance(self.reader, Series) else self.reader.stacked(answers)
