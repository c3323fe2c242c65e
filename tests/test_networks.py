"""networks.py: what is done to any network."""

import keras
import numpy as np
import pytest
from tiny import network_for, pipeline_for

from lstm_zoo import layers, networks

IDS = np.array([[2, 3, 4, 0], [5, 6, 0, 0]], "int32")


@pytest.fixture
def small():
    """One dense layer under the head."""
    inputs = keras.Input((3,))
    body = keras.layers.Dense(4, name="body")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(body), name="net")


@pytest.mark.parametrize("model", ["sentiment/bilstm", "text_generation/character", "translation/attention"])
def test_network_of_a_pipeline(model):
    network = networks.network_of(pipeline_for(model))
    assert network.name == model.partition("/")[2]
    assert network.count_params() == network_for(model).count_params()


def test_replace_head_shares_what_is_below(small):
    changed = networks.replace_head(small, 5)
    assert changed.output_shape == (None, 5)
    assert changed.name == "net"
    assert changed.get_layer("body") is small.get_layer("body")
    assert networks.replace_head(small) is small


def test_clone_has_the_weights_and_other_layers():
    network = network_for("sentiment/bilstm")

    def frozen(layer):
        changes = {"trainable": False} if layer.name == "embedding" else {}
        return type(layer).from_config({**layer.get_config(), **changes})

    other = networks.clone(network, frozen)
    assert not other.get_layer("embedding").trainable
    assert network.get_layer("embedding").trainable
    np.testing.assert_array_equal(other(IDS), network(IDS))


def test_dropout_is_scaled_and_the_weights_stay():
    network = network_for("sentiment/bilstm")
    rate = network.get_layer("embedding_dropout").rate
    half = networks.with_dropout(network, 0.5)
    assert half.get_layer("embedding_dropout").rate == rate / 2
    assert network.get_layer("embedding_dropout").rate == rate
    np.testing.assert_array_equal(half(IDS), network(IDS))
    assert networks.with_dropout(network, 1) is network
    none = networks.with_dropout(network, 0)
    np.testing.assert_array_equal(none(IDS, training=True), none(IDS))


def test_16_bits_on_a_cpu_are_the_products_of_the_lstms():
    network = network_for("sentiment/bilstm")
    recast = networks.in_16_bits(network)
    lstms = [layer for layer in recast.layers if isinstance(layer, layers.LSTM)]
    assert len(lstms) == 2
    assert {layer.matmul_dtype for layer in lstms} == {"bfloat16"}
    assert {layer.compute_dtype for layer in recast.layers} == {"float32"}
    assert {weight.dtype for weight in recast.weights if "seed" not in weight.name} == {"float32"}
    assert network.get_layer(lstms[0].name).matmul_dtype is None
    assert keras.config.dtype_policy().name == "float32"
    np.testing.assert_allclose(recast(IDS), network(IDS), atol=0.05)


def test_compile_with_adam(small):
    adam = keras.optimizers.Adam
    compiled = networks.compile_with_adam(small, 0.1, "mse", weight_decay=0.5, beta_2=0.99, adam=adam, metrics=["mae"])
    assert compiled is small
    optimizer = small.optimizer
    assert (optimizer.global_clipnorm, optimizer.weight_decay, optimizer.beta_2) == (1.0, 0.5, 0.99)
    optimizer.build(small.trainable_variables)
    before = [weight.numpy() for weight in small.trainable_variables]
    optimizer.apply([keras.ops.zeros_like(weight) for weight in small.trainable_variables])
    for weight, value in zip(small.trainable_variables, before, strict=True):
        decayed = value * (1 - 0.1 * 0.5) if weight.name == "kernel" else value
        np.testing.assert_allclose(weight, decayed, rtol=1e-6)


def test_gradients_are_clipped_to_a_norm_of_1(small):
    optimizer = networks.compile_with_adam(small, 1.0, "mse").optimizer
    optimizer.build(small.trainable_variables)
    optimizer.apply([1000 * keras.ops.ones_like(weight) for weight in small.trainable_variables])
    # After one step Adam's momentums are the gradients times a tenth.
    momentums = [variable.numpy() for variable in optimizer.variables if variable.path.endswith("momentum")]
    assert len(momentums) == 4
    norm = np.sqrt(sum(np.sum(momentum**2) for momentum in momentums)) / (1 - optimizer.beta_1)
    assert norm == pytest.approx(1, rel=1e-4)
