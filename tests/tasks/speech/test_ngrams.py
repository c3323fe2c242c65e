"""ngrams.py and language_model.py: n-grams of ARPA files and of texts, and a lexicon's."""

import itertools
import math

import pytest

from lstm_zoo.tasks.speech import language_model
from lstm_zoo.tasks.speech.language_model import LanguageModel
from lstm_zoo.tasks.speech.ngrams import BEGIN, END, OTHER, estimated, read_language_model

ARPA = """
\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-1.0\t<unk>
-99\t<s>\t-0.5
-0.5\t</s>
-0.4\tYES\t-0.2
-0.8\tNO

\\2-grams:
-0.1\t<s> YES
-0.3\tYES NO
-0.2\tYES </s>

\\end\\
"""


def test_probabilities_behind_each_history_sum_up_to_1():
    texts = ["A B A", "<s> A B C </s>", "B B", ""]
    ngrams = estimated(texts)
    words = {"A", "B", "C", END, OTHER}

    def probability(history, word):
        if (text := " ".join([*history, word])) in ngrams:
            return math.exp(ngrams[text][0])
        return math.exp(ngrams.get(" ".join(history), (0, 0))[1]) * probability(history[1:], word)

    histories = [(), (BEGIN,), *itertools.product("ABC", repeat=1), *itertools.product("ABC", repeat=2), (BEGIN, "A")]
    for history in histories:
        assert sum(probability(history, word) for word in words) == pytest.approx(1)
    assert probability(("A", "B"), "A") > probability(("A", "B"), "B") > probability(("A", "B"), OTHER) > 0
    # By hand: 3 A, 4 B, 1 C and 3 ends, 4 kinds, and 5 of them where nothing is known.
    assert probability((), "A") == pytest.approx((3 + 4 / 5) / 15)


def test_a_language_model_may_be_a_file_or_texts(tmp_path):
    (tmp_path / "model.arpa").write_text(ARPA)
    ngrams = read_language_model(tmp_path / "model.arpa")
    assert ngrams["YES NO"] == (pytest.approx(-0.3 * math.log(10)), 0)
    assert ngrams[BEGIN][1] == pytest.approx(-0.5 * math.log(10))
    (tmp_path / "texts.txt").write_text("YES NO\n\nNO\n")
    assert read_language_model(str(tmp_path / "texts.txt")) == read_language_model(["YES NO", "NO"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([" "], r"estimated from texts, and there is no word in these. Received: \[' '\]"),
        (["YES", 7], "A language model is estimated from texts. Received: 7"),
        (7, "A language model is a path, or a list of texts. Received: 7"),
        (ARPA.replace("-0.3\tYES NO", "-0.3\tYES"), "line 15, is no 2-gram of an ARPA file. Received: '-0.3.tYES'"),
        (ARPA.replace("-0.8\tNO", "0.8\tNO"), "line 11, is no 1-gram"),
        (ARPA.replace("-0.8", "nan"), "line 11, is no 1-gram"),
        (ARPA.replace("YES NO", "MAYBE NO"), "line 15: 'MAYBE' is no n-gram of the ARPA file before it"),
        (ARPA.replace("\\end\\", ""), r"is an ARPA file without the line .end\\: it is cut off"),
        (ARPA.replace("\\data\\", ""), r"is an ARPA file without the line .data\\: it is cut off"),
        (ARPA[ARPA.index("\\2-grams") :], r"is an ARPA file without the line .data\\: it is cut off"),
        (ARPA.replace("2-grams:", "2-grams"), "line 13, is no heading of an ARPA file. Received: '.*2-grams'"),
        (ARPA.replace("-0.3\tYES NO\n", ""), "an ARPA file that tells of 3 2-grams. Received: 2"),
        ("\\data\\\n\\end\\", "is an ARPA file without n-grams"),
    ],
)
def test_bad_language_models(source, message, tmp_path):
    if isinstance(source, str):
        (tmp_path / "bad.arpa").write_text(source)
        source = tmp_path / "bad.arpa"
    with pytest.raises(ValueError, match=message):
        read_language_model(source)


def test_words_that_a_model_lacks_and_others_than_the_lexicon_s(tmp_path):
    (tmp_path / "model.arpa").write_text(ARPA)
    ngrams = read_language_model(tmp_path / "model.arpa")
    model = LanguageModel(["NO", "MAYBE"], ngrams, weight=1.0, word_bonus=0.0)
    assert "YES NO" not in model.ngrams
    no, maybe, unknown = 1, 2, 3
    read = model.reader()

    def common(state, word):
        gain, behind = read(state, word)
        return round(float(gain) / math.log(10), 4), int(behind)

    assert common(model.first, no)[0] == -1.3  # what follows the begin is none of these words: it falls back
    assert common(model.first, maybe) == common(model.first, unknown) == (-1.5, 0)
    least = LanguageModel(["NO"], {"NO": [-0.4, 0], "YES": [-9, 0]}, weight=2.0, word_bonus=0.0)
    assert float(least.reader()(least.first, 0)[0]) == pytest.approx(-0.8)  # the end, which it lacks


def test_models_that_do_not_fit(monkeypatch):
    with pytest.raises(ValueError, match="has none of the lexicon's words, like 'YES', but others: 'yes'"):
        LanguageModel(["YES"], estimated(["yes no"]), weight=1.0, word_bonus=0.0)
    monkeypatch.setattr(language_model, "MAX_NGRAMS", 3)
    with pytest.raises(ValueError, match="at most 3 n-grams of the lexicon's words; prune it.* Received: 7"):
        LanguageModel(["A"], estimated(["A A"], order=2), weight=1.0, word_bonus=0.0)
