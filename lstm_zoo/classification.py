"""Labels, of texts or of recordings: checked, numbered, weighed, split, learnt, answered and scored."""

import collections
import math
import warnings

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from lstm_zoo import networks

IMBALANCE = 10  # times that one label may occur more often than another before a warning
VALIDATION_SHARE = 0.1  # of the user's own examples


def check_label(label, row):
    """A label as `str`: a name, or a whole number.

    Raises:
        ValueError: anything else; the message names the row.
    """
    if isinstance(label, bytes):
        label = label.decode("utf-8", errors="replace")
    if isinstance(label, str) and label.strip():
        return label.strip()
    number = isinstance(label, (int, float, np.number)) and not isinstance(label, bool)
    if number and math.isfinite(label) and label == int(label):
        return str(int(label))
    raise ValueError(f"The label of item {row} is neither a name nor a whole number. Received: {label!r}")


def check_labels(labels, known):
    """A ValueError that names the labels which are not known."""
    if unknown := sorted(set(labels) - set(known)):
        known = ", ".join(map(repr, map(str, known)))
        raise ValueError(f"Labels that the network does not know: {', '.join(map(repr, unknown))}. It knows: {known}")


def names_of(labels):
    """The different labels in their order: by value if they are all numbers, else by the alphabet.

    Raises:
        ValueError: fewer than two.
    """
    counts = collections.Counter(labels).most_common()
    names = [name for name, _ in counts]
    if len(names) < 2:
        raise ValueError(f"At least two labels are needed to tell one from another. Received only: {names[0]!r}")
    (frequent, highest), (rare, lowest) = counts[0], counts[-1]
    if highest > IMBALANCE * lowest:
        warnings.warn(
            f"The label {frequent!r} occurs {highest} times, {rare!r} only {lowest} times. Training weighs the labels "
            "alike, but few examples teach little: look at macro_f1, and add examples of the rare label.",
            stacklevel=2,
        )
    return sorted(names, key=int if all(name.removeprefix("-").isdecimal() for name in names) else None)


def lookup(names, **kwargs):
    """Layer from labels to their numbers, or the other way with `invert=True`."""
    return keras.layers.StringLookup(vocabulary=names, num_oov_indices=0, name="labels", **kwargs)


def numbered(labels, layer):
    """Numbers of labels int64 (rows,), and weights float32 (rows,) that give every label the same say, however rare.

    A weight is rows / (labels * rows of the label): 1 where all are as frequent.

    Raises:
        ValueError: a label that the layer does not know.
    """
    known = layer.get_vocabulary()
    check_labels(labels, known)
    classes = layer(tf.constant(labels))
    counts = tf.math.bincount(tf.cast(classes, "int32"), minlength=len(known), dtype="float32")
    return classes, tf.gather(len(labels) / (len(set(labels)) * tf.maximum(counts, 1.0)), classes)


def split(examples, seed=0):
    """Set a tenth of the examples (what, label, ...) aside for validation, the same share of every label.

    Returns:
        Two lists: examples for training and for validation, of which every label has one at least.

    Raises:
        ValueError: a label that occurs only once.
    """
    rows = collections.defaultdict(list)
    for row, example in enumerate(examples):
        rows[example[1]].append(row)
    lonely = sorted(label for label, members in rows.items() if len(members) == 1)
    if lonely:
        raise ValueError(
            f"No validation split: one example only of the label {', '.join(map(repr, lonely))}. "
            "Add examples, or pass `validation`."
        )
    random = np.random.default_rng(seed)
    held_out = set()
    for members in rows.values():
        held_out.update(random.choice(members, max(1, round(VALIDATION_SHARE * len(members))), replace=False).tolist())
    return (
        [example for row, example in enumerate(examples) if row not in held_out],
        [example for row, example in enumerate(examples) if row in held_out],
    )


def compile_network(network, learning_rate, **kwargs):
    """Compile with Adam, gradients clipped to a global norm of 1, and cross-entropy; see `compile_with_adam`."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return networks.compile_with_adam(network, learning_rate, loss, metrics=["accuracy"], **kwargs)


def relabelled(pipeline, labels):
    """Network and `labels` layer to go on from with examples of these labels: any that is new gets them a new head."""
    names = names_of(labels)
    known = pipeline.get_layer("labels").get_vocabulary()
    if set(names) <= set(known):
        return networks.network_of(pipeline), lookup(known)
    return networks.replace_head(networks.network_of(pipeline), classes=len(names)), lookup(names)


def answer(logits, layer):
    """What a pipeline answers: dict of `label`, `score`, its probability, and `probabilities`, in the layer's order."""
    probabilities = keras.layers.Softmax(name="probabilities", dtype="float32")(logits)
    return {
        "label": lookup(layer.get_vocabulary(), invert=True)(ops.argmax(probabilities, axis=-1)),
        "score": ops.max(probabilities, axis=-1),
        "probabilities": probabilities,
    }


def metrics(references, predictions):
    """Accuracy, and the mean over the labels of their F1, of predicted labels."""
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": round(float(accuracy_score(references, predictions)), 4),
        "macro_f1": round(float(f1_score(references, predictions, average="macro")), 4),
    }
