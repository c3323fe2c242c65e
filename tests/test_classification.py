"""classification.py: labels, of texts or of recordings."""

import pytest

from lstm_zoo import classification

PAIRS = [("good film", "good"), ("bad film", "bad")] * 10


class TestSplit:
    """The validation split of the user's own pairs."""

    def test_holds_a_tenth_of_every_label(self):
        pairs = [(str(row), "rare" if row < 20 else "frequent") for row in range(200)]
        training, validation = classification.split(pairs)
        assert sorted(training + validation) == sorted(pairs)
        assert sorted(label for _, label in validation) == ["frequent"] * 18 + ["rare"] * 2

    def test_depends_on_the_seed_alone(self):
        pairs = [(str(row), row % 2) for row in range(100)]
        assert classification.split(pairs, seed=1) == classification.split(pairs, seed=1)
        assert classification.split(pairs, seed=1) != classification.split(pairs, seed=2)

    def test_a_label_that_occurs_once_is_learnt(self):
        with pytest.warns(UserWarning, match="One example only of the label 'c'"):
            training, validation = classification.split([*PAIRS, ("so so", "c")])
        assert ("so so", "c") in training
        assert len(training) + len(validation) == len(PAIRS) + 1

    def test_refuses_labels_that_all_occur_once(self):
        with pytest.raises(ValueError, match="one example only of every label, like 'a'"):
            classification.split([("good", "a"), ("bad", "b")])

    def test_leaves_four_fifths_where_labels_are_many(self):
        pairs = [(str(row), str(row % 70)) for row in range(200)]
        training, validation = classification.split(pairs)
        assert len(validation) == 40
        assert {label for _, label in training} == {label for _, label in pairs}
        assert not set(training) & set(validation)


def test_labels_that_differ_in_form_alone_are_said():
    for names in (["TRUE", "true", "no"], ["01", "1", "2"]):
        with pytest.warns(UserWarning, match="These labels are told apart, though they may mean the same"):
            classification.names_of(names)
