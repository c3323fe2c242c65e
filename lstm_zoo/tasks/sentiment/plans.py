"""How to train on texts of a user's own, by their number: what suits 22,500 reviews learns nothing of 200 texts."""

from typing import Any


def plan(training: int, _validating: int, _pretrained: bool) -> dict[str, Any]:
    """Defaults of `train` for so many texts, see `lstm_zoo.registry.Task.plan`."""
    return {"batch_size": batch_size(training), **lengths(training, of_200=40)}


def batch_size(texts: int) -> int:
    """Half of the root of the number of texts, as a power of 2 from 8 to 64: 8 for 200, 16 for 1,000, 64 for 10,000."""
    return next(size for size in (8, 16, 32, 64) if texts < 8 * size**2 or size == 64)


def lengths(texts: int, of_200: int) -> dict[str, int]:
    """Epochs and patience: so many passes of 200 texts, fewer of more, by the 0.4th power of their number.

    That is how the lengths in `recipes/few_labels.py` fall, 20 passes of 100 texts, 8, 3 and 2 of 1,000, 10,000 and
    25,000.
    """
    epochs = max(2, round(of_200 * (max(texts, 100) / 200) ** -0.4))
    return {"epochs": epochs, "patience": max(2, epochs // 4)}
