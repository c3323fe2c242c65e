"""Probabilities that mean what they say: fitted on validation, and how far they are from it."""

import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import scipy.optimize
import scipy.special

from lstm_zoo import networks

RELIABILITY = "reliability.png"  # ending of what stands beside a table of labels
BINS = 15  # of the calibration error, as Guo et al. have them
MIN_FACTOR = 0.01  # of logits: a network that knows nothing still answers with one label
FEW = 10  # rows with a label that its threshold is fitted to as much as to that of all
PRIOR = 0.5  # standard deviation of a weight about its prior, which a hundred texts outweigh


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of logits (rows, classes), float64."""
    return scipy.special.log_softmax(np.asarray(logits, np.float64), axis=-1)


def negative_log_likelihood(weights: np.ndarray, opinions: Sequence[np.ndarray], classes: np.ndarray) -> np.ndarray:
    """Of right classes, int (rows,): float64 (rows,), by the pool of `opinions`, log-probabilities (rows, classes)."""
    pooled = log_softmax(sum(weight * opinion for weight, opinion in zip(weights, opinions)))
    return -pooled[np.arange(len(classes)), classes]


def pool_weights(
    opinions: Sequence[np.ndarray], classes: np.ndarray, prior: Sequence[float], least: Sequence[float | None] = ()
) -> np.ndarray:
    """The weights of a `LogLinearPool` that make right classes likely; the likelihood has one maximum.

    With few rows they stay near their prior.

    Args:
        opinions: log-probabilities (rows, classes) of each model.
        classes: int (rows,), the right ones.
        prior: a weight of each model.
        least: the lowest weight of each model, None: there is none; 0 for models beyond.

    Returns:
        Float64 (models,).

    Example:

    >>> sure = np.log([[0.999, 0.001]] * 4)
    >>> pool_weights([sure], np.array([0, 0, 0, 1]), [1.0])  # too sure: [0.2...]
    """
    prior, rows = np.asarray(prior, np.float64), np.arange(len(classes))
    stacked = np.stack([np.asarray(opinion, np.float64) for opinion in opinions])

    def loss(weights):
        pooled = log_softmax(np.tensordot(weights, stacked, 1))
        distance = (weights - prior) / PRIOR
        expected = np.einsum("rc,mrc->m", np.exp(pooled), stacked)
        slope = expected - stacked[:, rows, classes].sum(1) + distance / PRIOR
        return -pooled[rows, classes].sum() + 0.5 * (distance**2).sum(), slope

    bounds = [(bound, None) for bound in [*least, *[0.0] * (len(prior) - len(least))]]
    return scipy.optimize.minimize(loss, np.maximum(prior, 0.05), jac=True, bounds=bounds, method="L-BFGS-B").x


def temper(pipeline: keras.Model, outputs: Sequence[dict[str, Any]], labels: Sequence[str]) -> None:
    """Divide a pipeline's logits by the temperature that makes right labels likely (Guo et al. 2017).

    Which label is the most likely stays, how sure an answer is of it changes: https://arxiv.org/abs/1706.04599.

    Args:
        outputs: its answers to examples that it has not learnt from.
        labels: the right ones.
    """
    names = pipeline.get_layer("labels").get_vocabulary()
    opinions = np.log(np.maximum([row["probabilities"] for row in outputs], 1e-30))
    [factor] = pool_weights([opinions], np.array([names.index(label) for label in labels]), [1.0])
    networks.scale_logits(networks.network_of(pipeline), max(float(factor), MIN_FACTOR))


def platt(logits: np.ndarray, right: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and bias of each label that make `slope * logit + bias` likely (Platt 1999).

    With few rows they stay near 1 and near their prior.

    Args:
        logits: (rows, labels), of rows that nothing has learnt from.
        right: bool (rows, labels).
        prior: bias (labels,) to be expected.

    Returns:
        Slopes, at least `MIN_FACTOR`, and biases, each float64 (labels,).
    """
    fitted = []
    for logit, holds, bias in zip(np.asarray(logits, np.float64).T, right.T, prior):
        first = np.array([1.0, bias])

        def loss(values, logit=logit, holds=holds, first=first):
            scores, distance = values[0] * logit + values[1], (values - first) / PRIOR
            wrong = scipy.special.expit(scores) - holds
            slope = np.array([(wrong * logit).sum(), wrong.sum()]) + distance / PRIOR
            return (np.logaddexp(0, scores) - holds * scores).sum() + 0.5 * (distance**2).sum(), slope

        bounds = [(MIN_FACTOR, None), (None, None)]
        fitted.append(scipy.optimize.minimize(loss, first, jac=True, bounds=bounds, method="L-BFGS-B").x)
    return tuple(np.array(fitted).T)


