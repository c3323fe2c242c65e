"""seq2seq.py: the loss of networks that write a sequence."""

import numpy as np
import pytest

from lstm_zoo.layers import seq2seq


def test_smoothed_cross_entropy_is_its_definition():
    random = np.random.default_rng(0)
    logits, target = random.normal(size=(2, 3, 7)).astype("float32"), random.integers(0, 7, (2, 3))
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    smoothed = 0.9 * np.eye(7)[target] + 0.1 / 7
    weight = np.array([[1, 1, 0], [1, 0, 0]], "float32")
    expected = (-(smoothed * log_probs).sum(-1) * weight).sum() / weight.sum()
    assert float(seq2seq.SmoothedCrossEntropy(0.1)(target, logits, weight)) == pytest.approx(expected, rel=1e-5)
