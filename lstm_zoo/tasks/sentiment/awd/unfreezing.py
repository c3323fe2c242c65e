"""Training of a pretrained network from the top down, so that what it knows is not lost at once.

In the first steps only what is new is trained, then one layer more in each stage (gradual unfreezing), and each layer
with a lower learning rate than the one above it (discriminative fine-tuning; Howard and Ruder 2018,
https://arxiv.org/abs/1801.06146).

Howard and Ruder take an epoch for a stage and divide the rate by 2.6 from layer to layer, which suits a language model
that has read far more than ours. Ours has to learn more below: of 1,000 labelled reviews it learnt less with an epoch
than with all layers from the start, and less with 2.6 than with 1 (validation, one seed).
"""

import keras

from lstm_zoo import layers

STAGE = 10  # steps until one layer more is trained
RATIO = 1.2  # of a layer's learning rate to that of the layer below


def pretrained(network):
    """The layers that come from a language model, the last one first."""
    parts = network.get_layer("encoder").layers
    lstms = [layer for layer in parts if isinstance(layer, layers.LSTM)]
    return [*reversed(lstms), network.get_layer("embedding")]


def freeze(network, frozen=True):
    """Freeze the pretrained layers, or unfreeze them. Returns the network."""
    for layer in pretrained(network):
        layer.trainable = not frozen
    return network


def depths(network):
    """Path of each weight in a frozen layer -> how many layers down it lies, from 1."""
    frozen = [layer for layer in pretrained(network) if not layer.trainable]
    return {weight.path: depth for depth, layer in enumerate(frozen, 1) for weight in layer.weights}


class LayerwiseAdam(keras.optimizers.Adam):
    """Adam that begins later, and goes on more slowly, with weights that lie further down.

    Those of depth d stay as they are for d stages, and then have the learning rate divided by `RATIO` d times. What
    Adam knows of their gradients it gathers from the first step on.

    Args:
        learning_rate: see `keras.optimizers.Adam`.
        depths: path of a weight -> its depth. 0 for the others.
        Everything else: see `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate, *, depths, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.depths = dict(depths)

    def build(self, variables):
        if not self.built:
            self.in_order = [self.depths.get(variable.path, 0) for variable in variables]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        depth = self.in_order[self._get_variable_index(variable)]
        begun = keras.ops.cast(self.iterations >= depth * STAGE, learning_rate.dtype)
        super().update_step(gradient, variable, begun * learning_rate * RATIO**-depth)
