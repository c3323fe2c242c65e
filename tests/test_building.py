"""building.py: `build` with the weights of a trained pipeline. What all networks promise: test_conformance.py."""

import numpy as np
import pytest

import lstm_zoo


def test_another_number_of_classes(trained_once):
    path = str(trained_once[1] / "pipeline.keras")
    network = lstm_zoo.build("sentiment/bilstm", weights=path, classes=5)
    assert network.output_shape == (None, 5)
    same = lstm_zoo.build("sentiment/bilstm", weights=path)
    assert same.output_shape == (None, 2)
    for ours, theirs in zip(
        network.get_layer("lstm_0_forward").get_weights(), same.get_layer("lstm_0_forward").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match=r"With weights only `classes` can be given.*Received: \['units'\]"):
        lstm_zoo.build("sentiment/bilstm", weights=path, units=4)


def test_weights_of_another_network(trained_once):
    with pytest.raises(ValueError, match="holds sentiment/bilstm. Expected: sentiment/attention"):
        lstm_zoo.build("sentiment/attention", weights=str(trained_once[1] / "pipeline.keras"))
