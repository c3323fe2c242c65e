"""Labels and their numbers: what the data decide of a network, and what goes on in one that is trained further."""

from collections.abc import Sequence

import keras

from lstm_zoo.classification import labels_of, lookup, names_of, relabelled
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.augmentation import augmentation_names
from lstm_zoo.tasks.speech.keyword.others import NONE
from lstm_zoo.tasks.speech.pairs import Example


def adapt(
    examples: Sequence[Example], augmentation: str | Sequence[str] = "all", others: bool = False
) -> Preprocessing:
    """Preprocessing layers, adapted on training examples.

    Args:
        examples: triples (recording, label, speaker).
        augmentation: what training does to recordings: "all", "none", or a list of names, on a command line with a
            comma between them, see the guide.
        others: learn too what is none of the words, `[none]`, from what is made of the recordings and from noise, see
            `others.made_others`.

    Returns:
        Dict: `labels`, a StringLookup (label -> number); `augmentation`, names; `others`.

    Raises:
        ValueError: fewer than two labels, an unknown augmentation.

    Example:

    >>> adapt([(None, "yes", ""), (None, "no", "")])["labels"](["no", "yes"])  # [0, 1]
    """
    labels = lookup(names_of(_labels(examples, others)))
    return {"labels": labels, "augmentation": augmentation_names(augmentation), "others": others}


def _labels(examples, others):
    """The labels of examples, and of those that are made of them: as of a word, since how many there are is no fault of
    the data."""
    labels = labels_of(examples)
    return labels + ([NONE] * max(1, len(labels) // len(set(labels))) if others else [])


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {"classes": preprocessing["labels"].vocabulary_size()}


def fine_tune(
    pipeline: keras.Model,
    examples: Sequence[Example],
    augmentation: str | Sequence[str] = "all",
    others: bool = False,
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: labels of their own get the examples a new head."""
    network, labels = relabelled(pipeline, _labels(examples, others))
    return network, {"labels": labels, "augmentation": augmentation_names(augmentation), "others": others}
