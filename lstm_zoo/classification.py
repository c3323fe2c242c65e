"""Labels, of texts or of recordings: checked, numbered, weighed, split, learnt, answered and scored."""

import collections
import dataclasses
import itertools
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import ops

from lstm_zoo import networks, outputs
from lstm_zoo.calibration import RELIABILITY, calibration_error, plot_reliability, reliability
from lstm_zoo.confusion import CONFUSION, write_confusion
from lstm_zoo.contract import Evaluation
from lstm_zoo.options import option
from lstm_zoo.text.inputs import check_text

BESIDE = (*CONFUSION, RELIABILITY)  # endings of what stands beside a table of labels
MAX_IMBALANCE = 10  # times that one label may occur more often than another before a warning
VALIDATION_SHARE = 0.1  # of the user's own examples
MAX_SHARE = 0.2  # of them, where one at least of every label would be more


def describe(pipeline: keras.Model) -> dict[str, list[str]]:
    """What a pipeline knows of its data: its labels, in the order of its scores."""
    return {"labels": [str(label) for label in pipeline.get_layer("labels").get_vocabulary()]}


def check_label(label: Any, place: str) -> str:
    """A label as `str`: a name, a whole number, or "True" or "False".

    Raises:
        ValueError: anything else, or none; the message names its place.
    """
    if isinstance(label, bytes):
        label = check_text(label, place)
    if isinstance(label, str) and label.strip():
        return label.strip()
    if isinstance(label, (bool, np.bool_)):
        return str(label)
    if isinstance(label, (int, float, np.number)) and math.isfinite(label) and label == int(label):
        return str(int(label))
    raise ValueError(f"{place} has no label: a name, a whole number or a bool is expected. Received: {label!r:.160}")


def check_labels(labels: Iterable[str], known: Sequence[str]) -> None:
    """Raise a ValueError that names the labels which are not known."""
    if unknown := sorted(set(labels) - set(known)):
        known = ", ".join(map(repr, map(str, known)))
        raise ValueError(f"Labels that the network does not know: {', '.join(map(repr, unknown))}. It knows: {known}")


def names_of(labels: Sequence[str | tuple[str, ...]]) -> list[str]:
    """The different labels in their order: by value if they are all numbers, else by the alphabet.

    Args:
        labels: of each example; a tuple where an example may have several.

    Raises:
        ValueError: fewer than two; of tuples none, or such as all hold the same labels.

    Example:

    >>> names_of(["10", "9", "10"])
    ['9', '10']
    """
    multilabel = isinstance(labels[0], tuple)
    counts = collections.Counter(itertools.chain.from_iterable(labels) if multilabel else labels).most_common()
    names = [name for name, _ in counts]
    if multilabel and len(set(map(frozenset, labels))) < 2:
        raise ValueError(f"All of {len(labels):,} examples have the same labels. Received: {labels[0]!r:.160}")
    if multilabel and counts[0][1] == len(labels):
        warnings.warn(f"Every example has the label {names[0]!r}: nothing tells when it is missing.", stacklevel=2)
    if not multilabel and len(names) < 2:
        raise ValueError(f"At least two labels are needed to tell one from another. Received only: {names[0]!r}")
    if alike := _alike(names):
        warnings.warn(f"These labels are told apart, though they may mean the same: {alike}.", stacklevel=2)
    (frequent, highest), (rare, lowest) = counts[0], counts[-1]
    if highest > MAX_IMBALANCE * lowest:
        warnings.warn(
            f"The label {frequent!r} occurs {highest} times, {rare!r} only {lowest} times. Whatever their weight, few "
            "examples teach little: look at macro_f1, and add examples of the rare label.",
            stacklevel=2,
        )
    return ordered(names)


def _alike(names):
    """Labels that differ in upper case or the form of a number alone, for a warning; "" if there are none."""
    forms = collections.defaultdict(list)
    for name in names:
        try:
            forms[float(name)].append(name)
        except ValueError:
            forms[name.casefold()].append(name)
    return "; ".join(", ".join(map(repr, sorted(group))) for group in forms.values() if len(group) > 1)


