"""How to train on texts of a user's own: what suits 22,500 reviews learns nothing of 200 questions."""

from collections.abc import Sequence
from typing import Any

from lstm_zoo.tasks.sentiment.pairs import Pair

WINDOW = 1200  # characters of a text that a pass sees, about, see `batches.WINDOW`
MAX_EPOCHS = 40  # of 200 questions to a bank, of ten kinds, the 26th had the lowest validation loss


def plan(training: Sequence[Pair], validating: Sequence[Pair], pretrained: bool) -> dict[str, Any]:
    """Defaults of `train` for pairs (text, label), see `lstm_zoo.contract.Task.plan`.

    Accuracy of sentiment/bilstm on 1,000 (ten kinds: 400) other texts of train.csv of Banking77 or of IMDb, one seed,
    with the defaults for IMDb, batches of 64 in 1,050 steps and a patience of 2, and with these:

    | texts | for IMDb | here |
    | :-- | --: | --: |
    | 200 questions of ten kinds | 0.800 | 0.840 |
    | 1,000 questions of 77 kinds, in half of the epochs | 0.479 | 0.522 |
    | 9,003 questions of 77 kinds, in half of the epochs | 0.827 | 0.863 |
    | 1,000 reviews | 0.565 | 0.816 |

    Half of the dropout learnt less of 200 questions, 0.808, so it stays. Of 100 reviews nothing was learnt either way.
    """
    return {"batch_size": batch_size(training), **lengths(training, of_100k=40)}


def batch_size(pairs: Sequence[Pair]) -> int:
    """Half of the root of their number, as a power of 2 from 8 to 64: 8 for 200, 16 for 1,000, 64 for 10,000."""
    return next(size for size in (8, 16, 32, 64) if len(pairs) < 8 * size**2 or size == 64)


def lengths(pairs: Sequence[Pair], of_100k: int) -> dict[str, int]:
    """Epochs and patience: so many passes of 100,000 characters, fewer of more, by the 0.4th power of their number.

    So fall the lengths of `recipes/few_labels.py`, 20 passes of 100 reviews, 8, 3 and 2 of 1,000, 10,000 and 25,000.
    The patience is half of them, for a loss of few texts goes up and down: of 200 questions, 20 of them for validation,
    a quarter ended after 25 epochs at 0.828, half after all 40 at 0.840; with another seed it was 0.858 and 0.853.
    """
    characters = sum(min(len(text), WINDOW) for text, _ in pairs)
    epochs = min(MAX_EPOCHS, max(2, round(of_100k * (max(characters, 1) / 100_000) ** -0.4)))
    return {"epochs": epochs, "patience": max(2, epochs // 2)}
