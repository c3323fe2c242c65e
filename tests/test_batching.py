"""batching.py: batches of like length."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import batching

LENGTHS = np.random.default_rng(0).integers(1, 400, size=1000)


def one_pass(batch=16, **kwargs):
    steps = -(-len(LENGTHS) // batch)
    return [rows.numpy() for rows in batching.bucketed(LENGTHS, batch, **kwargs).take(steps)]


@pytest.mark.parametrize("batch", [1, 7, 16, 1000, 5000])
def test_a_pass_holds_every_row_once(batch):
    np.testing.assert_array_equal(np.sort(np.concatenate(one_pass(batch))), np.arange(1000))


def test_batches_hold_rows_of_like_length():
    padded = sum(len(rows) * LENGTHS[rows].max() for rows in one_pass())
    assert padded / LENGTHS.sum() < 1.1


def test_order_is_the_seed_s():
    for ours, same, other in zip(one_pass(seed=1), one_pass(seed=1), one_pass(seed=2)):
        np.testing.assert_array_equal(ours, same)
        assert not np.array_equal(ours, other)


def test_a_later_pass_can_be_the_first():
    steps = len(one_pass())
    both = [rows.numpy() for rows in batching.bucketed(LENGTHS, 16, seed=3).take(2 * steps)]
    for rows, resumed in zip(both[steps:], one_pass(seed=3, first_epoch=1)):
        np.testing.assert_array_equal(rows, resumed)
    assert not all(np.array_equal(*pair) for pair in zip(both[:steps], both[steps:]))


def test_lengths_of_batches_come_in_no_order():
    longest = [LENGTHS[rows].max() for rows in one_pass()]
    assert longest != sorted(longest)


def test_batches_by_what_rows_count():
    counts = np.random.default_rng(1).integers(1, 60, size=1000)
    batches = -(-counts.sum() // 200)
    found = [rows.numpy() for rows in batching.bucketed(LENGTHS, 200, counts=counts).take(batches)]
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.arange(1000))
    held = np.array([counts[rows].sum() for rows in found])
    assert held.max() < 200 + 60
    assert np.median(held) > 180


def test_counts_of_one_are_rows():
    for ours, same in zip(one_pass(seed=5), one_pass(seed=5, counts=np.ones(1000))):
        np.testing.assert_array_equal(ours, same)


def test_a_network_reads_its_inputs_in_order_and_waits_for_no_thread():
    rows, ids = tf.data.Dataset.range(5), keras.Input((1,), name="ids")
    network = keras.Model({"ids": ids}, ids)
    read = batching.read_by(network, rows.map(lambda row: ({"ids": row, "other": row}, -row)))
    pairs = [(inputs, int(answer)) for inputs, answer in read.as_numpy_iterator()]
    assert pairs == [({"ids": row}, -row) for row in range(5)]
    # Of a data set that tunes itself, the end of a pass comes up to a minute late.
    for batches in (read, read.take(1), batching.read_by(keras.Model(ids, ids), rows)):
        assert batches.options().autotune.enabled is False


def test_by_length_starts_with_the_shortest_and_bounds_a_batch():
    batches = batching.by_length(LENGTHS, 16, max_elements=1000)
    rows = np.concatenate(batches)
    assert np.all(np.diff(LENGTHS[rows]) >= 0)
    np.testing.assert_array_equal(np.sort(rows), np.arange(1000))
    assert all(len(batch) <= 16 and (len(batch) == 1 or len(batch) * LENGTHS[batch].max() <= 1000) for batch in batches)
    assert batching.by_length([5, 9], 2, max_elements=1) == [[0], [1]]


def test_run_keeps_the_order():
    text = keras.Input((), dtype="string")
    echo = keras.Model(text, {"text": text}, name="echo")

    def encode(_, texts):
        return tf.constant(texts, "string")

    items = ["a" * size for size in (50, 3, 40, 0, 7, 300, 20)]
    assert [row["text"].decode() for row in batching.run(echo, items, encode, batch_size=3)] == items
    assert batching.run(echo, [], encode) == []
