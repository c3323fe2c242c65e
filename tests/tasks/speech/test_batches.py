"""batches.py: what `fit` eats."""

import numpy as np
import pytest

from lstm_zoo.tasks.speech import TASK
from lstm_zoo.tasks.speech.audio import RATE


@pytest.fixture(scope="module")
def preprocessing(examples):
    """What `adapt` gives for the tiny examples. Not to be changed."""
    return TASK.adapt(examples)


def test_a_pass_holds_every_recording_once(examples, preprocessing):
    batches = TASK.batches(examples, preprocessing, 3, seed=0)
    targets = [target.numpy().tolist() for _, target in batches.take(9)]
    for number in range(3):
        rows = [row for batch in targets[3 * number : 3 * number + 3] for row in batch]
        texts = sorted("".join("?ab"[character] for character in row if character) for row in rows)
        assert texts == sorted(text for _, text, _ in examples)


def test_the_first_pass_goes_from_short_to_long(examples, preprocessing):
    sizes = [target.shape[1] for _, target in TASK.batches(examples, preprocessing, 2, seed=0).take(4)]
    assert sizes == sorted(sizes)


def test_a_run_that_stopped_goes_on_with_the_same_batches(examples, preprocessing):
    whole = TASK.batches(examples, preprocessing, 4, seed=0).skip(2).take(2)
    rest = TASK.batches(examples, preprocessing, 4, seed=0, first_epoch=1).take(2)
    for (inputs, _), (again, _) in zip(whole, rest, strict=True):
        np.testing.assert_array_equal(inputs["frames"], again["frames"])


def test_what_cannot_be_learnt_is_left_out_and_counted(examples, preprocessing):
    short = ((np.zeros(1600, "int16"), RATE), "abababababab", "")
    long = ((np.zeros(31 * RATE, "int16"), RATE), "a", "")
    with pytest.warns(UserWarning, match="2 of 10 recordings are left out"):
        assert TASK.num_units([*examples, short, long], preprocessing) == 8
    with pytest.raises(ValueError, match="No recording of at most 30 s is long enough"):
        TASK.num_units([short], preprocessing)
