"""word_search.py: the search finds what counting all paths finds, at once and part by part."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.tasks.speech import word_search
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon
from lstm_zoo.tasks.speech.ngrams import BEGIN, END, OTHER, estimated
from lstm_zoo.tasks.speech.word_search import WordSearch

LETTERS = " ab"
LEXICONS = {
    "words": ({"a": [], "ab": [], "bb": []}, {}),
    "spellings": ({"ab": ["b"], "aa": ["bab"]}, {}),
    "hotwords": ({"a": [], "ab": [], "bb": []}, {"bb": 1.0, "a": -1.0}),
}


def random_log_probs(rows, steps, sharpness=1.5, seed=0):
    """Log-probabilities float32 (rows, steps, characters) of a network that hears anything."""
    logits = sharpness * np.random.default_rng(seed).standard_normal((rows, steps, len(LETTERS) + 1))
    return tf.nn.log_softmax(logits.astype("float32"))


def best_of_all(log_probs, words, worth):
    """The best text of words, and its score, by the sum over every path; what is spelled and heard otherwise counts as
    texts of its own.

    Args:
        worth: function of a list of words, what is added to the log-probability of their text.
    """
    heard, steps = {}, range(len(log_probs))
    spelled = {spelling: word for word, more in words.items() for spelling in (word, *more)}
    for path in itertools.product(range(len(LETTERS) + 1), repeat=len(log_probs)):
        text = "".join(LETTERS[letter - 1] for letter, _ in itertools.groupby(path) if letter)
        heard[text] = np.logaddexp(heard.get(text, -np.inf), sum(log_probs[step, path[step]] for step in steps))
    scores = {}
    for text, score in heard.items():
        parts = text.split(" ")
        parts = parts[:-1] if parts[-1] == "" else parts  # a space at the end, or nothing at all
        if all(part in spelled for part in parts):
            scores[text] = score + worth([spelled[part] for part in parts])
    best = max(scores, key=scores.get)
    return " ".join(spelled[part] for part in best.split()), scores[best]


def log_prob_of(ngrams, words):
    """Logarithm of the probability of a sentence by n-grams, as their definition has it."""

    def behind(history, word):
        if (text := " ".join([*history, word])) in ngrams or not history:
            return ngrams[text][0]
        return ngrams.get(" ".join(history), (0, 0))[1] + behind(history[1:], word)

    sentence = [BEGIN, *words, END]
    return sum(behind(sentence[max(0, place - 2) : place], sentence[place]) for place in range(1, len(sentence)))


def texts_of(characters):
    names = ["", *LETTERS, UNKNOWN]
    return ["".join(names[number] for number in row) for row in characters.numpy()]


@pytest.mark.parametrize("name", LEXICONS)
def test_the_best_of_all_texts_is_found(name):
    words, hotwords = LEXICONS[name]
    log_probs = random_log_probs(12, 6)
    search = WordSearch(Lexicon(LETTERS, words, hotwords), beams=100)
    read = tf.function(search.read)
    characters, scores = search.best(read(log_probs, tf.fill([12], 6), search.first(12)))
    worth = lambda said: sum(hotwords.get(word, 0) for word in said)  # noqa: E731
    expected = [best_of_all(row, words, worth) for row in log_probs.numpy().astype("float64")]
    assert texts_of(characters) == [text for text, _ in expected]
    np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-4)
    assert len(set(texts_of(characters))) > 1


def test_the_best_of_all_texts_is_found_with_a_language_model():
    words, ngrams = {"a": [], "ab": [], "bb": []}, estimated(["ab bb ab", "ab ab c", "bb c"])
    model = {"ngrams": ngrams, "weight": 0.9, "word_bonus": 1.2}
    log_probs = random_log_probs(12, 6)
    lexicon = Lexicon(LETTERS, words, {"a": 1.0}, language_model=model)
    search = WordSearch(lexicon, beams=100)
    read = tf.function(search.read)
    characters, scores = search.best(read(log_probs, tf.fill([12], 6), search.first(12)))

    def worth(said):
        known = [word if word in ngrams else OTHER for word in said]
        return 0.9 * log_prob_of(ngrams, known) + 1.2 * len(said) + said.count("a")

    expected = [best_of_all(row, words, worth) for row in log_probs.numpy().astype("float64")]
    assert texts_of(characters) == [text for text, _ in expected]
    np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-4)
    openly = WordSearch(Lexicon(LETTERS, words, {"a": 1.0}), beams=100)
    assert texts_of(openly.best(openly.read(log_probs, tf.fill([12], 6), openly.first(12)))[0]) != texts_of(characters)


@pytest.mark.parametrize("texts", [None, ["ab bb ab", "a bb"]])
def test_parts_give_the_text_of_one_go(texts):
    words, hotwords = LEXICONS["hotwords"]
    log_probs = random_log_probs(1, 90, sharpness=4.0)
    model = None if texts is None else {"ngrams": estimated(texts), "weight": 0.5, "word_bonus": 0.5}
    search = WordSearch(Lexicon(LETTERS, words, hotwords, language_model=model), beams=8)

    @tf.function(reduce_retracing=True)
    def read(log_probs, state):
        return search.read(log_probs, tf.shape(log_probs)[1:2], state)

    (whole,) = texts_of(search.best(read(log_probs, search.first(1)))[0])
    assert len(whole.split()) > 8
    for size in (1, 7, 30):
        state, parts = search.first(1), []
        for start in range(0, 90, size):
            state = read(log_probs[:, start : start + size], state)
            state = read(log_probs[:, :0], state)  # nothing is heard for a while
            characters, state = search.certain(state)
            parts += texts_of(characters)
        assert len("".join(parts).split()) > len(whole.split()) / 2  # all but those of the last second
        assert "".join([*parts, *texts_of(search.best(state)[0])]) == whole


def test_a_row_has_its_own_answer_and_its_padding_changes_nothing():
    log_probs = random_log_probs(3, 20)
    search = WordSearch(Lexicon(LETTERS, LEXICONS["words"][0]), beams=6)
    padding = tf.nn.log_softmax(tf.tile([[[0.0, -1e4, -1e4, -1e4]]], [3, 9, 1]))
    lengths = tf.fill([3], 20)
    characters, scores = search.best(search.read(tf.concat([log_probs, padding], 1), lengths, search.first(3)))
    for row in range(3):
        alone, score = search.best(search.read(log_probs[row : row + 1], lengths[:1], search.first(1)))
        assert texts_of(alone) == texts_of(characters)[row : row + 1]
        assert score.numpy()[0] == scores.numpy()[row]


def test_where_no_word_fits_nothing_is_written():
    log_probs = tf.nn.log_softmax(tf.constant([[[0.0, -9, 9, -9], [9, -9, 0, -9], [9, -9, 0, -9]]]))  # a, and no more
    for words, text in ((["bb"], ""), (["ab"], ""), (["a"], "a")):
        search = WordSearch(Lexicon(LETTERS, {word: [] for word in words}), beams=4)
        characters, scores = search.best(search.read(log_probs, tf.constant([3]), search.first(1)))
        assert texts_of(characters) == [text], words
        assert scores.numpy()[0] > word_search.NONE / 2


def test_letters_without_a_space_make_one_word():
    log_probs = tf.nn.log_softmax(9 * tf.one_hot([[1, 2, 0, 2, 1]], 3))
    search = WordSearch(Lexicon("ab", {"abba": [], "ab": []}), beams=4)
    (row,) = search.best(search.read(log_probs, tf.constant([5]), search.first(1)))[0].numpy()
    assert row.tolist() == [1, 2, 2, 1]


COST = 0.4


def best_with_unknown(log_probs, words):
    """The best text of words and unknown ones, and its score, by the sum over every path, in which each step with a
    letter of an unknown word costs `COST`; a space at the end makes it another one."""
    scores = {}
    for path in itertools.product(range(len(LETTERS) + 1), repeat=len(log_probs)):
        heard = "".join("_ ab"[letter] for letter in path)
        written = "".join(letter for letter, _ in itertools.groupby(heard) if letter != "_")
        if written.startswith(" ") or "  " in written:
            continue  # no word is empty
        ways = [
            [(word, 0.0)] * (word in words) + [(UNKNOWN, COST * (len(part) - part.count("_")))]
            for word, part in zip(written.split(), (part for part in heard.split(" ") if part.strip("_")))
        ]
        log_prob = sum(log_probs[step, letter] for step, letter in enumerate(path))
        for way in itertools.product(*ways):
            text = " ".join(word for word, _ in way) + " " * written.endswith(" ")
            scores[text] = np.logaddexp(scores.get(text, -np.inf), log_prob - sum(cost for _, cost in way))
    best = max(scores, key=scores.get)
    return best.strip(), scores[best]


def test_what_no_word_fits_is_unknown():
    words = {"ab": [], "bb": []}
    log_probs = random_log_probs(12, 5)
    search = WordSearch(Lexicon(LETTERS, words, unknown=COST), beams=100)
    characters, scores = search.best(search.read(log_probs, tf.fill([12], 5), search.first(12)))
    expected = [best_with_unknown(row, words) for row in log_probs.numpy().astype("float64")]
    assert texts_of(characters) == [text for text, _ in expected]
    np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-4)
    assert {UNKNOWN, "bb"} == {word for text in texts_of(characters) for word in text.split()}


def test_a_word_that_goes_on_as_no_other_is_unknown():
    log_probs = tf.nn.log_softmax(20 * tf.one_hot([[2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 3, 0, 3, 0, 3, 0, 3]], 4))
    for cost, text in ((1.8, UNKNOWN), (25.0, "aaaaaa")):
        search = WordSearch(Lexicon(LETTERS, {"a" * 6: []}, unknown=cost), beams=8)
        characters, _ = search.best(search.read(log_probs, tf.constant([18]), search.first(1)))
        assert texts_of(characters) == [text]
