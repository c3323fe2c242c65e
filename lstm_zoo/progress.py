"""Bars while something takes its time: on stderr, on a terminal only, never the reason that a call fails."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from tqdm import tqdm

if TYPE_CHECKING:
    import keras

Item = TypeVar("Item")


def on_terminal() -> bool:
    """Whether stderr is a terminal, and so somebody may be looking: it can be a file, closed, or None."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def say(line: str) -> None:
    """Write a line to stderr, which can be closed, or None."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        print(line, file=sys.stderr, flush=True)


class Bar(tqdm):
    """tqdm's bar with the defaults of the package: nothing is drawn but on a terminal, and nothing stays there.

    Args:
        Everything: see tqdm.
    """

    monitor_interval = 0  # no thread of its own, which a child made by fork would lack

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"leave": False, "miniters": 1, "disable": not on_terminal(), **options})


def track(items: Iterable[Item], description: str, *, shown: bool = True) -> Iterable[Item]:
    """The items, one after the other, with a bar that tells how many of them are done.

    Args:
        items: of any kind.
        description: what is done, before the bar.
        shown: False for no bar at all, where there are few.

    Example:

    >>> for row in track(rows, "reading"): ...
    """
    return Bar(items, desc=description, disable=not (shown and on_terminal()))


@contextlib.contextmanager
def of_fit(shown: bool) -> Iterator[list[keras.callbacks.Callback]]:
    """Callbacks that draw a bar of epochs and one of steps, with losses and metrics; none where nobody would see them.

    Keras' own bar writes to stdout.
    """
    if not (shown and on_terminal()):
        yield []
        return
    from tqdm.keras import TqdmCallback

    bars = TqdmCallback(tqdm_class=Bar, leave=False)
    try:
        yield [bars]
    finally:
        bars.on_train_end()  # an interrupted `fit` does not come to it
