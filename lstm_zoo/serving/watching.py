"""Whether what a server is asked is like what its model learnt from."""

import warnings
from collections.abc import Callable, Sequence

from lstm_zoo.answering import warning_of
from lstm_zoo.serving.requests import Instance
from lstm_zoo.text.profiles import FEW


class Watch:
    """Looks at each `FEW` texts that come together or one after another, and warns once of such as are unlike.

    Args:
        name: of the model.
        unlike: function of texts that gives a sentence where they are unlike others, else None. None: never.
    """

    def __init__(self, name: str, unlike: Callable[[list[str]], str | None] | None):
        self.name, self.unlike = name, unlike
        self.texts: list[str] = []

    def look_at(self, instances: Sequence[Instance]) -> None:
        """Count further instances of a model of texts, dicts of its only input."""
        if self.unlike is None:
            return
        self.texts += [text.decode("utf-8", "replace") for instance in instances for text in instance.values()]
        if len(self.texts) >= FEW:
            texts, self.texts = self.texts, []
            if sentence := self.unlike(texts):
                self.unlike = None
                warnings.warn(warning_of(self.name, sentence), stacklevel=2)
