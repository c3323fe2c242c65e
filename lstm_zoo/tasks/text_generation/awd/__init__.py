"""Text generation by subwords: a language model to write with, and to begin classifiers from.

Data: IMDb Large Movie Review Dataset (Maas et al. 2011, https://aclanthology.org/P11-1015), `imdb_reviews` in
TensorFlow Datasets: the texts of 25,000 labelled and 50,000 other reviews, without the labels.
Measures: nats a character, and perplexity of pieces and words, with the state carried from text to text.
Network: AWD-LSTM (Merity et al. 2017, https://arxiv.org/abs/1708.02182) on subwords (Kudo and Richardson 2018,
https://aclanthology.org/D18-2012), as ULMFiT has it on words (Howard and Ruder 2018, https://arxiv.org/abs/1801.06146).
"""

from lstm_zoo.tasks.text_generation.awd.networks import LEARNING_RATE, NETWORKS, VOCABULARY, compile_network
from lstm_zoo.tasks.text_generation.batches import count, examples, sizes
from lstm_zoo.tasks.text_generation.measures import baselines, nats, score
from lstm_zoo.tasks.text_generation.pipelines import answers, encode, inputs, pipeline, size, with_search, writer
from lstm_zoo.tasks.text_generation.sources import IMDB, SHAKESPEARE, data, read, split
from lstm_zoo.tasks.text_generation.writing import Writing, endpoints, parts
from lstm_zoo.text.subwords import Subwords, lines_of, train_subwords

BETTER = min  # of two scores
MONITOR = "val_loss"  # what tells the best epoch
PATIENCE = 2  # epochs
STEPS, BATCH = 5000, 64  # rows; IMDb: one pass
WINDOW = 72  # tokens that a gradient goes back, on average
DATASETS = IMDB | SHAKESPEARE

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "Writing",
    "adapt",
    "answers",
    "baselines",
    "compile_network",
    "count",
    "data",
    "encode",
    "endpoints",
    "examples",
    "fine_tune",
    "inputs",
    "nats",
    "parts",
    "pipeline",
    "read",
    "score",
    "size",
    "sizes",
    "split",
    "with_search",
]


def adapt(texts, vocabulary=VOCABULARY, window=WINDOW):
    """Preprocessing, adapted on training texts.

    Args:
        texts: list of str.
        vocabulary: the most pieces; the first four mean padding, unknown, start and end.
        window: tokens that a gradient goes back, on average: the mean length of a batch.

    Returns:
        Dict: `tokens`, a Subwords layer (text -> pieces), and `window`.

    Raises:
        ValueError: a vocabulary or window that is too small.
        ImportError: the extra `translation`, which brings the subwords, is not installed.
    """
    if window < 4:
        raise ValueError(f"window is at least 4. Received: {window}")
    return {"tokens": Subwords(train_subwords(lines_of(texts), vocabulary), name="tokens"), "window": window}


def fine_tune(trained, _):
    """Network and preprocessing to go on from: the pieces stay."""
    return writer(trained).network, {"tokens": writer(trained).tokens, "window": WINDOW}
