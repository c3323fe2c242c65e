"""How to train on texts of a user's own a network that began as a language model or from nothing."""

from collections.abc import Sequence
from typing import Any

from lstm_zoo.tasks.sentiment import plans
from lstm_zoo.tasks.sentiment.pairs import Pair

FEW = 8192  # texts below which steps are small: from 10,000 on those of IMDb learn more, see `recipes/few_labels.py`
SMOOTH = 400  # texts for validation below which their accuracy is too coarse to tell the best epoch


def plan(training: Sequence[Pair], validating: Sequence[Pair], pretrained: bool) -> dict[str, Any]:
    """Defaults of `train` for pairs (text, label), see `lstm_zoo.contract.Task.plan`.

    Of 200 questions to a bank, of ten kinds, a network that began as the language model of the reviews had the accuracy
    0.763 with the defaults for IMDb, by whose measure it stopped while the loss still fell, 0.875 with this rate and 20
    epochs, of which the last was the best, and 0.883 with 30. Rates and dropout are those of `recipes/few_labels.py`.
    """
    few = {"learning_rate": 1e-3} if pretrained else {"dropout_scale": 0.3}
    return {
        "batch_size": plans.batch_size(training),
        **plans.lengths(training, of_100k=20),
        **(few if len(training) < FEW else {}),
        **({"monitor": "val_loss"} if len(validating) < SMOOTH else {}),
    }
