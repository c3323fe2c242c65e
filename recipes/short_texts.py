"""The default file of sentiment: a network that has learnt from more than whole reviews.

    python -m recipes.short_texts [--weights sentiment-bilstm-imdb] [--teacher sentiment-awd-imdb] [--vectors glove]
                                  [--passes 10] [--learning-rate 0.001] [--seed 0] [--folder runs/short_texts]

`sentiment/wide` begins with the LSTM and the words of a trained `sentiment/bilstm`, and learns

- windows of 5 to 200 words of IMDb's reviews, a third of the short ones from the begin of a review and a third from
  that of a sentence: a window has the label of its review, so that the network knows how little a few words tell;
- the same of the 50,000 reviews without labels, whose labels are the probabilities that a teacher gives to them whole;
- sentences of the same reviews, as positive as their words by VADER (Hutto and Gilbert 2014, MIT licence,
  https://doi.org/10.1609/icwsm.v8i1.14550), and less so if the review is negative, and the reverse;
- everyday verdicts and contrasts, written one by one and by rule (`verdicts.py`, `contrast.py`), and single words with
  the valence that people gave them for VADER.

The bag of n-grams learns reviews with labels whole, the first words of both kinds, and the written sentences. Windows
of the reviews for validation, sentences held out, and contrasts of other templates, decide the weights of the two, by
length, and with them how sure the answers are. A run that was stopped goes on where it was. It needs vaderSentiment:
pip install 'lstm_zoo[teachers]'.
"""

import argparse
import dataclasses
import itertools
import pathlib
import shlex

import keras
import numpy as np
import tensorflow as tf

import lstm_zoo
from lstm_zoo import batching, networks
from lstm_zoo.cards import records
from lstm_zoo.classification import lookup
from lstm_zoo.tasks.sentiment import CLASSES, wide
from lstm_zoo.tasks.sentiment.preprocessing import with_vectors
from lstm_zoo.tasks.sentiment.wide.networks import assemble, initialize
from lstm_zoo.tasks.sentiment.wide.preprocessing import fit_bags, sizes_of
from lstm_zoo.training import check_numbers, is_finished
from lstm_zoo.training.loop import run_epochs, write_pipeline
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import archive
from recipes import contrast, self_training, teachers, verdicts

TEACHER, BEGIN = "sentiment-awd-imdb", "sentiment-bilstm-imdb"
STEPS, ROWS, TOKENS = 500, 64, 12_800  # steps of a pass; windows of a batch of the longest, and words in any batch
SHORTEST, LONGEST = 5, 200  # words of a window
SHORT, SENTENCES = 0.6, 0.4  # share of the batches of short windows, and of sentences
SHARES = {"rated": 0.45, "written": 0.25, "contrasts": 0.15, "verdicts": 0.1, "valences": 0.05}  # of the sentences
DRAWS = 150  # of words into a template
FIRST = (20, 40)  # words of a review that the bag learns beside whole ones
LENGTHS = (5, 10, 20, 40, 80, 160)  # words of the windows for validation and for the profile, beside whole reviews
TERMS = [  # of what it learns from beside the reviews
    "word vectors GloVe 6B, PDDL 1.0 (Pennington et al. 2014)",
    "VADER and its lexicon, MIT (Hutto and Gilbert 2014)",
]
LIMITS = (
    "English reviews of films, whole or in part; verdicts on other things and single sentences are read less surely, "
    "see its scores out of domain. Irony and mixed verdicts lower the accuracy."
)
SURE = 0.02  # the least probability that a label of the teacher leaves to the other one


@dataclasses.dataclass(frozen=True)
class Corpus:
    """What is learnt: token ids of texts, and the probability that each is positive."""

    reviews: list[np.ndarray]
    positive: np.ndarray
    sentences: list[np.ndarray]
    sentence_positive: np.ndarray
    sentence_shares: np.ndarray
    """How often each is drawn; their sum is 1."""

    def __len__(self):
        return STEPS * ROWS  # what a pass counts

    def batches(self, starts, *, seed, epoch):
        """Batches of one pass: ids (rows, steps), probabilities (rows, 2) of both labels."""
        random = np.random.default_rng([seed, epoch])
        for _ in range(STEPS):
            if random.random() < SENTENCES:
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


