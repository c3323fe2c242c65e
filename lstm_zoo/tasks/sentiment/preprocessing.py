"""What is learnt of texts and labels before the network: which words get an id, and which labels there are."""

import os
import warnings
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import layers
from lstm_zoo.classification import lookup, names_of, relabelled
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.text.profiles import unspaced
from lstm_zoo.text.rules import MARKUP, replaced
from lstm_zoo.text.vectors import load_vectors

VOCABULARY = 30_000  # token ids: 0 padding, 1 unknown or dropped word, then words from frequent to rare
UNKNOWN = 1
# Of the numbers in word vectors, whatever their file has: those of GloVe are ten times those of fastText, and a
# learning rate that suits the one would not suit the other. From 0.15 to 1 all learn as much of 400 reviews, to the two
# points that 600 reviews can tell, one seed.
DEVIATION = 0.5
FEW = 0.25  # share of the words in the texts: with fewer vectors, they are hardly of this language or spelling
RULES = (  # of lower-case texts
    MARKUP,
    # Every line break of Unicode is one, or a token could hold it and break the vocabulary's file, a line a token.
    (r"[\pZ\p{Cc}]", " "),
    ("[\u2018\u2019\u00b4`]", "'"),
    # Tokenized as in the Penn Treebank, or nearly: without this "does n 't" would be read as "does", "n" and "t".
    (r"([\pL])\s+(n?)\s?'(t|s|re|ve|ll|d|m)(\s|$)", r"\1\2'\3\4"),
    (r"([^\pL\pM\pN\s'])", r" \1 "),
    (r"(?:^|\s)'+", " ' "),
    (r"'+(?:\s|$)", " ' "),
)


@layers.registered
def separate_words(text: tf.Tensor) -> tf.Tensor:
    """Lower-case `text`, drop mark-up, and put spaces around every sign, so that white space separates the tokens.

    An apostrophe within a word stays ("don't", whichever sign stands for it, and in tokenized texts "do n't"); any
    other sign is a token ("10/10!" -> "10 / 10 !").

    Args:
        text: strings of any shape; bytes that are no UTF-8 are read as U+FFFD.

    Returns:
        Strings of that shape.

    Example:

    >>> separate_words(tf.constant("Don't miss it!<br />")).numpy().split()
    [b"don't", b'miss', b'it', b'!']
    """
    text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
    return replaced(tf.strings.lower(text, encoding="utf-8"), RULES)


def tokens_of(words: Sequence[str]) -> list[str | None]:
    """The token that each word is in a text, as `separate_words` finds it; None for what is none, or several.

    Example:

    >>> tokens_of(["Film", "don't", "New_York"])
    ['film', "don't", None]
    """
    separated = (text.decode().split() for text in separate_words(tf.constant(words, "string")).numpy())
    return [tokens[0] if len(tokens) == 1 else None for tokens in separated]


