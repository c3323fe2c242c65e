"""Characters and their numbers: what the data decide of a network, and what goes on in one that is trained further."""

import collections
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from lstm_zoo import networks
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.augmentation import augmentation_names
from lstm_zoo.tasks.speech.lexicon import UNKNOWN_COST, Lexicon, Words, read_lexicon
from lstm_zoo.tasks.speech.pairs import Example

VOCABULARY = 100  # characters, the blank among them
OF_TRAINING = "training"  # the lexicon of all words of the training transcripts


def adapt(
    examples: Iterable[Example],
    vocabulary: int = VOCABULARY,
    augmentation: str | Sequence[str] = "all",
    lexicon: Words = None,
) -> Preprocessing:
    """Preprocessing layers, adapted on training examples.

    Args:
        examples: triples (recording, transcript, speaker).
        vocabulary: the most characters that are told apart, the most frequent ones and the blank of CTC; any other is
            left out of what is learnt.
        augmentation: what training does to recordings: "all", "none", or a list of names, on a command line with a
            comma between them, see the guide.
        lexicon: of networks with CTC, the words that the pipeline writes, as `speech.with_lexicon` takes them, or
            "training": those of the training transcripts. None: it spells openly.

    Returns:
        Dict: `characters`, a StringLookup (character -> number; 0 is any other, and the blank of CTC); `augmentation`,
        names; `lexicon`, a Lexicon or None.

    Raises:
        ValueError: a vocabulary below 2, an unknown augmentation; no lexicon, or one with letters that are not told
            apart.

    Example:

    >>> adapt([(None, "NO", ""), (None, "ON", "")])["characters"](["N", "O", "?"])  # [1, 2, 0]
    """
    if vocabulary < 2:
        raise ValueError(f"vocabulary counts the blank and the characters, at least one. Received: {vocabulary}")
    texts = [text for _, text, _ in examples]
    counts = collections.Counter(character for text in texts for character in text)
    characters = sorted(character for character, _ in counts.most_common(vocabulary - 1))
    return {
        "characters": lookup(characters),
        "augmentation": augmentation_names(augmentation),
        "lexicon": lexicon_of(lexicon, texts, characters),
    }


def lexicon_of(lexicon: Words, texts: Sequence[str], characters: Sequence[str]) -> Lexicon | None:
    """What `adapt` was given as a lexicon, of transcripts, in the characters of a network."""
    if lexicon is None:
        return None
    if isinstance(lexicon, str) and lexicon == OF_TRAINING:
        lexicon = sorted({word for text in texts for word in text.split()})
    if not isinstance(lexicon, (str, os.PathLike, Mapping, Sequence)):
        raise ValueError(
            f'The lexicon of a training is a list or dict of words, a path, or "training". Received: {lexicon!r:.160}'
        )
    return Lexicon(characters, read_lexicon(lexicon), unknown=UNKNOWN_COST)


def unwritten(texts: Sequence[str], characters: Sequence[str]) -> str | None:
    """A sentence that tells which characters of transcripts a network does not write, None where it writes them all.

    Args:
        texts: the transcripts.
        characters: of the network.

    Example:

    >>> unwritten(["NO", "no", "5"], ["N", "O"])
    "2 of 3 transcripts have other characters than NO, which the network writes: 5no. Received: 'no'."
    """
    strange = [text for text in texts if not {*characters, " "} >= set(text)]
    if not strange:
        return None
    known, others = "".join(characters).strip(), "".join(sorted(set().union(*strange) - {*characters, " "}))
    return (
        f"{len(strange)} of {len(texts)} transcripts have other characters than {known}, which the network writes: "
        f"{others}. Received: {strange[0]!r:.160}."
    )


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["characters"].vocabulary_size()}


def describe(pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data: the characters that it spells with and, if it is held to words, the words, the
    cost of a letter of an unknown one, and those of `spellings`, `hotwords` and `language_model` that it has."""
    lexicon = getattr(pipeline.get_layer(networks.network_of(pipeline).name), "lexicon", None)
    told = {"characters": list(pipeline.get_layer("characters").characters)}
    if lexicon is None:
        return told
    model = lexicon.language_model
    further = {
        "spellings": {word: more for word, more in lexicon.words.items() if more},
        "hotwords": lexicon.hotwords,
        "language_model": {} if model is None else {"weight": model.weight, "word_bonus": model.word_bonus},
    }
    return {**told, "lexicon": list(lexicon.words), "unknown": lexicon.unknown} | {
        name: value for name, value in further.items() if value
    }


def fine_tune(
    pipeline: keras.Model,
    examples: Sequence[Example],
    augmentation: str | Sequence[str] = "all",
    lexicon: Words = None,
) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the characters stay.

    Other characters in the transcripts are left out of what is learnt, with a warning that counts them.

    Raises:
        ValueError: no transcript has a letter that the network writes.
    """
    texts, characters = [text for _, text, _ in examples], pipeline.get_layer("characters").characters
    if told := unwritten(texts, characters):
        if not {*characters} - {" "} & set().union(*texts):
            raise ValueError(f"Nothing can be learnt: {told}")
        warnings.warn(f"{told} They are left out of what is learnt.", stacklevel=4)
    return networks.network_of(pipeline), {
        **preprocessing_of(pipeline),
        "augmentation": augmentation_names(augmentation),
        "lexicon": lexicon_of(lexicon, texts, characters),
    }


def preprocessing_of(pipeline: keras.Model) -> Preprocessing:
    """What a pipeline has of what `adapt` returned, and how sure its words are, see `confidence.calibrated`."""
    layer = pipeline.get_layer(networks.network_of(pipeline).name)
    characters = lookup(pipeline.get_layer("characters").characters)
    return {"characters": characters, "confidence": layer.confidence, "lexicon": layer.lexicon}


def lookup(characters: Sequence[str]) -> keras.layers.StringLookup:
    """Layer from characters to their numbers; 0 is any other."""
    return keras.layers.StringLookup(vocabulary=characters, num_oov_indices=1, name="characters")
