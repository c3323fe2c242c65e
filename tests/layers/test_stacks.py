"""stacks.py: the numbers of stock Keras with a mask, without one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import layers

LENGTHS = [5, 0, 7, 1, 3, 0]
STEPS, FEATURES, UNITS = 7, 3, 4


def stack(**kwargs):
    values, lengths = keras.Input((None, FEATURES)), keras.Input((), dtype="int32")
    return keras.Model([values, lengths], layers.lstm_stack(values, lengths, units=UNITS, **kwargs))


def stock(depth, bidirectional):
    """Stock Keras layers that take an explicit mask."""
    kind = keras.layers.Bidirectional if bidirectional else (lambda layer: layer)
    return [
        kind(keras.layers.LSTM(UNITS, return_sequences=True, zero_output_for_mask=True, name=f"stock_{layer}"))
        for layer in range(depth)
    ]


def run(stock_layers, sequence, mask):
    for layer in stock_layers:
        sequence = layer(sequence, mask=mask)
    return sequence


def lstms(network):
    """The network's LSTMs in the order of stock Keras' weights: by layer, forward before backward."""
    unsorted = [layer for layer in network.layers if isinstance(layer, layers.LSTM)]
    return sorted(unsorted, key=lambda layer: (layer.name.split("_")[1], layer.name.endswith("backward")))


def copy_weights(keras_layers, network):
    weights = iter([weight for layer in keras_layers for weight in layer.get_weights()])
    for layer in lstms(network):
        layer.set_weights([next(weights) for _ in layer.weights])


@pytest.fixture(scope="module", params=[(1, False), (1, True), (2, False), (2, True)])
def stacks(request, sequence):
    """The zoo's stack and Keras' layers, with the same weights: depth, bidirectional. Not to be changed."""
    zoo, keras_layers = stack(depth=request.param[0], bidirectional=request.param[1]), stock(*request.param)
    run(keras_layers, sequence, tf.sequence_mask(LENGTHS, STEPS))  # builds
    copy_weights(keras_layers, zoo)
    return zoo, keras_layers


@pytest.mark.parametrize("lengths", [LENGTHS, [7] * 6, [0] * 6, [1, 2, 3, 4, 5, 6]])
def test_stack_equals_masked_keras(sequence, lengths, stacks):
    (zoo, keras_layers), mask = stacks, tf.sequence_mask(lengths, STEPS)
    with tf.GradientTape() as tape:
        tape.watch(sequence)
        steps, last = zoo([sequence, tf.constant(lengths)])
        loss = tf.reduce_sum(steps**2)
    ours = tape.gradient(
        loss, [sequence, *(weight.value for layer in lstms(zoo) for weight in layer.trainable_weights)]
    )
    with tf.GradientTape() as tape:
        tape.watch(sequence)
        expected = run(keras_layers, sequence, mask)
        loss = tf.reduce_sum(expected**2)
    variables = [weight.value for layer in keras_layers for weight in layer.trainable_weights]
    theirs = tape.gradient(loss, [sequence, *variables])

    np.testing.assert_allclose(steps, expected, atol=1e-5)
    for gradient, reference in zip(ours, theirs):
        np.testing.assert_allclose(gradient, reference, atol=1e-5, rtol=1e-5)
    forward = [expected[row, length - 1, :UNITS] if length else [0] * UNITS for row, length in enumerate(lengths)]
    ends = np.concatenate([forward, expected[:, 0, UNITS:]], -1)  # the latter is empty in one direction
    np.testing.assert_allclose(last, ends, atol=1e-5)


def test_stack_ignores_what_is_behind_the_length(sequence):
    zoo, lengths = stack(bidirectional=True, depth=2), tf.constant(LENGTHS)
    valid = tf.sequence_mask(LENGTHS, STEPS)[..., None]
    noise = tf.where(valid, sequence, 1e3)
    wider = tf.pad(noise, [[0, 0], [0, 4], [0, 0]], constant_values=7.0)
    for output, changed in zip(zoo([sequence, lengths]), zoo([noise, lengths])):
        np.testing.assert_allclose(output, changed, atol=1e-6)
    np.testing.assert_allclose(zoo([sequence, lengths])[0], zoo([wider, lengths])[0][:, :STEPS], atol=1e-6)


def test_residual_adds_the_input_where_widths_agree(sequence):
    plain, residual = stack(depth=2), stack(depth=2, residual=True)
    residual.set_weights(plain.get_weights())
    first = keras.Model(plain.inputs, lstms(plain)[0].output)
    lengths = tf.constant([STEPS] * len(LENGTHS))
    inputs = [sequence, lengths]
    np.testing.assert_allclose(residual(inputs)[0], plain(inputs)[0] + first(inputs), atol=1e-6)


def test_depth_below_one_is_refused():
    with pytest.raises(ValueError, match=r"depth is at least 1. Received: 0"):
        stack(depth=0)
