"""What the steps of LSTMs are to people - words, tenths of seconds, days -, how one item gets to them, and how good a
pipeline is by how many of them it is given."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True, kw_only=True)
class Steps:
    """What each step of an LSTM is, for one item, in the order of reading."""

    names: Sequence[Any]
    """One a step: a token, a time in seconds, a time stamp."""
    kind: str
    """What they are, in the plural: "words"."""
    separator: str | None = None
    """What stands between them in a text; None where they are no text."""
    draw: Callable[[Axes], None] | None = None
    """(axes) -> draws what they were read from, where step n is at x = n; None: nothing."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reading:
    """How the LSTMs of a pipeline read one item."""

    run: Callable[[Any, Any], Any]
    """(pipeline, inputs) -> runs them, each outside of any loop: once over the item alone. Gives scores of what is
    answered, a tensor whose greatest number is that of the answer: logits, logarithms of probabilities, or one value
    that is forecast. One function for all items: its graph is traced once a pipeline."""
    inputs: Any
    """What it gets of this item: tensors, in any structure."""
    steps: Mapping[str, Steps]
    """The beginning of the names of some LSTMs -> what their steps are; "" for those of all."""
    answered: int | None = None
    """Which step of the LSTM that reads first the answer belongs to, where each has one; None: it follows the last."""

    def steps_of(self, lstm: str) -> Steps:
        """What the steps of an LSTM are, by its name."""
        return next(steps for beginning, steps in self.steps.items() if lstm.startswith(beginning))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Context:
    """How good the answers of a pipeline are by how much it reads before it answers."""

    kind: str
    """What that is counted in, in the plural: "words"."""
    longest: Callable[[Any, Any], int]
    """(pipeline, checked examples) -> the most that there is to read."""
    score: Callable[[Any, Any, int], dict[str, float]]
    """(pipeline, checked examples, count) -> metrics where it reads so much, the most important first. The same answers
    are scored at every count."""


def attention_over(weights: ArrayLike, names: Sequence[str], kind: str) -> Callable[[Axes], None]:
    """A `draw` for the steps of a decoder: where it looked at each of them.

    Args:
        weights: (steps, places).
        names: of the places.
        kind: what the places are of.

    Example:

    >>> draw = attention_over([[0.9, 0.1], [0.2, 0.8]], ["Ein", "Hund"], "source")
    >>> draw(matplotlib.figure.Figure().subplots())
    """

    def draw(axes):
        axes.imshow(np.transpose(weights), vmin=0, vmax=1, cmap="Blues", aspect="auto", interpolation="nearest")
        every = max(1, -(-len(names) // 20))
        axes.set_yticks(range(0, len(names), every), names[::every], fontsize=7)
        axes.set(title="Attention: where it looks for what it writes next", ylabel=kind)

    return draw
