"""Texts with several labels each: what differs from texts with one, whatever the network."""

import dataclasses
import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo import batching, classification, multilabel, networks
from lstm_zoo.contract import Evaluation, Network, Preprocessing, Task
from lstm_zoo.tasks.sentiment.metrics import REGULARIZATION, bags_of
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.tasks.sentiment.pipelines import encode
from lstm_zoo.tasks.sentiment.splitting import split


def split_multilabel(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Pairs (text, labels) for training and for validation, see `splitting.split` and `lstm_zoo.multilabel.split`."""
    return split(pairs, seed, multilabel.split)


def with_multilabel(task: Task, **changes: Any) -> Task:
    """The record of a task of texts with its variant for texts with several labels each.

    Its networks are those of the task: they give logits, a sigmoid of each in the place of a softmax of all.

    Args:
        task: for texts with one label.
        changes: fields of the variant that are its own.
    """
    changed = {
        "summary": "which labels a text deserves, none or several, each whose probability reaches its threshold",
        "example": '"Two hours late, and the driver shouted at me."',
        "networks": {name: _network(network) for name, network in task.networks.items()},
        "split": split_multilabel,
        "batches": functools.partial(task.batches, encode=encode_pairs),
        "labels": multilabel.labels_of,
        "monitor": "val_loss",
        "decode": multilabel.decode,
        "describe": functools.partial(describe, task.describe),
        "evaluate": evaluate,
        "beside": multilabel.BESIDE,
        "baselines": baselines,
        "calibrate": calibrate,
        "variant": None,
        "is_variant": None,
    }
    variant = dataclasses.replace(task, **{**changed, **changes})
    return dataclasses.replace(task, variant=variant, is_variant=multilabel.is_multilabel)


def _network(network: Network) -> Network:
    def pipeline(trained: keras.Model, preprocessing: Preprocessing) -> keras.Model:
        whole = network.pipeline(trained, preprocessing, answer=multilabel.answer)
        if "thresholds" in preprocessing:  # that `calibrate` fitted to another pipeline of this run
            whole.get_layer("thresholds").set_weights([preprocessing["thresholds"]])
        return whole

    def inference_network(trained: keras.Model) -> keras.Model:
        return keras.Model(trained.input, {"probabilities": keras.ops.sigmoid(trained.output)})

    def graphs(trained: keras.Model) -> dict[str, keras.Model]:
        return {"network": inference_network(trained)}

    return dataclasses.replace(
        network,
        compile=functools.partial(network.compile, loss=multilabel.cross_entropy),
        pipeline=pipeline,
        graphs=graphs,
        metadata=functools.partial(metadata, network.metadata),
        inference_network=None if network.inference_network is None else inference_network,
    )


def encode_pairs(pairs: Sequence[Pair], preprocessing: Preprocessing) -> tuple[Any, np.ndarray, np.ndarray]:
    """Ragged tokens of the texts, targets of `multilabel.cross_entropy` and a weight of 1 for each text."""
    texts, labels = (list(side) for side in zip(*pairs))
    names = preprocessing["labels"].get_vocabulary()
    weights = multilabel.positive_weights(labels, names, preprocessing.get("class_weight", "balanced"))
    ids = batching.tokens_of(texts, preprocessing["words"])
    return ids, multilabel.indicators(labels, names) * weights, np.ones(len(texts), np.float32)


def describe(single: Callable[[keras.Model], dict[str, Any]], pipeline: keras.Model) -> dict[str, Any]:
    """What a pipeline knows of its data: what it knows of one label a text, and the threshold of each."""
    return {**single(pipeline), "thresholds": multilabel.thresholds_of(pipeline)}


def metadata(single: Callable[[keras.Model], dict[str, Any]], pipeline: keras.Model) -> dict[str, Any]:
    """What the numbers of `graphs` mean: `thresholds` too, of the probabilities of the labels."""
    return {**single(pipeline), "thresholds": list(multilabel.thresholds_of(pipeline).values())}


def calibrate(
    pipeline: keras.Model,
    preprocessing: Preprocessing,
    pairs: Sequence[Pair],
    scale: Callable[[keras.Model, np.ndarray, np.ndarray], None] = networks.scale_logits,
) -> None:
    """Fit probabilities and thresholds by pairs (text, labels) that the pipeline has not learnt from.

    Args:
        pipeline, preprocessing, pairs: see `lstm_zoo.registry`.
        scale: (network, slopes, biases) -> None, has it give logits times slopes plus biases.
    """
    texts, labels = (list(side) for side in zip(*pairs))
    names = preprocessing["labels"].get_vocabulary()
    weights = multilabel.positive_weights(labels, names, preprocessing["class_weight"])
    probabilities = [row["probabilities"] for row in batching.run(pipeline, texts, encode)]
    multilabel.calibrate(pipeline, np.array(probabilities), labels, weights, scale)
    [preprocessing["thresholds"]] = pipeline.get_layer("thresholds").get_weights()


def evaluate(pipeline: keras.Model, pairs: Sequence[Pair]) -> Evaluation:
    """How good a pipeline is on pairs (text, labels).

    Returns:
        Evaluation. Its metrics: `micro_f1`, `macro_f1`, `exact_match`, the share of texts with all labels right, and
        `calibration_error`, see `lstm_zoo.multilabel.evaluation`.

    Raises:
        ValueError: a label that the pipeline does not know.
    """
    texts, references = (list(side) for side in zip(*pairs))
    thresholds = multilabel.thresholds_of(pipeline)
    classification.check_labels(multilabel.labels_of(pairs), list(thresholds))
    rows = batching.run(pipeline, texts, encode)
    probabilities = np.array([row["probabilities"] for row in rows])
    return multilabel.evaluation({"text": texts}, references, multilabel.decode(rows), probabilities, thresholds)


def baselines(_: keras.Model | None, training: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Name -> metrics of the bags of `metrics.baselines`, with a logistic regression for each label."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    texts, labels = (list(side) for side in zip(*training))
    asked, references = (list(side) for side in zip(*pairs))
    names = sorted({*multilabel.labels_of(training), *multilabel.labels_of(pairs)})
    scores = {}
    for name, bag in bags_of(texts).items():
        regression = LogisticRegression(C=REGULARIZATION, max_iter=1000, class_weight="balanced")
        model = make_pipeline(bag, OneVsRestClassifier(regression))
        with warnings.catch_warnings(action="ignore"):  # of a label that all texts have, or none
            model.fit(texts, multilabel.indicators(labels, names).astype(int))
        answered = np.asarray(model.predict(asked)).reshape(len(asked), len(names)).astype(bool)
        scores[f"{name}, logistic regressions"] = multilabel.metrics(multilabel.indicators(references, names), answered)
    return scores
