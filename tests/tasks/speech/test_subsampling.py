"""subsampling.py: fewer steps than frames."""

import keras
import numpy as np

from lstm_zoo.tasks.speech import subsampling


def test_two_steps_are_one():
    steps = np.arange(30, dtype="float32").reshape(2, 5, 3)
    reduced, lengths = subsampling.TimeReduction()(steps, np.array([5, 2]))
    assert reduced.shape == (2, 3, 6)
    assert lengths.numpy().tolist() == [3, 1]
    np.testing.assert_array_equal(reduced[:, 1], np.concatenate([steps[:, 2], steps[:, 3]], 1))
    np.testing.assert_array_equal(reduced[:, 2], np.concatenate([steps[:, 4], np.zeros((2, 3))], 1))


def test_files_know_it_by_its_old_name():
    assert keras.saving.get_registered_object("lstm_zoo>Pairs") is subsampling.TimeReduction


def test_a_row_s_steps_do_not_hang_on_its_batch_mates():
    network = keras.Model(*subsampling.subsampled(4, 8, 0, 0, 0.0)[::2])
    frames = np.random.default_rng(0).standard_normal((1, 10, 80)).astype("float32")
    alone = network({"frames": frames, "lengths": np.array([10])})
    beside = network({"frames": np.pad(frames, ((0, 1), (0, 20), (0, 0))), "lengths": np.array([10, 30])})
    assert alone.shape == (1, 3, 8)
    np.testing.assert_allclose(beside[0, :3], alone[0], atol=1e-5)