def best_thresholds(probabilities: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The threshold of each label with the highest F1, nearer to that of all labels the fewer rows have the label.

    That of all has the highest micro F1, and is nearer to 0.5 the fewer labels there are in all. 0.5 alone, of labels
    that 1,000 texts have 13 times, left most of them out: a probability that is right seldom reaches it.

    Args:
        probabilities: (rows, labels), of rows that nothing has learnt from.
        right: bool (rows, labels).

    Returns:
        Float64 (labels,): half-way between two probabilities, and of equals the nearest, weighed with the other
        threshold as `FEW` rows that have the label.

    Example:

    >>> best_thresholds(np.array([[0.1], [0.2], [0.4]]), np.array([[False], [True], [True]]))  # [0.39...]
    """
    [shared] = _thresholds(probabilities.reshape(-1, 1), right.reshape(-1, 1), 0.5)
    return _thresholds(probabilities, right, shared)


def _thresholds(probabilities, right, prior):
    fitted = []
    for probability, holds in zip(probabilities.T, right.T):
        order = np.argsort(-probability, kind="stable")
        sorted_, hits = probability[order], np.cumsum(holds[order])
        support = hits[-1]
        apart = np.append(sorted_[:-1] > sorted_[1:], True)  # a threshold cuts no equal probabilities apart
        scores = np.where(apart, 2 * hits / (np.arange(1, len(hits) + 1) + support), -1.0)
        cuts = (sorted_ + np.append(sorted_[1:], 0.0)) / 2
        best = cuts[scores >= scores.max() - 1e-12]
        best = best[np.abs(best - prior).argmin()]
        fitted.append((support * best + FEW * prior) / (support + FEW))
    return np.array(fitted)


def calibration_error(scores: Sequence[float], correct: Sequence[bool]) -> float:
    """The expected calibration error: how far the share of right answers is from what scores say, on average.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, with `BINS` bins of equal width.

    Args:
        scores: the probability of each answer.
        correct: whether it is right.

    Example:

    >>> calibration_error([0.9, 0.9], [True, False])
    0.4
    """
    shares, means, counts = _binned(scores, correct)
    return round(float(np.sum(counts * np.abs(shares - means)) / max(1, counts.sum())), 4)


def _binned(scores, correct):
    """Of each bin that is not empty: the share of right answers, the mean score, the number of answers."""
    scores, correct = np.asarray(scores, float), np.asarray(correct, float)
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    full = counts > 0
    sums = [np.bincount(bins, values, minlength=BINS)[full] / counts[full] for values in (correct, scores)]
    return *sums, counts[full]


def plot_reliability(scores: Sequence[float], correct: Sequence[bool], path: pathlib.Path) -> None:
    """Write a plot of the share of right answers against their scores, as PNG."""
    from matplotlib.figure import Figure

    shares, means, counts = _binned(scores, correct)
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], ":", color="grey", label="as it should be")
    axes.bar(means, shares, width=0.8 / BINS, alpha=0.35, color="tab:blue")
    axes.plot(means, shares, "o-", color="tab:blue", label="answers")
    for mean, share, count in zip(means, shares, counts):
        axes.annotate(f"{count:,}", (mean, share), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=7)
    axes.set(xlim=(0, 1), ylim=(0, 1.08), xlabel="score", ylabel="share that is right")
    axes.set_title(
        f"calibration error {calibration_error(scores, correct):.3f}, {int(counts.sum()):,} answers", size=10
    )
    axes.legend(loc="upper left", fontsize=8)
    figure.savefig(path, dpi=150)
