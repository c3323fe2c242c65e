"""Sentiment by a language model: which label does a text deserve, for a reader who knows how such texts go on?

ULMFiT (Howard and Ruder 2018, https://arxiv.org/abs/1801.06146): `train(..., weights="text_generation-awd-imdb")`
begins with the vocabulary, the table and the LSTMs of a language model, which learnt from texts without labels, and so
needs fewer labels. Without `weights` the same network begins from nothing. Data and measures are those of `sentiment`.
"""

from lstm_zoo import layers, networks
from lstm_zoo.classification import lookup, names_of, split
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment import answers, batches, count, encode, score, size, sizes
from lstm_zoo.tasks.sentiment.awd.networks import LEARNING_RATE, NETWORKS, VOCABULARY, begin, compile_network
from lstm_zoo.tasks.sentiment.awd.pieces import Pieces, unmarked
from lstm_zoo.tasks.sentiment.awd.unfreezing import freeze
from lstm_zoo.tasks.sentiment.measures import baselines
from lstm_zoo.tasks.sentiment.pairs import DATASETS, data, read
from lstm_zoo.text.inputs import inputs
from lstm_zoo.text.subwords import lines_of, train_subwords

BETTER = max  # of two scores
# What tells the best epoch: a network that has learnt its texts by heart is too sure of itself, and its loss rises,
# while its accuracy still does too (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
MONITOR = "val_accuracy"
PATIENCE = 2  # epochs
STEPS, BATCH = 1760, 64  # IMDb: 5 epochs
WINDOW = 400  # pieces of a text that one pass of training sees: all of three reviews in four
FOUNDATION = "text_generation/awd"  # whose pipelines `weights` may name too, see `begin`

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "FOUNDATION",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "WINDOW",
    "adapt",
    "answers",
    "baselines",
    "begin",
    "compile_network",
    "count",
    "data",
    "encode",
    "examples",
    "fine_tune",
    "inputs",
    "pipeline",
    "read",
    "score",
    "size",
    "sizes",
    "split",
]


def adapt(pairs, vocabulary=VOCABULARY):
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (text, label).
        vocabulary: the most pieces; the first four mean padding, unknown, start and end.

    Returns:
        Dict: `words`, a Pieces layer (text -> pieces), and `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels, a vocabulary that is too small for the characters of the texts.
        ImportError: the extra `translation`, which brings the subwords, is not installed.
    """
    names = names_of([label for _, label in pairs])
    texts = [text.decode() for text in unmarked([text for text, _ in pairs]).numpy()]
    return {"words": Pieces(train_subwords(lines_of(texts), vocabulary), name="words"), "labels": lookup(names)}


def fine_tune(pipeline, pairs):
    """Network and preprocessing to go on from: the vocabulary stays.

    Of a language model the layers are frozen, for `unfreezing`, under a new head; of a classifier they are not, and
    labels of their own get `pairs` a new head.
    """
    if pipeline.name == "sentiment-awd":
        return sentiment.fine_tune(pipeline, pairs)
    names = names_of([label for _, label in pairs])
    tokens = pipeline.get_layer("awd").tokens
    network = freeze(begin(networks.network_of(pipeline), classes=len(names)))
    return network, {"words": Pieces(tokens.model, name="words"), "labels": lookup(names)}


def examples(pairs, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: `sentiment.examples`, of pieces, of which a pass of training sees `WINDOW` of a longer text."""
    return batches.examples(pairs, preprocessing, batch, window=WINDOW, seed=seed, first_epoch=first_epoch)


def pipeline(network, preprocessing):
    """One model from raw texts to labels, see `sentiment.pipeline`. It can be trained further, all of it."""
    return sentiment.pipeline(freeze(network, False), preprocessing)
