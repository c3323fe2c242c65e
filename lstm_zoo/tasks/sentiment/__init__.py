"""Sentiment: which label does a text deserve?

Data: IMDb Large Movie Review Dataset (Maas et al. 2011, https://aclanthology.org/P11-1015), `imdb_reviews` in
TensorFlow Datasets: 25,000 labelled reviews for training, 25,000 for the test; free for research, the texts belong to
their authors.
Measures: accuracy, and macro F1, which a rare label moves as much as a frequent one.
Networks: a BiLSTM with pooling (as in Howard and Ruder 2018, https://arxiv.org/abs/1801.06146) and a BiLSTM with
self-attentive pooling (Lin et al. 2017, https://arxiv.org/abs/1703.03130), which can say which words it weighed.
"""

import keras
import tensorflow as tf

from lstm_zoo import batching, layers, networks
from lstm_zoo.classification import answer, check_labels, compile_network, lookup, names_of, relabelled, split
from lstm_zoo.tasks.sentiment.batches import WINDOW, examples
from lstm_zoo.tasks.sentiment.measures import baselines, measures
from lstm_zoo.tasks.sentiment.networks import LEARNING_RATE, NETWORKS, VOCABULARY
from lstm_zoo.tasks.sentiment.pairs import CLASSES, DATASETS, data, read
from lstm_zoo.text.inputs import inputs

BETTER = max  # of two scores
MONITOR = "val_loss"  # what tells the best epoch: smoother than the accuracy where the validation split is small
PATIENCE = 2  # epochs
STEPS, BATCH = 1050, 64  # IMDb: 3 epochs; the second or third has the lowest validation loss

__all__ = [
    "BATCH",
    "BETTER",
    "CLASSES",
    "DATASETS",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "WINDOW",
    "adapt",
    "answers",
    "baselines",
    "compile_network",
    "core",
    "count",
    "data",
    "encode",
    "examples",
    "explain",
    "fine_tune",
    "inputs",
    "legend",
    "pipeline",
    "read",
    "score",
    "size",
    "sizes",
    "split",
]


@layers.registered
def separate_words(text):
    """Lower-case `text`, drop mark-up, and put spaces around every sign, so that white space separates the tokens.

    An apostrophe within a word stays ("don't"); any other sign is a token ("10/10!" -> "10 / 10 !").
    """
    text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
    text = tf.strings.lower(text, encoding="utf-8")
    text = tf.strings.regex_replace(text, "<[^<>]*>", " ")
    # Every line break of Unicode is one, or a token could hold it and break the vocabulary's file, a line a token.
    text = tf.strings.regex_replace(text, r"[\pZ\p{Cc}]", " ")
    text = tf.strings.regex_replace(text, r"([^\pL\pM\pN\s'])", r" \1 ")
    text = tf.strings.regex_replace(text, r"(?:^|\s)'+", " ' ")
    return tf.strings.regex_replace(text, r"'+(?:\s|$)", " ' ")


def adapt(pairs, vocabulary=VOCABULARY):
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (text, label).
        vocabulary: the most token ids, padding and the unknown word among them; the most frequent words get one.

    Returns:
        Dict: `words`, a TextVectorization (text -> ids), and `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels, no word in any text.
    """
    names = names_of([label for _, label in pairs])
    words = keras.layers.TextVectorization(vocabulary, standardize=separate_words, name="words")
    words.adapt(tf.data.Dataset.from_tensor_slices([text for text, _ in pairs]).batch(256))
    if words.vocabulary_size() <= 2:
        raise ValueError(f"No text holds a word. The first of {len(pairs)} texts: {pairs[0][0]!r}")
    return {"words": words, "labels": lookup(names)}


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    return {
        "classes": preprocessing["labels"].vocabulary_size(),
        "vocabulary": preprocessing["words"].vocabulary_size(),
    }


def fine_tune(pipeline, pairs):
    """Network and preprocessing to go on from: the vocabulary stays; labels of its own get `pairs` a new head."""
    network, labels = relabelled(pipeline, [label for _, label in pairs])
    return network, {"words": pipeline.get_layer("words"), "labels": labels}


def count(pairs, _):
    """Number of examples in one pass of `examples`."""
    return len(pairs)


def pipeline(network, preprocessing):
    """One model from raw texts to labels.

    Returns:
        keras.Model: strings (batch,) -> dict of `label` (batch,) string, `score` (batch,), the probability of that
        label, and `probabilities` (batch, classes), in the order of `pipeline.get_layer("labels").get_vocabulary()`.
    """
    text = keras.Input((), dtype="string", name="text")
    found = answer(network(preprocessing["words"](text)), preprocessing["labels"])
    return keras.Model(text, found, name=f"sentiment-{network.name}")


def core(network):
    """The part of a pipeline that holds no strings, for formats without them: ids (batch, steps) -> probabilities."""
    return keras.Model(network.inputs, {"probabilities": keras.layers.Softmax(dtype="float32")(network.output)})


def legend(pipeline):
    """What the numbers of `core` mean: the labels in their order, and the vocabulary, whose place is the word's id."""
    return {
        "labels": pipeline.get_layer("labels").get_vocabulary(),
        "vocabulary": pipeline.get_layer("words").get_vocabulary(),
    }


def encode(_, texts):
    """What a pipeline takes, of checked texts."""
    return tf.constant(texts, "string")


size = len  # of a text: what batches are sorted by


def answers(outputs, *_):
    """Plain Python answers from pipeline outputs: `[{"label": "positive", "score": 0.98}, ...]`."""
    return [{"label": row["label"].decode(), "score": float(row["score"])} for row in outputs]


def explain(pipeline, texts):
    """Which words a pipeline with attention weighed: for each text its words and their weights, which add up to 1.

    The weights say where the network looked, not whether the word speaks for or against the label.

    Returns:
        A list per text of pairs (word, weight), in reading order; empty for a text without words.

    Raises:
        ValueError: a network without an attention layer.
    """
    network = networks.network_of(pipeline)
    pooling = [layer for layer in network.layers if isinstance(layer, layers.AttentionPooling)]
    if not pooling:
        raise ValueError(f"explain needs a network with attention, like sentiment/attention. Received: {pipeline.name}")
    words = pipeline.get_layer("words")
    weigh = keras.Model(network.inputs, pooling[0].output[1])
    explained = []
    for text in texts:
        tokens = [token.decode() for token in tf.strings.split(separate_words(tf.constant(text))).numpy()]
        weights = weigh.predict_on_batch(words(tf.constant([text])))[0] if tokens else []
        explained.append([(token, float(weight)) for token, weight in zip(tokens, weights)])
    return explained


def score(pipeline, pairs):
    """Measures of a pipeline on pairs (text, label).

    Returns:
        Dict: `accuracy`, and `macro_f1`, the mean over the labels of their F1.

    Raises:
        ValueError: a label that the pipeline does not know.
    """
    texts, truth = (list(side) for side in zip(*pairs))
    check_labels(truth, pipeline.get_layer("labels").get_vocabulary())
    guesses = [one["label"] for one in answers(batching.run(pipeline, texts, encode))]
    return measures(truth, guesses)
