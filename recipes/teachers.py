"""Teachers of IMDb's reviews without labels, for recipes/self_training.py.

One is NB-SVM, a bag of one to three words (Wang and Manning 2012, https://aclanthology.org/P12-2018). The other is a
logistic regression on vectors of reviews, which learnt without labels to predict the one to three words of all of them
(Le and Mikolov 2014, https://arxiv.org/abs/1405.4053; Li et al. 2016, https://arxiv.org/abs/1512.08183). They err on
different reviews: the sum of their log-odds, each scaled to a standard deviation of 1, is right more often than either.
The vectors need gensim: pip install 'lstm_zoo[teachers]'.
"""

import collections
import itertools
import json

import joblib
import numpy as np
import scipy.sparse
import tensorflow as tf
import tensorflow_datasets as tfds
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from lstm_zoo import batching, networks, registry
from lstm_zoo.answering import loaded
from lstm_zoo.datasets.catalog import load_catalogued
from lstm_zoo.files import write_text
from lstm_zoo.optional import need
from lstm_zoo.progress import track
from lstm_zoo.tasks.sentiment import CLASSES, TASK, separate_words

NGRAMS = {"ngram_range": (1, 3), "lowercase": False, "token_pattern": r"\S+"}
REGULARIZATION = 0.3  # C of NB-SVM: of 0.03, 0.1, 0.3, 1 and 3 the best on validation
# Of the vectors: 22 minutes on 2 cores. The mean of these two runs is right on 0.922 of the reviews for validation;
# single ones of 12 epochs, of two threads each, were on 0.917 and 0.923.
SIZE, EPOCHS, RUNS = 300, 9, 2
RARE = 5  # occurrences of an n-gram that is predicted, at least


def bag_of_trigrams(training, texts):
    """Log-odds of "positive" by NB-SVM: one to three words, each weighed by its log-count ratio."""
    counts = CountVectorizer(**NGRAMS, min_df=2, binary=True)
    features = counts.fit_transform(_spaced([text for text, _ in training]))
    positive = are_positive(training)
    of_class = [1 + np.asarray(features[rows].sum(0)).ravel() for rows in (~positive, positive)]
    ratio = np.diff([np.log(count / count.sum()) for count in of_class], axis=0).ravel()
    model = LogisticRegression(C=REGULARIZATION, solver="liblinear")
    model.fit(features @ scipy.sparse.diags(ratio), positive)
    return model.decision_function(counts.transform(_spaced(texts)) @ scipy.sparse.diags(ratio))


def document_vectors(training, texts):
    """Log-odds of "positive" by vectors of the training texts and these, which are learnt together: the mean of runs.

    Each run has a process with one thread, for threads that share the vectors would make each time other ones.
    """
    spaced = _spaced([*(text for text, _ in training), *texts])
    learn = joblib.delayed(_vectors)
    runs = joblib.Parallel(n_jobs=RUNS)(learn(spaced, seed, SIZE, EPOCHS) for seed in range(RUNS))
    known, positive = len(training), are_positive(training)
    models = [LogisticRegression(max_iter=500).fit(vectors[:known], positive) for vectors in runs]
    return np.mean([model.decision_function(vectors[known:]) for model, vectors in zip(models, runs)], axis=0)


def probabilities(path):
    """Probabilities that the 50,000 reviews without labels are positive, by both teachers together.

    Args:
        path: pathlib.Path of the file that keeps them, for they take half an hour; without it they are made, and what
            each teacher is worth on validation is printed.

    Returns:
        Array of float64; the labels for validation have turned the log-odds into probabilities (Platt 1999).
    """
    if not path.exists():
        training, validation = labelled("train"), labelled("validation")
        texts, references = [*(text for text, _ in validation), *without_labels()], are_positive(validation)
        log_odds = {
            "document vectors": document_vectors(training, texts),
            "bag of trigrams": bag_of_trigrams(training, texts),
        }
        log_odds["together"] = sum(odds / odds.std() for odds in log_odds.values())
        known = len(references)
        for name, odds in log_odds.items():
            print(f"{name}: {np.mean((odds[:known] > 0) == references):.4f} of the labels for validation")
        together = log_odds["together"][:, None]
        sure = LogisticRegression(C=100.0).fit(together[:known], references)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(sure.predict_proba(together[known:])[:, 1].tolist()))
    return np.array(json.loads(path.read_text()))


def told_by(teacher, texts, path):
    """Probabilities that texts are positive, by a trained pipeline in the place of both teachers.

    Args:
        teacher: what `load` takes.
        texts: list.
        path: pathlib.Path of the file that keeps them, for `sentiment/awd` takes half an hour; else they are made.

    Returns:
        Array of float32.
    """
    if not path.exists():
        pipeline = loaded(teacher)
        task, record = registry.records_of(pipeline)
        trained = networks.network_of(pipeline)
        layers = {layer.name: layer for layer in pipeline.layers if layer is not trained}
        outputs = batching.run(record.pipeline(networks.in_16_bits(trained), layers), texts, task.encode)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.array([row["probabilities"][1] for row in outputs]))
    return np.load(path)


def are_positive(pairs):
    """Whether each of the pairs (text, label) is positive."""
    return np.array([label == CLASSES[1] for _, label in pairs])


def labelled(split):
    """Pairs (text, label) of a split of IMDb."""
    return TASK.read(TASK.data(split))


def without_labels():
    """The reviews of IMDb that have no label."""
    return [review["text"].decode() for review in tfds.as_numpy(load_catalogued("imdb_reviews", split="unsupervised"))]


def _spaced(texts):
    return [text.decode() for text in separate_words(tf.constant(texts)).numpy()]


def _vectors(texts, seed, size, epochs):
    """Vectors (texts, size) of length 1 (PV-DBOW) of texts whose tokens have spaces between them."""
    doc2vec = need("gensim.models.doc2vec", "teachers")
    split, hidden = CountVectorizer(**NGRAMS).build_analyzer(), seed > 0  # one progress bar for all runs
    counts = collections.Counter()
    for text in texts:
        counts.update(split(text))
    kept = {ngram: ngram for ngram, count in counts.items() if count >= RARE}  # one object each: there are millions
    del counts
    documents = [
        doc2vec.TaggedDocument([kept[ngram] for ngram in split(text) if ngram in kept], [number])
        for number, text in enumerate(track(texts, "N-grams of the reviews", shown=not hidden))
    ]
    rates = {"alpha": 0.05, "min_alpha": 0.001}
    model = doc2vec.Doc2Vec(dm=0, vector_size=size, negative=5, sample=1e-4, min_count=1, workers=1, seed=seed, **rates)
    model.build_vocab(documents)
    steps = np.linspace(*rates.values(), epochs + 1)
    for begin, end in track(list(itertools.pairwise(steps)), "Vectors of the reviews", shown=not hidden):
        model.train(documents, total_examples=len(documents), epochs=1, start_alpha=begin, end_alpha=end)
    return model.dv.vectors / np.linalg.norm(model.dv.vectors, axis=1, keepdims=True)
