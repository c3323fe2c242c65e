"""The LSTMs of a SavedModel, for TensorFlow alone, with a GPU or without one.

They keep away from cuDNN: on a GPU machine Keras would bake the cuDNN operation into the graph, which then fails on a
CPU (https://github.com/keras-team/keras/issues/18504).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import tensorflow as tf

from lstm_zoo import layers
from lstm_zoo.layers import chunks
from lstm_zoo.layers.lstm import MIN_CHUNK_UNITS, MIN_STEPS


class CompiledLSTM(layers.LSTM):
    """An LSTM that runs a few rows in chunks, where XLA compiles them, and all others on the loop of Keras.

    `compiler`, a table, holds whether it does: servers may have XLA turned off, as TensorFlow Serving has unless
    `--xla_cpu_compilation_enabled` is given.
    """

    compiler: tf.lookup.StaticHashTable

    def path(self, batch_size=None, steps=None, training=True):
        few = batch_size is not None and (steps is None or steps >= MIN_STEPS)
        return "chunks" if few else "keras"

    def _are_few(self, rows):
        return super()._are_few(rows) & self.compiler.lookup(tf.constant("compiles"))

    def _loop(self, *args):
        return functools.partial(super()._loop(*args), differentiable=False)


class _Compiler(tf.lookup.KeyValueTensorInitializer):
    """Has XLA compile what runs over one row, and tells the table whether it did, whenever the SavedModel is loaded."""

    def __init__(self, units):
        super().__init__(tf.constant(["compiles"]), tf.constant([False]))
        self.units = units

    def initialize(self, table):
        compiles = chunks.compiles(self.units)
        return tf.raw_ops.LookupTableImportV2(table_handle=table.resource_handle, keys=["compiles"], values=[compiles])


def for_any_machine(compiled: bool) -> Callable[[keras.Layer], keras.Layer]:
    """A function of layers that gives other LSTMs for the zoo's, and all others as they are.

    Args:
        compiled: whether they run a few rows in chunks; else they are stock ones.
    """
    compiler = functools.cache(lambda units: tf.lookup.StaticHashTable(_Compiler(units), False))

    def changed(layer):
        if not isinstance(layer, layers.LSTM):
            return layer  # shared: it has its weights and its vocabulary
        chunked = compiled and layer.is_standard and layer.units >= MIN_CHUNK_UNITS
        config = keras.layers.LSTM.get_config(layer)  # without what the zoo adds
        lstm = (CompiledLSTM if chunked else keras.layers.LSTM).from_config({**config, "use_cudnn": False})
        if chunked:
            lstm.compiler = compiler(layer.units)
        return lstm

    return changed
