"""What training minimizes: scaled forecasts against targets in the unit in which errors on a series count."""

from keras import ops

from lstm_zoo.layers import registered
from lstm_zoo.networks import compile_with_adam
from lstm_zoo.tasks.forecasting.networks import LEARNING_RATE
from lstm_zoo.tasks.forecasting.parts import QUANTILES
from lstm_zoo.tasks.forecasting.sampling import NegativeLogLikelihood


@registered
def quantile_loss(target, forecast):
    """Twice the mean pinball loss of the quantiles.

    It approximates the CRPS (Gneiting and Raftery 2007, https://doi.org/10.1198/016214506000001437), and is least at
    the true quantiles.

    Args:
        target: (batch, horizon, 2): scaled values, and what a scaled error of 1 counts; 0 for a missing value.
        forecast: (batch, horizon, 10): mean and quantiles, scaled.

    Returns:
        (batch, horizon).
    """
    error = target[..., 1:] * (target[..., :1] - forecast[..., 1:])
    levels = ops.convert_to_tensor(QUANTILES, error.dtype)
    pinball = ops.maximum(levels * error, (levels - 1) * error)
    return 2 * ops.mean(pinball, -1)


def compile_network(network, learning_rate=LEARNING_RATE):
    """Compile with Adam, gradients clipped to a global norm of 1, and the quantile loss or DeepAR's likelihood."""
    families = [layer.family for layer in network.layers if layer.name == "distribution"]
    loss = NegativeLogLikelihood(*families) if families else quantile_loss
    return compile_with_adam(network, learning_rate, loss)
