"""How often a label is right by how many words of a text have been read."""

from collections.abc import Sequence

import keras

from lstm_zoo import registry
from lstm_zoo.steps import Context
from lstm_zoo.tasks.sentiment.pairs import Pair


def longest(_: keras.Model, pairs: Sequence[Pair]) -> int:
    """Words of the longest text, at least one."""
    return max(1, *(len(text.split()) for text, _ in pairs))


def score(pipeline: keras.Model, pairs: Sequence[Pair], count: int) -> dict[str, float]:
    """Metrics where only the first words of each text are read."""
    task, _ = registry.records_of(pipeline)
    return task.score(pipeline, [(" ".join(text.split()[:count]), label) for text, label in pairs])


WORDS = Context(kind="words", longest=longest, score=score)
