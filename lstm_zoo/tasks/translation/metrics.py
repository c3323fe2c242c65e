"""How good a pipeline is, and how good the cheap baselines of every network."""

from collections.abc import Callable, Sequence

import keras
import pandas as pd

from lstm_zoo import batching
from lstm_zoo.contract import Evaluation, Preprocessing
from lstm_zoo.optional import need
from lstm_zoo.tasks.translation.names import Pair
from lstm_zoo.tasks.translation.pipelines import decode, encode, pipeline


def evaluate(trained: keras.Model, pairs: Sequence[Pair]) -> Evaluation:
    """How good a pipeline is on pairs (sentence, translation).

    Returns:
        Evaluation. Its metrics, from 0 to 100: `bleu`, cased and detokenized, `bleu_lowercase`, and `chrf`, see
        `metrics`.

    Example:

    >>> evaluate(lstm_zoo.load("translation"), [("Ein Hund rennt.", "A dog is running.")]).metrics
    {'bleu': ..., 'bleu_lowercase': ..., 'chrf': ...}
    """
    sources, references = (list(side) for side in zip(*pairs))
    answers = decode(batching.run(trained, sources, encode))
    predictions = [answer["text"] for answer in answers]

    def table():
        chrf = need("sacrebleu", "translation").sentence_chrf
        quality = [round(chrf(*texts).score, 2) for texts in zip(predictions, [[text] for text in references])]
        columns = {"source": sources, "target": references, "predicted_target": predictions}
        return pd.DataFrame({**columns, "score": [answer["score"] for answer in answers], "chrf": quality})

    return Evaluation(metrics=metrics(references, predictions), table=table)


def validator(
    network: keras.Model, preprocessing: Preprocessing, pairs: Sequence[Pair]
) -> Callable[[], dict[str, float]]:
    """A function that scores the network as it then is: `val_bleu` of greedy translations of validation pairs."""
    greedy = pipeline(network, preprocessing, beams=1)
    return lambda: {"val_bleu": evaluate(greedy, pairs).metrics["bleu"]}


def metrics(references: Sequence[str], predictions: Sequence[str]) -> dict[str, float]:
    """BLEU of cased, detokenized text (13a), the same of lower-cased text, and chrF, by sacrebleu, from 0 to 100.

    Sources: Papineni et al. 2002, https://aclanthology.org/P02-1040; Post 2018, https://aclanthology.org/W18-6319;
    Popović 2015, https://aclanthology.org/W15-3049.

    Args:
        references: translations by people.
        predictions: as many translations of the same sentences.

    Raises:
        ImportError: the extra `translation` is not installed.

    Example:

    >>> metrics(["A dog runs fast."], ["A dog runs fast."])
    {'bleu': 100.0, 'bleu_lowercase': 100.0, 'chrf': 100.0}
    """
    sacrebleu = need("sacrebleu", "translation")
    return {
        "bleu": round(sacrebleu.corpus_bleu(predictions, [references]).score, 2),
        "bleu_lowercase": round(sacrebleu.corpus_bleu(predictions, [references], lowercase=True).score, 2),
        "chrf": round(sacrebleu.corpus_chrf(predictions, [references]).score, 2),
    }


def signature() -> str:
    """How `bleu` is computed, as sacrebleu writes it."""
    bleu = need("sacrebleu", "translation").BLEU()
    bleu.corpus_score(["a"], [["a"]])  # a signature counts the references
    return str(bleu.get_signature())


def nearest_translations(training: Sequence[Pair]) -> Callable[[Sequence[str]], list[str]]:
    """A function from sentences to the translations of the nearest training sentences, by the cosine of TF-IDF vectors
    of their character 3- to 5-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    texts, translations = zip(*training)
    bag = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(texts)
    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine")
    neighbours.fit(bag.transform(texts))

    def nearest(sources):
        rows = neighbours.kneighbors(bag.transform(sources), return_distance=False)[:, 0]
        return [translations[row] for row in rows]

    return nearest


def baselines(_: keras.Model | None, training: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Name -> metrics of cheap baselines: the translation of the nearest training sentence, and the source as it is.

    Args:
        training: pairs (sentence, translation) to look for the nearest sentence in, see `nearest_translations`.
        pairs: those that are scored.

    Example:

    >>> known = [("Ein Hund rennt.", "A dog runs."), ("Eine Katze schläft.", "A cat sleeps.")]
    >>> baselines(None, known, [("Ein Hund rennt schnell.", "A dog runs fast.")])["nearest training sentence"]["chrf"]
    56.72
    """
    sources, references = (list(side) for side in zip(*pairs))
    return {
        "nearest training sentence": metrics(references, nearest_translations(training)(sources)),
        "source, untranslated": metrics(references, sources),
    }
