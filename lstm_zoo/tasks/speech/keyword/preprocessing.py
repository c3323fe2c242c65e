"""Labels and their numbers: what the data decide of a network, and what goes on in one that is trained further."""

from collections.abc import Iterable, Sequence

import keras

from lstm_zoo.classification import lookup, names_of, relabelled
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.pairs import Example


def adapt(examples: Iterable[Example]) -> Preprocessing:
    """Preprocessing layers, adapted on training examples: `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels.

    Example:

    >>> adapt([(None, "yes", ""), (None, "no", "")])["labels"](["no", "yes"])  # [0, 1]
    """
    return {"labels": lookup(names_of([label for _, label, _ in examples]))}


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {"classes": preprocessing["labels"].vocabulary_size()}


def fine_tune(pipeline: keras.Model, examples: Sequence[Example]) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: labels of their own get the examples a new head."""
    network, labels = relabelled(pipeline, [label for _, label, _ in examples])
    return network, {"labels": labels}
