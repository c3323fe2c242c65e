"""What is fitted without gradients: the share of the LSTM beside the bags, and the bags of all examples.

Stacking (Wolpert 1992, https://doi.org/10.1016/S0893-6080(05)80023-1): each model is heard as much as makes right
labels of texts likely that none of them has learnt from. A new LSTM is heard only where it makes them likelier by more
than chance would, so few examples leave the answer to the bags, as sure of it as cross-validation has found them; one
that was heard before goes on as it was.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import scipy.stats

from lstm_zoo import batching
from lstm_zoo.calibration import inverse_temperature, log_softmax, negative_log_likelihood, pool_weights
from lstm_zoo.contract import Preprocessing
from lstm_zoo.layers.pool import relative_length
from lstm_zoo.networks import network_of
from lstm_zoo.tasks.sentiment import multilabel
from lstm_zoo.tasks.sentiment.pairs import Pair
from lstm_zoo.tasks.sentiment.wide.networks import assemble, bags_of, initialize, trained_part
from lstm_zoo.tasks.sentiment.wide.preprocessing import (
    FEWEST,
    decisions,
    fit_bags,
    sizes_of,
    targets_of,
    weights_of_bags,
)

# The best of dozens of epochs was chosen on the texts that the shares are fitted to. So a gain in log-likelihood counts
# where a t-test says that it is by chance one time in a thousand; of 900 questions to a bank it is 3.5 to 5 standard
# errors. Of ten reviews some epoch has all right whatever the LSTM knows: fewer than `FEWEST` texts are no proof.
LEVEL = 0.001


def calibrate(pipeline: keras.Model, preprocessing: Preprocessing, pairs: Sequence[Pair]) -> None:
    """Set the weights of the pool by pairs (text, label) that nothing in the network has learnt from."""
    network = network_of(pipeline)
    classes, _ = targets_of(pairs, preprocessing["labels"], None)
    opinions, lengths = opinions_of(network, preprocessing, [text for text, _ in pairs])
    opinions, classes = decisions(opinions, classes)
    weights = shares(opinions, lengths, classes, *preprocessing["pool"])
    pool = network.get_layer("pool")
    pool.set_weights([*(part.astype(np.float32) for part in weights), *pool.get_weights()[2:]])


def calibrate_multilabel(pipeline: keras.Model, preprocessing: Preprocessing, pairs: Sequence[Pair]) -> None:
    """Set the weights of the pool, and then a scale, a bias and a threshold of each label, by pairs (text, labels)."""
    scale(network_of(pipeline), 1.0, 0.0)
    calibrate(pipeline, preprocessing, pairs)
    multilabel.calibrate(pipeline, preprocessing, pairs, scale)


def scale(network: keras.Model, slopes: Any, biases: Any) -> None:
    """Set what the pool of several labels a text multiplies its sum by, and what it adds."""
    pool = network.get_layer("pool")
    weights = pool.get_weights()
    pool.set_weights([*weights[:2], np.full_like(weights[2], slopes), np.full_like(weights[3], biases)])


def shares(
    opinions: Sequence[np.ndarray],
    lengths: np.ndarray,
    classes: np.ndarray,
    prior: Sequence[float],
    slopes: Sequence[float],
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the LSTM, first, and of the bags, and their slopes with the length of a text.

    Fewer than `FEWEST` texts leave them as they were; of an LSTM without bags they tell how sure it may be.

    Args:
        opinions: log-probabilities (rows, classes) of each, a row a text; of several labels a row a label of a text.
        lengths: words (texts,).
        classes: int (rows,), the right ones.
        prior: weights that they had; 0 of a new LSTM, and of bags from texts for training that they had not learnt.
        slopes: that they had.
    """
    models = len(opinions)
    if models == 1:
        prior = [inverse_temperature(*opinions, classes, prior[0] or 1.0)]
    if len(lengths) < FEWEST:
        return np.asarray(prior, float), np.asarray(slopes, float)
    factors = np.repeat(np.asarray(relative_length(lengths.astype(np.float32))), len(classes) // len(lengths))
    sloped = [*opinions, *(factors[:, None] * opinion for opinion in opinions)]
    if models > 1 and not prior[0]:
        alone = np.array([0.0, *weights_of_bags(opinions[1:], classes, prior[1:], len(lengths))])
        together = pool_weights(opinions, classes, alone)
        prior = together if together.any() and _earned(alone, together, opinions, classes) else alone
    before = np.concatenate([prior, slopes])
    after = pool_weights(sloped, classes, before, [0.0] * models + [None] * models)
    heard = np.maximum(after[:models] + factors[:, None] * after[models:], 0).any(1).all()  # some model of every text
    return tuple(np.split(after if heard and _earned(before, after, sloped, classes) else before, 2))


def _earned(before, after, opinions, classes):
    """Whether other weights make right classes likelier, by more than chance makes of weights fitted to these rows."""
    likelihoods = (negative_log_likelihood(weights, opinions, classes) for weights in (before, after))
    gain = np.subtract(*likelihoods)
    return gain.mean() > scipy.stats.t.isf(LEVEL, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))


def opinions_of(
    network: keras.Model, preprocessing: Preprocessing, texts: Sequence[str]
) -> tuple[list[np.ndarray], np.ndarray]:
    """Log-probabilities (texts, classes) of each of the models in a `wide`, the LSTM first; words (texts,).

    Of several labels a text: logits.
    """
    bags = bags_of(network)
    outputs = {"lstm": network.get_layer("head").output, **{kind: bag.output for kind, bag in bags.items()}}
    lengths = {"lengths": network.get_layer("lengths").output}
    heard = keras.Model(network.input, {**outputs, **lengths}, name=network.name)
    layers = {"ids": preprocessing["words"], **{kind: preprocessing[kind] for kind in bags}}

    def encode(_, chunk):
        ids = {name: layer(np.array(chunk, object)) for name, layer in layers.items()}
        return {name: keras.ops.cast(values, network.input[name].dtype) for name, values in ids.items()}

    rows = batching.run(heard, list(texts), encode)
    opinions = [np.array([row[name] for row in rows]) for name in outputs]
    opinions = opinions if preprocessing["multilabel"] else list(map(log_softmax, opinions))
    return opinions, np.array([row["lengths"] for row in rows])


def refit(
    network: keras.Model, preprocessing: Preprocessing, pairs: Sequence[Pair]
) -> tuple[keras.Model, Preprocessing]:
    """The same network with bags that have learnt from all pairs (text, label); what validation chose stays.

    Bags that came with trained weights stay as they are.
    """
    if not preprocessing["bags"]:
        return network, preprocessing
    fitted = fit_bags(pairs, preprocessing["labels"], preprocessing["class_weight"], list(preprocessing["bags"]))
    whole = assemble(trained_part(network), sizes_of(fitted["bags"]), fitted["multilabel"])
    whole.get_layer("pool").set_weights(network.get_layer("pool").get_weights())
    initialize(whole, fitted)
    return whole, {**preprocessing, **fitted}
