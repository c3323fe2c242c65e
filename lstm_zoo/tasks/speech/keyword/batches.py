"""What `fit` eats: log-mel frames of recordings, and the numbers of their labels, in batches of like length."""

from collections.abc import Sequence

import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.classification import labels_of, numbered
from lstm_zoo.contract import Preprocessing
from lstm_zoo.tasks.speech.batches import framed
from lstm_zoo.tasks.speech.keyword.networks import MAX_SECONDS
from lstm_zoo.tasks.speech.keyword.others import made_others
from lstm_zoo.tasks.speech.pairs import Example


def batches(
    examples: Sequence[Example],
    preprocessing: Preprocessing,
    batch_size: int,
    *,
    seed: int | None = None,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """What `fit` eats: batches of frames, class numbers, and weights that give every label the same say.

    Args:
        examples: as `read` gives them. The first `MAX_SECONDS` of each count.
        preprocessing: what `adapt` returned; with `others` more examples are made of these.
        batch_size, seed, first_epoch: see `speech.batches.batches`.

    Returns:
        tf.data.Dataset of a dict of `frames` float32 (batch, steps, 80) and `lengths` int32 (batch,), classes (batch,)
        int64, weights (batch,) float32.

    Raises:
        ValueError: a label that `preprocessing` does not know.
    """
    heard, classes, weights = batching.encoded(examples, preprocessing, _encode)

    def with_classes(frames, lengths, rows):
        return {"frames": frames, "lengths": lengths}, tf.gather(classes, rows), tf.gather(weights, rows)

    names, passes = preprocessing["augmentation"], {"seed": seed, "first_epoch": first_epoch}
    return framed(heard, batch_size, with_classes, names, **passes, max_seconds=MAX_SECONDS)


def num_units(examples: Sequence[Example], preprocessing: Preprocessing) -> int:
    """Number of examples in one pass of `batches`."""
    return len(batching.encoded(examples, preprocessing, _encode)[0])


def _encode(examples, preprocessing):
    """All examples, with those that are made; the numbers of their labels, and their weights."""
    heard = [*examples, *made_others(examples)] if preprocessing["others"] else examples
    weighing = preprocessing.get("class_weight", "balanced")
    return heard, *numbered(labels_of(heard), preprocessing["labels"], weighing)
