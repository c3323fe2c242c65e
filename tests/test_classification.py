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

    def test_refuses_a_label_that_occurs_once(self):
        with pytest.raises(ValueError, match="one example only of the label 'c'"):
            classification.split([*PAIRS, ("so so", "c")])


def test_labels_that_differ_in_form_alone_are_said():
    for names in (["TRUE", "true", "no"], ["01", "1", "2"]):
        with pytest.warns(UserWarning, match="These labels are told apart, though they may mean the same"):
            classification.names_of(names)
