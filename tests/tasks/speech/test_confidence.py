"""confidence.py: how probable words are, by all paths that spell them, and as often right as that."""

import itertools

import numpy as np
import pytest
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import confidence, metrics
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon

LETTERS = " ab"
WORDS = {"a": [], "ab": ["b"], "bb": []}


def mass_of(probs, fits):
    """Sum of the probabilities of the paths whose text fits."""
    total = 0.0
    for path in itertools.product(range(len(LETTERS) + 1), repeat=len(probs)):
        text = "".join(LETTERS[letter - 1] for letter, _ in itertools.groupby(path) if letter)
        total += np.prod([probs[step, letter] for step, letter in enumerate(path)]) * fits(text.split())
    return total


@pytest.mark.parametrize("seed", range(3))
def test_the_odds_are_those_of_all_paths(seed):
    probs = np.random.default_rng(seed).dirichlet(np.full(len(LETTERS) + 1, 0.5), size=5)
    spellings = {"a", "ab", "b", "bb"}
    some = mass_of(probs, lambda words: spellings.issuperset(words))
    lexicon = Lexicon(LETTERS, WORDS)
    for number, heard in enumerate((["a"], ["ab", "b"], ["bb"]), 1):
        share = mass_of(probs, lambda words, heard=heard: len(words) == 1 and words[0] in heard)
        for whole, openly in ((some, False), (1.0, True)):
            odds = confidence.log_odds_of(np.log(probs), lexicon, number, openly=openly)
            assert odds == pytest.approx(np.log(share / (whole - share)), abs=1e-6)


def test_an_unknown_word_has_its_share():
    log_probs = np.log(np.full((3, 4), 0.01) + 0.96 * np.eye(4)[[3, 2, 3]])  # bab
    sure = [confidence.log_odds_of(log_probs, Lexicon(LETTERS, {"bab": []}, unknown=2.0), number) for number in (1, 2)]
    assert sure[0] > 3
    assert sure[1] == pytest.approx(-sure[0], abs=0.1)  # there is little else
    assert confidence.log_odds_of(log_probs, Lexicon(LETTERS, {"aaa": []}, unknown=2.0), 2) > 2


def test_a_certain_word_has_finite_odds():
    log_probs = np.log(np.eye(4)[[0, 2, 0]] + 1e-30)
    lexicon = Lexicon(LETTERS, WORDS)
    odds = [confidence.log_odds_of(log_probs, lexicon, number, openly=True) for number in (1, 2)]
    assert odds == [confidence.SUREST, -confidence.SUREST]


def test_calibrated_words_are_as_often_right():
    random = np.random.default_rng(0)
    log_odds = 2 * random.standard_normal(4000)
    right = random.random(4000) < 1 / (1 + np.exp(-(0.5 * log_odds + 1)))
    assert confidence.fitted(log_odds, right) == pytest.approx((0.5, 1), abs=0.1)
    assert confidence.fitted([], []) == confidence.AS_IT_IS


def test_right_words():
    assert metrics.right_words("a ab bb", "a bb bb") == [True, False, True]
    assert metrics.right_words("a", "") == []
    assert metrics.right_words("a baa", f"a {UNKNOWN}", Lexicon(LETTERS, WORDS, unknown=1.0)) == [True, True]


def test_predict_tells_it(trained, tmp_path):
    def sure(pipeline, word="ab"):
        (answer,) = lstm_zoo.predict(pipeline, (tones(word, seed=3), RATE), alignment=True)
        return [(each["word"], each["confidence"]) for each in answer["alignment"]]

    pipeline = trained("speech/ctc")
    [(word, before)] = sure(pipeline)
    assert (word, before > 0.5) == ("ab", True)
    [(word, lacking)] = sure(speech.with_lexicon(pipeline, ["ba"], unknown=0.5))
    assert (word, lacking > 0.5) == (UNKNOWN, True)

    calibrated = speech.with_beams(pipeline, 2)
    calibrated.get_layer("ctc").confidence = (1.0, -5.0)
    again = [speech.with_lexicon(calibrated, words) for words in (["ab", "ba"], None)]
    lstm_zoo.save(calibrated, tmp_path / "calibrated.keras")
    again += [lstm_zoo.load(tmp_path / "calibrated.keras"), speech.with_beams(calibrated, 1)]
    network, preprocessing = speech.TASK.fine_tune(calibrated, [])
    again.append(speech.TASK.networks["ctc"].pipeline(network, preprocessing))
    assert all(each.get_layer("ctc").confidence == (1.0, -5.0) for each in again)
    [(_, after)] = sure(calibrated)
    assert after < before


def test_validation_calibrates_it(trained, examples):
    pipeline = speech.with_beams(trained("speech/ctc"), 1)
    wrong = [(recording, "b" if text == "a" else "a", speaker) for recording, text, speaker in examples]
    speech.TASK.calibrate(pipeline, {}, examples)
    well = pipeline.get_layer("ctc").confidence
    speech.TASK.calibrate(pipeline, {}, wrong)
    slope, bias = pipeline.get_layer("ctc").confidence
    assert well[0] > 0 < slope
    assert bias < 0 < well[1]


def test_files_of_before_have_none(request):
    golden = lstm_zoo.load(request.config.rootpath / "tests" / "goldens" / "speech-ctc.keras")
    assert golden.get_layer("ctc").confidence == confidence.AS_IT_IS
