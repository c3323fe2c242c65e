"""How to train on texts of a user's own, by their number, a network that began as a language model or from nothing."""

from typing import Any

from lstm_zoo.tasks.sentiment import plans

FEW = 8192  # texts below which steps are small: from 10,000 on those of IMDb learn more, see `recipes/few_labels.py`
SMOOTH = 400  # texts for validation below which their accuracy is too coarse to tell the best epoch


def plan(training: int, validating: int, pretrained: bool) -> dict[str, Any]:
    """Defaults of `train` for so many texts, see `lstm_zoo.registry.Task.plan`."""
    few = {"learning_rate": 1e-3} if pretrained else {"dropout_scale": 0.3}
    return {
        "batch_size": plans.batch_size(training),
        **plans.lengths(training, of_200=30),
        **(few if training < FEW else {}),
        **({"monitor": "val_loss"} if validating < SMOOTH else {}),
    }
