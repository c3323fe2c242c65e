"""What `long_memory.py` has networks remember: the adding problem and the copy task.

Sources: Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735, in the form that Arjovsky et al.
2016, https://arxiv.org/abs/1511.06464, have given them.
"""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np

SYMBOLS, COPIED = 8, 10  # kinds of symbols of the copy task, and how many a row has


def adding(random: np.random.Generator, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the adding problem.

    Returns:
        float32 (rows, length, 2): a number from 0 to 1 and a mark, 1 at one step of each half and else 0; and float32
        (rows, 1): the sum of the two numbers that are marked.
    """
    numbers, marks, half = random.random((rows, length)), np.zeros((rows, length)), length // 2
    for places in (random.integers(0, half, rows), random.integers(half, length, rows)):
        marks[np.arange(rows), places] = 1
    return np.stack([numbers, marks], 2).astype("float32"), np.sum(numbers * marks, 1, keepdims=True).astype("float32")


def copying(random: np.random.Generator, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the copy task.

    Returns:
        float32 (rows, length + 20, 10), one-hot: ten symbols; blanks, the last of `length` of them a mark that asks for
        the symbols; ten blanks more, at which they are answered. And int (rows, 10): the symbols.
    """
    symbols = random.integers(0, SYMBOLS, (rows, COPIED))
    ids = np.full((rows, length + 2 * COPIED), SYMBOLS)
    ids[:, :COPIED], ids[:, -COPIED - 1] = symbols, SYMBOLS + 1
    return np.eye(SYMBOLS + 2, dtype="float32")[ids], symbols


def squared_error(targets, outputs):
    """(rows, 1) both -> (rows,)."""
    return keras.ops.mean((targets - outputs) ** 2, -1)


def cross_entropy(targets, outputs):
    """(rows, answers) and logits (rows, answers, symbols) -> (rows,)."""
    return keras.ops.mean(keras.ops.sparse_categorical_crossentropy(targets, outputs, from_logits=True), -1)


def share_wrong(targets, outputs):
    """(rows, answers) and logits (rows, answers, symbols) -> (rows,)."""
    return np.mean(targets != np.argmax(outputs, -1), -1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """What a network learns.

    Attributes:
        draw: (random, rows, length) -> inputs (rows, steps, features) and targets.
        features: number of values a step.
        outputs: number of values of an answer.
        answers: at how many of the last steps there is one.
        loss: (targets, outputs) -> what is made small, for each row.
        error: (targets, outputs) -> what has to be small, for each row.
        baseline: error of the best answer without memory.
    """

    draw: Callable
    features: int
    outputs: int
    answers: int
    loss: Callable
    error: Callable
    baseline: float


TASKS = {
    "adding": Task(
        draw=adding, features=2, outputs=1, answers=1, loss=squared_error, error=squared_error, baseline=1 / 6
    ),
    "copy": Task(
        draw=copying,
        features=SYMBOLS + 2,
        outputs=SYMBOLS,
        answers=COPIED,
        loss=cross_entropy,
        error=share_wrong,
        baseline=1 - 1 / SYMBOLS,
    ),
}
