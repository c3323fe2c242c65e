"""How sure the words of speech are, and which of them a lexicon lacks.

    python -m benchmarks.words [--pipeline speech-streaming-an4]

Words of AN4's validation speakers by a published transcriber that has not learnt from them, though its epoch was chosen
on them: spelled openly, with a lexicon of all words of AN4's training texts, and with three lexicons that lack a third
of them each. There a word that is lacking is to be `[unknown]`. The least cost of its letters that costs nothing with
all words is the default of `speech.with_lexicon`. The last row has trigrams of AN4's training texts beside all words.

A word's confidence is calibrated by the words of the seven other speakers. Its error is the expected calibration error,
with 15 bins; the area under the ROC curve tells how well confidence tells right words from wrong ones.
"""

import functools

import numpy as np
import tensorflow as tf
from sklearn.metrics import roc_auc_score

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo.calibration import calibration_error, reliability
from lstm_zoo.progress import track
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import metrics, timings
from lstm_zoo.tasks.speech.confidence import AS_IT_IS, calibrated, fitted
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, UNKNOWN_COST, Lexicon
from lstm_zoo.tasks.speech.ngrams import estimated
from lstm_zoo.tasks.speech.pairs import waveforms
from lstm_zoo.tasks.speech.pipelines import greedy, num_steps
from lstm_zoo.tasks.speech.searches import LANGUAGE_MODEL_WEIGHT, WORD_BEAMS, WORD_BONUS
from lstm_zoo.tasks.speech.word_search import WordSearch

PIPELINE = "speech-streaming-an4"
COSTS = (None, 1.5, 2.0, 2.5, 3.0)  # of a letter of an unknown word
PARTS = 3  # of the words, of which each is lacking once


def heard(pipeline, examples):
    """Log-probabilities (recordings, steps, characters) of all recordings, and their numbers of steps."""
    items = waveforms(examples)
    steps = np.array([num_steps(len(item)) for item in items], "int32")
    vocabulary = len(pipeline.get_layer("characters").characters) + 1
    log_probs = np.full((len(items), steps.max(), vocabulary), -1e4, "float32")
    log_probs[..., 0] = 0.0
    for row, found in timings.log_probs_of(pipeline, items):
        log_probs[row, : steps[row]] = found[: steps[row]]
    return log_probs, steps


def texts_of(log_probs, steps, characters, lexicon):
    """Texts of recordings, spelled openly without a lexicon."""
    if lexicon is None:
        numbers, _ = greedy(log_probs)
    else:
        search = WordSearch(lexicon, WORD_BEAMS)
        numbers, _ = search.best(search.read(tf.constant(log_probs), tf.constant(steps), search.first(len(steps))))
    names = ["", *characters, UNKNOWN]
    return ["".join(names[number] for number in row) for row in numbers.numpy()]


def errors_of(references, texts, lexicon):
    """Counts: `words` said and how many were `wrong`, by jiwer; of `lacking` words how many are `found`, of the others
    how many are `lost`, [unknown]."""
    import jiwer

    counts = dict.fromkeys(("words", "wrong", "lacking", "found", "lost"), 0)
    for reference, text in zip(references, texts):
        words = [word if lexicon is None or word in lexicon.words else UNKNOWN for word in reference.split()]
        aligned = jiwer.process_words(" ".join(words), text)
        counts["words"] += len(words)
        counts["wrong"] += aligned.substitutions + aligned.deletions + aligned.insertions
        counts["lacking"] += words.count(UNKNOWN)
        for chunk in aligned.alignments[0]:
            pairs = zip(words[chunk.ref_start_idx : chunk.ref_end_idx], text.split()[chunk.hyp_start_idx :])
            for said, written in pairs if chunk.type in ("equal", "substitute") else ():
                counts["found"] += said == written == UNKNOWN
                counts["lost"] += said != UNKNOWN == written
    return counts


