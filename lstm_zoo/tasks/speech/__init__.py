"""Speech: what somebody says, as text.

Data: AN4, the census data of Carnegie Mellon University (Acero 1990, https://apps.dtic.mil/sti/citations/ADA229055), 49
minutes of 84 speakers, free for any use; or LibriSpeech (Panayotov et al. 2015,
https://doi.org/10.1109/ICASSP.2015.7178964).
Measure: word error rate, by jiwer.
Networks: BiLSTMs with CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891) above convolutions (Deep Speech
2, Amodei et al. 2016, https://arxiv.org/abs/1512.02595); LSTMs of one direction, which write while somebody speaks.
The network `speech/keyword`, which tells one word from another, has other data and another measure: see there.
"""

import collections

from lstm_zoo import batching
from lstm_zoo.tasks.speech.audio import encode, inputs, size
from lstm_zoo.tasks.speech.batches import count, examples
from lstm_zoo.tasks.speech.measures import baselines, measures
from lstm_zoo.tasks.speech.networks import LEARNING_RATE, NETWORKS, VOCABULARY, compile_network
from lstm_zoo.tasks.speech.pairs import DATASETS, data, read, split, waveforms
from lstm_zoo.tasks.speech.pipelines import answers, fine_tune, lookup, pipeline, with_search
from lstm_zoo.tasks.speech.streams import endpoints, stream
from lstm_zoo.tasks.speech.timings import align, plot

BETTER = min  # of two scores
MONITOR = "val_cer"  # what tells the best epoch
PATIENCE = 20  # epochs: CTC writes nothing at first, and error rates of a hundred recordings are noisy
STEPS, BATCH = 5300, 16  # AN4: 100 epochs

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
    "measures",
    "pipeline",
    "plot",
    "read",
    "score",
    "size",
    "sizes",
    "split",
    "stream",
    "validator",
    "waveforms",
    "with_search",
]


def adapt(pairs, vocabulary=VOCABULARY):
    """Preprocessing layers, adapted on training examples.

    Args:
        pairs: triples (recording, transcript, speaker).
        vocabulary: the most characters that are told apart, the most frequent ones and the blank of CTC; any other is
            left out of what is learnt.

    Returns:
        Dict: `characters`, a StringLookup (character -> number; 0 is any other, and the blank of CTC).

    Raises:
        ValueError: a vocabulary below 2.
    """
    if vocabulary < 2:
        raise ValueError(f"vocabulary counts the blank and the characters, at least one. Received: {vocabulary}")
    counts = collections.Counter(character for _, text, _ in pairs for character in text)
    return {"characters": lookup(sorted(character for character, _ in counts.most_common(vocabulary - 1)))}


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    return {"vocabulary": preprocessing["characters"].vocabulary_size()}


def validator(network, preprocessing, pairs):
    """A function that measures the network as it then is: `val_cer` and `val_wer` of greedy transcripts."""
    greedy = pipeline(network, preprocessing, beams=1)

    def validate():
        found = score(greedy, pairs)
        return {"val_cer": found["cer"], "val_wer": found["wer"]}

    return validate


def score(pipeline, pairs):
    """Measures of a pipeline on examples (recording, transcript, speaker).

    Returns:
        Dict, in %: `wer` and `cer`, the word and the character error rate, and `wer_low` and `wer_high`, between which
        the former lies with 95 %, by a bootstrap over speakers, or over recordings where a speaker is not known.
    """
    _, truth, speakers = zip(*pairs)
    items = waveforms(pairs)
    found = answers(batching.run(pipeline, items, encode, size), items)
    return measures([answer["text"] for answer in found], truth, None if "" in speakers else speakers)
