"""Characters and their numbers: what the data decide of a network, and what goes on in one that is trained further."""

import collections
from collections.abc import Iterable, Sequence

import keras

from lstm_zoo import networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.augmentation import augmentation_names
from lstm_zoo.tasks.speech.pairs import Example

VOCABULARY = 100  # characters, the blank among them


def adapt(
    examples: Iterable[Example], vocabulary: int = VOCABULARY, augmentation: str | Sequence[str] = "all"
) -> Preprocessing:
    """Preprocessing layers, adapted on training examples.

    Args:
        examples: triples (recording, transcript, speaker).
        vocabulary: the most characters that are told apart, the most frequent ones and the blank of CTC; any other is
            left out of what is learnt.
        augmentation: what training does to recordings: "all", "none", or a list of names, on a command line with a
            comma between them, see the guide.

    Returns:
        Dict: `characters`, a StringLookup (character -> number; 0 is any other, and the blank of CTC); `augmentation`,
        names.

    Raises:
        ValueError: a vocabulary below 2, an unknown augmentation.

    Example:

    >>> adapt([(None, "NO", ""), (None, "ON", "")])["characters"](["N", "O", "?"])  # [1, 2, 0]
    """
    if vocabulary < 2:
        raise ValueError(f"vocabulary counts the blank and the characters, at least one. Received: {vocabulary}")
    counts = collections.Counter(character for _, text, _ in examples for character in text)
    characters = sorted(character for character, _ in counts.most_common(vocabulary - 1))
    return {"characters": lookup(characters), "augmentation": augmentation_names(augmentation)}


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["characters"].vocabulary_size()}


def describe(pipeline: keras.Model) -> dict[str, list[str]]:
    """What a pipeline knows of its data: the characters that it spells with and, if it is held to words, the words."""
    lexicon = getattr(pipeline.get_layer(networks.network_of(pipeline).name), "lexicon", None)
    told = {"characters": list(pipeline.get_layer("characters").characters)}
    return told if lexicon is None else {**told, "lexicon": list(lexicon.words)}


def fine_tune(
    pipeline: keras.Model, _: Sequence[Example], augmentation: str | Sequence[str] = "all"
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the characters stay."""
    return networks.network_of(pipeline), {
        **preprocessing_of(pipeline),
        "augmentation": augmentation_names(augmentation),
    }


def preprocessing_of(pipeline: keras.Model) -> Preprocessing:
    """What a pipeline has of what `adapt` returned, and how sure its words are, see `confidence.calibrated`."""
    layer = pipeline.get_layer(networks.network_of(pipeline).name)
    return {"characters": lookup(pipeline.get_layer("characters").characters), "confidence": layer.confidence}


def lookup(characters: Sequence[str]) -> keras.layers.StringLookup:
    """Layer from characters to their numbers; 0 is any other."""
    return keras.layers.StringLookup(vocabulary=characters, num_oov_indices=1, name="characters")
