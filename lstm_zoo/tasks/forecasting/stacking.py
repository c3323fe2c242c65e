"""Shares of several forecasts: stacking, decided on validation windows.

Combined forecasts are hard to beat (Bates and Granger 1969, https://doi.org/10.1057/jors.1969.103). Shares are at least
0 and sum to 1, as in stacking (Breiman 1996, https://doi.org/10.1007/BF00117832).
"""

import numpy as np
import scipy.optimize

PRIOR = 4.0  # windows, with which the errors count as much as the prior


def shares_of(errors: np.ndarray, weights: np.ndarray, prior: np.ndarray, windows: float) -> np.ndarray:
    """Shares of forecasts with the least absolute error of their mean.

    Args:
        errors: (targets, forecasts), of each forecast, the network's first.
        weights: (targets,), what an error of 1 counts.
        prior: shares (forecasts,) from which the answer strays the less, the fewer windows there are.
        windows: how many do not overlap, which says how much the errors are to be believed.

    Returns:
        float32 (forecasts,), at least 0, of sum 1.
    """
    count = errors.shape[1]
    weighted = errors * weights[:, None]
    scale = np.abs(weighted).mean(0).min() or 1.0

    def loss(shares):
        mixed = weighted @ shares
        gradient = np.sign(mixed) @ weighted / len(weighted) / scale
        apart = shares - prior
        strength = PRIOR / windows
        return np.abs(mixed).mean() / scale + strength * apart @ apart, gradient + 2 * strength * apart

    constraint = {"type": "eq", "fun": lambda shares: shares.sum() - 1, "jac": lambda shares: np.ones(count)}
    found = scipy.optimize.minimize(
        loss, prior, jac=True, method="SLSQP", bounds=[(0, 1)] * count, constraints=[constraint]
    )
    shares = np.clip(found.x, 0, 1)
    shares[shares < 0.01] = 0
    return (shares / shares.sum()).astype("float32")
