"""batches.py: what `fit` eats."""

import numpy as np
import pytest

from lstm_zoo.tasks.translation import batches
from lstm_zoo.text.subwords import START


def test_a_pass_holds_every_pair_once(pairs, preprocessing):
    max_tokens, layer = 30, preprocessing["subwords"]
    steps = -(-batches.num_units(pairs, preprocessing) // max_tokens)
    read = []
    for inputs, target, weight in batches.batches(pairs, preprocessing, max_tokens, seed=3).take(steps):
        assert inputs["source"].shape[1] % batches.STEPS_MULTIPLE == 0
        np.testing.assert_array_equal(inputs["target"][:, 0], START)
        np.testing.assert_array_equal(inputs["target"][:, 1:], target[:, :-1])
        np.testing.assert_array_equal(weight, target.numpy() > 0)
        read += zip(layer(inputs["source"], reverse=True).numpy(), layer(target, reverse=True).numpy())
    assert sorted((source.decode(), target.decode()) for source, target in read) == sorted(pairs)


def test_passes_repeat_and_differ(pairs, preprocessing):
    def first(**options):
        return next(iter(batches.batches(pairs, preprocessing, 40, **options)))[1].numpy().tolist()

    assert first(seed=1) == first(seed=1)
    assert len({str(first(seed=1, first_epoch=epoch)) for epoch in range(5)}) > 1


def test_too_long_pairs_are_left_out_and_counted(pairs, preprocessing):
    more = [*pairs, ("Hund " * 300, "dog")]
    with pytest.warns(UserWarning, match="1 of 9 pairs are left out: a side of each has more than 200 subwords"):
        assert batches.num_units(more, preprocessing) == batches.num_units(pairs, preprocessing)


def test_a_batch_of_sentences(pairs, preprocessing):
    with pytest.raises(ValueError, match="max_tokens counts target tokens, at least the .* Received: 4"):
        batches.batches(pairs, preprocessing, 4, seed=0)
