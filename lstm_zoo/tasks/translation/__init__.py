"""Translation: a sentence in another language.

Data: Multi30k (Elliott et al. 2016, https://aclanthology.org/W16-3210), captions of pictures in English, German and
French, 29,000 pairs of sentences for training, CC BY-NC-SA 4.0; or TED talks (Qi et al. 2018,
https://aclanthology.org/N18-2084).
Measure: BLEU (Papineni et al. 2002, https://aclanthology.org/P02-1040) of cased, detokenized text, as sacrebleu
computes it (Post 2018, https://aclanthology.org/W18-6319).
Networks: LSTM encoder and decoder with attention (Luong et al. 2015, https://arxiv.org/abs/1508.04025), and a deep one
(GNMT, Wu et al. 2016, https://arxiv.org/abs/1609.08144), on subwords (Kudo and Richardson 2018,
https://aclanthology.org/D18-2012).
"""

from lstm_zoo import batching
from lstm_zoo.tasks.translation.batches import count, examples
from lstm_zoo.tasks.translation.measures import baselines, measures, signature
from lstm_zoo.tasks.translation.networks import LEARNING_RATE, NETWORKS, VOCABULARY, compile_network
from lstm_zoo.tasks.translation.pairs import DATASETS, data, read, split
from lstm_zoo.tasks.translation.pipelines import (
    align,
    alternatives,
    answers,
    encode,
    fine_tune,
    pipeline,
    size,
    with_search,
)
from lstm_zoo.tasks.translation.plots import plot
from lstm_zoo.text.inputs import inputs
from lstm_zoo.text.subwords import Subwords, spaced, train_subwords

BETTER = max  # of two scores
MONITOR = "val_bleu"  # what tells the best epoch
PATIENCE = 2  # epochs
STEPS, BATCH = 5000, 1200  # target pieces in a batch; Multi30k: 12 epochs

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "adapt",
    "align",
    "alternatives",
    "answers",
    "baselines",
    "compile_network",
    "count",
    "data",
    "encode",
    "examples",
    "fine_tune",
    "inputs",
    "pipeline",
    "plot",
    "read",
    "score",
    "signature",
    "size",
    "sizes",
    "split",
    "validator",
    "with_search",
]


def adapt(pairs, vocabulary=VOCABULARY):
    """Preprocessing layers, adapted on training pairs.

    Args:
        pairs: pairs (sentence, translation).
        vocabulary: the most pieces, of both languages together; the first four mean padding, unknown, start and end.

    Returns:
        Dict: `subwords`, a Subwords layer (text -> pieces).

    Raises:
        ValueError: `vocabulary` is too small for the characters of the texts.
        ImportError: the extra `translation` is not installed.
    """
    texts = spaced([text for pair in pairs for text in pair]).numpy()
    model = train_subwords([text.decode() for text in texts], vocabulary)
    return {"subwords": Subwords(model, name="subwords")}


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["subwords"].vocabulary_size()}


def validator(network, preprocessing, pairs):
    """A function that measures the network as it then is: `val_bleu` of greedy translations of validation pairs."""
    greedy = pipeline(network, preprocessing, beams=1)
    return lambda: {MONITOR: score(greedy, pairs)["bleu"]}


def score(pipeline, pairs):
    """Measures of a pipeline on pairs (sentence, translation).

    Returns:
        Dict, from 0 to 100: `bleu`, cased and detokenized, `bleu_lowercase`, and `chrf`.
    """
    sources, truth = (list(side) for side in zip(*pairs))
    found = answers(batching.run(pipeline, sources, encode))
    return measures([answer["text"] for answer in found], truth)
