"""Windows of reviews and sentences as the batches that recipes/short_texts.py learns."""

import dataclasses

import numpy as np

from lstm_zoo import batching
from lstm_zoo.tasks.sentiment import CLASSES

STEPS, ROWS, TOKENS = 500, 64, 12_800  # steps of a pass; windows of a batch of the longest, and words in any batch
SHORTEST, LONGEST = 5, 200  # words of a window
SHORT = 0.6  # share of the short ones among the batches of windows
FIRST = (20, 40)  # words of a review that the bag learns beside whole ones
LENGTHS = (5, 10, 20, 40, 80, 160)  # words of the windows for validation and for the profile, beside whole reviews


@dataclasses.dataclass(frozen=True)
class Corpus:
    """What is learnt: token ids of texts, and the probability that each is positive."""

    reviews: list[np.ndarray]
    positive: np.ndarray
    sentences: list[np.ndarray]
    sentence_positive: np.ndarray
    sentence_shares: np.ndarray
    """How often each is drawn; their sum is 1."""
    share: float
    """Of the batches that have sentences."""

    def __len__(self):
        return STEPS * ROWS  # what a pass counts

    def batches(self, starts, *, seed, epoch):
        """Batches of one pass: ids (rows, steps), probabilities (rows, 2) of both labels."""
        random = np.random.default_rng([seed, epoch])
        for _ in range(STEPS):
            if random.random() < self.share:
                rows = random.choice(len(self.sentences), 6 * ROWS, p=self.sentence_shares)
                yield padded([self.sentences[row] for row in rows]), both(self.sentence_positive[rows])
                continue
            short = random.random() < SHORT
            length = int(np.exp(random.uniform(np.log(SHORTEST), np.log(LONGEST / 2)))) if short else LONGEST
            rows = random.integers(0, len(self.reviews), min(6 * ROWS, TOKENS // length))
            windows = [window(self.reviews[row], starts[row], length, random) for row in rows]
            yield padded(windows), both(self.positive[rows])


def window(tokens, starts, length, random):
    """So many tokens in a row of a review; short ones begin with it, with one of its sentences, or anywhere."""
    begin = random.integers(0, max(1, len(tokens) - length + 1))
    if length < LONGEST:
        sentence = min(random.choice(starts), max(0, len(tokens) - SHORTEST))
        begin = random.choice([0, sentence, begin])
    return tokens[begin : begin + length]


def padded(rows):
    """Rows of ids as one array, padded with 0."""
    ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
    return ids


def both(positive):
    """Probabilities (rows, 2) of both labels in their order."""
    return np.stack([1 - positive, positive], axis=1).astype(np.float32)


def windows_of(pairs, seed=0):
    """Pairs (text, label): reviews, and as many windows of them of each of `LENGTHS`, half of them from the begin."""
    random, windows = np.random.default_rng(seed), list(pairs)
    for length in LENGTHS:
        for text, label in pairs:
            words = text.split()
            begin = random.choice([0, random.integers(0, max(1, len(words) - length + 1))])
            windows.append((" ".join(words[begin : begin + length]), label))
    return windows


def first_words(reviews):
    """Pairs (text, label): the first words of those (review, probability) of which the teacher is sure."""
    sure = [(text.split(), CLASSES[round(positive)]) for text, positive in reviews if abs(positive - 0.5) >= 0.4]
    return [(" ".join(words[:count]), label) for words, label in sure for count in FIRST]


def ids_of(pairs, preprocessing):
    """Token ids of each text, and the probability that it is positive."""
    texts, positive = zip(*pairs)
    rows = batching.tokens_of(texts, preprocessing["words"])
    return np.split(rows.flat_values.numpy(), rows.row_splits.numpy()[1:-1]), np.array(positive, np.float32)


def starts_of(rows, ends):
    """Places in rows of token ids where a sentence begins: behind one of `ends`, and at the start."""
    return [np.concatenate([[0], 1 + np.flatnonzero(np.isin(row[:-1], ends))]) for row in rows]
