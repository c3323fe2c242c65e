"""batches.py, and what it cuts: what `fit` eats."""

import itertools

import numpy as np
import pytest

from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation import awd

TASK = text_generation.TASK
TEXTS = ["abcdefghij" * 50]
PREPROCESSING = TASK.adapt(TEXTS, bptt=8)


def batches(number, **options):
    """The first batches, of 4 rows."""
    return list(TASK.batches(TEXTS, dict(PREPROCESSING), 4, **options).take(number).as_numpy_iterator())


def test_the_most_frequent_characters_have_an_id():
    assert TASK.adapt(["aaabbc\0"], vocabulary=4)["tokens"].alphabet == "ab"
    assert TASK.adapt(["größer\n", "👍🏽"])["tokens"].alphabet == "\negrßö🏽👍"
    for options in ({"vocabulary": 2}, {"bptt": 3}):
        with pytest.raises(ValueError, match="vocabulary is above 2 and bptt from 4"):
            TASK.adapt(["ab"], **options)
    with pytest.raises(ValueError, match="bptt is at least 4. Received: 2"):
        awd.TASK.adapt(["ab"], bptt=2)


def test_rows_go_on_from_batch_to_batch():
    passed = batches(16, seed=3)
    assert len({inputs["ids"].shape[1] for inputs, _ in passed}) > 1
    for (inputs, target), (after, _) in itertools.pairwise(passed):
        np.testing.assert_array_equal(inputs["ids"][:, 1:], target[:, :-1])
        np.testing.assert_array_equal(target[:, -1], after["ids"][:, 0])
    assert passed[0][0]["fresh"].all()
    assert not any(inputs["fresh"].any() for inputs, _ in passed[1:])


def test_a_pass_reads_every_token():
    # 500 tokens are 63 windows of 8, 16 batches of 4.
    assert TASK.num_units(TEXTS, dict(PREPROCESSING)) == 63
    passed = batches(17, seed=3)
    assert [inputs["fresh"][0] for inputs, _ in passed] == [True] + [False] * 15 + [True]
    assert sum(inputs["ids"].size for inputs, _ in passed[:16]) == 16 * 4 * 8
    assert len(batches(99)) == 16


def test_a_pass_hangs_on_its_number_and_the_seed_alone():
    third = batches(48, seed=3)[32:]
    for again, same in ((batches(16, seed=3, first_epoch=2), True), (batches(16, seed=4), False)):
        equal = [np.array_equal(ours["ids"], theirs["ids"]) for (ours, _), (theirs, _) in zip(third, again)]
        assert all(equal) == same


def test_a_text_shorter_than_a_batch_is_read_over_and_over():
    ((inputs, target),) = TASK.batches(["ab"], TASK.adapt(["ab"], bptt=8), 4).as_numpy_iterator()
    assert inputs["ids"].shape == (4, 8)
    assert (inputs["ids"] != target).all()
