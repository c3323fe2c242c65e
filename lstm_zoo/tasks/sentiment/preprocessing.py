"""What is learnt of texts and labels before the network: which words get an id, and which labels there are."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from lstm_zoo import layers
from lstm_zoo.classification import lookup, names_of, relabelled
from lstm_zoo.registry import Preprocessing
from lstm_zoo.tasks.sentiment.pairs import Pair

VOCABULARY = 30_000  # token ids: 0 padding, 1 unknown or dropped word, then words from frequent to rare


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
    text = tf.strings.lower(text, encoding="utf-8")
    text = tf.strings.regex_replace(text, "<[^<>]*>", " ")
    # Every line break of Unicode is one, or a token could hold it and break the vocabulary's file, a line a token.
    text = tf.strings.regex_replace(text, r"[\pZ\p{Cc}]", " ")
    text = tf.strings.regex_replace(text, "[\u2018\u2019\u00b4`]", "'")
    # Tokenized as in the Penn Treebank, or nearly: without this "does n 't" would be read as "does", "n" and "t".
    text = tf.strings.regex_replace(text, r"(\pL)\s+(n?)\s?'(t|s|re|ve|ll|d|m)(\s|$)", r"\1\2'\3\4")
    text = tf.strings.regex_replace(text, r"([^\pL\pM\pN\s'])", r" \1 ")
    text = tf.strings.regex_replace(text, r"(?:^|\s)'+", " ' ")
    return tf.strings.regex_replace(text, r"'+(?:\s|$)", " ' ")


def adapt(pairs: Sequence[Pair], vocabulary: int = VOCABULARY) -> Preprocessing:
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (text, label).
        vocabulary: the most token ids, padding and the unknown word among them; the most frequent words get one.

    Returns:
        Dict: `words`, a TextVectorization (text -> ids), and `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels, no word in any text.

    Example:

    >>> adapt([("good film", "positive"), ("bad film", "negative")])["words"].vocabulary_size()
    5
    """
    names = names_of([label for _, label in pairs])
    words = keras.layers.TextVectorization(vocabulary, standardize=separate_words, name="words")
    words.adapt(tf.data.Dataset.from_tensor_slices([text for text, _ in pairs]).batch(256))
    if words.vocabulary_size() <= 2:
        raise ValueError(f"No text holds a word. The first of {len(pairs)} texts: {pairs[0][0]!r}")
    return {"words": words, "labels": lookup(names)}


def data_hyperparameters(preprocessing: Preprocessing) -> dict[str, int]:
    """The hyperparameters of a network that the data decide."""
    return {
        "classes": preprocessing["labels"].vocabulary_size(),
        "vocabulary": preprocessing["words"].vocabulary_size(),
    }


def fine_tune(pipeline: keras.Model, pairs: Sequence[Pair]) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the vocabulary stays; labels of its own get `pairs` a new head."""
    network, labels = relabelled(pipeline, [label for _, label in pairs])
    return network, {"words": pipeline.get_layer("words"), "labels": labels}
