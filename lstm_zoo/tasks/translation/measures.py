"""How good a translation is, and the cheap rivals of every network."""

from lstm_zoo.optional import need


def measures(guesses, truth):
    """BLEU of cased, detokenized text (13a), the same of lower-cased text, and chrF, by sacrebleu, from 0 to 100.

    Sources: Papineni et al. 2002, https://aclanthology.org/P02-1040; Post 2018, https://aclanthology.org/W18-6319;
    Popović 2015, https://aclanthology.org/W15-3049.
    """
    sacrebleu = need("sacrebleu", "translation")
    return {
        "bleu": round(sacrebleu.corpus_bleu(guesses, [truth]).score, 2),
        "bleu_lowercase": round(sacrebleu.corpus_bleu(guesses, [truth], lowercase=True).score, 2),
        "chrf": round(sacrebleu.corpus_chrf(guesses, [truth]).score, 2),
    }


def signature():
    """How `bleu` is computed, as sacrebleu writes it."""
    bleu = need("sacrebleu", "translation").BLEU()
    bleu.corpus_score(["a"], [["a"]])  # a signature counts the references
    return str(bleu.get_signature())


def baselines(_, training, pairs):
    """Name -> measures of cheap rivals: the source as it is, and the translation of the nearest training sentence."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    texts, translations = zip(*training)
    sources, truth = (list(side) for side in zip(*pairs))
    bag = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(texts)
    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine")
    neighbours.fit(bag.transform(texts))
    nearest = neighbours.kneighbors(bag.transform(sources), return_distance=False)[:, 0]
    return {
        "nearest training sentence": measures([translations[row] for row in nearest], truth),
        "source, untranslated": measures(sources, truth),
    }