def lookup(names: Sequence[str], **kwargs: Any) -> keras.layers.StringLookup:
    """Layer from labels to their numbers, or the other way with `invert=True`."""
    return keras.layers.StringLookup(vocabulary=names, num_oov_indices=0, name="labels", **kwargs)


def labels_of(examples: Sequence[tuple]) -> list[str]:
    """The labels of examples, their second parts."""
    return [example[1] for example in examples]


def numbered(
    labels: Sequence[str], layer: keras.layers.StringLookup, class_weight: str | Mapping[str, float] | None = "balanced"
) -> tuple[tf.Tensor, tf.Tensor]:
    """Numbers of labels int64 (rows,), and their weights float32 (rows,).

    Args:
        labels: of the rows.
        layer: from labels to their numbers.
        class_weight: "balanced" gives every label the same say, however rare: a weight is rows / (labels * rows of the
            label), 1 where all are as frequent. Or label -> weight, 1 for others. None: 1 for all.

    Raises:
        ValueError: a label that the layer does not know.
    """
    known = layer.get_vocabulary()
    check_labels(labels, known)
    classes = layer(tf.constant(labels))
    if class_weight != "balanced":
        weights = [(class_weight or {}).get(label, 1.0) for label in known]
        return classes, tf.gather(tf.constant(weights, "float32"), classes)
    counts = tf.math.bincount(tf.cast(classes, "int32"), minlength=len(known), dtype="float32")
    return classes, tf.gather(len(labels) / (len(set(labels)) * tf.maximum(counts, 1.0)), classes)


def split(examples: Sequence[tuple], seed: int = 0) -> tuple[list[tuple], list[tuple]]:
    """Set a tenth of the examples aside for validation, the same share of every label.

    Where labels are many and examples few, one of every label would leave too few to learn from: then as many as a
    fifth, of labels that chance draws. A label with one example only is learnt, and not validated.

    Args:
        examples: tuples whose second part is the label.
        seed: draws the examples.

    Returns:
        Two lists: examples for training, of which every label has one at least, and for validation.

    Raises:
        ValueError: no label that occurs twice.

    Example:

    >>> training, validation = split([("a", "good"), ("b", "good"), ("c", "bad"), ("d", "bad")])
    >>> [label for _, label in validation]
    ['good', 'bad']
    """
    rows_of = collections.defaultdict(list)
    for row, example in enumerate(examples):
        rows_of[example[1]].append(row)
    lonely = sorted(label for label, rows in rows_of.items() if len(rows) == 1)
    if len(lonely) == len(rows_of):
        raise ValueError(
            f"No validation split: one example only of every label, like {lonely[0]!r}. "
            "Add examples, or pass `validation`."
        )
    if lonely:
        warnings.warn(
            f"One example only of the label {', '.join(map(repr, lonely[:10]))}: nothing tells whether it is learnt.",
            stacklevel=2,
        )
    random = np.random.default_rng(seed)
    drawn = []
    for rows in rows_of.values():
        share = max(1, round(VALIDATION_SHARE * len(rows)))
        drawn += [] if len(rows) == 1 else random.choice(rows, share, replace=False).tolist()
    most = max(1, round(MAX_SHARE * len(examples)))
    held_out = set(drawn if len(drawn) <= most else random.choice(drawn, most, replace=False).tolist())
    return (
        [example for row, example in enumerate(examples) if row not in held_out],
        [example for row, example in enumerate(examples) if row in held_out],
    )


def compile_network(network: keras.Model, learning_rate: float, loss: Any = None, **kwargs: Any) -> keras.Model:
    """Compile with Adam, gradients clipped to a global norm of 1; see `compile_with_adam`.

    Args:
        loss: without metrics. None: cross-entropy of one label an example, and the accuracy beside it.
    """
    if loss is None:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Not by its name: variables that a metric makes in the first step have TensorFlow trace the whole step twice.
        kwargs["metrics"] = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    return networks.compile_with_adam(network, learning_rate, loss, **kwargs)