def judged(log_probs, examples, texts, characters, lexicon):
    """Of each word that was written the speaker, the log-odds, and whether it is right."""
    for steps, (_, reference, speaker), text in zip(log_probs, examples, texts):
        words = timings.words_of(steps, text, characters, lexicon)
        for word, right in zip(words, metrics.right_words(reference, text, lexicon)):
            yield speaker, word["log_odds"], right


def confidence_of(words):
    """Calibration error of the confidence of words, as they are and fitted to the other speakers, and its ROC area."""
    speakers, log_odds, right = map(np.array, zip(*words))
    fits = {speaker: fitted(log_odds[speakers != speaker], right[speakers != speaker]) for speaker in set(speakers)}
    sure = [calibrated(odds, fits[speaker]) for speaker, odds in zip(speakers, log_odds)]
    raw = calibrated(log_odds, AS_IT_IS)
    return {
        "calibration error, not calibrated": calibration_error(reliability(raw, right)),
        "calibration error": calibration_error(reliability(sure, right)),
        "ROC area": round(float(roc_auc_score(right, log_odds)), 3),
    }


def row_of(log_probs, steps, examples, characters, lexicons):
    """Scores of the texts by all of the lexicons together."""
    references, counts, words = [reference for _, reference, _ in examples], [], []
    for lexicon in lexicons:
        texts = texts_of(log_probs, steps, characters, lexicon)
        counts.append(errors_of(references, texts, lexicon))
        words += judged(log_probs, examples, texts, characters, lexicon)
    total = {name: sum(each[name] for each in counts) for name in counts[0]}
    known, share = total["words"] - total["lacking"], {}
    if lexicons[0] is not None and lexicons[0].unknown is not None:
        share["others taken for unknown, %"] = round(100 * total["lost"] / known, 2)
        if total["lacking"]:
            share["lacking words found, %"] = round(100 * total["found"] / total["lacking"], 1)
    return {"wer": round(100 * total["wrong"] / total["words"], 2), **share, **confidence_of(words)}


def main():
    options = parser("words", __doc__)
    options.add_argument("--pipeline", default=PIPELINE, help="default: %(default)s")
    arguments = parse(options)
    pipeline = lstm_zoo.load(arguments.pipeline)
    examples = speech.TASK.read(speech.TASK.data("validation", "an4"))
    vocabulary = sorted({word for _, text, _ in speech.TASK.data("train", "an4/all") for word in text.split()})
    characters = pipeline.get_layer("characters").characters
    score = functools.partial(row_of, *heard(pipeline, examples), examples, characters)
    parts = [sorted({*vocabulary} - {*vocabulary[part::PARTS]}) for part in range(PARTS)]
    kinds = {"all words": [vocabulary], "a third lacking": parts}
    table = [{"lexicon": "none", "cost of a letter": "-", **score([None])}]
    for cost in track(COSTS, "costs"):
        for kind, lists in kinds.items():
            lexicons = [Lexicon(characters, dict.fromkeys(words, ()), unknown=cost) for words in lists]
            table.append({"lexicon": kind, "cost of a letter": cost or "none is unknown", **score(lexicons)})
    ngrams = estimated(text for _, text, _ in speech.TASK.data("train", "an4"))
    model = {"ngrams": ngrams, "weight": LANGUAGE_MODEL_WEIGHT, "word_bonus": WORD_BONUS}
    lexicon = Lexicon(characters, dict.fromkeys(vocabulary, ()), unknown=UNKNOWN_COST, language_model=model)
    table.append({"lexicon": "all words, trigrams", "cost of a letter": UNKNOWN_COST, **score([lexicon])})
    settings = {"pipeline": arguments.pipeline, "recordings": len(examples), "words": len(vocabulary)}
    write(arguments.output, "benchmarks.words", __doc__, settings=settings, table=table, packages=("jiwer",))


if __name__ == "__main__":
    main()