def adapt(
    pairs: Sequence[Pair], vocabulary: int = VOCABULARY, vectors: str | os.PathLike | None = None
) -> Preprocessing:
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (text, label).
        vocabulary: the most token ids, padding and the unknown word among them; the most frequent words get one.
        vectors: word vectors that the network reads beside its own: "glove", with the extra `vectors`, or a file of
            GloVe, word2vec or fastText (.vec); up to 50,000 words that the texts do not have keep theirs. None: none.

    Returns:
        Dict: `words`, a TextVectorization (text -> ids), and `labels`, a StringLookup (label -> number). With `vectors`
        also `vocabulary`, the number of the ids that are learnt, which come first, and `vectors`, a row (width,) for
        each id, float32, of a standard deviation of 0.5; 0 for an id without one.

    Raises:
        ValueError: fewer than two labels, no word in any text; with `vectors` no word that has one, and see
            `lstm_zoo.text.vectors.load_vectors`.

    Example:

    >>> adapt([("good film", "positive"), ("bad film", "negative")])["words"].vocabulary_size()
    5
    """
    names = names_of([label for _, label in pairs])
    if found := unspaced([text for text, _ in pairs]):
        script, width = found
        warnings.warn(
            f"The texts are in a script without spaces between words ({script}): {width:.0f} letters in a row would be "
            "one word, which hardly occurs twice. sentiment/awd reads subwords; of sentiment/wide the n-grams of "
            "characters still work; or have another program put spaces between the words.",
            stacklevel=3,
        )
    words = keras.layers.TextVectorization(vocabulary, standardize=separate_words, name="words")
    words.adapt(tf.data.Dataset.from_tensor_slices([text for text, _ in pairs]).batch(256))
    if words.vocabulary_size() <= 2:
        raise ValueError(f"No text holds a word. The first of {len(pairs)} texts: {pairs[0][0]!r}")
    return {"words": words, "labels": lookup(names), **({} if vectors is None else with_vectors(words, vectors))}


def with_vectors(words: keras.layers.TextVectorization, source: str | os.PathLike) -> Preprocessing:
    """What word vectors change of what `adapt` returns: the vocabulary goes on with words that only they know."""
    known = words.get_vocabulary(include_special_tokens=False)
    vectors = load_vectors(source, known, tokens_of)
    met = sum(word in vectors for word in known)
    if not met:
        raise ValueError(f"None of the {len(known)} words in the texts has a vector, like {known[0]!r}. Read: {source}")
    if met < FEW * len(known):
        warnings.warn(
            f"Only {met} of the {len(known)} words in the texts have a vector in {source}: is it of their language?",
            stacklevel=4,
        )
    beyond = vectors.keys() - set(known)
    terms = [*known, *(word for word in vectors if word in beyond)]
    extended = keras.layers.TextVectorization(standardize=separate_words, name="words")
    extended.set_vocabulary(terms)
    first = len(words.get_vocabulary()) - len(known)  # ids of padding and the unknown word
    table = np.zeros([first + len(terms), len(next(iter(vectors.values())))], "float32")
    for row, word in enumerate(terms, first):
        if word in vectors:
            table[row] = vectors[word]
    return {"words": extended, "vocabulary": first + len(known), "vectors": table * _scale(table)}


def _scale(table):
    """What gives the vectors in a table `DEVIATION`; as they are, if all of them are 0."""
    deviation = table[table.any(axis=1)].std(dtype="float64") if table.any() else 0.0
    return np.float32(DEVIATION / deviation if deviation else 1.0)


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    classes = preprocessing["labels"].vocabulary_size()
    if "vectors" not in preprocessing:
        return {"classes": classes, "vocabulary": preprocessing["words"].vocabulary_size()}
    words, width = preprocessing["vectors"].shape
    return {
        "classes": classes,
        "vocabulary": preprocessing["vocabulary"],
        "vector_words": words,
        "vector_width": width,
    }


def initialize(network: keras.Model, preprocessing: Preprocessing) -> None:
    """Give a network the word vectors, if there are some."""
    if "vectors" in preprocessing:
        network.get_layer("vectors").set_weights([preprocessing["vectors"]])


def vectors_of(network: keras.Model) -> np.ndarray | None:
    """The word vectors of a network, a row for each id; None if it has none."""
    return next((layer.get_weights()[0] for layer in network.layers if layer.name == "vectors"), None)


def fine_tune(pipeline: keras.Model, pairs: Sequence[Pair]) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: vocabulary and vectors stay; new labels get `pairs` a new head."""
    network, labels = relabelled(pipeline, [label for _, label in pairs])
    return network, {**kept_words(pipeline, network), "labels": labels}


def kept_words(pipeline: keras.Model, network: keras.Model) -> Preprocessing:
    """What a pipeline's network knows of words, as `adapt` returns it."""
    preprocessing = {"words": pipeline.get_layer("words")}
    if (vectors := vectors_of(network)) is not None:
        preprocessing |= {"vocabulary": network.get_layer("embedding").input_dim, "vectors": vectors}
    return preprocessing
