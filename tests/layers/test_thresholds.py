"""`Thresholds`: which labels hold."""

import numpy as np

from lstm_zoo import layers


def test_a_label_holds_from_its_threshold_on():
    layer = layers.Thresholds()
    assert layer(np.array([[0.5, 0.4]], "float32")).numpy().tolist() == [[0, -1]]
    layer.set_weights([np.array([0.6, 0.4], "float32")])
    assert layer(np.array([[0.5, 0.4], [0.1, 0.1]], "float32")).numpy().tolist() == [[-1, 1], [-1, -1]]
    assert not layer.trainable_variables
