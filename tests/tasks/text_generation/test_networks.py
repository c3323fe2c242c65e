"""networks.py: state from batch to batch."""

import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo


def network_of(**sizes):
    """A small network of characters."""
    return lstm_zoo.build("text_generation", vocabulary=20, embedding=4, units=8, **sizes)


def inputs_of(fresh, steps=6, rows=2):
    """Random characters, of rows that all begin, or none."""
    ids = np.random.default_rng(0).integers(2, 20, (rows, steps)).astype("int32")
    return {"ids": tf.constant(ids), "fresh": tf.fill([rows], fresh)}


def test_state_is_carried_and_begins_anew_where_a_row_is_fresh():
    network = network_of()
    whole = inputs_of(True)
    expected = network(whole)
    network({**whole, "ids": whole["ids"][:, :2]})
    after = network({"ids": whole["ids"][:, 2:], "fresh": tf.constant([False, True])})
    alone = network({"ids": whole["ids"][:, 2:], "fresh": tf.constant([True, True])})
    np.testing.assert_allclose(after[0], expected[0, 2:], atol=1e-6)
    np.testing.assert_allclose(after[1], alone[1], atol=1e-6)
    assert np.abs(alone[0] - expected[0, 2:]).max() > 1e-4


def test_a_batch_of_other_rows_cannot_go_on():
    network = network_of()
    network(inputs_of(True, rows=2))
    with pytest.raises(tf.errors.InvalidArgumentError):
        network(inputs_of(False, rows=3))


def test_what_is_carried_is_no_weight():
    network = network_of(depth=1)
    before = network.get_weights()
    network(inputs_of(True))
    assert network.count_params() == 20 * 4 + 4 * 8 * (4 + 8 + 1) + 9 * 20
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(before, network.get_weights()))


def test_depths():
    flat = lstm_zoo.build("text_generation/awd", vocabulary=20, embedding=4, units=8, depth=1)
    assert len(flat.trainable_weights) == 1 + 3
    for model in ("text_generation/character", "text_generation/awd"):
        with pytest.raises(ValueError, match="depth is at least 1. Received: 0"):
            lstm_zoo.build(model, depth=0)
