"""layers.py: the numbers of stock Keras with a mask, without one."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from lstm_zoo import networks
from lstm_zoo import layers

LENGTHS = [5, 0, 7, 1, 3, 0]
STEPS, FEATURES, UNITS = 7, 3, 4


@pytest.fixture
def sequence():
    return tf.constant(np.random.default_rng(0).normal(size=(len(LENGTHS), STEPS, FEATURES)), "float32")


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
    found = [layer for layer in network.layers if isinstance(layer, layers.LSTM)]
    return sorted(found, key=lambda layer: (layer.name.split("_")[1], layer.name.endswith("backward")))


def copy_weights(keras_layers, network):
    weights = iter([weight for layer in keras_layers for weight in layer.get_weights()])
    for layer in lstms(network):
        layer.set_weights([next(weights) for _ in layer.weights])


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("lengths", [LENGTHS, [7] * 6, [0] * 6, [1, 2, 3, 4, 5, 6]])
def test_stack_equals_masked_keras(sequence, lengths, depth, bidirectional):
    zoo, keras_layers = stack(depth=depth, bidirectional=bidirectional), stock(depth, bidirectional)
    mask = tf.sequence_mask(lengths, STEPS)
    run(keras_layers, sequence, mask)  # builds
    copy_weights(keras_layers, zoo)

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
    ends = forward if not bidirectional else np.concatenate([forward, expected[:, 0, UNITS:]], -1)
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


def test_lstm_is_keras_lstm(sequence):
    zoo, keras_layer = (
        kind(UNITS, return_sequences=True, return_state=True) for kind in (layers.LSTM, keras.layers.LSTM)
    )
    keras_layer.build(sequence.shape)
    zoo.build(sequence.shape)
    zoo.set_weights(keras_layer.get_weights())
    for ours, theirs in zip(zoo(sequence, training=True), keras_layer(sequence)):
        np.testing.assert_array_equal(ours, theirs)


class TestWeightDropout:
    """DropConnect on the recurrent weights."""

    def test_only_in_training(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=0.5)
        np.testing.assert_array_equal(layer(sequence), layer(sequence))
        assert not np.allclose(layer(sequence, training=True), layer(sequence))

    def test_every_batch_draws_anew_and_keeps_the_weights(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=0.5)
        layer.build(sequence.shape)
        before = layer.get_weights()
        assert not np.allclose(layer(sequence, training=True), layer(sequence, training=True))
        for weight, kept in zip(before, layer.get_weights()):
            np.testing.assert_array_equal(weight, kept)

    def test_one_draw_for_all_rows_and_steps(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=0.5)
        same = tf.repeat(sequence[:1], 4, axis=0)
        output = layer(same, training=True)
        np.testing.assert_allclose(output, tf.repeat(output[:1], 4, axis=0), atol=1e-6)

    def test_gradient_reaches_the_kept_weights_only(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=0.5)
        layer.build(sequence.shape)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(sequence, training=True) ** 2)
        gradient = tape.gradient(loss, layer.cell.recurrent_kernel.value).numpy()
        assert 0.25 < np.mean(gradient == 0) < 0.75

    def test_input_dropout_still_draws_anew(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=1e-9, dropout=0.5)
        assert not np.allclose(layer(sequence, training=True), layer(sequence, training=True))

    def test_state_of_a_stateful_layer_moves_on(self, sequence):
        layer = layers.LSTM(UNITS, weight_dropout=0.5, stateful=True)
        layer(sequence, training=True)
        assert np.any(layer.states[0].numpy() != 0)

    def test_survives_its_config(self):
        layer = layers.LSTM(UNITS, weight_dropout=0.25, return_sequences=True)
        assert layers.LSTM.from_config(layer.get_config()).weight_dropout == 0.25

    @pytest.mark.parametrize("rate", [-0.1, 1.0])
    def test_bad_rate(self, rate):
        with pytest.raises(ValueError, match="weight_dropout is at least 0 and below 1"):
            layers.LSTM(UNITS, weight_dropout=rate)


def test_lengths():
    ids = ops.array([[5, 7, 0, 0], [0, 0, 0, 0], [1, 0, 3, 0], [1, 2, 3, 4]])
    np.testing.assert_array_equal(layers.Lengths()(ids), [2, 0, 3, 4])
    np.testing.assert_array_equal(layers.Lengths()(ops.zeros((2, 0), "int32")), [0, 0])


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_reverse(sequence, backend, monkeypatch):
    # With "jax" the generic branch runs, on TensorFlow's ops.
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    flipped = layers.Reverse()(sequence, tf.constant(LENGTHS))
    expected = sequence.numpy().copy()
    for row, length in enumerate(LENGTHS):
        expected[row, :length] = expected[row, :length][::-1]
    np.testing.assert_array_equal(flipped, expected)


@pytest.mark.parametrize("mode", layers.Pooling.MODES)
def test_pooling(sequence, mode):
    pooled = layers.Pooling(mode)(sequence, tf.constant(LENGTHS))
    summarize = {
        "max": lambda rows: rows.max(0),
        "mean": lambda rows: rows.mean(0),
        "last": lambda rows: rows[-1],
        "first": lambda rows: rows[0],
    }[mode]
    for row, length in enumerate(LENGTHS):
        valid = sequence.numpy()[row, :length]
        expected = summarize(valid) if length else np.zeros(FEATURES)
        np.testing.assert_allclose(pooled[row], expected, atol=1e-6)


def test_pooling_refuses_an_unknown_mode():
    with pytest.raises(ValueError, match="mode is one of max, mean, last, first. Received: 'median'"):
        layers.Pooling("median")


def test_attention_pooling(sequence):
    layer = layers.AttentionPooling(5)
    pooled, weights = layer(sequence, tf.constant(LENGTHS))
    valid = tf.sequence_mask(LENGTHS, STEPS).numpy()
    np.testing.assert_allclose(weights.numpy().sum(-1), np.array(LENGTHS) > 0, atol=1e-6)
    assert np.all(weights.numpy()[~valid] == 0)
    hidden, scorer = (weight.numpy() for weight in layer.trainable_weights)
    for row, length in enumerate(LENGTHS):
        scores = np.exp(np.tanh(sequence.numpy()[row, :length] @ hidden) @ scorer)[:, 0]
        expected = scores @ sequence.numpy()[row, :length] / max(scores.sum(), 1e-9)
        np.testing.assert_allclose(pooled[row], expected, atol=1e-5)


def test_word_dropout():
    layer, ids = layers.WordDropout(0.3, token=1), tf.constant([[5] * 500 + [0] * 500] * 4)
    np.testing.assert_array_equal(layer(ids), ids)
    dropped = layer(ids, training=True).numpy()
    assert 0.25 < np.mean(dropped[:, :500] == 1) < 0.35
    assert np.all(dropped[:, 500:] == 0)
    assert set(np.unique(dropped)) == {0, 1, 5}
    assert np.any(dropped != layer(ids, training=True))


def test_variational_dropout_keeps_one_mask_for_all_steps():
    dropped = layers.variational_dropout(0.5)(tf.ones((4, 6, 50)), training=True).numpy()
    np.testing.assert_array_equal(dropped, np.repeat(dropped[:, :1], 6, axis=1))
    assert 0.3 < np.mean(dropped == 0) < 0.7


def test_replace_head_shares_what_is_below():
    ids = keras.Input((3,))
    body = keras.layers.Dense(4, name="body")
    network = keras.Model(ids, keras.layers.Dense(2, name="head")(body(ids)), name="net")
    changed = networks.replace_head(network, 5)
    assert changed.output_shape == (None, 5)
    assert changed.get_layer("body") is body
    assert networks.replace_head(network) is network
