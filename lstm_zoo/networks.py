"""What is done to any network: compile, clone, put a new head on it, scale its dropout, compute in 16 bits."""

from collections.abc import Callable
from typing import Any

import keras

from lstm_zoo import layers

RATES = ("rate", "dropout", "recurrent_dropout", "weight_dropout")  # of dropout, in the configurations of layers


def network_of(pipeline: keras.Model) -> keras.Model:
    """The network inside a pipeline, whose name is `task-network`: a layer of it, or what a decoding layer decodes."""
    layer = pipeline.get_layer(pipeline.name.split("-")[1])
    return getattr(layer, "network", layer)


def with_network(pipeline: keras.Model, network: keras.Model) -> keras.Model:
    """The pipeline with another network in the place of its own; all other layers are shared.

    Example:

    >>> pipeline = lstm_zoo.load("sentiment")
    >>> with_network(pipeline, clone(network_of(pipeline), lambda layer: layer))
    """
    own = network_of(pipeline)

    def swap(layer):
        if layer is own:
            return network
        return layer.with_network(network) if getattr(layer, "network", None) is own else layer

    return keras.models.clone_model(pipeline, clone_function=swap)


def compile_in_background(network: keras.Model) -> None:
    """Have XLA compile what the LSTMs of a network run over one row, see `LSTM.path`, while this process goes on.

    Example:

    >>> compile_in_background(build("sentiment/bilstm"))
    """
    for layer in getattr(network, "layers", ()):  # a network that is one layer has none
        if isinstance(layer, layers.LSTM) and layer.path(1, training=False) == "chunks":
            from lstm_zoo.layers import chunks

            chunks.compile_in_background(layer.units)
        elif isinstance(layer, keras.Model):
            compile_in_background(layer)


def replace_head(network: keras.Model, classes: int | None = None) -> keras.Model:
    """The network under a new, untrained head of `classes` classes; as it is for None. The layers below are shared."""
    if classes is None:
        return network
    head = keras.layers.Dense(classes, dtype="float32", name="head")
    return keras.Model(network.inputs, head(network.get_layer("head").input), name=network.name)


def scale_logits(network: keras.Model, factor: Any, shift: Any = 0.0) -> None:
    """Multiply what the head of a network gives, and add to it: a number, or one for each class.

    1 / factor is the temperature of a softmax behind it.
    """
    head = network.get_layer("head")
    kernel, bias = head.get_weights()
    head.set_weights([kernel * factor, bias * factor + shift])


def compile_with_adam(
    network: keras.Model,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    loss: Any,
    weight_decay: float | None = None,
    beta_2: float = 0.999,
    adam: type[keras.optimizers.Optimizer] = keras.optimizers.Adam,
    **kwargs: Any,
) -> keras.Model:
    """Compile with Adam, gradients clipped to a global norm of 1; returns the network.

    `beta_2` tells how long the size of the gradients is remembered; `adam` is the optimizer's class. `weight_decay`
    pulls the matrices, not the biases and scales, towards 0, this share of the learning rate a step (Loshchilov and
    Hutter 2019, https://arxiv.org/abs/1711.05101).
    """
    optimizer = adam(learning_rate, beta_2=beta_2, global_clipnorm=1.0, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network.compile(
        optimizer,
        loss,
        **kwargs,
        jit_compile=keras.backend.backend() == "jax",  # slows TensorFlow's loops down, and cannot be with cuDNN's LSTM
    )
    return network


def with_dropout(network: keras.Model, scale: float) -> keras.Model:
    """The same network and weights with all its rates of dropout times `scale`."""
    if scale == 1:
        return network

    def rescaled(layer):
        config = layer.get_config()
        rates = {key: scale * config[key] for key in RATES if config.get(key)}
        for key, rate in rates.items():
            if not rate < 1:
                raise ValueError(f"dropout_scale leaves rates below 1. Received: {scale}, with {key}={config[key]}")
        return type(layer).from_config({**config, **rates})

    return clone(network, rescaled)


def in_16_bits(network: keras.Model) -> keras.Model:
    """The same network computing in 16 bits, all but its head; the weights stay in float32.

    On a CPU the products of the LSTMs and of a large softmax alone: TensorFlow is slow at anything else in 16 bits.
    """
    gpu = bool(keras.distribution.list_devices("gpu"))
    products_alone = keras.backend.backend() == "tensorflow" and not gpu
    # float16 is what cuDNN's LSTM takes, bfloat16 what CPUs multiply and what needs no scaled loss.
    name = "mixed_float16" if gpu else "mixed_bfloat16"

    def cast(layer):
        config = layer.get_config()
        if products_alone:
            products = {"matmul_dtype": "bfloat16"} if hasattr(layer, "matmul_dtype") else {}
            return type(layer).from_config({**config, **products})
        if not isinstance(layer, keras.Layer) or layer.name == "head":
            return layer.from_config(config)
        return type(layer).from_config({**config, "dtype": name})

    before = keras.config.dtype_policy()
    if not products_alone:
        keras.config.set_dtype_policy(name)  # the model's own policy decides whether `compile` scales the loss
    try:
        return clone(network, cast)
    finally:
        keras.config.set_dtype_policy(before)


def clone(network: keras.Model, changed: Callable[[keras.Layer], keras.Layer]) -> keras.Model:
    """The network with the same weights and what `changed` makes of its layers, those of nested networks too."""
    clone = keras.models.clone_model(network, clone_function=changed, recursive=True)
    clone.set_weights(network.get_weights())
    return clone
