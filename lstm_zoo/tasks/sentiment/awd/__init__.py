"""Sentiment by a language model: which label does a text deserve, for a reader who knows how such texts go on?

ULMFiT (Howard and Ruder 2018, https://arxiv.org/abs/1801.06146): `train(..., weights="text_generation-awd-imdb")`
begins with the vocabulary, the table and the LSTMs of a language model, which learnt from texts without labels, and so
needs fewer labels. Without `weights` the same network begins from nothing. Data and metrics are those of `sentiment`.
"""

import dataclasses
import functools
from collections.abc import Sequence

import keras

from lstm_zoo import registry
from lstm_zoo.classification import lookup, names_of
from lstm_zoo.contract import Preprocessing
from lstm_zoo.networks import network_of
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment.awd.networks import NETWORKS, VOCABULARY, from_pretrained
from lstm_zoo.tasks.sentiment.awd.plans import plan
from lstm_zoo.tasks.sentiment.awd.subwords import ReviewSubwords, without_markup
from lstm_zoo.tasks.sentiment.awd.unfreezing import freeze
from lstm_zoo.tasks.sentiment.multilabel import with_multilabel
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.text.subwords import lines_of, train_subwords

WINDOW = 400  # subwords of a text that one pass of training sees: all of three reviews in four


def adapt(pairs: Sequence[Pair], vocabulary: int = VOCABULARY) -> Preprocessing:
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (text, label).
        vocabulary: the most subwords; the first four mean padding, unknown, start and end.

    Returns:
        Dict: `words`, a ReviewSubwords layer (text -> subwords), and `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels, a vocabulary that is too small for the characters of the texts.
        ImportError: the extra `translation`, which brings the subwords, is not installed.
    """
    names = names_of([label for _, label in pairs])
    texts = [text.decode() for text in without_markup([text for text, _ in pairs]).numpy()]
    return {"words": ReviewSubwords(train_subwords(lines_of(texts), vocabulary), name="words"), "labels": lookup(names)}


def fine_tune(pipeline: keras.Model, pairs: Sequence[Pair]) -> tuple[keras.Model, Preprocessing]:
    """Network and preprocessing to go on from: the vocabulary stays.

    Of a language model the layers are frozen, for `unfreezing`, under a new head; of a classifier they are not, and
    labels of their own get `pairs` a new head.
    """
    if registry.model_of(pipeline) != TASK.pretrained_from:
        return sentiment.TASK.fine_tune(pipeline, pairs)
    names = names_of([label for _, label in pairs])
    tokens = pipeline.get_layer("awd").tokens
    network = freeze(from_pretrained(network_of(pipeline), classes=len(names)))
    return network, {"words": ReviewSubwords(tokens.model, name="words"), "labels": lookup(names)}


TASK = with_multilabel(
    dataclasses.replace(
        sentiment.TASK,
        extra="translation",
        networks=NETWORKS,
        adapt=adapt,
        fine_tune=fine_tune,
        pretrained_from="text_generation/awd",
        from_pretrained=from_pretrained,
        batches=functools.partial(sentiment.TASK.batches, window=WINDOW),
        # A network that has learnt its texts by heart is too sure of itself, and its loss rises, while its accuracy
        # still does too (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
        monitor="val_accuracy",
        learning_rate=3e-3,  # of the head; those of pretrained layers are lower, see `unfreezing`
        train_steps=1760,  # IMDb: 5 epochs
        plan=plan,
    )
)
