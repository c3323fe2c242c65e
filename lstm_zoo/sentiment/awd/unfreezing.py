"""Training of a pretrained network from the top down, so that what it knows is not lost at once.

In the first epoch only what is new is trained, then one layer more in each (gradual unfreezing), and each layer with a
lower learning rate than the one above it (discriminative fine-tuning; Howard and Ruder 2018,
https://arxiv.org/abs/1801.06146). A frozen layer is one that is not trainable. It needs no gradient, nor do those below
it, so that the first epochs are the fastest.

Howard and Ruder divide by 2.6 from layer to layer, which suits a language model that has read far more than ours: ours
has to learn more below, and learnt less from 1,000 labelled reviews with 2.6 than with 1 (validation, one seed).
"""

import keras

from lstm_zoo import layers

RATIO = 1.2  # of a layer's learning rate to that of the layer below


def pretrained(network):
    """The layers that come from a language model, the last one first."""
    parts = network.get_layer("encoder").layers
    lstms = [layer for layer in parts if isinstance(layer, layers.LSTM)]
    return [*reversed(lstms), network.get_layer("embedding")]


def unfreeze(network, count=None):
    """Make the last `count` of the pretrained layers trainable, and the others not; None: all. Returns the network."""
    for number, layer in enumerate(pretrained(network)):
        layer.trainable = count is None or number < count
    return network


def rates(network):
    """Path of each weight in a frozen layer -> its share of the learning rate."""
    frozen = [layer for layer in pretrained(network) if not layer.trainable]
    return {weight.path: RATIO**-depth for depth, layer in enumerate(frozen, 1) for weight in layer.weights}


def callbacks(network):
    """What `fit` needs for a network with frozen layers."""
    return [Unfreezing()] if rates(network) else []


class Unfreezing(keras.callbacks.Callback):
    """Make one more pretrained layer trainable in each epoch after the first.

    What is trained follows from the number of the epoch alone, so that a run that is resumed goes on as it would have.
    """

    def on_epoch_begin(self, epoch, logs=None):
        before = len(self.model.trainable_weights)
        if len(unfreeze(self.model, epoch).trainable_weights) != before:
            self.model.make_train_function(force=True)  # Keras has compiled what it trained so far


class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with rates of their own for some weights, each of which begins when it is first trained.

    Adam divides by what it has seen of the gradients, corrected for the steps in which that grew from zero. Counted
    from the first step of all, as Keras counts, the steps of a weight that is trained later would be up to six times
    too large.

    Args:
        learning_rate: see `keras.optimizers.Adam`.
        rates: path of a weight -> factor of its learning rate. 1 for the others.
        Everything else: see `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate, *, rates, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.rates = dict(rates)

    def build(self, variables):
        if not self.built:
            self.factors = [self.rates.get(variable.path, 1.0) for variable in variables]
            self.counts = [self.add_variable((), name=f"count_{place}") for place in range(len(variables))]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        place = self._get_variable_index(variable)
        self.assign_add(self.counts[place], 1.0)
        begun = self._correction(self.counts[place]) / self._correction(self.iterations + 1)
        super().update_step(gradient, variable, learning_rate * self.factors[place] * begun)

    def _correction(self, steps):
        steps = keras.ops.cast(steps, "float32")
        return keras.ops.sqrt(1 - self.beta_2**steps) / (1 - self.beta_1**steps)
