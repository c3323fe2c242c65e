"""Text generation: how does a text go on?

Data: tiny Shakespeare (Karpathy 2015, https://github.com/karpathy/char-rnn), `tiny_shakespeare` in TensorFlow Datasets:
1.1 million characters of plays in the public domain. The last tenth is validation and test, half each; the test half is
harder by 0.14 nats, so that figures of one are never those of the other.
Measure: nats a character, with the state carried over the whole text.
Network: stacked LSTMs over characters (Graves 2013, https://arxiv.org/abs/1308.0850). `text_generation/awd` writes
subwords.
"""

from lstm_zoo.tasks.text_generation.batches import count, examples, sizes
from lstm_zoo.tasks.text_generation.measures import baselines, nats, score
from lstm_zoo.tasks.text_generation.networks import LEARNING_RATE, NETWORKS, VOCABULARY, compile_network
from lstm_zoo.tasks.text_generation.pipelines import answers, encode, inputs, pipeline, size, with_search, writer
from lstm_zoo.tasks.text_generation.sources import IMDB, SHAKESPEARE, data, read, split
from lstm_zoo.tasks.text_generation.writing import Writing, endpoints, parts
from lstm_zoo.text.characters import FIRST, Characters

BETTER = min  # of two scores
MONITOR = "val_loss"  # what tells the best epoch
PATIENCE = 2  # epochs
STEPS, BATCH = 7350, 32  # rows; tiny Shakespeare: 30 passes
WINDOW = 128  # tokens that a gradient goes back, on average
DATASETS = SHAKESPEARE | IMDB

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
        vocabulary: the most ids; the most frequent characters get one.
        window: tokens that a gradient goes back, on average: the mean length of a batch.

    Returns:
        Dict: `tokens`, a Characters layer (text -> ids), and `window`.

    Raises:
        ValueError: a vocabulary or window that is too small.
    """
    if vocabulary <= FIRST or window < 4:
        raise ValueError(f"vocabulary is above 2 and window from 4. Received: {vocabulary} and {window}")
    counts = {}
    for text in texts:
        for character in set(text) - {"\0"}:
            counts[character] = counts.get(character, 0) + text.count(character)
    frequent = sorted(counts, key=lambda character: (-counts[character], character))[: vocabulary - FIRST]
    return {"tokens": Characters("".join(sorted(frequent)), name="tokens"), "window": window}


def fine_tune(trained, _):
    """Network and preprocessing to go on from: the characters stay."""
    return writer(trained).network, {"tokens": writer(trained).tokens, "window": WINDOW}
