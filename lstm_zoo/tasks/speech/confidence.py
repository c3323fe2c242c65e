"""How probable it is that a word was said where a text has it.

The most probable path of CTC through the text says where the words before and behind a word end and begin. Between
these, the probabilities of all paths that spell the word are summed up, and divided by those of all paths that spell
anything that the search may write there: the posterior of a word (Wessel et al. 2001, https://doi.org/10.1109/89.906002)
in its stretch. Spelled openly there is nothing to divide by, for all paths sum up to 1. Validation fits two numbers to
it, as Platt 1999 does, for it is the least of a long word, and networks err more often on voices that are new to them.
"""

from collections.abc import Sequence

import numpy as np
import scipy.special

from lstm_zoo.calibration import platt
from lstm_zoo.tasks.speech.lexicon import Lexicon

AS_IT_IS = (1.0, 0.0)  # slope and bias that change nothing
SUREST = 15.0  # logarithm of the odds, beyond which 32 bits tell nothing apart


def calibrated(log_odds: np.ndarray, calibration: Sequence[float]) -> np.ndarray:
    """Probabilities of log-odds, by a slope and a bias.

    Example:

    >>> calibrated(np.array([0.0, 2.0]), (1.0, 0.0))  # [0.5, 0.88]
    """
    slope, bias = calibration
    return scipy.special.expit(slope * np.asarray(log_odds) + bias)


def fitted(log_odds: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """The slope and the bias by which words are as often right as they are probable, see `calibration.platt`.

    Args:
        log_odds: of words that nothing has learnt from; of none the answer is `AS_IT_IS`.
        right: whether each was said.
    """
    logits, holds = np.reshape(log_odds, (-1, 1)), np.reshape(right, (-1, 1)).astype(bool)
    [slope], [bias] = platt(logits, holds, np.zeros(1))
    return float(slope), float(bias)


def log_odds_of(log_probs: np.ndarray, lexicon: Lexicon, number: int, *, openly: bool = False) -> float:
    """Logarithm of the odds that a stretch of a recording is one word.

    Args:
        log_probs: float (steps, characters), the blank first.
        lexicon: the words that could be there.
        number: of the word, see `Lexicon.ends`.
        openly: anything else could be there too.

    Example:

    >>> log_probs = np.log([[0.2, 0.1, 0.6, 0.1], [0.2, 0.1, 0.1, 0.6]])
    >>> log_odds_of(log_probs, Lexicon(" NO", {"NO": [], "ON": []}), 1)  # 1.79: of NO, ON and none, 0.36 of 0.42
    """
    probs = np.exp(np.asarray(log_probs, "float64"))
    share = _log_mass(probs, lexicon, number) - (0.0 if openly else _log_mass(probs, lexicon))
    if share >= 0:  # but for the last digits
        return SUREST
    return float(np.clip(share - np.log(-np.expm1(share)), -SUREST, SUREST))


def _log_mass(probs, lexicon, number=None):
    """Logarithm of the summed probabilities of all paths that spell one word, with spaces and blanks around it; without
    a number those that spell words of the lexicon, however many."""
    parents, last = lexicon.parents
    doubled, filler = last == last[parents], lexicon.filler  # doubled: needs a blank before it
    spaces = probs[:, lexicon.space] if lexicon.space > 0 else np.zeros(len(probs))
    if filler > 0:
        any_letter = np.maximum(probs.sum(1) - probs[:, 0] - spaces, 0.0)
        probs = np.column_stack([probs, any_letter * np.exp(-lexicon.unknown)])
    ends = np.flatnonzero(lexicon.ends if number is None else lexicon.ends == number)
    # Of each node the paths that end with a blank, and the others; the root is where no word is; behind the one word.
    blank, other = np.zeros((2, lexicon.nodes))
    blank[0], behind, scale = 1.0, 0.0, 0.0
    for step, space in zip(probs, spaces):
        total = blank + other
        if filler > 0:  # any letter behind any other, with a blank between or without, is one unknown word
            other[filler] = total[filler]
        other = step[last] * (other + np.where(doubled, blank[parents], total[parents]))
        spoken, blank, gap = space * total[ends].sum(), step[0] * total, step[0] + space
        other[0], blank[0] = 0.0, gap * total[0]
        if number is None:
            blank[0] += spoken
        else:
            behind = gap * behind + spoken
        size = max(blank.sum() + other.sum() + behind, 1e-300)
        blank, other, behind, scale = blank / size, other / size, behind / size, scale + np.log(size)
    mass = (blank + other)[ends].sum() + (blank[0] if number is None else behind)
    return np.log(max(mass, 1e-300)) + scale
