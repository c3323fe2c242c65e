"""The cheap rival of every network."""

from lstm_zoo.classification import measures


def baselines(_, training, pairs):
    """Name -> measures of the cheap rival of every network: a bag of bigrams with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = zip(*training)
    bag = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2 if len(texts) >= 1000 else 1, sublinear_tf=True),
        LogisticRegression(C=10.0, max_iter=1000, class_weight="balanced"),
    ).fit(texts, labels)
    texts, truth = (list(side) for side in zip(*pairs))
    return {"bag of bigrams, logistic regression": measures(truth, bag.predict(texts).tolist())}
