"""The default file of sentiment: a network that has learnt from more than whole reviews.

    python -m recipes.short_texts [--weights sentiment-wide-imdb] [--teacher sentiment-awd-imdb] [--vectors glove]
                                  [--passes 4] [--learning-rate 0.001] [--seed 0] [--folder runs/short_texts]

`sentiment/wide` begins with the LSTM and the words of a trained one, or of a `sentiment/bilstm`, and learns

- windows of 5 to 200 words of IMDb's reviews, a third of the short ones from the begin of a review and a third from
  that of a sentence: a window has the label of its review, so that the network knows how little a few words tell;
- the same of the 50,000 reviews without labels, whose labels are the probabilities that a teacher gives to them whole;
- sentences of the same reviews, as positive as the network that it begins with says and, by their words, VADER (Hutto
  and Gilbert 2014, MIT licence, https://doi.org/10.1609/icwsm.v8i1.14550); a `sentiment/bilstm` has read no sentences,
  and the label of the review stands in for it;
- contrasts, written one by one in pairs and by rule (`contrast.py`), everyday verdicts by rule (`verdicts.py`), and
  single words with the valence that people gave them for VADER.

The bag of n-grams learns reviews with labels whole, and the first words of both kinds. Windows of the reviews for
validation, pairs held out, and contrasts of other templates, decide the weights of the two, by length, and with them
how sure the answers are. A run that was stopped goes on where it was. It needs vaderSentiment:
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
from lstm_zoo import networks
from lstm_zoo.cards import records
from lstm_zoo.classification import lookup
from lstm_zoo.registry import model_of
from lstm_zoo.tasks.sentiment import CLASSES, wide
from lstm_zoo.tasks.sentiment.preprocessing import kept_words, with_vectors
from lstm_zoo.tasks.sentiment.wide.networks import assemble, initialize
from lstm_zoo.tasks.sentiment.wide.preprocessing import fit_bags, sizes_of
from lstm_zoo.tasks.sentiment.wide.stacking import opinions_of
from lstm_zoo.training import check_numbers, is_finished
from lstm_zoo.training.loop import run_epochs, write_pipeline
from lstm_zoo.training.preparing import fingerprint
from lstm_zoo.weights import archive
from recipes import contrast, self_training, teachers, verdicts
from recipes.corpora import ROWS, STEPS, Corpus, first_words, ids_of, starts_of, windows_of

TEACHER, BEGIN = "sentiment-awd-imdb", "sentiment-wide-imdb"
DRAWS = 150  # of words into a template
SENTENCES = 0.5  # share of the batches that have sentences, and of each kind among these
SHARES = {"rated": 0.5, "pairs": 0.15, "contrasts": 0.15, "verdicts": 0.1, "valences": 0.1}
TERMS = [  # of what it learns from beside the reviews
    "word vectors GloVe 6B, PDDL 1.0 (Pennington et al. 2014)",
    "VADER and its lexicon, MIT (Hutto and Gilbert 2014)",
]
LIMITS = (
    "English reviews of films, whole or in part; verdicts on other things and single sentences are read less surely, "
    "see its scores out of domain. Irony and mixed verdicts lower the accuracy."
)
SURE = 0.02  # the least probability that a label of the teacher leaves to the other one


def sentences(words, seed):
    """Kind, see `SHARES` -> pairs (sentence, probability that it is positive), all but "rated", which hang on reviews.

    Args:
        words: those that the network knows.
    """
    drawn = {
        "pairs": verdicts.pairs("train"),
        "contrasts": contrast.sentences(contrast.TRAINING, contrast.TRAINING_WORDS, DRAWS, seed),
        "verdicts": verdicts.sentences(seed),
    }
    sure = {kind: [(text, float(label == CLASSES[1])) for text, label in pairs] for kind, pairs in drawn.items()}
    return {**sure, "valences": verdicts.valences(words, seed)}


def corpus(reviews, kinds, preprocessing):
    """What is learnt of encoded reviews, and of sentences by their kinds."""
    short = [pair for kind in SHARES for pair in kinds[kind]]
    each = np.concatenate([np.full(len(kinds[kind]), share / len(kinds[kind])) for kind, share in SHARES.items()])
    return Corpus(*reviews, *ids_of(short, preprocessing), each, SENTENCES)


def validating(pairs):
    """Pairs (text, label) of reviews, whole and in windows, and of sentences that nothing learns."""
    drawn = contrast.sentences(contrast.DEVELOPMENT, contrast.DEVELOPMENT_WORDS)
    return [*windows_of(pairs), *verdicts.pairs("validation"), *drawn]


def begun(pipeline, vectors):
    """An untrained `wide` without bags, and its preprocessing, that reads as the LSTM of a pipeline does.

    Args:
        pipeline: of a `sentiment/wide` or a `sentiment/bilstm`. What the LSTM of the second takes from `vectors` of
            words, see `train`, begins with 0; the first has its own.
    """
    names = pipeline.get_layer("labels").get_vocabulary()
    prepared = {"labels": lookup(names), "bags": {}, "pool": np.zeros((2, 1)), "multilabel": False}
    trained = networks.network_of(pipeline)
    if is_wide(pipeline):
        prepared |= kept_words(pipeline, trained)
        return assemble(wide.trained_part(trained), {}), prepared
    prepared |= with_vectors(pipeline.get_layer("words"), vectors)
    sizes = wide.TASK.data_hyperparameters(prepared)
    network = wide.wide(**{**archive.record_of(pipeline)["hyperparameters"], **sizes})
    initialize(network, prepared)
    for layer in trained.layers:
        if layer.weights:
            own = network.get_layer(layer.name)
            own.set_weights([grown(old, new.shape) for old, new in zip(layer.get_weights(), own.get_weights())])
    return network, prepared


def is_wide(pipeline):
    """Whether a pipeline is of a `sentiment/wide`."""
    return model_of(pipeline) == "sentiment/wide"


def grown(weights, shape):
    """Weights with rows of 0 below, as many as a shape has more."""
    return np.concatenate([weights, np.zeros((shape[0] - len(weights), *weights.shape[1:]), weights.dtype)])


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
    parser.add_argument("--weights", default=BEGIN, help="to begin with (default: %(default)s)")
    parser.add_argument("--teacher", default=TEACHER, help="row or .keras file (default: %(default)s)")
    parser.add_argument("--vectors", default="glove", help="of a bilstm, as of lstm-zoo train (default: %(default)s)")
    parser.add_argument(
        "--passes", type=int, default=4, help=f"of {STEPS} steps, of the first round (default: %(default)s)"
    )
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


def read(network, preprocessing, parts):
    """Log-odds (parts,) that sentences are positive, by the LSTM of a `wide` without bags."""
    [opinion], _ = opinions_of(network, preprocessing, [sentence for sentence, _ in parts])
    return opinion[:, 1] - opinion[:, 0]


def main():
    options = parsed()
    pretrained = lstm_zoo.load(options.weights)
    labelled, held_out, others = teachers.labelled("train"), teachers.labelled("validation"), teachers.without_labels()
    # Beside the folder of the run, which must be empty before it.
    told = teachers.told_by(options.teacher, others, options.folder.with_name(f"{options.folder.name}-teacher.npy"))
    network, preprocessing = begun(pretrained, options.vectors)
    reviews = self_training.probable(labelled, others, np.clip(told, SURE, 1 - SURE))
    kinds = sentences(set(preprocessing["words"].get_vocabulary()), options.seed)
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
        "sentences": fingerprint([pair for pairs in kinds.values() for pair in pairs], ()),
        **learning,
    }
    if is_finished(options.folder, settings, resume=True):
        return
    keras.utils.set_random_seed(options.seed)
    task, record = student(preprocessing)
    network = networks.with_dropout(network, options.dropout_scale)
    parts = verdicts.parts_of(reviews, options.seed)
    kinds["rated"] = verdicts.rated(parts, read(network, preprocessing, parts) if is_wide(pretrained) else None)
    training = corpus(ids_of(reviews, preprocessing), kinds, preprocessing)
    held_out_of_all = [(text, float(label == CLASSES[1])) for text, label in validating(held_out)]
    trained, checkpoint = run_epochs(
        task,
        record,
        network,
        preprocessing,
        (training, held_out_of_all),
        options.folder,
        settings,
        patience=options.passes,
        verbose=True,
        **learning,
    )
    preprocessing |= fit_bags([*labelled, *first_words(reviews)], preprocessing["labels"], None, ["ngrams"])
    whole = assemble(wide.trained_part(network), sizes_of(preprocessing["bags"]))
    initialize(whole, preprocessing)
    begun_from = options.weights, archive.record_of(pretrained)
    values = {**begun_from[1]["hyperparameters"], **task.data_hyperparameters(preprocessing)}
    about = records.of_run(task, settings, {"data": None}, begun_from, values, (reviews, held_out))
    # What it learnt is like these too: its profile is that of texts of all lengths.
    short = [(text, CLASSES[round(positive)]) for pairs in kinds.values() for text, positive in pairs]
    data = [*windows_of(labelled), *short], held_out
    write_pipeline(trained, checkpoint, task, record, whole, preprocessing, data, options.folder, about)


if __name__ == "__main__":
    main()