def sentences(reviews, words, seed):
    """Kind, see `SHARES` -> pairs (sentence, probability that it is positive).

    Args:
        reviews: pairs (text, probability).
        words: those that the network knows.
    """
    drawn = {
        "written": verdicts.written("train"),
        "contrasts": contrast.sentences(contrast.TRAINING, contrast.TRAINING_WORDS, DRAWS, seed),
        "verdicts": verdicts.sentences(seed),
    }
    sure = {kind: [(text, float(label == CLASSES[1])) for text, label in pairs] for kind, pairs in drawn.items()}
    return {**sure, "rated": verdicts.rated(reviews, seed), "valences": verdicts.valences(words, seed)}


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


def validating(pairs):
    """Pairs (text, label) of reviews, whole and in windows, and of sentences that nothing learns."""
    drawn = contrast.sentences(contrast.DEVELOPMENT, contrast.DEVELOPMENT_WORDS)
    return [*windows_of(pairs), *verdicts.written("validation"), *drawn]


def begun(pipeline, vectors):
    """An untrained `wide` without bags, and its preprocessing, that reads as the `sentiment/bilstm` of a pipeline does.

    What the LSTM takes from vectors of words begins with 0.
    """
    names = pipeline.get_layer("labels").get_vocabulary()
    prepared = {"labels": lookup(names), "bags": {}, "pool": np.zeros((2, 1)), "multilabel": False}
    prepared |= with_vectors(pipeline.get_layer("words"), vectors)
    sizes = wide.TASK.data_hyperparameters(prepared)
    network = wide.wide(**{**archive.record_of(pipeline)["hyperparameters"], **sizes})
    initialize(network, prepared)
    for layer in networks.network_of(pipeline).layers:
        if layer.weights:
            own = network.get_layer(layer.name)
            own.set_weights([grown(old, new.shape) for old, new in zip(layer.get_weights(), own.get_weights())])
    return network, prepared


def grown(weights, shape):
    """Weights with rows of 0 below, as many as a shape has more."""
    return np.concatenate([weights, np.zeros((shape[0] - len(weights), *weights.shape[1:]), weights.dtype)])


def ids_of(pairs, preprocessing):
    """Token ids of each text, and the probability that it is positive."""
    texts, positive = zip(*pairs)
    rows = batching.tokens_of(texts, preprocessing["words"])
    return np.split(rows.flat_values.numpy(), rows.row_splits.numpy()[1:-1]), np.array(positive, np.float32)


def starts_of(rows, ends):
    """Places in rows of token ids where a sentence begins: behind one of `ends`, and at the start."""
    return [np.concatenate([[0], 1 + np.flatnonzero(np.isin(row[:-1], ends))]) for row in rows]


def student(preprocessing):
    """The records of a `wide` that learns probabilities from a Corpus, and is calibrated by windows of reviews."""
    task, record = self_training.student("sentiment/wide")
    ends = [id for id, word in enumerate(preprocessing["words"].get_vocabulary()) if word in (".", "!", "?")]

    def batches(examples, preprocessing, batch_size, *, seed=None, first_epoch=0):
        if not isinstance(examples, Corpus):
            return task.batches(examples, preprocessing, batch_size)
        starts = starts_of(examples.reviews, ends)
        passes = itertools.count(first_epoch)
        return tf.data.Dataset.from_generator(
            lambda: itertools.chain.from_iterable(examples.batches(starts, seed=seed, epoch=epoch) for epoch in passes),
            output_signature=(tf.TensorSpec([None, None], "int32"), tf.TensorSpec([None, 2], "float32")),
        )

    def calibrate(pipeline, preprocessing, pairs):
        task.calibrate(pipeline, preprocessing, validating(pairs))

    num_units = lambda corpus, _: len(corpus)  # noqa: E731
    return dataclasses.replace(task, batches=batches, num_units=num_units, calibrate=calibrate), record


