"""names.py: what stands on both sides of a pair, and pairs with others in its place."""

import re

from lstm_zoo.tasks.translation import names

PAIRS = [
    ("Anna Weber hat 12 Katzen, 3 Hunde und 12 Mäuse.", "Anna Weber has 12 cats, 3 dogs and 12 mice."),
    ("Die Hand ist kalt.", "Hand and foot: the hand is cold."),
    ("Er schläft.", "He sleeps."),
    ("Im Jahr 1984 kam Otto.", "Karl came."),
]


def test_what_is_kept():
    assert names.kept(PAIRS[0]) == ["Anna", "Weber", "12", "3"]
    assert names.kept(PAIRS[2]) == names.kept(PAIRS[3]) == []


def test_the_same_word_has_the_same_place_on_both_sides_and_nothing_else_changes():
    [(german, english)] = names.renamed(PAIRS)  # "hand" stands in lower case too, and so is no name
    pattern = r"(\w+) (\w+) {} (\d\d) {}, (\d) {} {} (\d\d) {}\."
    read = re.fullmatch(pattern.format("hat", "Katzen", "Hunde", "und", "Mäuse"), german)
    written = re.fullmatch(pattern.format("has", "cats", "dogs", "and", "mice"), english)
    assert read.groups() == written.groups()
    first, last, cats, _, mice = read.groups()
    assert first[0].isupper()
    assert last[0].isupper()
    assert cats == mice
    assert (german, english) != PAIRS[0]


def test_a_seed_decides():
    assert names.renamed(PAIRS, seed=1) == names.renamed(PAIRS, seed=1) != names.renamed(PAIRS, seed=2)
    assert names.renamed([]) == []
