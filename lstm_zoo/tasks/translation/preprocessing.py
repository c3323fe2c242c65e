"""The subwords of two languages, learnt from pairs, and what they decide of a network."""

import string
from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo import networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.networks import VOCABULARY
from lstm_zoo.tasks.translation.numbers import MARKS, Numbers, marked
from lstm_zoo.tasks.translation.pipelines import preprocessing_of
from lstm_zoo.tasks.translation.sampling import check_share
from lstm_zoo.text.subwords import Subwords, spaced, train_subwords


def adapt(pairs: Sequence[Pair], vocabulary: int = VOCABULARY, subword_sampling: float = 0.0) -> Preprocessing:
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (sentence, translation).
        vocabulary: the most subwords, of both languages together; the first four ids mean padding, unknown, start and
            end, the next 20 marks and digits.
        subword_sampling: share of the subwords that training cuts in two, others each time; 0.1 for few pairs.

    Returns:
        Dict: `subwords`, a Subwords layer (text with marks -> subwords); `numbers`, a Numbers layer (text -> text with
        marks, and back); `subword_sampling`.

    Raises:
        ValueError: `vocabulary` is too small for the characters of the texts; a share that is none.
        ImportError: the extra `translation` is not installed.

    Example:

    >>> adapt([("Ein Hund rennt.", "A dog runs."), ("Eine Katze schläft.", "A cat sleeps.")], vocabulary=60)
    {'subwords': <Subwords name=subwords, ...>, 'numbers': <Numbers name=numbers, ...>, 'subword_sampling': 0.0}
    """
    check_share(subword_sampling)
    texts = spaced([text for pair in pairs for text in marked(pair)]).numpy()
    model = train_subwords([text.decode() for text in texts], vocabulary, symbols=[*MARKS, *string.digits])
    layers = {"subwords": Subwords(model, name="subwords"), "numbers": Numbers(name="numbers")}
    return {**layers, "subword_sampling": subword_sampling}


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, Any]:
    """The hyperparameters of a network that the data decide: the size of the vocabulary."""
    return {"vocabulary": preprocessing["subwords"].vocabulary_size()}


def describe(pipeline: keras.Model) -> dict[str, int]:
    """What a pipeline knows of its data: the number of its subwords, of both languages."""
    return {"vocabulary": pipeline.get_layer("subwords").vocabulary_size()}


def fine_tune(
    trained: keras.Model, _: Sequence[Pair], subword_sampling: float = 0.0
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the subwords stay, and how numbers are read."""
    kept = {**preprocessing_of(trained), "subword_sampling": check_share(subword_sampling)}
    return networks.network_of(trained), kept
