"""preprocessing.py: texts as words, vocabulary and labels."""

import pytest
import tensorflow as tf

from lstm_zoo.tasks import sentiment

TASK = sentiment.TASK


def tokens(text):
    return [token.decode() for token in tf.strings.split(sentiment.separate_words(tf.constant(text))).numpy()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good film, don't miss it! 10/10<br /><br />", "good film , don't miss it ! 10 / 10"),
        ("'quoted' and ''twice''", "' quoted ' and ' twice '"),
        ("the 'good' 'bad' 'ugly'", "the ' good ' ' bad ' ' ugly '"),
        ("rock 'n' roll, the boys' film", "rock ' n ' roll , the boys ' film"),
        ("ÀÉÎ Straße", "àéî straße"),
        ("one\x85two\u2028three\u00a0four\x1cfive\x0bsix", "one two three four five six"),
        ("فيلم جيد", "فيلم جيد"),
        ("👍nice👍", "👍 nice 👍"),
        ("a < b and c > d", "a d"),  # looks like mark-up
        ("", ""),
        (" \n\t ", ""),
        (b"caf\xe9 \xff ok", "caf � � ok"),
    ],
)
def test_separate_words(text, expected):
    assert tokens(text) == expected.split()


class TestAdapt:
    """Vocabulary and labels."""

    def test_numbers_are_ordered_by_value(self):
        preprocessing = TASK.adapt([("a", "10"), ("b", "9"), ("c", "-1")])
        assert preprocessing["labels"].get_vocabulary() == ["-1", "9", "10"]

    def test_one_label_is_refused(self):
        with pytest.raises(ValueError, match="At least two labels are needed .* Received only: 'good'"):
            TASK.adapt([("a", "good")] * 3)

    def test_texts_without_a_word_are_refused(self):
        with pytest.raises(ValueError, match="No text holds a word"):
            TASK.adapt([("", "good"), ("<br />", "bad")])

    def test_vocabulary_is_bounded(self):
        preprocessing = TASK.adapt([("a a a b b c", "x"), ("a b", "y")], vocabulary=4)
        assert preprocessing["words"].get_vocabulary() == ["", "[UNK]", "a", "b"]
        assert TASK.data_hyperparameters(preprocessing) == {"classes": 2, "vocabulary": 4}

    def test_imbalance_warns(self):
        with pytest.warns(UserWarning, match="'good' occurs 22 times, 'bad' only 2 times"):
            TASK.adapt([("a", "good")] * 22 + [("b", "bad")] * 2)
