"""chrono.py: biases with which an LSTM begins to remember for hundreds of steps."""

import keras
import numpy as np
import pytest

from lstm_zoo import layers

UNITS, LONGEST = 64, 1000


def biases(layer, sequence):
    """Those of the input, forget, candidate and output gates of a layer that is built."""
    layer.build(sequence.shape)
    return np.split(layer.cell.bias.numpy(), 4)


def test_memories_of_one_step_to_the_longest(sequence):
    i, f, g, o = biases(layers.LSTM(UNITS, bias_initializer=layers.ChronoInitializer(LONGEST)), sequence)
    np.testing.assert_array_equal(i, -f)
    np.testing.assert_array_equal([g, o], np.zeros((2, UNITS)))
    memory = np.exp(f)  # 1 / (1 - sigmoid(f)) - 1
    assert 1 <= memory.min() < 0.2 * LONGEST
    assert 0.8 * LONGEST < memory.max() <= LONGEST - 1


def test_forget_bias_of_keras_stays_without_it(sequence):
    _, f, *_ = biases(layers.LSTM(UNITS), sequence)
    np.testing.assert_array_equal(f, np.ones(UNITS))


def test_the_draw_is_repeated_by_its_seed(sequence):
    first, again, other = (
        biases(layers.LSTM(UNITS, bias_initializer=layers.ChronoInitializer(LONGEST, seed)), sequence)[1]
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_saved_with_its_layer(sequence, tmp_path):
    inputs = keras.Input(sequence.shape[1:])
    layer = layers.LSTM(UNITS, bias_initializer=layers.ChronoInitializer(LONGEST, seed=3))
    network = keras.Model(inputs, layer(inputs))
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(sequence), network(sequence))
    built_anew = layers.LSTM.from_config(loaded.layers[-1].get_config())
    np.testing.assert_array_equal(biases(built_anew, sequence)[1], np.split(layer.cell.bias.numpy(), 4)[1])


@pytest.mark.parametrize("longest", [1, 0, float("nan")])
def test_a_memory_below_two_steps(longest):
    with pytest.raises(ValueError, match=f"longest is at least 2 steps. Received: {longest}"):
        layers.ChronoInitializer(longest)
