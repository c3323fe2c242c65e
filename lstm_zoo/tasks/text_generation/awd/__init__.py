"""Text generation by subwords: a language model to write with, and to begin classifiers from.

Data: IMDb Large Movie Review Dataset (Maas et al. 2011, https://aclanthology.org/P11-1015), `imdb_reviews` in
TensorFlow Datasets: the texts of 25,000 labelled and 50,000 other reviews, without the labels.
Metrics: nats a character, and perplexity of subwords and words, with the state carried from text to text.
Network: AWD-LSTM (Merity et al. 2017, https://arxiv.org/abs/1708.02182) on subwords (Kudo and Richardson 2018,
https://aclanthology.org/D18-2012), as ULMFiT has it on words (Howard and Ruder 2018, https://arxiv.org/abs/1801.06146).
"""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation import context, sources
from lstm_zoo.tasks.text_generation.awd import networks
from lstm_zoo.text.subwords import Subwords, lines_of, train_subwords

BPTT = 72  # tokens that a gradient goes back, on average


def adapt(texts: Sequence[str], vocabulary: int = networks.VOCABULARY, bptt: int = BPTT) -> dict[str, Any]:
    """Preprocessing, adapted on training texts.

    Args:
        texts: list of str.
        vocabulary: the most subwords; the first four ids mean padding, unknown, start and end.
        bptt: tokens that a gradient goes back, on average: the mean length of a batch.

    Returns:
        Dict: `tokens`, a Subwords layer (text -> subwords), and `bptt`.

    Raises:
        ValueError: a vocabulary or bptt that is too small.
        ImportError: the extra `translation`, which brings the subwords, is not installed.
    """
    if bptt < text_generation.MIN_BPTT:
        raise ValueError(f"bptt is at least {text_generation.MIN_BPTT}. Received: {bptt}")
    return {"tokens": Subwords(train_subwords(lines_of(texts), vocabulary), name="tokens"), "bptt": bptt}


TASK = dataclasses.replace(
    text_generation.TASK,
    extra="translation",
    networks=networks.NETWORKS,
    datasets=sources.IMDB | sources.SHAKESPEARE,
    adapt=adapt,
    fine_tune=functools.partial(text_generation.fine_tune, bptt=BPTT),
    learning_rate=2e-3,
    batch_size=64,  # rows
    train_steps=5000,  # of IMDb one pass
    context=context.SUBWORDS,
)
