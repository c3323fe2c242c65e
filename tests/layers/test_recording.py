"""Calls of LSTMs that are noted down: those in the block, in their order, and no others."""

import keras
import numpy as np

from lstm_zoo import layers


def test_calls_in_the_block_are_recorded():
    inputs = keras.Input((None, 3))
    inner = keras.Model(inputs, layers.LSTM(4, return_sequences=True, name="inner")(inputs))
    network = keras.Model(inputs, layers.LSTM(5, return_state=True, name="outer")(inner(inputs)))
    sequences = np.ones((2, 6, 3), "float32")
    network(sequences)
    with layers.recorded_calls() as calls:
        outputs = network(sequences)
        with layers.recorded_calls() as nested:
            network(sequences[:1])
    network(sequences)
    assert [call.layer.name for call in calls] == ["inner", "outer"]
    assert [call.layer.name for call in nested] == ["inner", "outer"]
    np.testing.assert_array_equal(calls[0].sequences, sequences)
    np.testing.assert_array_equal(calls[1].sequences, calls[0].outputs)
    np.testing.assert_array_equal(calls[1].outputs[0], outputs[0])
    assert calls[0].states is None


def test_states_are_recorded():
    layer, states = layers.LSTM(4), [np.ones((2, 4), "float32")] * 2
    with layers.recorded_calls() as calls:
        layer(np.ones((2, 6, 3), "float32"), initial_state=states)
    np.testing.assert_array_equal(calls[0].states[0], states[0])
