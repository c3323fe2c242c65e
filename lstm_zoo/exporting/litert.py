"""LiteRT: the network from encoded input to scores, for LiteRT alone, on one row of any number of steps."""

from __future__ import annotations

import pathlib

import tensorflow as tf

from lstm_zoo import layers, networks
from lstm_zoo.exporting.formats import Format, Source


class KernelLSTM(layers.LSTM):
    """An LSTM on the zoo's own loop, whose arrays have sizes that LiteRT can read from the graph, unlike Keras'."""

    def path(self, *_, **__):
        return "kernel"


def write(source: Source, path: pathlib.Path) -> None:
    """Write the network without Flex operators."""
    network = source.record.inference_network(networks.clone(source.network, _on_kernel))
    # By way of a SavedModel: the converter makes constants of its variables, which LiteRT's loops cannot read.
    module, folder = tf.Module(), path.with_name("fixed")
    module.weights = [variable.value for variable in network.variables]
    specs = {tensor.name: tf.TensorSpec((1, source.steps), tensor.dtype, tensor.name) for tensor in network.inputs}
    signature = [specs] if isinstance(network.input, dict) else [*specs.values()]
    # Not by Keras' ExportArchive, which traces the network three times.
    tf.saved_model.save(module, str(folder), signatures={"serve": tf.function(network.call, input_signature=signature)})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["serve"])
    if source.weights != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16] if source.weights == "float16" else []
    path.write_bytes(converter.convert())


def _on_kernel(layer):
    return KernelLSTM.from_config(layer.get_config()) if isinstance(layer, layers.LSTM) else layer


FORMAT = Format(write=write, fixes_steps=True, holds=lambda network: network.inference_network is not None)
