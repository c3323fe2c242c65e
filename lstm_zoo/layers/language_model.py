"""What language models are made of: LSTMs whose state goes from batch to batch, and what regularizes them.

A language model reads one long stream of tokens, cut into rows that go on from batch to batch (truncated
back-propagation, Williams and Peng 1990, https://doi.org/10.1162/neco.1990.2.4.490). Its network consists of the layer
`embedding`, ids -> vectors, of the model `encoder`, vectors and states -> steps and states, which generation and other
tasks run with states of their own, and of `carry`, which keeps the states between batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from lstm_zoo import layers
from lstm_zoo.layers import registered
from lstm_zoo.layers.tied_embedding import TiedEmbedding


def encoder(
    width: int,
    *,
    units: Sequence[int],
    scale: float = 1.0,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    weight_dropout: float = 0.0,
) -> keras.Model:
    """A stack of LSTMs with its states in and out.

    Args:
        width: of the vectors that it reads.
        units: widths of the LSTMs.
        scale: factor of the vectors.
        dropout: variational dropout between the LSTMs.
        input_dropout: variational dropout on the vectors.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.

    Returns:
        keras.Model `encoder`: [vectors (batch, steps, width), states] -> [steps of the last LSTM (batch, steps,
        units[-1]), states after the last step], where states are a list of [hidden, cell], (batch, units) each, for
        every LSTM.

    Example:

    >>> stack = encoder(4, units=[8, 6])
    >>> stack([keras.ops.zeros((2, 5, 4)), zero_states(stack, 2)])[0].shape  # (2, 5, 6)
    """
    vectors = keras.Input((None, width))
    states = [[keras.Input((lstm_width,)), keras.Input((lstm_width,))] for lstm_width in units]
    steps, after = layers.variational_dropout(input_dropout)(keras.layers.Rescaling(scale)(vectors)), []
    for number, (lstm_width, state) in enumerate(zip(units, states)):
        steps = layers.variational_dropout(dropout)(steps) if number else steps
        options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
        steps, *state = layers.LSTM(lstm_width, **options, name=f"lstm_{number}")(steps, initial_state=state)
        after.append(state)
    return keras.Model([vectors, states], [steps, after], name="encoder")


def zero_states(stack: keras.Model, batch_size: Any) -> list:
    """States of an `encoder` before the first step of so many rows."""
    return keras.tree.map_structure(lambda state: ops.zeros((batch_size, state.shape[-1]), state.dtype), stack.input[1])


@registered
class Carry(keras.layers.Layer):
    """The states of LSTMs, kept from one batch to the next.

    Input: `fresh`, bool (batch,): which rows begin a text; they get zeros, the others what their row was left with in
    the batch before. Output: list of [hidden, cell], (batch, units) each. With `after`, states of the same structure,
    these are kept, and the input is given back, whatever it is. What is kept is no weight, and no gradient flows
    through it. On other backends than TensorFlow nothing is kept: every batch begins with zeros.

    Args:
        units: widths of the LSTMs.
    """

    def __init__(self, units: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.units, self.kept = list(units), []

    def build(self, _):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            with tf.init_scope():  # no Keras variables, whose shape, and so the batch, would have to be known
                shapes = [[None, width] for width in self.units for _ in ("hidden", "cell")]
                self.kept = [tf.Variable(tf.zeros([0, shape[1]]), False, shape=shape) for shape in shapes]

    def call(self, inputs, after=None):
        if after is not None:
            for variable, value in zip(self.kept, keras.tree.flatten(after)):
                variable.assign(ops.cast(value, "float32"))
            return inputs
        zeros = [ops.zeros((ops.shape(inputs)[0], width)) for width in self.units for _ in ("hidden", "cell")]
        states = zeros
        if self.kept:
            import tensorflow as tf

            def kept():  # another number of rows than before is an error, unless all rows begin
                return [tf.where(inputs[:, None], zero, variable) for zero, variable in zip(zeros, self.kept)]

            states = tf.cond(tf.reduce_all(inputs), lambda: zeros, kept)
            states = [tf.ensure_shape(state, [inputs.shape[0], state.shape[1]]) for state in states]
        states = [ops.cast(state, self.compute_dtype) for state in states]
        return [list(pair) for pair in zip(states[::2], states[1::2])]

    def compute_output_spec(self, inputs, after=None):
        if after is not None:
            return keras.KerasTensor(inputs.shape, inputs.dtype)
        shapes = [(inputs.shape[0], width) for width in self.units]
        return [[keras.KerasTensor(shape, self.compute_dtype) for _ in ("hidden", "cell")] for shape in shapes]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@registered
class EmbeddingDropout(keras.layers.Layer):
    """In training, drop whole words of the table: a dropped one is 0 wherever it stands in the batch.

    Inputs: vectors (batch, steps, width) and their ids, integers (batch, steps). Output: like the vectors.
    Source: Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287.

    Args:
        rate: share of the words.
        vocabulary: number of words.
    """

    def __init__(self, rate: float, vocabulary: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.vocabulary = rate, vocabulary
        self.generator = keras.random.SeedGenerator()

    def call(self, vectors, ids, training=False):
        if not training or not self.rate:
            return vectors
        kept = keras.random.dropout(ops.ones((self.vocabulary, 1), vectors.dtype), self.rate, seed=self.generator)
        return vectors * ops.take(kept, ids, axis=0)

    def compute_output_spec(self, vectors, ids, training=False):
        return keras.KerasTensor(vectors.shape, vectors.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "vocabulary": self.vocabulary}


@registered
class ActivationRegularization(keras.layers.Layer):
    """In training, add to the loss the mean square of the activations and of their change from step to step.

    Inputs: steps after dropout and before it, (batch, steps, width) both. Output: the former.
    Source: Merity et al. 2017, https://arxiv.org/abs/1708.01009.

    Args:
        activation: factor of the mean square of the dropped steps.
        temporal: factor of the mean square of the differences between neighbouring steps, before dropout.
    """

    def __init__(self, activation: float, temporal: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation, self.temporal = activation, temporal

    def call(self, dropped, steps, training=False):
        if training:
            self.add_loss(self.activation * ops.mean(ops.square(dropped)))
            self.add_loss(self.temporal * ops.mean(ops.square(steps[:, 1:] - steps[:, :-1])))
        return dropped

    def compute_output_spec(self, dropped, steps, training=False):
        return keras.KerasTensor(dropped.shape, dropped.dtype)

    def get_config(self):
        return {**super().get_config(), "activation": self.activation, "temporal": self.temporal}


@registered
class LanguageModel(keras.Model):
    """A network with a TiedEmbedding `embedding` that is trained on `vectors`, and so without making all the logits.

    Its outputs are a dict: `logits` (batch, steps, vocabulary), and the `vectors` (batch, steps, width) that they are
    made of.
    """

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean cross-entropy of a word, and what layers add."""
        nll = self.get_layer("embedding").cross_entropy(y_pred["vectors"], y, training)
        return ops.mean(nll) + sum(ops.cast(loss, "float32") for loss in self.losses)


def step(network: keras.Model, ids: Any, states: list) -> tuple[Any, list]:
    """Run a language model with states of one's own.

    Args:
        network: with the layers `embedding` and `encoder`, and `head` where the embedding does not make the logits.
        ids: integers (batch, steps).
        states: see `encoder`.

    Returns:
        Steps of the last LSTM (batch, steps, width), and the states after them.
    """
    vectors = network.get_layer("embedding")(ids)
    return network.get_layer("encoder")([vectors, states], training=False)


def logits(network: keras.Model, steps: Any) -> Any:
    """Logits (batch, steps, vocabulary) float32 of the token after each of the steps."""
    table = network.get_layer("embedding")
    tied = isinstance(table, TiedEmbedding)
    return ops.cast(table(steps, reverse=True) if tied else network.get_layer("head")(steps), "float32")