def command(options):
    """The command line that repeats this one."""
    keys = ("weights", "teacher", "vectors", "passes", "learning_rate", "dropout_scale", "seed")
    return shlex.join(
        ["python", "-m", "recipes.short_texts", *records.flags({key: getattr(options, key) for key in keys})]
    )


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", default=BEGIN, help="sentiment/bilstm to begin with (default: %(default)s)")
    parser.add_argument("--teacher", default=TEACHER, help="row or .keras file (default: %(default)s)")
    parser.add_argument("--vectors", default="glove", help="as of lstm-zoo train (default: %(default)s)")
    parser.add_argument("--passes", type=int, default=10, help=f"of {STEPS} steps (default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=0.001, help="default: %(default)s")
    parser.add_argument("--dropout-scale", type=float, default=1.0, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--folder", type=pathlib.Path, default="runs/short_texts", help="default: %(default)s")
    options = parser.parse_args()
    try:
        given = {key: getattr(options, key) for key in ("dropout_scale", "seed", "learning_rate", "passes")}
        check_numbers(**given)
    except ValueError as error:
        parser.error(f"--{str(error).replace('_', '-')}")
    return options


def main():
    options = parsed()
    pretrained = lstm_zoo.load(options.weights)
    labelled, held_out, others = teachers.labelled("train"), teachers.labelled("validation"), teachers.without_labels()
    # Beside the folder of the run, which must be empty before it.
    told = teachers.told_by(options.teacher, others, options.folder.with_name(f"{options.folder.name}-teacher.npy"))
    network, preprocessing = begun(pretrained, options.vectors)
    reviews = self_training.probable(labelled, others, np.clip(told, SURE, 1 - SURE))
    kinds = sentences(reviews, set(preprocessing["words"].get_vocabulary()), options.seed)
    short = [pair for pairs in kinds.values() for pair in pairs]
    shares = np.concatenate([np.full(len(pairs), SHARES[kind] / len(pairs)) for kind, pairs in kinds.items()])
    training = Corpus(*ids_of(reviews, preprocessing), *ids_of(short, preprocessing), shares)
    learning = {"batch_size": ROWS, "learning_rate": options.learning_rate, "epochs": options.passes}
    learning |= {"seed": options.seed, "mixed_precision": True}
    settings = {
        "name": "sentiment/wide",
        "dataset": "imdb_reviews",
        "command": command(options),
        "terms": TERMS,
        "limits": LIMITS,
        "weights_fingerprint": fingerprint([tuple(pretrained.get_weights())], ()),
        "dropout_scale": options.dropout_scale,
        "data": fingerprint(labelled, held_out),
        "teacher": fingerprint([tuple(told.tolist())], ()),
        "sentences": fingerprint(short, ()),
        **learning,
    }
    if is_finished(options.folder, settings, resume=True):
        return
    keras.utils.set_random_seed(options.seed)
    task, record = student(preprocessing)
    network = networks.with_dropout(network, options.dropout_scale)
    trained, checkpoint = run_epochs(
        task,
        record,
        network,
        preprocessing,
        (training, [(text, float(label == CLASSES[1])) for text, label in validating(held_out)]),
        options.folder,
        settings,
        patience=options.passes,
        verbose=True,
        **learning,
    )
    pairs = [*labelled, *first_words(reviews), *verdicts.written("train")]
    preprocessing |= fit_bags(pairs, preprocessing["labels"], None, ["ngrams"])
    whole = assemble(wide.trained_part(network), sizes_of(preprocessing["bags"]))
    initialize(whole, preprocessing)
    begun_from = options.weights, archive.record_of(pretrained)
    values = {**begun_from[1]["hyperparameters"], **task.data_hyperparameters(preprocessing)}
    about = records.of_run(task, settings, {"data": None}, begun_from, values, (reviews, held_out))
    # What it learnt is like these too: its profile is that of texts of all lengths.
    data = [*windows_of(labelled), *((text, CLASSES[round(positive)]) for text, positive in short)], held_out
    write_pipeline(trained, checkpoint, task, record, whole, preprocessing, data, options.folder, about)


if __name__ == "__main__":
    main()
