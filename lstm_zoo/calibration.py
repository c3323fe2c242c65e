"""Probabilities that mean what they say: fitted on validation, and how far they are from it."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import scipy.optimize
import scipy.special

from lstm_zoo import networks

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

RELIABILITY = "reliability.png"  # of a run; the ending of what stands beside a table of labels
BINS = 15  # of the calibration error, as Guo et al. have them
BLUE, ORANGE = "#0072B2", "#D55E00"  # of Okabe and Ito's palette, which the colour-blind tell apart
MAX_POWER = 4.6  # of e, of a factor of logits: 0.01 where a network knows nothing, which still answers with one label
FEW = 10  # rows with a label that its threshold is fitted to as much as to that of all
PRIOR = 0.5  # standard deviation of a weight about its prior, which a hundred texts outweigh
LOG_PRIOR = 0.7  # the same of a factor's logarithm: twice as sure, or as unsure, is no surprise


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


def inverse_temperature(opinion: np.ndarray, classes: np.ndarray, prior: float = 1.0) -> float:
    """The factor of an opinion that makes right classes likely (Guo et al. 2017), above 0 whatever the rows say.

    Its logarithm stays near that of its prior: a factor that did so itself would be 0 after two or three rows of which
    a model is surely wrong, and every answer the same.

    Args:
        opinion: log-probabilities (rows, classes).
        classes: int (rows,), the right ones.
        prior: of the factor; of no rows it is the factor.

    Example:

    >>> sure = np.log([[0.999, 0.001]] * 4)
    >>> inverse_temperature(sure, np.array([0, 0, 0, 1]))  # too sure: 0.3...
    """

    def loss(power):
        likelihood = negative_log_likelihood([prior * np.exp(power)], [opinion], classes).sum()
        return likelihood + 0.5 * (power / LOG_PRIOR) ** 2

    best = scipy.optimize.minimize_scalar(loss, bounds=(-MAX_POWER, MAX_POWER), method="bounded").x
    return float(prior * np.exp(best))


def temper(pipeline: keras.Model, outputs: Sequence[dict[str, Any]], labels: Sequence[str]) -> None:
    """Divide a pipeline's logits by the temperature that makes right labels likely (Guo et al. 2017).

    Which label is the most likely stays, how sure an answer is of it changes: https://arxiv.org/abs/1706.04599.

    Args:
        outputs: its answers to examples that it has not learnt from.
        labels: the right ones.
    """
    names = pipeline.get_layer("labels").get_vocabulary()
    opinions = np.log(np.maximum([row["probabilities"] for row in outputs], 1e-30))
    factor = inverse_temperature(opinions, np.array([names.index(label) for label in labels]))
    networks.scale_logits(networks.network_of(pipeline), factor)


def platt(logits: np.ndarray, right: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and bias of each label that make `slope * logit + bias` likely (Platt 1999).

    With few rows they stay near 1 and near their prior.

    Args:
        logits: (rows, labels), of rows that nothing has learnt from.
        right: bool (rows, labels).
        prior: bias (labels,) to be expected.

    Returns:
        Slopes, above 0, and biases, each float64 (labels,).
    """
    fitted, deviations = [], np.array([LOG_PRIOR, PRIOR])
    for logit, holds, bias in zip(np.asarray(logits, np.float64).T, right.T, prior):
        first = np.array([0.0, bias])

        def loss(values, logit=logit, holds=holds, first=first):
            scaled, distance = np.exp(values[0]) * logit, (values - first) / deviations
            scores = scaled + values[1]
            wrong = scipy.special.expit(scores) - holds
            slope = np.array([(wrong * scaled).sum(), wrong.sum()]) + distance / deviations
            return (np.logaddexp(0, scores) - holds * scores).sum() + 0.5 * (distance**2).sum(), slope

        bounds = [(-MAX_POWER, MAX_POWER), (None, None)]
        fitted.append(scipy.optimize.minimize(loss, first, jac=True, bounds=bounds, method="L-BFGS-B").x)
    powers, biases = np.array(fitted).T
    return np.exp(powers), biases


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


def reliability(probabilities: Sequence[float], holds: Sequence[bool]) -> dict[str, list]:
    """How often what has a probability holds: the numbers of a reliability diagram, which JSON takes.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, with `BINS` bins of equal width.

    Args:
        probabilities: of each answer the score; of several labels a text, that of each label of each text.
        holds: whether the answer is right; whether the text has the label.

    Returns:
        Lists with an entry a bin: `counts`, how many there are; `confidence`, their mean probability, and `accuracy`,
        the share that holds, to six digits, None of an empty bin.

    Example:

    >>> reliability([0.9, 0.9], [True, False])["accuracy"][-2:]
    [0.5, None]
    """
    probabilities, holds = np.asarray(probabilities, float), np.asarray(holds, float)
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS).tolist()
    sums = [np.bincount(bins, values, minlength=BINS).tolist() for values in (probabilities, holds)]
    means = [[round(total / count, 6) if count else None for total, count in zip(each, counts)] for each in sums]
    return {"counts": counts, "confidence": means[0], "accuracy": means[1]}


def calibration_error(diagram: Mapping[str, Sequence]) -> float:
    """The expected calibration error of what `reliability` returned, to four digits.

    It is how far the share that holds is from the probability, on average over all that has one.

    Example:

    >>> calibration_error(reliability([0.9, 0.9], [True, False]))
    0.4
    """
    gaps = [count * abs(mean - share) for _, count, mean, share in filled(diagram)]
    return round(sum(gaps) / max(1, sum(diagram["counts"])), 4)


def filled(diagram: Mapping[str, Sequence]) -> list[tuple[float, int, float, float]]:
    """Of each bin of what `reliability` returned that is not empty where it begins, count, confidence and accuracy."""
    rows = zip(*(diagram[name] for name in ("counts", "confidence", "accuracy")))
    return [(number / len(diagram["counts"]), *row) for number, row in enumerate(rows) if row[0]]


def plot_reliability(diagram: Mapping[str, Sequence], path: pathlib.Path) -> None:
    """Write a plot of what `reliability` returned, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 5.5), layout="constrained")
    draw_reliability(diagram, figure)
    figure.savefig(path, dpi=150)


def draw_reliability(diagram: Mapping[str, Sequence], figure: FigureBase, title: str = "") -> None:
    """Draw what `reliability` returned: shares against probabilities, and below how many there are of each.

    Args:
        figure: of Matplotlib, or a part of one.
        title: the first line above the plot.
    """
    starts, counts, means, shares = np.reshape(filled(diagram), (-1, 4)).T
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bars = {"width": 1 / len(diagram["counts"]), "align": "edge", "edgecolor": "white", "linewidth": 0.8}
    above.plot([0, 1], [0, 1], "--", color="#555555", linewidth=1, label="calibrated")
    above.bar(starts, shares, color=BLUE, alpha=0.45, **bars)
    above.vlines(means, shares, means, color=ORANGE, linewidth=2.5, label="gap")
    above.plot(means, shares, "o", color=BLUE, markersize=5, clip_on=False)
    above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that holds")
    above.legend(loc="upper left", fontsize=8, frameon=False)
    told = f"expected calibration error {calibration_error(diagram):.3f}, n = {sum(diagram['counts']):,}"
    above.set_title(f"{title}\n{told}" if title else told, size=10)
    below.bar(starts, counts, color=BLUE, **bars)
    below.set(xlabel="probability", ylabel="count", yscale="log", ylim=(0.5, 2 * max(10, *diagram["counts"])))
    below.yaxis.set_major_formatter("{x:,.0f}")
    below.yaxis.minorticks_off()
    figure.align_ylabels()
