"""distributions.py: DeepAR's likelihoods and draws."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.tasks.forecasting.distributions import FAMILIES


def test_losses_are_negative_log_likelihoods():
    from scipy import stats

    value, mean, spread = 1.3, 0.4, 0.7
    gaussian, student, counts = (FAMILIES[name].loss for name in ("gaussian", "student_t", "negative_binomial"))

    def same(ours, theirs, at):
        """Equal but for a constant: the difference between two values."""
        assert float(ours(value) - ours(at)) == pytest.approx(float(theirs(value) - theirs(at)), rel=1e-4)

    same(lambda x: gaussian(x, mean, spread, 0.0), lambda x: -stats.norm(mean, spread).logpdf(x), 0.1)
    same(lambda x: student(x, mean, spread, 3.0), lambda x: -stats.t(3, mean, spread).logpdf(x), 0.1)
    shape = 1 / spread
    theirs = stats.nbinom(shape, shape / (shape + 3 * mean))
    ours = [float(counts(count / 3, mean, spread, 3.0)) for count in (0.0, 5.0)]
    assert ours[1] - ours[0] == pytest.approx(theirs.logpmf(0) - theirs.logpmf(5), rel=1e-4)


@pytest.mark.parametrize("distribution", FAMILIES)
def test_draws_have_the_mean_and_variance_of_the_distribution(distribution):
    first, second, third = (np.full(200_000, number, "float32") for number in (0.8, 0.5, 6.0))
    parameters = (tf.constant(numbers) for numbers in (first, second, third))
    drawn = FAMILIES[distribution].draw(*parameters, seed=[1, 2]).numpy()
    counts = (4.8 + 0.5 * 4.8**2) / 36
    variance = {"gaussian": 0.25, "student_t": 0.25 * 6 / 4, "negative_binomial": counts}[distribution]
    assert drawn.mean() == pytest.approx(0.8, rel=0.02)
    assert drawn.var() == pytest.approx(variance, rel=0.05)