def relabelled(pipeline: keras.Model, labels: Sequence[str]) -> tuple[keras.Model, keras.layers.StringLookup]:
    """Network and `labels` layer to go on from with examples of these labels: any that is new gets them a new head."""
    names = names_of(labels)
    known = pipeline.get_layer("labels").get_vocabulary()
    if set(names) <= set(known):
        return networks.network_of(pipeline), lookup(known)
    return networks.replace_head(networks.network_of(pipeline), classes=len(names)), lookup(names)


def answer(logits: keras.KerasTensor, layer: keras.layers.StringLookup) -> dict[str, keras.KerasTensor]:
    """What a pipeline answers to logits (batch, classes), whose classes a `labels` layer numbers.

    Returns:
        Dict of `label` (batch,) string, `score` (batch,), its probability, and `probabilities` (batch, classes), in
        the layer's order.
    """
    probabilities = keras.layers.Softmax(name="probabilities", dtype="float32")(logits)
    return {
        "label": lookup(layer.get_vocabulary(), invert=True)(ops.argmax(probabilities, axis=-1)),
        "score": ops.max(probabilities, axis=-1),
        "probabilities": probabilities,
    }


def metrics(references: Sequence[str], predictions: Sequence[str]) -> dict[str, float]:
    """Accuracy, and the mean over the labels of the references of their F1, to four digits.

    Example:

    >>> metrics(["good", "bad"], ["good", "good"])
    {'accuracy': 0.5, 'macro_f1': 0.3333}
    """
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": round(float(accuracy_score(references, predictions)), 4),
        "macro_f1": round(float(f1_score(references, predictions, labels=sorted(set(references)), average="macro")), 4),
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """What `predict` takes beside what it labels."""

    scores: bool = option(False, "Add to each answer `scores`: the probability of every label.")


def annotate(
    answers: Sequence[dict[str, Any]], _: Any, outputs: Sequence[dict], pipeline: keras.Model, options: Options
) -> None:
    """Add to the answers what the options ask for."""
    if options.scores:
        labels = list(map(str, pipeline.get_layer("labels").get_vocabulary()))
        for answer, row in zip(answers, outputs):
            unheard = answer.get("label", "") is None
            answer["scores"] = dict.fromkeys(labels) if unheard else dict(zip(labels, map(float, row["probabilities"])))


def evaluation(
    examples: Mapping[str, Sequence[Any]],
    references: Sequence[str],
    answers: Sequence[dict[str, Any]],
    names: Sequence[str],
) -> Evaluation:
    """How good labels are, with a table of them and a confusion matrix.

    Args:
        examples: title -> cells of what the table says of each example.
        references: the right labels.
        answers: as many of the pipeline.
        names: of all labels that the pipeline knows.
    """
    predictions, scores = ([answer[key] for answer in answers] for key in ("label", "score"))
    correct = [prediction == reference for prediction, reference in zip(predictions, references)]
    diagram = reliability(scores, correct)

    def table():
        labels = {"label": references, "predicted_label": predictions, "score": scores, "correct": correct}
        return pd.DataFrame({**examples, **labels})

    def write(path):
        write_confusion(references, predictions, path, ordered(map(str, names)))
        plot_reliability(diagram, outputs.beside(path, RELIABILITY))

    measured = {**metrics(references, predictions), "calibration_error": calibration_error(diagram)}
    return Evaluation(metrics=measured, reliability=diagram, table=table, write=write)


def ordered(names: Iterable[str]) -> list[str]:
    """Labels in their order: by value if they are all numbers, else by the alphabet."""
    names = set(names)
    return sorted(names, key=int if all(name.removeprefix("-").isdecimal() for name in names) else None)
