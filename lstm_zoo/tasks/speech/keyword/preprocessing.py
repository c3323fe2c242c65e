"""Labels and their numbers: what the data decide of a network, and what goes on in one that is trained further."""

from collections.abc import Iterable, Sequence

import keras

from lstm_zoo.classification import lookup, names_of, relabelled
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.augmentation import augmentation_names
from lstm_zoo.tasks.speech.pairs import Example


def adapt(examples: Iterable[Example], augmentation: str | Sequence[str] = "all") -> Preprocessing:
    """Preprocessing layers, adapted on training examples.

    Args:
        examples: triples (recording, label, speaker).
        augmentation: what training does to recordings: "all", "none", or a list of names, on a command line with a
            comma between them, see the guide.

    Returns:
        Dict: `labels`, a StringLookup (label -> number); `augmentation`, names.

    Raises:
        ValueError: fewer than two labels, an unknown augmentation.

    Example:

    >>> adapt([(None, "yes", ""), (None, "no", "")])["labels"](["no", "yes"])  # [0, 1]
    """
    labels = lookup(names_of([label for _, label, _ in examples]))
    return {"labels": labels, "augmentation": augmentation_names(augmentation)}


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {"classes": preprocessing["labels"].vocabulary_size()}


def fine_tune(
    pipeline: keras.Model, examples: Sequence[Example], augmentation: str | Sequence[str] = "all"
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: labels of their own get the examples a new head."""
    network, labels = relabelled(pipeline, [label for _, label, _ in examples])
    return network, {"labels": labels, "augmentation": augmentation_names(augmentation)}
