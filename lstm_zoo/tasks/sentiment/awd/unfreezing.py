"""Training of a pretrained network from the top down, so that what it knows is not lost at once.

In the first steps only what is new is trained, then one layer more in each stage (gradual unfreezing), and each layer
with a lower learning rate than the one above it (discriminative fine-tuning; Howard and Ruder 2018,
https://arxiv.org/abs/1801.06146).

Howard and Ruder take an epoch for a stage and divide the rate by 2.6 from layer to layer, which suits a language model
that has read far more than ours. Ours has to learn more below: of 1,000 labelled reviews it learnt less with an epoch
than with all layers from the start, and less with 2.6 than with 1 (validation, one seed).
"""

import functools
from collections.abc import Mapping
from typing import Any

import keras

from lstm_zoo import classification, layers

STAGE_STEPS = 10  # until one layer more is trained
RATE_RATIO = 1.2  # of a layer's learning rate to that of the layer below


def pretrained_layers(network: keras.Model) -> list[keras.Layer]:
    """The layers that come from a language model, the last one first."""
    lstms = [layer for layer in network.get_layer("encoder").layers if isinstance(layer, layers.LSTM)]
    return [*reversed(lstms), network.get_layer("embedding")]


def freeze(network: keras.Model, frozen: bool = True) -> keras.Model:
    """Freeze the pretrained layers, or unfreeze them. Returns the network."""
    for layer in pretrained_layers(network):
        layer.trainable = not frozen
    return network


def depths(network: keras.Model) -> dict[str, int]:
    """Path of each weight in a frozen layer -> how many layers down it lies, from 1."""
    frozen = [layer for layer in pretrained_layers(network) if not layer.trainable]
    return {weight.path: depth for depth, layer in enumerate(frozen, 1) for weight in layer.weights}


class LayerwiseAdam(keras.optimizers.Adam):
    """Adam that begins later, and goes on more slowly, with weights that lie further down.

    Those of depth d stay as they are for d stages, and then have the learning rate divided by `RATE_RATIO` d times.
    What Adam knows of their gradients it gathers from the first step on.

    Args:
        learning_rate: see `keras.optimizers.Adam`.
        depths: path of a weight -> its depth. 0 for the others.
        Everything else: see `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate: float, *, depths: Mapping[str, int], **kwargs: Any):
        super().__init__(learning_rate, **kwargs)
        self.depths = dict(depths)

    def build(self, variables):
        if not self.built:
            self.variable_depths = [self.depths.get(variable.path, 0) for variable in variables]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        depth = self.variable_depths[self._get_variable_index(variable)]
        is_trained = keras.ops.cast(self.iterations >= depth * STAGE_STEPS, learning_rate.dtype)
        super().update_step(gradient, variable, is_trained * learning_rate * RATE_RATIO**-depth)


def compile_layerwise(network: keras.Model, learning_rate: float, **kwargs: Any) -> keras.Model:
    """Compile with Adam, gradients clipped to a global norm of 1, see `classification.compile_network`.

    What is frozen is unfrozen, and learns later and more slowly than the rest, see `LayerwiseAdam`.
    """
    adam = functools.partial(LayerwiseAdam, depths=depths(network))
    return classification.compile_network(freeze(network, False), learning_rate, adam=adam, **kwargs)
