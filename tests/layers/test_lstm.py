"""lstm.py: Keras' LSTM, with dropped recurrent weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import layers

UNITS = 4


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
