"""augmentation.py: what training does to samples."""

import numpy as np

from lstm_zoo.tasks.speech import augmentation


def test_augmentation_is_repeated_by_its_seed(tune):
    wave = tune(1.0)
    draws = [augmentation.augmented(wave, np.random.default_rng(seed)) for seed in range(20)]
    again = augmentation.augmented(wave, np.random.default_rng(3))
    np.testing.assert_array_equal(draws[3], again)
    assert {round(len(draw) / len(wave), 1) for draw in draws} == {0.9, 1.0, 1.1}
    assert max(np.std(draw) for draw in draws) > 3 * min(np.std(draw) for draw in draws)
    assert len(augmentation.augmented(wave[:0], np.random.default_rng(0))) == 0
